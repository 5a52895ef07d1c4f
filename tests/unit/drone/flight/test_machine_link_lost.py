"""A lost link, short, long or for good."""

from __future__ import annotations

from kernel.drone_events import DroneAction, FlightOutcome, FlightState
from tests.unit.drone.flight.paper_autopilot import Bench


def test_link_lost_with_continue_goes_on_at_the_same_item() -> None:
    bench = Bench.fresh(returns_on_loss=False)
    bench.parameters["FS_GCS_ENABLE"] = 0.0
    bench.airborne()
    before = len(bench.steps)
    for _ in range(20):
        bench.look(link_up=False)
    bench.look(link_up=True)
    for _ in range(10):
        bench.look()
    assert len(bench.steps) == before
    assert bench.state is FlightState.PATROLLING
    bench.reach(2, 3, 4)
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.DONE


def test_link_lost_with_return_is_sent_home_where_the_failsafe_did_nothing() -> None:
    bench = Bench.fresh().airborne()
    for _ in range(20):
        bench.look(link_up=False)
    bench.look(link_up=True)
    for _ in range(5):
        bench.look()
    bench.answer_all()

    assert (bench.state, bench.seen.mode) == (FlightState.RETURNING, "RTL")
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.RETURNED
    assert "link_loss_return" in bench.why


def test_link_lost_with_return_and_a_failsafe_that_works_is_left_alone() -> None:
    bench = Bench.fresh().airborne()
    before = len(bench.steps)
    for _ in range(20):
        bench.look(link_up=False)
    bench.look(link_up=True, mode="RTL")
    for _ in range(10):
        bench.look()

    assert bench.state is FlightState.RETURNING
    assert len(bench.steps) == before


def test_a_short_loss_changes_nothing() -> None:
    bench = Bench.fresh().airborne()
    before = len(bench.steps)
    for _ in range(5):
        bench.look(link_up=False)
    for _ in range(10):
        bench.look(link_up=True)

    assert bench.state is FlightState.PATROLLING
    assert len(bench.steps) == before


def test_nothing_is_sent_while_the_link_is_lost() -> None:
    bench = Bench.fresh().airborne()
    bench.look(link_up=False)
    before = len(bench.steps)

    assert bench.order(DroneAction.PAUSE) != ()
    assert bench.order(DroneAction.RETURN) != ()
    assert len(bench.steps) == before


def test_nothing_heard_for_longer_than_the_watch_ends_it() -> None:
    bench = Bench.fresh().airborne()
    for _ in range(32):
        bench.look(10.0, link_up=False)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "watch_ended" in bench.why
