"""Statements on what streams did: their last state change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.sqlite import insert as upsert

from command_api.cameras.board import StreamStatus
from command_api.store import tables
from kernel.config.camera import StreamName
from kernel.events import CameraState, OfflineCause

_STATUS = tables.stream_status.c


def all_statuses(connection: Connection) -> list[StreamStatus]:
    """The last known state change of every stream."""
    return [_status_of(row) for row in connection.execute(select(tables.stream_status))]


def get_status(connection: Connection, camera_id: str, stream: StreamName) -> StreamStatus | None:
    """The last known state change of a stream."""
    row = connection.execute(
        select(tables.stream_status).where(_STATUS.camera_id == camera_id, _STATUS.stream == stream.value)
    ).one_or_none()
    return None if row is None else _status_of(row)


def put_status(connection: Connection, status: StreamStatus) -> None:
    """Keep the last state change of a stream."""
    fields = {
        "state": status.state.value,
        "cause": status.cause.value,
        "detail": status.detail,
        "since": status.since,
        "codec": status.codec,
        "width_px": status.width_px,
        "height_px": status.height_px,
        "last_packet_at": status.last_packet_at,
        "worker": status.worker,
        "run_id": status.run_id,
    }
    statement = upsert(tables.stream_status).values(camera_id=status.camera_id, stream=status.stream.value, **fields)
    connection.execute(statement.on_conflict_do_update(index_elements=[_STATUS.camera_id, _STATUS.stream], set_=fields))


def _status_of(row: Row[Any]) -> StreamStatus:
    return StreamStatus(
        row.camera_id,
        StreamName(row.stream),
        CameraState(row.state),
        OfflineCause(row.cause),
        row.detail,
        row.since,
        row.codec,
        row.width_px,
        row.height_px,
        row.last_packet_at,
        row.worker,
        row.run_id,
    )
