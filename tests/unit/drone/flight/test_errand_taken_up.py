"""A controller that is started anew in the middle of an errand: to a place, at it, back, or home by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from drone.flight.attention import Topic
from drone.flight.errand import Errand, Leg, Then, Waypoint
from drone.flight.machine import FlightMachine
from drone.flight.memory import memory_of, recall
from drone.flight.outputs import Alarm, Calm, Do, ErrandChanged, Keep
from drone.flight.steps import Arm, CompareMission, Goto, SetMode, StartMission
from kernel.drone_events import DispatchStage, DroneAction, FlightOutcome, FlightState
from tests.unit.drone.flight.paper_autopilot import ALT_M, DONE, POINTS, Bench

CORNER, PLACE = (41.7712, 109.9704), (41.7715, 109.9712)
BACK = POINTS[0]


def sent(hold_s: float = 25.0, **changes: object) -> Bench:
    """On its way, told to fly to the corner, which the autopilot takes its time for."""
    bench = Bench.fresh(**changes).airborne()
    bench.reach(2)
    bench.deaf.add(Goto)
    errand = Errand(
        (Waypoint(*CORNER, ALT_M), Waypoint(*PLACE, ALT_M)),
        Then.RESUME,
        hold_s=hold_s,
        back=(Waypoint(*CORNER, ALT_M), Waypoint(*BACK, ALT_M)),
        alert_id="01A",
        place=PLACE,
    )
    assert bench.order(DroneAction.DISPATCH, errand=errand) == ()
    bench.answer_all()
    assert bench.seen.mode == "GUIDED"
    return bench


def at(bench: Bench, place: tuple[float, float], seconds: float = 1.0) -> None:
    bench.look(seconds, lat=place[0], lon=place[1], alt_home_m=ALT_M)


def after(bench: Bench, **changes: object) -> Bench:
    """The same flight under a controller that has what is on disk, and the vehicle."""
    written = json.loads(json.dumps(memory_of(bench.machine.core)))
    again = Bench(FlightMachine(bench.machine.core.brief), seen=replace(bench.seen, **changes), now_s=bench.now_s)  # type: ignore[arg-type]
    recall(again.machine.core, written)
    again.take(again.machine.attach(again.now_s))
    again.look(0.1)
    again.compare_with(DONE)
    again.look(0.1)
    return again


def stages(bench: Bench) -> list[DispatchStage]:
    return [one.stage for one in bench.outputs if isinstance(one, ErrandChanged)]


def gone(bench: Bench) -> list[tuple[float, float]]:
    return [(step.lat, step.lon) for step in bench.steps if isinstance(step, Goto)]


def to_the_end(bench: Bench) -> None:
    bench.deaf.clear()
    for _ in range(80):
        bench.look()
        if bench.pending is not None:
            bench.answer()


def test_on_its_way_it_is_told_the_same_point_again_and_goes_on_to_look_and_resume() -> None:
    """It was `paused` then, while the autopilot flew on to the place."""
    bench = sent()
    at(bench, CORNER)
    bench.answer_all()
    at(bench, (41.77135, 109.9708))
    again = after(bench)
    assert again.state is FlightState.DISPATCHED
    assert again.machine.core.ordered_by == "值班员"

    to_the_end(again)
    assert gone(again) == [PLACE, CORNER, BACK]
    assert stages(again) == [DispatchStage.ON_PLACE, DispatchStage.LOOKED, DispatchStage.RESUMED]
    assert (again.state, again.seen.mission_current) == (FlightState.PATROLLING, 3)
    assert again.count(Arm) == again.count(StartMission) == 0
    again.reach(3, 4)
    again.land_home()
    assert again.machine.outcome is FlightOutcome.DONE


def test_at_the_place_it_holds_on_without_an_order_and_looks_as_long_again() -> None:
    bench = sent()
    for place in (CORNER, PLACE):
        at(bench, place)
        bench.answer_all()
    assert bench.machine.core.errand is not None
    assert bench.machine.core.errand.leg is Leg.HOLDING
    again = after(bench)
    for _ in range(24):
        again.look()
    assert [type(step) for step in again.steps] == [CompareMission]
    assert again.state is FlightState.DISPATCHED

    to_the_end(again)
    assert stages(again) == [DispatchStage.LOOKED, DispatchStage.RESUMED]
    assert again.seen.mission_current == 3


def test_on_its_way_back_it_goes_on_back() -> None:
    bench = sent(hold_s=0.0)
    for place in (CORNER, PLACE):
        at(bench, place)
        bench.answer_all()
    again = after(bench)
    to_the_end(again)
    assert gone(again) == [CORNER, BACK]
    assert again.state is FlightState.PATROLLING


def test_whom_somebody_moved_meanwhile_is_held_and_a_person_told_until_it_goes_on() -> None:
    """From there nobody checked the way to the place."""
    bench = sent()
    at(bench, CORNER)
    bench.answer_all()
    again = after(bench, lat=41.7725, lon=109.9708)
    assert again.state is FlightState.PAUSED
    again.answer_all()

    assert gone(again) == []
    assert [step.mode for step in again.steps if isinstance(step, SetMode)] == ["BRAKE"]
    assert stages(again) == [DispatchStage.BROKEN_OFF]
    alarms = [one.reasons[0].code for one in again.outputs if isinstance(one, Alarm)]
    assert alarms == ["restarted_held"]
    assert again.order(DroneAction.RETURN) == ()
    again.answer_all()
    assert Calm(next(one.kind for one in again.outputs if isinstance(one, Alarm)), Topic.RESTART) in again.outputs


def test_its_place_is_waited_for_and_where_it_does_not_come_it_is_held() -> None:
    bench = sent()
    at(bench, CORNER)
    bench.answer_all()
    again = after(bench, position_age_s=60.0)
    for _ in range(8):
        again.look()
    assert [type(step) for step in again.steps] == [CompareMission]
    for _ in range(4):
        again.look()
    assert (again.state, gone(again)) == (FlightState.PAUSED, [])
    assert isinstance(again.pending.step if again.pending else None, SetMode)


def test_a_pause_in_which_it_still_flew_to_a_point_is_held() -> None:
    """Started anew it took GUIDED for standing, while the aircraft flew on to the point it had been told."""
    bench = Bench.fresh().airborne()
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    away = Errand((Waypoint(*CORNER, ALT_M + 20.0),), Then.HOLD, hold_s=1.0)
    bench.deaf.add(Goto)
    bench.order(DroneAction.PAUSE, errand=away)
    bench.answer_all()
    assert bench.seen.mode == "GUIDED"
    again = after(bench)
    again.answer_all()
    assert again.state is FlightState.PAUSED
    assert again.seen.mode == "BRAKE"


def test_a_return_by_hand_round_a_zone_goes_on_and_one_that_was_not_begun_is_begun() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    bench.deaf.add(Goto)
    path = (Waypoint(*CORNER, ALT_M),)
    bench.order(DroneAction.RETURN, path=path)
    again = after(bench)  # still in its mission mode
    assert again.state is FlightState.RETURNING
    again.answer_all()
    assert again.seen.mode == "RTL"

    bench.answer_all()
    assert bench.seen.mode == "GUIDED"
    by_hand = after(bench)
    assert by_hand.state is FlightState.RETURNING
    to_the_end(by_hand)
    assert gone(by_hand) == [CORNER]
    assert by_hand.seen.mode == "RTL"


@pytest.mark.parametrize("mode", ["AUTO", "RTL", "LOITER"])
def test_what_somebody_else_set_meanwhile_stands_and_the_alert_hears_of_it(mode: str) -> None:
    again = after(sent(), mode=mode)
    again.answer_all()
    assert again.state is {
        "AUTO": FlightState.PATROLLING,
        "RTL": FlightState.RETURNING,
        "LOITER": FlightState.TAKEN_OVER,
    }.get(mode)
    assert stages(again) == [DispatchStage.BROKEN_OFF]
    assert [step for step in again.steps if isinstance(step, Goto | SetMode)] == []


def test_an_order_given_while_the_mission_is_read_back_counts_not_what_was_left() -> None:
    bench = sent()
    again = Bench(FlightMachine(bench.machine.core.brief), seen=bench.seen, now_s=bench.now_s)
    recall(again.machine.core, memory_of(bench.machine.core))
    again.take(again.machine.attach(again.now_s))
    again.look(0.1)
    assert again.order(DroneAction.RETURN) == ()
    to_the_end(again)
    assert again.seen.mode == "RTL"
    assert gone(again) == []
    assert stages(again) == [DispatchStage.BROKEN_OFF]


@pytest.mark.parametrize("action", [DroneAction.PAUSE, DroneAction.DISPATCH])
def test_an_order_given_in_its_mission_while_that_is_read_back_is_carried_out(action: DroneAction) -> None:
    """It was taken, and forgotten when the mission turned out to be the same."""
    bench = Bench.fresh().airborne()
    again = Bench(FlightMachine(bench.machine.core.brief), seen=bench.seen, now_s=bench.now_s)
    recall(again.machine.core, memory_of(bench.machine.core))
    again.take(again.machine.attach(again.now_s))
    again.look(0.1)
    errand = Errand((Waypoint(*PLACE, ALT_M),), Then.RESUME, hold_s=900.0, alert_id="01A", place=PLACE)
    assert again.order(action, **({"errand": errand} if action is DroneAction.DISPATCH else {})) == ()
    for _ in range(30):
        again.look()
        if again.pending is not None:
            again.answer()
    assert again.state is (FlightState.PAUSED if action is DroneAction.PAUSE else FlightState.DISPATCHED)
    assert again.seen.mode == ("BRAKE" if action is DroneAction.PAUSE else "GUIDED")
    assert gone(again) == ([PLACE] if action is DroneAction.DISPATCH else [])


def test_what_has_to_be_known_is_on_disk_before_an_order_leaves_and_at_every_point() -> None:
    """What it did by hand was written down with changes of its state only: not that GUIDED was our own."""
    bench = sent()
    at(bench, CORNER)
    bench.answer_all()
    order = [type(one) for one in bench.outputs if isinstance(one, Keep | Do)]
    modes = [
        number for number, one in enumerate(bench.outputs) if isinstance(one, Do) and isinstance(one.step, SetMode)
    ]
    assert all(isinstance(bench.outputs[number - 1], Keep) for number in modes)
    assert order[-2:] == [Keep, Do]  # the corner is reached; on to the place
    written = memory_of(bench.machine.core)
    assert "GUIDED" in written["ours"]
    assert written["errand"]["next"] == 1


def test_a_record_of_an_earlier_version_is_taken_up_as_before() -> None:
    bench = Bench.fresh().airborne()
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    old = {name: value for name, value in memory_of(bench.machine.core).items() if name not in ("errand", "has_target")}
    again = Bench(FlightMachine(bench.machine.core.brief), seen=bench.seen, now_s=bench.now_s)
    recall(again.machine.core, old)
    again.take(again.machine.attach(again.now_s))
    again.look(0.1)
    again.compare_with(DONE)
    again.look(0.1)
    assert again.state is FlightState.PAUSED
    assert again.order(DroneAction.RESUME) == ()
