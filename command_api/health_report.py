"""The health report from the database alone, for `lookout health`: read-only, whether the service runs or not."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.exc import DBAPIError

from command_api.cameras.model import UnobservedState
from command_api.health.model import HealthReport
from command_api.health.report import Present, build_report
from command_api.health.window import checked_window, named_window
from command_api.register import live_stream
from command_api.store import ledger, planned, states, tables
from command_api.store.database import remedy_for
from kernel.config.camera import CameraConfig
from kernel.config.lookout import LookoutConfig
from kernel.errors import CannotRunError
from kernel.events import CameraState, OfflineCause
from kernel.ledger import LedgerChanges, Span

_ABSENT = Present(UnobservedState.UNOBSERVED, OfflineCause.NONE, None)
_DISABLED = Present(CameraState.DISABLED, OfflineCause.NONE, None)
_SILENT_AFTER = timedelta(seconds=5)

__all__ = ["HealthReport", "checked_window", "named_window", "report"]


def report(database_path: Path, config: LookoutConfig, window: Span, now: datetime) -> HealthReport:
    """The report on every camera of the config.

    Args:
        database_path: `RuntimePaths.database`; where there is none yet, nothing was observed.
        config: cameras and targets.
        window: which time; see `named_window` and `checked_window`.
        now: the present.

    Raises:
        CannotRunError: the database cannot be read.
    """
    if not database_path.exists():
        absent = {camera.id: _ABSENT if camera.enabled else _DISABLED for camera in config.cameras}
        return build_report(config.cameras, LedgerChanges(), absent, window, config.health, (), now)
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(f"{database_path.resolve().as_uri()}?mode=ro", uri=True)
    )
    try:
        with engine.connect() as connection:
            rows = ledger.within(connection, window)
            outages = planned.touching(connection, Span(window.start_s, now.timestamp() + 1.0))
            present = {camera.id: _present(connection, camera, now) for camera in config.cameras}
    except DBAPIError as error:
        reason = str(error.orig)
        remedy = "start `lookout up` once" if "no such" in reason else remedy_for(reason)
        if "unable to open" in reason:
            remedy = "run as a user who may read it"
        raise CannotRunError(f"store {database_path}: {reason}; {remedy}") from error
    finally:
        engine.dispose()
    return build_report(config.cameras, rows, present, window, config.health, outages, now)


def _present(connection: Connection, camera: CameraConfig, now: datetime) -> Present:
    if not camera.enabled:
        return _DISABLED
    stream = live_stream(camera)
    span = tables.watched_spans.c
    newest_s = connection.execute(
        select(span.end_s)
        .where(span.kind == "observed", span.camera_id == camera.id, span.stream == stream.value)
        .order_by(span.start_s.desc())
        .limit(1)
    ).scalar_one_or_none()
    status = states.get_status(connection, camera.id, stream)
    is_watched = newest_s is not None and now.timestamp() - newest_s <= _SILENT_AFTER.total_seconds()
    if status is None or not is_watched:
        return _ABSENT
    return Present(status.state, status.cause, status.since)
