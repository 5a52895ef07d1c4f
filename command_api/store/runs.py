"""Statements on scheduled runs of patrols: what became of each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert

from command_api.drones.completion import RunGroup
from command_api.store import tables
from kernel.events import FlightOutcome, PatrolRunDecided, RunDecision

_RUN = tables.patrol_runs.c
_FLIGHT = tables.flights.c


def record(connection: Connection, event: PatrolRunDecided) -> bool:
    """Store what became of a run; whether that is news.

    The last decision counts; what arrives late, or twice, changes nothing.
    """
    known = get(connection, event.run_id)
    if known is not None and not _is_later(event, known):
        return False
    fields = {
        "patrol_id": event.patrol_id,
        "drone_id": event.drone_id,
        "due_at": event.due_at,
        "decided_at": event.decided_at,
        "decision": event.decision.value,
        "confirm_until": event.confirm_until,
        "flight_id": event.flight_id,
        "body": event.model_dump_json(),
    }
    statement = upsert(tables.patrol_runs).values(run_id=event.run_id, **fields)
    connection.execute(statement.on_conflict_do_update(index_elements=[_RUN.run_id], set_=fields))
    return True


def get(connection: Connection, run_id: str) -> PatrolRunDecided | None:
    """What became of a run."""
    body = connection.execute(select(_RUN.body).where(_RUN.run_id == run_id)).scalar_one_or_none()
    return None if body is None else PatrolRunDecided.model_validate_json(body)


def newest(
    connection: Connection, limit: int, drone_ids: Collection[str] | None, patrol_ids: Collection[str] | None
) -> list[PatrolRunDecided]:
    """Runs, the one due last first.

    Args:
        drone_ids: only of these drones; None: of every drone.
        patrol_ids: only of these patrols; those that name no drone are told by their patrol. None: of every patrol.
    """
    statement = select(_RUN.body)
    if patrol_ids is not None:
        statement = statement.where(_RUN.patrol_id.in_(list(patrol_ids)))
    if drone_ids is not None:
        statement = statement.where(or_(_RUN.drone_id.is_(None), _RUN.drone_id.in_(list(drone_ids))))
    rows = connection.execute(statement.order_by(_RUN.due_at.desc(), _RUN.run_id.desc()).limit(limit))
    return [PatrolRunDecided.model_validate_json(body) for body in rows.scalars()]


def awaiting(connection: Connection, now: datetime) -> dict[str, PatrolRunDecided]:
    """By patrol, the newest run that a person may still launch."""
    statement = select(_RUN.body).where(_RUN.decision == RunDecision.AWAITING.value, _RUN.confirm_until > now)
    events = [PatrolRunDecided.model_validate_json(body) for body in connection.execute(statement).scalars()]
    return {event.patrol_id: event for event in sorted(events, key=lambda event: (event.due_at, event.run_id))}


def groups(connection: Connection, since: datetime, now: datetime, launched_long_ago: datetime) -> list[RunGroup]:
    """Runs due from `since` up to `now`, counted by what became of them and of their flights."""
    waits = func.coalesce(_RUN.confirm_until >= now, False)
    is_fresh = _RUN.decided_at >= launched_long_ago
    joined = tables.patrol_runs.outerjoin(tables.flights, _FLIGHT.flight_id == _RUN.flight_id)
    columns = (_RUN.patrol_id, _RUN.decision, _FLIGHT.outcome, waits, is_fresh)
    statement = (
        select(*columns, func.count())
        .select_from(joined)
        .where(_RUN.due_at > since, _RUN.due_at <= now)
        .group_by(*columns)
    )
    return [
        RunGroup(
            patrol_id,
            RunDecision(decision),
            None if outcome is None else FlightOutcome(outcome),
            bool(still_waits),
            bool(fresh),
            count,
        )
        for patrol_id, decision, outcome, still_waits, fresh, count in connection.execute(statement)
    ]


def _is_later(event: PatrolRunDecided, known: PatrolRunDecided) -> bool:
    """Of two decisions of one instant the newly arrived one counts, unless it alone still waits for a person."""
    if event == known or event.decided_at != known.decided_at:
        return event.decided_at > known.decided_at
    return event.decision is not RunDecision.AWAITING or known.decision is RunDecision.AWAITING
