"""When each camera was observed, from the rows that the installation's rates were made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from kernel.config.camera import StreamName
from kernel.events import CameraState
from kernel.ledger import LedgerChanges, Span, WatchKind
from kernel.ledger.spans import intersection, union


def ledger_rows(database: Path, window: Span) -> LedgerChanges:
    """The rows of the store that touch a window.

    Args:
        database: SQLite file of an installation.
        window: which time.
    """
    from command_api.store.database import database_url, open_engine
    from command_api.store.ledger import within

    engine = open_engine(database_url(database, ""), writing=False)
    try:
        with engine.connect() as connection:
            return within(connection, window)
    finally:
        engine.dispose()


def observed_spans(rows: LedgerChanges, streams: Mapping[str, StreamName]) -> dict[str, list[Span]]:
    """Time that counts as observed, by camera: somebody watched, and it was in service and known to be on or off.

    Args:
        rows: of the ledger.
        streams: the stream that each camera's rate is made of.
    """
    return {
        camera_id: intersection(
            union(
                row.span
                for row in rows.intervals
                if (row.camera_id, row.stream) == (camera_id, stream)
                and not row.is_probing
                and row.state is not CameraState.DISABLED
            ),
            _watched(rows, camera_id, stream),
        )
        for camera_id, stream in streams.items()
    }


def _watched(rows: LedgerChanges, camera_id: str, stream: StreamName) -> list[Span]:
    found: Iterable[Span] = (
        row.span
        for row in rows.spans
        if row.kind is WatchKind.OBSERVED and (row.camera_id, row.stream) == (camera_id, stream)
    )
    return union(found)
