"""Flown to a place and back to the patrol."""

from __future__ import annotations

import pytest

from drone.flight.errand import Errand, Then, Waypoint
from drone.flight.outputs import ErrandChanged
from drone.flight.steps import (
    Goto,
)
from kernel.drone_events import DispatchStage, DroneAction, FlightOutcome, FlightState
from tests.unit.drone.flight.paper_autopilot import ALT_M, POINTS, Bench, went


def test_dispatch_goes_there_holds_looks_and_resumes_at_the_same_item() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    place = (41.7715, 109.9708)
    errand = Errand(
        (Waypoint(*place, ALT_M),),
        Then.RESUME,
        hold_s=25.0,
        back=(Waypoint(*POINTS[0], ALT_M),),
        alert_id="01A",
        place=place,
    )
    assert bench.order(DroneAction.DISPATCH, errand=errand) == ()
    for _ in range(60):
        bench.look()
        if bench.pending is not None:
            bench.answer()
    assert bench.state is FlightState.PATROLLING

    stages = [one for one in bench.outputs if isinstance(one, ErrandChanged)]
    assert [one.stage for one in stages] == [
        DispatchStage.EN_ROUTE,
        DispatchStage.ON_PLACE,
        DispatchStage.LOOKED,
        DispatchStage.RESUMED,
    ]
    assert stages[1].distance_m is not None
    assert stages[1].distance_m < 3.0
    assert stages[2].drift_m == pytest.approx(0.0, abs=0.01)
    assert stages[2].held_s is not None
    assert stages[2].held_s >= 24.0
    gone = [step for step in bench.steps if isinstance(step, Goto)]
    assert [(step.lat, step.lon) for step in gone] == [place, POINTS[0]]
    assert bench.seen.mission_current == 3
    bench.reach(3, 4)
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.DONE


def test_a_pilot_breaks_off_a_dispatch() -> None:
    bench = Bench.fresh().airborne()
    errand = Errand((Waypoint(41.78, 109.98, ALT_M),), Then.RESUME, hold_s=25.0, alert_id="01A", place=(41.78, 109.98))
    bench.order(DroneAction.DISPATCH, errand=errand)
    bench.look()
    bench.answer()
    before = len(bench.steps)
    bench.look(1.0, mode="LOITER")
    for _ in range(5):
        bench.look()

    assert bench.state is FlightState.TAKEN_OVER
    assert [one.stage for one in bench.outputs if isinstance(one, ErrandChanged)][-1] is DispatchStage.BROKEN_OFF
    assert len(bench.steps) <= before + 1


def dispatch(bench: Bench, *points: tuple[float, float], then: Then = Then.RESUME) -> None:
    """Send it, and fly until it holds at the last point."""
    way = tuple(Waypoint(*point, ALT_M) for point in points)
    back = tuple(reversed(way[:-1]))
    errand = Errand(way, then, hold_s=500.0, back=back, alert_id="01A", place=points[-1])
    assert bench.order(DroneAction.DISPATCH, errand=errand) == ()
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer()


CORNER, PLACE, RING = (41.7712, 109.9705), (41.7715, 109.9708), (41.7717, 109.9708)


def test_a_pause_at_the_place_of_an_alert_keeps_the_way_back() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    dispatch(bench, CORNER, PLACE)
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    before = len(bench.steps)
    assert bench.order(DroneAction.RESUME) == ()
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer()

    assert bench.state is FlightState.PATROLLING
    assert went(bench, before) == [CORNER]


def test_a_circle_ends_where_it_began_and_leaves_the_way_back_as_it_was() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    dispatch(bench, CORNER, PLACE)
    before = len(bench.steps)
    assert bench.order(DroneAction.ORBIT, path=(Waypoint(*RING, ALT_M),)) == ()
    bench.look()
    bench.answer()
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    bench.order(DroneAction.RESUME)
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer()

    assert bench.state is FlightState.PATROLLING
    assert went(bench, before) == [RING, PLACE, CORNER]


def test_a_dispatch_that_returns_does_not_resume() -> None:
    bench = Bench.fresh().airborne()
    dispatch(bench, CORNER, PLACE, then=Then.RETURN)

    assert bench.order(DroneAction.RESUME) != ()
    assert bench.state is FlightState.DISPATCHED


def test_what_happens_to_a_dispatch_names_its_place() -> None:
    bench = Bench.fresh().airborne()
    dispatch(bench, CORNER, PLACE)
    bench.order(DroneAction.RETURN)
    bench.answer_all()

    told = [one for one in bench.outputs if isinstance(one, ErrandChanged)]
    assert [one.stage for one in told] == [DispatchStage.EN_ROUTE, DispatchStage.ON_PLACE, DispatchStage.BROKEN_OFF]
    assert {one.place for one in told} == {PLACE}
