"""The store when its file is taken away or is none: said, with the remedy, and nothing is taken for written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from command_api.store import people
from command_api.store.database import Store, StoreUnavailable, database_url
from kernel.errors import CannotRunError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A migrated store."""
    opened = Store(database_url(tmp_path / "lookout.db", ""))
    opened.migrate()
    yield opened
    opened.close()


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_store_whose_file_is_taken_away_does_not_pretend_to_write(
    store: Store, tmp_path: Path, replaced: bool
) -> None:
    """SQLite went on writing into the deleted file: all was well on /healthz, and every alert since was gone."""
    await store.write(lambda connection: people.delete_user(connection, "nobody"))
    file = tmp_path / "lookout.db"
    kept = file.rename(tmp_path / "kept.db")
    if replaced:
        file.write_bytes(b"")
    with pytest.raises(StoreUnavailable, match="put the file back"):
        await store.write(lambda connection: people.delete_user(connection, "nobody"))
    assert store.problem
    kept.replace(file)
    await store.write(lambda connection: people.delete_user(connection, "nobody"))
    assert not store.problem


def test_a_file_that_is_no_database_is_said_with_the_right_remedy(tmp_path: Path) -> None:
    (tmp_path / "lookout.db").write_bytes(b"no database at all " * 300)
    store = Store(database_url(tmp_path / "lookout.db", ""))
    try:
        with pytest.raises(CannotRunError, match="restore a backup"):
            store.migrate()
    finally:
        store.close()
