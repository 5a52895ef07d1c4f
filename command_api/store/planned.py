"""Statements on planned outages, each with its record in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from command_api.health.planned import FILED_BY_CONFIG, PlannedOutage
from command_api.store import audit, tables
from kernel.ledger import Span

_OUTAGE = tables.planned_outages.c
_FIELDS = PlannedOutage.__slots__


def add(connection: Connection, outage: PlannedOutage, address: str) -> None:
    """Store a new outage."""
    values = {name: getattr(outage, name) for name in _FIELDS}
    connection.execute(insert(tables.planned_outages).values({**values, "camera_ids": list(outage.camera_ids)}))
    words = (
        f"{outage.begins_at.isoformat()} - {outage.ends_at.isoformat()} cameras={','.join(outage.camera_ids)} "
        f"approver={outage.approver} reason={outage.reason}" + (" backdated" if outage.is_backdated else "")
    )
    entry = audit.Entry(outage.filed_at, outage.filed_by, address, audit.Action.OUTAGE_PLANNED, outage.id, words)
    audit.append(connection, entry)


def end(connection: Connection, outage: PlannedOutage, address: str, at: datetime) -> None:
    """Store that an outage ends earlier than announced, as `planned.ended` made it."""
    values = {"ends_at": outage.ends_at, "ended_by": outage.ended_by}
    connection.execute(update(tables.planned_outages).where(_OUTAGE.id == outage.id).values(values))
    words = f"ends {outage.ends_at.isoformat()} instead of {outage.announced_end_at.isoformat()}"
    audit.append(connection, audit.Entry(at, outage.ended_by, address, audit.Action.OUTAGE_ENDED, outage.id, words))


def get(connection: Connection, outage_id: str) -> PlannedOutage | None:
    """The outage of that id."""
    row = connection.execute(select(tables.planned_outages).where(_OUTAGE.id == outage_id)).one_or_none()
    return None if row is None else _outage_of(row)


def touching(connection: Connection, window: Span) -> list[PlannedOutage]:
    """Outages that take time out of a window, in the order they begin."""
    return [one for one in since(connection, window.start_s) if one.begins_at.timestamp() < window.end_s]


def since(connection: Connection, since_s: float) -> list[PlannedOutage]:
    """Outages that were not over at an instant, nor withdrawn, in the order they begin."""
    statement = select(tables.planned_outages).where(
        _OUTAGE.ends_at > datetime.fromtimestamp(since_s, UTC), _OUTAGE.ends_at > _OUTAGE.begins_at
    )
    return [_outage_of(row) for row in connection.execute(statement.order_by(_OUTAGE.begins_at, _OUTAGE.id))]


def keys_ended_by_people(connection: Connection) -> set[str]:
    """Entries of the config whose outage a person ended early, or withdrew."""
    statement = select(_OUTAGE.config_key).where(
        _OUTAGE.config_key != "", _OUTAGE.ended_by.not_in(("", FILED_BY_CONFIG))
    )
    return set(connection.scalars(statement))


def _outage_of(row: Row[Any]) -> PlannedOutage:
    fields = {name: row._mapping[name] for name in _FIELDS}
    return PlannedOutage(**{**fields, "camera_ids": tuple(fields["camera_ids"])})
