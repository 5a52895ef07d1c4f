"""When the installation's observers were watching, read from its store (the API gives sums, an exam needs spans)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from supervisor.exam.online_truth import SpanS, union


def observed_spans(database: Path) -> dict[str, list[SpanS]]:
    """Spans by ingest worker, seconds since the epoch, joined where they touch.

    Args:
        database: SQLite file of the store; opened read-only.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT worker, start_s, end_s FROM observed_spans").fetchall()
    finally:
        connection.close()
    spans: dict[str, list[SpanS]] = {}
    for worker, start_s, end_s in rows:
        spans.setdefault(worker, []).append((start_s, end_s))
    return {worker: union(found) for worker, found in spans.items()}
