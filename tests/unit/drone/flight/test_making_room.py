"""A flight told to hold at another height: there, back to its own, and on with its patrol."""

from __future__ import annotations

import pytest

from drone.flight.errand import Errand, Then, Waypoint
from drone.flight.machine import FlightMachine
from drone.flight.memory import memory_of, recall
from drone.flight.orders import keeps_plan
from drone.flight.steps import Goto, SetCurrent, SetMode
from kernel.drone_events import DroneAction, FlightState
from tests.unit.drone.flight.paper_autopilot import ALT_M, HOME, Bench, brief

HERE, ABOVE_M = (41.7705, 109.9700), ALT_M + 22.0


def above() -> Bench:
    """It holds a layer above its patrol, on its way to the second point."""
    bench = Bench.fresh().airborne()
    bench.reach(2)
    bench.look(5.0, lat=HERE[0], lon=HERE[1])
    assert bench.order(DroneAction.PAUSE) == ()
    bench.answer_all()
    bench.look(5.0)
    assert bench.order(DroneAction.PAUSE, errand=Errand((Waypoint(*HERE, ABOVE_M),), Then.HOLD, hold_s=1.0)) == ()
    bench.answer_all()
    return bench


def gotos(bench: Bench) -> list[tuple[float, float, float]]:
    return [(one.lat, one.lon, one.alt_home_m) for one in bench.steps if isinstance(one, Goto)]


def test_it_goes_up_holds_comes_down_and_flies_the_same_item() -> None:
    bench = above()
    assert bench.seen.mode == "GUIDED"
    assert bench.seen.alt_home_m == ABOVE_M
    for _ in range(30):
        bench.look()
    held_in = bench.state
    assert gotos(bench) == [(*HERE, ABOVE_M)]

    assert bench.order(DroneAction.RESUME) == ()
    bench.answer_all()
    bench.answer_all()
    assert gotos(bench)[1:] == [(*HERE, ALT_M)]
    assert (held_in, bench.state) == (FlightState.PAUSED, FlightState.PATROLLING)
    assert SetMode("AUTO") in bench.steps[-3:]
    assert all(step.seq == 3 for step in bench.steps if isinstance(step, SetCurrent))


def test_a_person_who_pauses_it_there_does_not_make_it_forget_its_height() -> None:
    bench = above()
    assert bench.order(DroneAction.PAUSE) == ()
    bench.answer_all()
    assert bench.order(DroneAction.RESUME) == ()
    bench.answer_all()
    bench.answer_all()
    assert gotos(bench)[1:] == [(*HERE, ALT_M)]


def test_moved_once_more_it_still_comes_back_to_the_height_of_its_patrol() -> None:
    bench = above()
    higher = Errand((Waypoint(*HERE, ABOVE_M + 22.0),), Then.HOLD, hold_s=1.0)
    assert bench.order(DroneAction.PAUSE, errand=higher) == ()
    bench.answer_all()
    assert bench.seen.alt_home_m == ABOVE_M + 22.0
    assert bench.order(DroneAction.RESUME) == ()
    bench.answer_all()
    bench.answer_all()
    assert gotos(bench)[2:] == [(*HERE, ALT_M)]


def test_a_plan_is_kept_to_its_end_and_not_by_one_that_returns_early() -> None:
    to_the_end, early = Bench.fresh().airborne(), Bench.fresh().airborne()
    to_the_end.reach(2, 3, 4)
    to_the_end.look()
    assert early.order(DroneAction.RETURN) == ()

    assert to_the_end.state is early.state is FlightState.RETURNING
    assert (keeps_plan(to_the_end.machine.core), keeps_plan(early.machine.core)) == (True, False)


def test_paused_on_its_way_down_it_still_comes_down_before_it_goes_on() -> None:
    bench = above()
    bench.deaf = {Goto}
    assert bench.order(DroneAction.RESUME) == ()
    bench.answer_all()
    assert bench.seen.alt_home_m == ABOVE_M
    assert bench.order(DroneAction.PAUSE) == ()
    bench.answer_all()
    assert [one.alt_home_m for one in bench.machine.core.way_back] == [ALT_M]


def test_a_restarted_controller_remembers_the_height_too() -> None:
    bench = above()
    memory = memory_of(bench.machine.core)
    again = FlightMachine(brief())
    recall(again.core, memory)
    assert again.core.way_back == (Waypoint(*HERE, ALT_M),)


@pytest.mark.parametrize("action", [DroneAction.RETURN, DroneAction.ABORT])
def test_an_order_home_is_taken_there_as_everywhere(action: DroneAction) -> None:
    bench = above()
    assert bench.order(action) == ()
    bench.answer_all()
    assert bench.seen.mode == "RTL"
    assert bench.seen.home == HOME
