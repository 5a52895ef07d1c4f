"""One flight from the order to the landing: gate, upload, arming, take-off, points, end."""

from __future__ import annotations

import pytest

from drone.flight.steps import (
    Arm,
    Disarm,
    Result,
    SetMode,
    StartMission,
    Upload,
    Verdict,
)
from kernel.drone_events import FlightOutcome, FlightState
from tests.unit.drone.flight.paper_autopilot import HOME, RETURN_SEQ, Bench

REFUSED = Result(Verdict.REFUSED, "PreArm: Compass not calibrated")


def test_a_patrol_is_done_when_disarmed_at_home_with_every_point_reached() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2, 3, 4)
    assert bench.state is FlightState.RETURNING
    bench.land_home()

    assert (bench.state, bench.machine.outcome) == (FlightState.LANDED, FlightOutcome.DONE)
    order = [type(step) for step in bench.steps if isinstance(step, Upload | SetMode | Arm | StartMission)]
    assert order == [Upload, SetMode, Arm, SetMode, StartMission]
    assert [step.mode for step in bench.steps if isinstance(step, SetMode)] == ["GUIDED", "AUTO"]


def test_the_answer_to_arming_is_not_armed() -> None:
    bench = Bench.fresh()
    bench.deaf.add(Arm)
    bench.run(FlightState.ARMING)
    for _ in range(5):
        bench.look()
        if bench.pending is not None:
            bench.answer()

    assert bench.state is FlightState.ARMING
    assert bench.count(StartMission) == 0


def test_one_that_never_arms_is_told_to_disarm_and_given_up() -> None:
    bench = Bench.fresh()
    bench.deaf.add(Arm)
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "not_armed" in bench.why
    assert bench.count(Arm) == 1
    assert isinstance(bench.steps[-1], Disarm)


def test_an_autopilot_that_refuses_to_arm_is_quoted() -> None:
    bench = Bench.fresh()
    bench.answers[Arm] = REFUSED
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert any("Compass not calibrated" in one.message_en for one in bench.machine.core.why)


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.NO_ANSWER, Verdict.REFUSED])
def test_a_mission_that_was_not_verified_is_never_started(verdict: Verdict) -> None:
    bench = Bench.fresh()
    bench.answers[Upload] = Result(verdict, "read back with no RTL")
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert bench.count(Arm) == 0
    assert bench.why & {"upload_failed", "upload_unverified"}


def test_points_whose_reports_were_lost_are_concluded_from_the_item_it_flies_to() -> None:
    bench = Bench.fresh().airborne()
    bench.look(10.0, mission_current=3)
    bench.look(10.0, mission_current=4)
    bench.look(10.0, mission_current=RETURN_SEQ)
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.DONE


def test_a_jump_over_points_is_no_reaching_of_them() -> None:
    bench = Bench.fresh().airborne()
    bench.look(0.5, mission_current=RETURN_SEQ)
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "points_missed" in bench.why


def test_landing_three_metres_off_is_not_done() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2, 3, 4)
    bench.look(20.0, lat=HOME[0] + 2.7e-5, lon=HOME[1], alt_home_m=0.1, is_landed=True)
    bench.look(1.0, armed=False)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "landed_away" in bench.why


def test_an_autopilot_that_disarms_before_the_take_off_failed() -> None:
    bench = Bench.fresh()
    bench.run(FlightState.TAKING_OFF)
    bench.look(10.0, armed=False)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "disarmed_early" in bench.why
    assert bench.count(Arm) == 1


def test_a_mission_that_does_not_begin_is_disarmed() -> None:
    bench = Bench.fresh()
    bench.answers[StartMission] = Result(Verdict.REFUSED, "no GPS")
    bench.run(FlightState.FAILED)

    assert isinstance(bench.steps[-1], Disarm)
    assert "start_refused" in bench.why
