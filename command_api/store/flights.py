"""Statements on flights: every change once, the newest change of each, and forgetting what is old."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from command_api.store import tables
from kernel.events import FlightChanged, FlightState

_FLIGHT = tables.flights.c
_CHANGE = tables.flight_changes.c
_OVER = tuple(state.value for state in FlightState if state.is_over)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which flights are asked for, newest first.

    Attributes:
        drone_ids: only of these drones; None: of every drone, also of those no longer in the register.
        patrol_id: only of this patrol.
        before: only flights born before that one.
    """

    drone_ids: Collection[str] | None = None
    patrol_id: str | None = None
    before: str | None = None
    limit: int = 50


def record_change(connection: Connection, event: FlightChanged) -> bool:
    """Store a change of a flight, in any order; whether it is now the newest of its flight, not told before."""
    body = event.model_dump_json()
    inserted = connection.execute(
        upsert(tables.flight_changes)
        .values(flight_id=event.flight_id, change=event.change, at=event.at, body=body)
        .on_conflict_do_nothing()
    )
    if inserted.rowcount == 0:
        return False
    fields = {
        "change": event.change,
        "drone_id": event.drone_id,
        "patrol_id": event.patrol_id,
        "state": event.state.value,
        "outcome": None if event.outcome is None else event.outcome.value,
        "at": event.at,
        "started_at": event.started_at,
        "body": body,
    }
    known = select(_FLIGHT.change).where(_FLIGHT.flight_id == event.flight_id)
    newest: int | None = connection.execute(known).scalar_one_or_none()
    if newest is None:
        connection.execute(insert(tables.flights).values(flight_id=event.flight_id, **fields))
        return True
    if newest > event.change:
        return False
    connection.execute(update(tables.flights).where(_FLIGHT.flight_id == event.flight_id).values(**fields))
    return True


def find(connection: Connection, selection: Selection) -> list[FlightChanged]:
    """The newest change of each flight asked for."""
    conditions: list[ColumnElement[bool]] = []
    if selection.drone_ids is not None:
        conditions.append(_FLIGHT.drone_id.in_(list(selection.drone_ids)))
    if selection.patrol_id is not None:
        conditions.append(_FLIGHT.patrol_id == selection.patrol_id)
    if selection.before is not None:
        conditions.append(_FLIGHT.flight_id < selection.before)
    statement = select(_FLIGHT.body).where(*conditions).order_by(_FLIGHT.flight_id.desc()).limit(selection.limit)
    return [FlightChanged.model_validate_json(body) for body in connection.execute(statement).scalars()]


def get(connection: Connection, flight_id: str) -> FlightChanged | None:
    """The newest change of a flight."""
    body = connection.execute(select(_FLIGHT.body).where(_FLIGHT.flight_id == flight_id)).scalar_one_or_none()
    return None if body is None else FlightChanged.model_validate_json(body)


def changes_of(connection: Connection, flight_id: str) -> tuple[FlightChanged, ...]:
    """Every change of a flight, in order."""
    statement = select(_CHANGE.body).where(_CHANGE.flight_id == flight_id).order_by(_CHANGE.change)
    return tuple(FlightChanged.model_validate_json(body) for body in connection.execute(statement).scalars())


def open_flights(connection: Connection) -> list[FlightChanged]:
    """The newest change of each flight that is not over, oldest flight first."""
    statement = select(_FLIGHT.body).where(_FLIGHT.state.not_in(_OVER)).order_by(_FLIGHT.flight_id)
    return [FlightChanged.model_validate_json(body) for body in connection.execute(statement).scalars()]


def last_of_patrols(connection: Connection, drone_ids: Collection[str] | None) -> dict[str, FlightChanged]:
    """The newest flight of each patrol, of these drones; None: of every drone."""
    newest = select(func.max(_FLIGHT.flight_id)).where(_FLIGHT.patrol_id.is_not(None))
    if drone_ids is not None:
        newest = newest.where(_FLIGHT.drone_id.in_(list(drone_ids)))
    chosen = newest.group_by(_FLIGHT.patrol_id)
    rows = connection.execute(select(_FLIGHT.patrol_id, _FLIGHT.body).where(_FLIGHT.flight_id.in_(chosen)))
    return {patrol_id: FlightChanged.model_validate_json(body) for patrol_id, body in rows}


def count_by_outcome(connection: Connection) -> dict[tuple[str], int]:
    """How many flights that are over there are of each outcome."""
    rows = connection.execute(
        select(_FLIGHT.outcome, func.count()).where(_FLIGHT.outcome.is_not(None)).group_by(_FLIGHT.outcome)
    )
    return {(outcome,): count for outcome, count in rows}


def forget(connection: Connection, before: datetime) -> int:
    """Delete what was last changed before an instant: flights, runs, dispatches, orders; the audit trail stays.

    Returns:
        How many flights and runs.
    """
    old = select(_FLIGHT.flight_id).where(_FLIGHT.at < before)
    connection.execute(delete(tables.flight_changes).where(_CHANGE.flight_id.in_(old)))
    flights = connection.execute(delete(tables.flights).where(_FLIGHT.at < before))
    runs = connection.execute(delete(tables.patrol_runs).where(tables.patrol_runs.c.decided_at < before))
    connection.execute(delete(tables.dispatch_steps).where(tables.dispatch_steps.c.at < before))
    connection.execute(delete(tables.drone_orders).where(tables.drone_orders.c.at < before))
    return flights.rowcount + runs.rowcount
