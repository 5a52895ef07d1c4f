"""Statements on the ledger's rows: state intervals and watched spans, as `kernel.ledger` makes and reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, or_, select, tuple_
from sqlalchemy.dialects.sqlite import insert as upsert

from command_api.store import tables
from kernel.config.camera import StreamName
from kernel.events import CameraState, OfflineCause
from kernel.ledger import LedgerChanges, Span, StateInterval, WatchedSpan, WatchKind

_INTERVAL = tables.state_intervals.c
_SPAN = tables.watched_spans.c
_INTERVAL_KEY = (_INTERVAL.camera_id, _INTERVAL.stream, _INTERVAL.start_s)
_SPAN_KEY = (_SPAN.kind, _SPAN.camera_id, _SPAN.stream, _SPAN.start_s)


def put(connection: Connection, changes: LedgerChanges) -> None:
    """Insert rows, or replace those of the same key."""
    if changes.intervals:
        statement = upsert(tables.state_intervals)
        names = ("end_s", "state", "cause", "run_id", "is_open", "is_probing")
        fresh = {name: statement.excluded[name] for name in names}
        connection.execute(
            statement.on_conflict_do_update(index_elements=_INTERVAL_KEY, set_=fresh),
            [_interval_columns(row) for row in changes.intervals],
        )
    if changes.spans:
        statement = upsert(tables.watched_spans)
        fresh = {name: statement.excluded[name] for name in ("end_s", "run_id")}
        connection.execute(
            statement.on_conflict_do_update(index_elements=_SPAN_KEY, set_=fresh),
            [_span_columns(row) for row in changes.spans],
        )


def joined(changes: Sequence[LedgerChanges]) -> LedgerChanges:
    """The newest version of every row that several events changed, in turn."""
    intervals = {row.key: row for change in changes for row in change.intervals}
    spans = {row.key: row for change in changes for row in change.spans}
    return LedgerChanges(tuple(intervals.values()), tuple(spans.values()))


def recent(connection: Connection, since_s: float) -> LedgerChanges:
    """Rows known for some time after an instant, and the newest of every stream and watcher however old."""
    newest_interval = (
        select(_INTERVAL.camera_id, _INTERVAL.stream, func.max(_INTERVAL.start_s))
        .where(
            or_(_INTERVAL.is_open, _INTERVAL.end_s > _INTERVAL.start_s)
        )  # an outage dated back leaves rows of no length
        .group_by(_INTERVAL.camera_id, _INTERVAL.stream)
    )
    newest_span = select(_SPAN.kind, _SPAN.camera_id, _SPAN.stream, func.max(_SPAN.start_s)).group_by(
        _SPAN.kind, _SPAN.camera_id, _SPAN.stream
    )
    intervals = select(tables.state_intervals).where(
        or_(_INTERVAL.end_s >= since_s, tuple_(*_INTERVAL_KEY).in_(newest_interval))
    )
    spans = select(tables.watched_spans).where(or_(_SPAN.end_s >= since_s, tuple_(*_SPAN_KEY).in_(newest_span)))
    return LedgerChanges(
        tuple(_interval_of(row) for row in connection.execute(intervals.order_by(_INTERVAL.start_s))),
        tuple(_span_of(row) for row in connection.execute(spans.order_by(_SPAN.start_s))),
    )


def within(connection: Connection, window: Span) -> LedgerChanges:
    """Rows that touch a window."""
    intervals = select(tables.state_intervals).where(
        _INTERVAL.end_s >= window.start_s, _INTERVAL.start_s < window.end_s
    )
    spans = select(tables.watched_spans).where(_SPAN.end_s >= window.start_s, _SPAN.start_s < window.end_s)
    return LedgerChanges(
        tuple(_interval_of(row) for row in connection.execute(intervals.order_by(_INTERVAL.start_s))),
        tuple(_span_of(row) for row in connection.execute(spans.order_by(_SPAN.start_s))),
    )


def _interval_columns(row: StateInterval) -> dict[str, Any]:
    return {
        "camera_id": row.camera_id,
        "stream": row.stream.value,
        "start_s": row.start_s,
        "end_s": row.end_s,
        "state": row.state.value,
        "cause": row.cause.value,
        "run_id": row.run_id,
        "is_open": row.is_open,
        "is_probing": row.is_probing,
    }


def _interval_of(row: Any) -> StateInterval:
    return StateInterval(
        row.camera_id,
        StreamName(row.stream),
        row.start_s,
        row.end_s,
        CameraState(row.state),
        OfflineCause(row.cause),
        row.run_id,
        row.is_open,
        row.is_probing,
    )


def _span_columns(row: WatchedSpan) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "camera_id": row.camera_id,
        "stream": row.stream.value if row.stream is not None else "",
        "start_s": row.start_s,
        "end_s": row.end_s,
        "run_id": row.run_id,
    }


def _span_of(row: Any) -> WatchedSpan:
    stream = StreamName(row.stream) if row.stream else None
    return WatchedSpan(WatchKind(row.kind), row.camera_id, stream, row.start_s, row.end_s, row.run_id)
