"""A controller that takes up the flight of an earlier one."""

from __future__ import annotations

from drone.flight.machine import FlightMachine
from drone.flight.memory import memory_of, recall
from drone.flight.steps import (
    Arm,
    CompareMission,
    Result,
    StartMission,
    Verdict,
)
from kernel.drone_events import DroneAction, FlightOutcome, FlightState
from tests.unit.drone.flight.paper_autopilot import DONE, RETURN_SEQ, Bench


def attached(bench: Bench) -> Bench:
    """The same flight under a controller that was started anew."""
    again = Bench(FlightMachine(bench.machine.core.brief), seen=bench.seen, now_s=bench.now_s)
    recall(again.machine.core, memory_of(bench.machine.core))
    again.take(again.machine.attach(again.now_s))
    return again


def test_a_restarted_controller_watches_on_without_a_second_start() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    again = attached(bench)
    again.look()
    again.compare_with(DONE)
    assert again.state is FlightState.PATROLLING
    again.reach(3, 4)
    again.land_home()

    assert again.machine.outcome is FlightOutcome.DONE
    assert [type(step) for step in again.steps] == [CompareMission]


def test_points_passed_while_no_controller_ran_are_concluded() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    again = attached(bench)
    again.look(30.0, reached=frozenset(), mission_current=RETURN_SEQ)
    again.compare_with(DONE)
    again.land_home()

    assert again.machine.outcome is FlightOutcome.DONE


def test_points_passed_before_the_machine_was_switched_off_and_on_are_not() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    again = attached(bench)
    again.now_s = 5.0
    again.look(1.0, reached=frozenset(), mission_current=RETURN_SEQ)
    again.compare_with(DONE)
    again.land_home()

    assert again.machine.outcome is FlightOutcome.FAILED
    assert "points_missed" in again.why


def test_a_restarted_controller_does_not_touch_another_mission() -> None:
    again = attached(Bench.fresh().airborne())
    again.look()
    again.compare_with(Result(Verdict.FAILED, "item 3 differs"))
    for _ in range(5):
        again.look()

    assert again.state is FlightState.TAKEN_OVER
    assert again.order(DroneAction.RESUME) != ()
    assert [type(step) for step in again.steps] == [CompareMission]


def test_a_flight_that_was_not_started_before_the_restart_is_not_started_after_it() -> None:
    bench = Bench.fresh()
    bench.run(FlightState.UPLOADING)
    again = attached(bench)

    assert again.machine.outcome is FlightOutcome.REFUSED
    assert again.steps == []


def test_a_restart_between_arming_and_take_off_only_watches() -> None:
    bench = Bench.fresh()
    bench.run(FlightState.TAKING_OFF)
    again = attached(bench)
    again.look()
    again.compare_with(DONE)
    for _ in range(5):
        again.look()
    assert again.state is FlightState.TAKEN_OVER
    again.look(10.0, armed=False)

    assert again.machine.outcome is not FlightOutcome.DONE
    assert again.count(StartMission) == again.count(Arm) == 0


def test_a_restarted_controller_resumes_what_it_had_paused() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    again = attached(bench)
    again.look()
    again.compare_with(DONE)
    assert again.state is FlightState.PAUSED
    assert again.order(DroneAction.RESUME) == ()
    again.answer_all()

    assert (again.state, again.seen.mission_current) == (FlightState.PATROLLING, 3)
