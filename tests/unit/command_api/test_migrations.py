"""Migrations lead to the tables the code uses; a database of a newer version is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from command_api.store.database import database_url, migrate, newest_revision, open_engine
from command_api.store.tables import metadata
from kernel.errors import BadInputError


def test_migrating_an_empty_database_gives_the_tables_of_the_code(tmp_path: Path) -> None:
    engine = open_engine(database_url(tmp_path / "lookout.db", ""), writing=True)
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert context.get_current_revision() == newest_revision()
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_words_in_both_languages_are_taken_apart_once_and_those_of_drones_left_alone(tmp_path: Path) -> None:
    engine = open_engine(database_url(tmp_path / "lookout.db", ""), writing=True)
    migrate(engine, "0007")
    details = {
        "refused": ("camera_offline", "连接被拒绝 / connection refused"),
        "named": ("camera_offline", "2 台：东门 / 2 cameras: 东门 / 西门"),
        "plain": ("zone_intrusion", ""),
        "drone": ("drone_failed", "距离 12 / 20 米"),
    }
    with engine.begin() as connection:
        for number, (name, (kind, detail)) in enumerate(details.items()):
            connection.execute(
                text(
                    "INSERT INTO alerts (id, seq, camera_id, camera_name, rule_id, rule_name, kind, level, class_name,"
                    " occurred_at, created_at, last_seen_at, triggers, detail, state)"
                    " VALUES (:id, :seq, 'c', 'c', 'r', 'r', :kind, 'red', 'x', 0, 0, 0, 1, :detail, 'new')"
                ),
                {"id": name, "seq": number, "kind": kind, "detail": detail},
            )
    migrate(engine)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, detail, detail_en FROM alerts")).all()
    assert {name: (detail, english) for name, detail, english in rows} == {
        "refused": ("连接被拒绝", "connection refused"),
        "named": ("2 台：东门", "2 cameras: 东门 / 西门"),
        "plain": ("", ""),
        "drone": ("距离 12 / 20 米", ""),
    }
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_in_one_line(tmp_path: Path) -> None:
    engine = open_engine(database_url(tmp_path / "lookout.db", ""), writing=True)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadInputError, match="newer version") as caught:
        migrate(engine)
    assert "\n" not in str(caught.value)
    engine.dispose()


@pytest.mark.parametrize("address", ["postgresql://127.0.0.1/lookout", "no address at all"])
def test_other_databases_are_refused_in_one_line(tmp_path: Path, address: str) -> None:
    with pytest.raises(BadInputError, match=r"^store\.url: .*leave it empty"):
        database_url(tmp_path / "lookout.db", address)
