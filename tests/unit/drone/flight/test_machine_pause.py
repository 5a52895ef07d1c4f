"""Pausing a flight and going on at the same item."""

from __future__ import annotations

from drone.flight.steps import (
    Arm,
    Result,
    SetCurrent,
    SetMode,
    SetSpeed,
    StartMission,
    Verdict,
)
from drone.mission.items import Command, Mission, MissionItem
from kernel.drone_events import DroneAction, FlightOutcome, FlightState
from tests.unit.drone.flight.paper_autopilot import Bench, mission


def test_pause_holds_in_brake_and_goes_on_at_the_same_item() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    assert bench.order(DroneAction.PAUSE) == ()
    bench.answer_all()
    assert (bench.state, bench.seen.mode) == (FlightState.PAUSED, "BRAKE")
    bench.look(30.0, mission_current=0)
    assert bench.order(DroneAction.RESUME) == ()
    bench.answer_all()

    assert (bench.state, bench.seen.mode) == (FlightState.PATROLLING, "AUTO")
    assert SetCurrent(3) in bench.steps
    bench.reach(3, 4)
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.DONE
    assert bench.count(StartMission) == bench.count(Arm) == 1


def test_a_pause_at_a_point_just_reached_never_goes_back_to_it() -> None:
    bench = Bench.fresh().airborne()
    bench.look(10.0, reached=frozenset({2}), mission_current=2)  # it says only a second later that it flies to item 3
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    bench.look(mission_current=3)
    bench.order(DroneAction.RESUME)
    bench.answer_all()

    assert bench.state is FlightState.PATROLLING
    assert bench.count(SetCurrent) == 0
    assert bench.seen.mission_current == 3


def test_after_a_pause_the_planned_speed_is_asked_for_again() -> None:
    items = mission().items
    with_speed = Mission(
        (*items[:2], MissionItem(Command.DO_CHANGE_SPEED, param1=1, param2=6.5, param3=-1), *items[2:])
    )
    bench = Bench.fresh(mission=with_speed).airborne()
    bench.look(10.0, mission_current=4)
    assert bench.count(SetSpeed) == 0
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    bench.order(DroneAction.RESUME)
    bench.answer_all()

    assert bench.state is FlightState.PATROLLING
    assert [step for step in bench.steps if isinstance(step, SetSpeed)] == [SetSpeed(6.5)]
    assert isinstance(bench.steps[-1], SetSpeed)


def test_a_speed_that_is_not_acknowledged_is_asked_for_three_times_and_no_more() -> None:
    items = mission().items
    with_speed = Mission(
        (*items[:2], MissionItem(Command.DO_CHANGE_SPEED, param1=1, param2=6.5, param3=-1), *items[2:])
    )
    bench = Bench.fresh(mission=with_speed).airborne()
    bench.look(10.0, mission_current=4)
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    bench.answers[SetSpeed] = Result(Verdict.NO_ANSWER)
    bench.order(DroneAction.RESUME)
    for _ in range(12):
        bench.look(3.0)
        if bench.pending is not None:
            bench.answer()

    assert bench.count(SetSpeed) == 3
    assert bench.state is FlightState.PATROLLING


def test_pause_takes_guided_where_there_is_no_brake() -> None:
    bench = Bench.fresh().airborne()
    bench.order(DroneAction.PAUSE)
    bench.look()
    bench.answer(Result(Verdict.REFUSED, "no such mode"))
    bench.answer_all()

    assert bench.seen.mode == "GUIDED"
    assert "LOITER" not in {step.mode for step in bench.steps if isinstance(step, SetMode)}
