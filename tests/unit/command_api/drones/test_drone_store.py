"""Flights, runs, dispatches and orders in the store: in any order, any number of times, and forgotten in time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from command_api.drones.completion import LONGEST_SILENCE, WINDOW, completions
from command_api.store import audit, dispatches, flights, orders, runs
from command_api.store.database import database_url, migrate, open_engine
from kernel.events import (
    CommandAnswered,
    DispatchChanged,
    DispatchOffered,
    DispatchStage,
    DroneAction,
    DroneCommand,
    FlightOutcome,
    FlightState,
    GeoPoint,
    RunDecision,
)
from tests.unit.command_api.drones.fleet_config import FLIGHT_ID, NOW, flight, run

SECOND = "01JDA0T6J4Q2V0S3M8R7K5C9XP"
PLACE = GeoPoint(lat=41.77, lon=109.97)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Connection]:
    """A connection to a migrated store."""
    engine = open_engine(database_url(tmp_path / "lookout.db", ""), writing=True)
    migrate(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
def test_changes_in_any_order_and_twice_leave_the_newest_and_all(store: Connection, order: tuple[int, ...]) -> None:
    changes = {number: flight(number, FlightState.LANDED if number == 3 else FlightState.ARMING) for number in order}
    news = [flights.record_change(store, changes[number]) for number in (*order, *order)]
    assert flights.get(store, FLIGHT_ID) == changes[3]
    assert flights.changes_of(store, FLIGHT_ID) == (changes[1], changes[2], changes[3])
    assert news == [number == max(order[: place + 1]) for place, number in enumerate(order)] + [False] * 3


def test_flights_are_selected_by_drone_patrol_and_page(store: Connection) -> None:
    first, second = flight(1), flight(1, flight_id=SECOND, drone_id="uav-2", patrol_id=None)
    for change in (first, second):
        flights.record_change(store, change)
    assert flights.find(store, flights.Selection()) == [second, first]
    assert flights.find(store, flights.Selection(limit=1)) == [second]
    assert flights.find(store, flights.Selection(before=SECOND)) == [first]
    assert flights.find(store, flights.Selection(drone_ids=["uav-2"])) == [second]
    assert flights.find(store, flights.Selection(drone_ids=[])) == []
    assert flights.find(store, flights.Selection(patrol_id="loop")) == [first]
    assert flights.last_of_patrols(store, None) == {"loop": first}
    assert flights.last_of_patrols(store, ["uav-2"]) == {}


def test_open_flights_and_outcomes(store: Connection) -> None:
    flights.record_change(store, flight(1))
    done = flight(1, FlightState.LANDED, flight_id=SECOND, outcome=FlightOutcome.DONE)
    flights.record_change(store, done)
    assert [one.flight_id for one in flights.open_flights(store)] == [FLIGHT_ID]
    assert flights.count_by_outcome(store) == {("done",): 1}


def test_the_last_decision_of_a_run_counts(store: Connection) -> None:
    waits, launched = run(RunDecision.AWAITING), run(RunDecision.LAUNCHED, 5)
    assert [runs.record(store, one) for one in (waits, launched, waits, launched)] == [True, True, False, False]
    assert runs.get(store, "loop@1") == launched


def test_of_two_decisions_of_one_instant_the_one_that_waits_is_the_earlier(store: Connection) -> None:
    waits, held, refused = run(RunDecision.AWAITING), run(RunDecision.HELD), run(RunDecision.REFUSED)
    for one in (held, waits):
        runs.record(store, one)
    assert runs.get(store, "loop@1") == held
    runs.record(store, refused)
    assert runs.get(store, "loop@1") == refused


def test_runs_are_listed_for_those_who_may_see_drone_or_patrol(store: Connection) -> None:
    named = run(RunDecision.MISSED, run_id="a", drone_id="uav-1")
    unnamed = run(RunDecision.MISSED, run_id="b", due_at=NOW + timedelta(hours=1))
    for one in (named, unnamed):
        runs.record(store, one)
    assert runs.newest(store, 10, None, None) == [unnamed, named]
    assert runs.newest(store, 10, {"uav-2"}, {"loop"}) == [unnamed]
    assert runs.newest(store, 10, {"uav-1"}, {"loop"}) == [unnamed, named]
    assert runs.newest(store, 10, {"uav-1"}, {"other"}) == []
    assert runs.newest(store, 1, None, None) == [unnamed]


def test_a_run_awaits_a_person_until_its_time_is_over(store: Connection) -> None:
    waits = run(RunDecision.AWAITING, confirm_until=NOW + timedelta(minutes=5))
    runs.record(store, waits)
    assert runs.awaiting(store, NOW) == {"loop": waits}
    assert runs.awaiting(store, NOW + timedelta(minutes=5)) == {}


def test_runs_of_the_window_are_counted_with_their_flights(store: Connection) -> None:
    now = NOW + timedelta(hours=1)
    flights.record_change(store, flight(1, FlightState.LANDED, outcome=FlightOutcome.DONE))
    decided: tuple[tuple[RunDecision, dict[str, Any]], ...] = (
        (RunDecision.LAUNCHED, {"flight_id": FLIGHT_ID}),
        (RunDecision.LAUNCHED, {"flight_id": SECOND}),
        (RunDecision.LAUNCHED, {"flight_id": SECOND, "decided_at": now - timedelta(days=2)}),
        (RunDecision.AWAITING, {"confirm_until": now + timedelta(seconds=1)}),
        (RunDecision.AWAITING, {"confirm_until": now - timedelta(seconds=1)}),
        (RunDecision.AWAITING, {}),
        (RunDecision.REFUSED, {}),
        (RunDecision.REFUSED, {"due_at": now - WINDOW}),
        (RunDecision.REFUSED, {"due_at": now + timedelta(seconds=1)}),
    )
    for number, (decision, fields) in enumerate(decided):
        runs.record(store, run(decision, run_id=str(number), **fields))
    counted = completions(runs.groups(store, now - WINDOW, now, now - LONGEST_SILENCE))["loop"]
    assert counted.model_dump() == {
        "days": 30,
        "due": 5,
        "done": 1,
        "refused": 1,
        "missed": 2,
        "failed": 1,
        "held": 0,
        "skipped": 0,
        "pending": 2,
        "rate": 0.2,
    }


def test_a_dispatch_is_kept_step_by_step_once(store: Connection) -> None:
    offer = DispatchOffered(alert_id="a", place=PLACE, at=NOW, expires_at=NOW + timedelta(minutes=2), candidates=())
    there = DispatchChanged(
        alert_id="a",
        drone_id="uav-1",
        flight_id=None,
        stage=DispatchStage.ON_PLACE,
        at=NOW + timedelta(seconds=9),
        actor="vehicle",
        place=PLACE,
    )
    assert [dispatches.record(store, step) for step in (there, offer, there, offer)] == [True, True, False, False]
    assert dispatches.history(store, "a") == (offer, there)
    assert dispatches.history(store, "b") == ()


def _order(**fields: object) -> DroneCommand:
    values: dict[str, object] = {
        "id": "01JDA0T6J4Q2V0S3M8R7K5C9XQ",
        "action": DroneAction.RETURN,
        "drone_id": "uav-1",
        "actor": "li",
        "issued_at": NOW,
        "expires_at": NOW + timedelta(seconds=15),
    }
    return DroneCommand.model_validate({**values, **fields})


def _answer(order: DroneCommand, accepted: bool = True) -> CommandAnswered:
    return CommandAnswered(
        command_id=order.id,
        action=order.action,
        drone_id=None,
        accepted=accepted,
        at=NOW + timedelta(seconds=1),
        actor=order.actor,
    )


@pytest.mark.parametrize("answer_first", [False, True])
def test_order_and_answer_go_on_the_audit_trail_once_whichever_comes_first(
    store: Connection, answer_first: bool
) -> None:
    order = _order()
    answer = _answer(order)
    for _ in range(2):
        if answer_first:
            orders.record_answer(store, answer)
        orders.record_order(store, order, "127.0.0.1")
        if not answer_first:
            orders.record_answer(store, answer)
    entries = [record.entry for record in audit.read(store, 0, 10)]
    told = [(entry.action.value, entry.actor, entry.address) for entry in entries]
    ours, theirs = ("drone_order", "li", "127.0.0.1"), ("drone_order_answered", "li", "bus")
    assert told == ([theirs, ours] if answer_first else [ours, theirs])
    if not answer_first:
        assert entries[1].subject == "uav-1"
    assert "return accepted command=01JDA0T6J4Q2V0S3M8R7K5C9XQ" in {entry.detail for entry in entries}


def test_an_order_of_the_command_line_is_on_the_audit_trail_by_its_answer(store: Connection) -> None:
    assert orders.record_answer(store, _answer(_order(actor="cli"), accepted=False))
    (record,) = audit.read(store, 0, 10)
    assert record.entry.actor == "cli"
    assert record.entry.detail.startswith("return refused")


def test_what_is_older_than_it_has_to_be_kept_is_forgotten_the_audit_trail_is_not(store: Connection) -> None:
    later = NOW + timedelta(days=1)
    flights.record_change(store, flight(1, FlightState.LANDED))
    flights.record_change(store, flight(1, flight_id=SECOND, at=later))
    runs.record(store, run(RunDecision.MISSED))
    runs.record(store, run(RunDecision.MISSED, run_id="b", decided_at=later))
    orders.record_order(store, _order(), "")
    assert flights.forget(store, NOW + timedelta(seconds=30)) == 2
    assert flights.get(store, FLIGHT_ID) is None
    assert flights.changes_of(store, FLIGHT_ID) == ()
    assert flights.get(store, SECOND) is not None
    assert [one.run_id for one in runs.newest(store, 10, None, None)] == ["b"]
    assert len(audit.read(store, 0, 10)) == 1
