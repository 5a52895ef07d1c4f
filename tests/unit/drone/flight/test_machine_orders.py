"""Return, land and abort, by a person or because it may not be where it is."""

from __future__ import annotations

from typing import Any

import pytest

from drone.flight.errand import Waypoint
from drone.flight.outputs import Alarm
from drone.flight.steps import (
    Arm,
    Goto,
    Result,
    SetMode,
    Verdict,
)
from drone.reasons import reason
from kernel.drone_events import DroneAction, FlightOutcome, FlightState
from kernel.events import AlertKind
from tests.unit.drone.flight.paper_autopilot import ALT_M, Bench, went


def test_return_by_order_is_repeated_until_the_aircraft_does_it() -> None:
    bench = Bench.fresh().airborne()
    assert bench.order(DroneAction.RETURN) == ()
    bench.answer(Result(Verdict.NO_ANSWER))
    for _ in range(8):
        bench.look()
    bench.answer_all()
    assert bench.seen.mode == "RTL"
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.RETURNED


def test_abort_before_arming_ends_it_on_the_ground() -> None:
    bench = Bench.fresh()
    bench.run(FlightState.UPLOADING)
    assert bench.order(DroneAction.ABORT) == ()

    assert bench.machine.outcome is FlightOutcome.ABORTED
    assert bench.count(Arm) == 0


def test_abort_in_the_air_returns_and_counts_as_aborted() -> None:
    bench = Bench.fresh().airborne()
    bench.order(DroneAction.ABORT)
    bench.answer_all()
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.ABORTED


def test_land_by_order_comes_down_where_it_is() -> None:
    bench = Bench.fresh().airborne()
    bench.order(DroneAction.LAND)
    bench.answer_all()

    assert bench.seen.mode == "LAND"


def test_return_around_a_zone_is_walked_before_the_autopilots_own_return() -> None:
    bench = Bench.fresh().airborne()
    around = Waypoint(41.7705, 109.9690, ALT_M)
    bench.order(DroneAction.RETURN, path=(around,))
    bench.answer_all()

    wanted = [step for step in bench.steps if isinstance(step, Goto | SetMode)][-3:]
    assert wanted == [SetMode("GUIDED"), Goto(around.lat, around.lon, ALT_M), SetMode("RTL")]
    assert bench.state is FlightState.RETURNING


def test_land_by_order_is_carried_out_on_the_way_home_too() -> None:
    """A return by failsafe was taken for the landing that a person ordered, and LAND was never sent."""
    bench = Bench.fresh().airborne()
    bench.look(1.0, mode="RTL")
    assert bench.order(DroneAction.LAND) == ()
    bench.answer_all()

    assert bench.seen.mode == "LAND"


NEAR = reason("near_zone", "", "too near")


def test_where_it_may_not_be_it_is_ordered_home_and_a_person_is_told() -> None:
    bench = Bench.fresh().airborne()
    out = Waypoint(41.7705, 109.9690, ALT_M)
    bench.take(bench.machine.break_off(NEAR, (out,), bench.now_s))
    bench.answer_all()
    bench.land_home()

    assert next(one.kind for one in bench.outputs if isinstance(one, Alarm)) is AlertKind.DRONE_FAILED
    assert went(bench, 0) == [(out.lat, out.lon)]
    assert bench.seen.mode == "RTL"
    assert (bench.machine.outcome, "near_zone" in bench.why) == (FlightOutcome.RETURNED, True)


@pytest.mark.parametrize("changes", [{"mode": "LOITER"}, {"mode": "RTL"}, {"link_up": False}])
def test_whoever_else_flies_it_is_not_ordered_home_by_the_guard(changes: dict[str, Any]) -> None:
    bench = Bench.fresh().airborne()
    bench.look(1.0, **changes)
    before = len(bench.steps)
    bench.take(bench.machine.break_off(NEAR, (), bench.now_s))
    bench.look()

    assert len(bench.steps) == before
