"""An aircraft that comes down while nobody hears it is judged by where it is then, not by where it was last heard."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from drone.flight.machine import FlightMachine
from drone.flight.memory import memory_of, recall
from drone.flight.snapshot import Snapshot
from drone.flight.steps import CompareMission
from kernel.drone_events import FlightOutcome, FlightState
from tests.unit.drone.flight.paper_autopilot import ALT_M, HOME, POINTS, Bench, brief

AWAY = POINTS[0]


def unheard(**changes: object) -> Bench:
    """In the air at the first point; then the link was lost for two minutes, and a disarmed HEARTBEAT is heard."""
    bench = Bench.fresh(**changes)
    bench.parameters["FS_GCS_ENABLE"] = float(bench.machine.core.brief.returns_on_loss)
    bench.airborne().reach(2)
    for second in range(120):
        bench.look(link_up=False, position_age_s=float(second))
    bench.look(link_up=True, armed=False, mode="RTL", position_age_s=120.0)
    return bench


def at_home(bench: Bench, **changes: object) -> None:
    bench.look(1.0, lat=HOME[0], lon=HOME[1], alt_home_m=0.1, is_landed=None, position_age_s=0.1, **changes)


@pytest.mark.parametrize(("returns", "outcome"), [(True, FlightOutcome.RETURNED), (False, FlightOutcome.FAILED)])
def test_one_that_came_home_unheard_has_not_fallen(returns: bool, outcome: FlightOutcome) -> None:
    """It was told as fallen from the height at which it was last heard, and as landed where it was then."""
    bench = unheard(returns_on_loss=returns)
    assert not bench.machine.is_over
    at_home(bench)

    assert bench.machine.outcome is outcome
    assert bench.why & {"disarmed_high", "landed_away"} == set()
    assert "points_missed" in bench.why


def test_one_that_came_down_elsewhere_is_told_so() -> None:
    bench = unheard()
    bench.look(1.0, lat=AWAY[0], lon=AWAY[1], alt_home_m=0.2, position_age_s=0.1)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "landed_away" in bench.why


def test_one_that_restarted_unheard_has_fallen() -> None:
    bench = unheard()
    at_home(bench, boots=1)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert {"rebooted", "disarmed_high"} <= bench.why


def test_one_that_tells_no_place_any_more_is_judged_without_after_ten_seconds() -> None:
    bench = unheard()
    for _ in range(9):
        bench.look(position_age_s=bench.seen.position_age_s + 1.0)
    assert not bench.machine.is_over
    bench.look(position_age_s=bench.seen.position_age_s + 1.0)

    assert bench.machine.outcome is FlightOutcome.FAILED


def test_motors_that_stop_while_it_is_heard_are_told_at_once() -> None:
    bench = Bench.fresh().airborne()
    bench.look(0.1, armed=False, alt_home_m=ALT_M, is_landed=None, position_age_s=0.3)

    assert "disarmed_high" in {one.code for one in bench.machine.core.why}


def test_a_height_that_was_not_told_for_a_while_is_no_fall() -> None:
    """Telemetry fell silent ten metres up, heartbeats went on: it landed all the same."""
    bench = Bench.fresh().airborne()
    bench.reach(2, 3, 4)
    bench.look(1.0, lat=HOME[0], lon=HOME[1], alt_home_m=10.0, is_landed=None, position_age_s=0.2)
    for second in range(20):
        bench.look(1.0, position_age_s=float(second))
    bench.look(1.0, armed=False, position_age_s=20.0)
    assert not bench.machine.is_over
    at_home(bench)

    assert (bench.machine.outcome, bench.why) == (FlightOutcome.DONE, set())


def test_a_controller_that_comes_back_after_the_landing_waits_for_the_place() -> None:
    flown = Bench.fresh().airborne()
    flown.reach(2, 3, 4)
    after = Bench(FlightMachine(brief()), seen=Snapshot())
    recall(after.machine.core, memory_of(flown.machine.core))
    after.take(after.machine.attach(after.now_s))
    after.look(link_up=True, armed=False, mode="RTL", position_age_s=math.inf)
    assert not after.machine.is_over
    after.seen = replace(after.seen, home=HOME)
    at_home(after)

    assert (after.machine.outcome, after.state) == (FlightOutcome.DONE, FlightState.LANDED)
    assert after.count(CompareMission) == 0
