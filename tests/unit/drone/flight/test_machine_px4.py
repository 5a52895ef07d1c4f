"""What PX4 does otherwise than ArduCopter, as its simulator did it: other modes, a return that leaves the mission."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drone.flight.gate import look_over
from drone.flight.outputs import Alarm
from drone.flight.snapshot import Snapshot
from drone.flight.steps import Arm, Disarm, SetCurrent, SetMode, StartMission
from kernel.drone_events import DroneAction, FlightOutcome, FlightState
from kernel.events import AlertKind
from tests.unit.drone.flight.paper_autopilot import HOME, POINTS, READY, Bench, brief
from tests.unit.drone.flight.test_failsafe import PX4_RIGHT

ON_THE_GROUND = replace(READY, autopilot="px4", version=(1, 16, 0), mode="AUTO.LOITER", mission_current=1)
HOVERS, FLIES, RETURNS = "AUTO.LOITER", "AUTO.MISSION", "AUTO.RTL"


def _fresh(seen: Snapshot = ON_THE_GROUND) -> Bench:
    bench = Bench.fresh(autopilot="px4", allows_untested=True)
    bench.seen, bench.parameters = seen, dict(PX4_RIGHT)
    return bench


def test_it_is_armed_in_hold_and_starts_by_its_mission_mode() -> None:
    bench = _fresh().airborne()

    told = [step for step in bench.steps if isinstance(step, SetMode | Arm | StartMission | SetCurrent)]
    assert told == [Arm(), SetMode(FLIES), StartMission()]


@pytest.mark.parametrize("mode", ["POSCTL", "MANUAL", FLIES])
def test_out_of_any_other_mode_it_is_put_into_hold_before_it_is_armed(mode: str) -> None:
    """Armed in its mission mode it would take off before anybody started the mission."""
    bench = _fresh(replace(ON_THE_GROUND, mode=mode, prearm_ok=False)).airborne()

    told = [step for step in bench.steps if isinstance(step, SetMode | Arm)]
    assert told == [SetMode(HOVERS), Arm(), SetMode(FLIES)]


def test_an_item_left_over_from_the_last_flight_of_the_plan_is_not_where_it_begins() -> None:
    """PX4 keeps the current item where the same plan comes again, and flies from there as soon as it may."""
    bench = _fresh(replace(ON_THE_GROUND, mission_current=4)).airborne()

    told = [step for step in bench.steps if isinstance(step, Arm | SetCurrent | SetMode | StartMission)]
    assert told == [Arm(), SetCurrent(1), SetMode(FLIES), StartMission()]


@pytest.mark.parametrize("late", ["current", "reached"])
def test_the_missions_own_return_is_a_mode_that_may_be_heard_before_the_item(late: str) -> None:
    bench = _fresh().airborne()
    bench.reach(2, 3)
    seen = frozenset() if late == "reached" else frozenset({4})
    current = 5 if late == "reached" else 4
    place = {"lat": POINTS[2][0], "lon": POINTS[2][1]}
    bench.look(10.0, **place, mode=RETURNS, reached=bench.seen.reached | seen, mission_current=current)

    assert bench.state is FlightState.RETURNING
    assert not [one for one in bench.outputs if isinstance(one, Alarm)]
    before = len(bench.steps)
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.DONE
    assert len(bench.steps) == before


def test_a_return_before_the_last_point_is_not_the_missions_own() -> None:
    bench = _fresh().airborne()
    bench.reach(2)
    bench.look(1.0, mode=RETURNS)

    assert "vehicle_returns" in bench.why
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.RETURNED


def test_a_failsafe_that_holds_before_it_returns_is_nobody_taking_over() -> None:
    bench = _fresh().airborne()
    bench.reach(2)
    before = len(bench.steps)
    bench.look(1.0, mode=HOVERS, system_status="critical")
    bench.look(5.0, mode=RETURNS)
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.RETURNED
    assert len(bench.steps) == before


def test_a_pilot_who_flies_it_home_by_hand_still_took_it_over() -> None:
    bench = _fresh().airborne()
    bench.look(1.0, mode="POSCTL")
    bench.look(5.0, mode=RETURNS)
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.TAKEN_OVER
    assert AlertKind.DRONE_TAKEN_OVER in [one.kind for one in bench.outputs if isinstance(one, Alarm)]


def test_pause_and_resume_are_hold_and_mission_at_the_same_item() -> None:
    bench = _fresh().airborne()
    bench.reach(2)
    assert bench.order(DroneAction.PAUSE) == ()
    bench.answer_all()
    assert (bench.state, bench.seen.mode) == (FlightState.PAUSED, HOVERS)
    assert bench.order(DroneAction.RESUME) == ()
    bench.answer_all()

    assert (bench.state, bench.seen.mode, bench.seen.mission_current) == (FlightState.PATROLLING, FLIES, 3)
    assert bench.count(StartMission) == bench.count(Arm) == 1
    assert bench.count(Disarm) == 0


def test_its_check_before_arming_counts_in_the_mode_to_arm_in_only() -> None:
    """With no radio PX4 can never be armed in POSCTL, whatever it could do in hold."""
    said = replace(ON_THE_GROUND, prearm_ok=False, texts=("Preflight Fail: Accel 0 uncalibrated",))
    px4 = brief(autopilot="px4", allows_untested=True)
    told = look_over(px4, said).healing

    assert [one.code for one in told] == ["prearm"]
    assert "Accel 0 uncalibrated" in told[0].message_en
    assert look_over(px4, replace(said, mode="POSCTL")).all == ()
    assert look_over(px4, replace(said, prearm_ok=True)).all == ()
    assert said.distance_to_m(HOME) == 0
