"""The audit trail shows when somebody changed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, text, update
from sqlalchemy.exc import IntegrityError

from command_api.store import audit, tables
from command_api.store.database import database_url, migrate, open_engine

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(database_url(tmp_path / "lookout.db", ""), writing=True)
    migrate(opened)
    with opened.begin() as connection:
        for subject in ("one", "two", "three"):
            audit.append(connection, audit.Entry(NOW, "li", "127.0.0.1", audit.Action.SIGN_IN, subject))
    yield opened
    opened.dispose()


def test_an_untouched_trail_holds(engine: Engine) -> None:
    with engine.begin() as connection:
        records = audit.read(connection, 0, 100)
    assert [record.entry.subject for record in records] == ["one", "two", "three"]
    assert audit.broken_at(records) is None
    assert audit.broken_at(records[1:], records[0].hash) is None


@pytest.mark.parametrize("statement", [update(tables.audit).values(actor="wang"), delete(tables.audit)])
def test_records_cannot_be_changed_or_removed(engine: Engine, statement: object) -> None:
    with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def test_a_change_behind_the_triggers_shows(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_refuses_update"))
        connection.execute(update(tables.audit).where(tables.audit.c.id == 2).values(actor="wang"))
        records = audit.read(connection, 0, 100)
    assert audit.broken_at(records) == 2


def test_a_removed_record_and_a_forged_one_show(engine: Engine) -> None:
    with engine.begin() as connection:
        records = audit.read(connection, 0, 100)
    assert audit.broken_at([records[0], records[2]]) == 3
    forged = replace(records[1], entry=replace(records[1].entry, subject="four"))
    assert audit.broken_at([records[0], forged, records[2]]) == 2
