"""The store's database: opened and migrated at start, one thread that writes, a few that read.

    async code --write(work)--> one writer thread: BEGIN IMMEDIATE, work(connection), COMMIT
               --read(work)---> reader threads: BEGIN, work(connection), ROLLBACK

SQLite runs in WAL mode, so readers never wait for the writer. `synchronous=FULL`: what was committed survives a power
cut, and only then the bus entry behind it is acknowledged.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from kernel.errors import BadInputError, CannotRunError, DamagedError, LookoutError

_LOGGER = logging.getLogger(__name__)
_MIGRATIONS = Path(__file__).parent / "migrations"
_READER_THREADS = 4
_BUSY_TIMEOUT_S = 5.0

Result = TypeVar("Result")
Work = Callable[[Connection], Result]


_TAKEN_AWAY = "deleted or replaced while in use"


def remedy_for(reason: str) -> str:
    """What a person can do about a reason that SQLite gives."""
    if reason == _TAKEN_AWAY:
        return "stop `lookout up`, put the file back without its -wal and -shm, start again; the bus keeps what comes"
    if is_damage(reason):
        return "stop `lookout up` and restore a backup, without the -wal and -shm beside it"
    if "readonly" in reason or "unable to open" in reason:
        return "make the data directory writable or set another data_dir"
    return "free disk space or make it writable, then try again"


def is_damage(reason: str) -> bool:
    """Whether the file itself is wrong, so that trying again does not help."""
    return "malformed" in reason or "not a database" in reason


class StoreUnavailable(LookoutError):
    """The database does not take or give anything just now."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"store {path}: {reason}; {remedy_for(reason)}")
        self.path = path
        self.reason = reason


def database_url(database: Path, configured: str) -> URL:
    """The address of the database: the configured one, else the SQLite file of the data directory.

    Raises:
        BadInputError: store.url is no SQLAlchemy address, or no SQLite one (others come later).
    """
    if not configured:
        return URL.create("sqlite", database=str(database))
    try:
        url = make_url(configured)
    except ArgumentError as error:
        raise BadInputError(
            "store.url: not a database address; leave it empty for SQLite in the data directory"
        ) from error
    if url.get_backend_name() != "sqlite":
        raise BadInputError(
            f"store.url: {url.get_backend_name()} is not supported yet; leave it empty for SQLite in the data directory"
        )
    return url


def open_engine(url: URL, *, writing: bool) -> Engine:
    """An engine whose connections are set up for this store (WAL, foreign transactions begun by us)."""
    engine = create_engine(
        url,
        pool_size=1 if writing else _READER_THREADS,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_S},
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun by _begin below
        if writing:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        else:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring the schema up to this version, or to an older revision on the way there.

    Raises:
        BadInputError: the database was made by a newer version, or cannot be written.
        CannotRunError: the disk is full.
        DamagedError: the file is damaged.
    """
    path = str(engine.url.database)
    alembic = Config()
    alembic.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    try:
        with engine.connect() as connection, connection.begin():
            alembic.attributes["connection"] = connection
            command.upgrade(alembic, to)
    except CommandError as error:
        raise BadInputError(
            f"store {path}: made by a newer version of Lookout ({error}); install that version or restore a backup"
        ) from error
    except DBAPIError as error:
        raise _start_error(path, error) from error


def newest_revision() -> str | None:
    """The revision this version of Lookout works with."""
    alembic = Config()
    alembic.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return ScriptDirectory.from_config(alembic).get_current_head()


def revision_of(connection: Connection) -> str | None:
    """The revision a database is at; None for one without a schema."""
    return MigrationContext.configure(connection).get_current_revision()


def _start_error(path: str, error: DBAPIError) -> LookoutError:
    reason = str(error.orig)
    kind: type[LookoutError] = CannotRunError
    if "readonly" in reason or "unable to open" in reason:
        kind = BadInputError
    elif is_damage(reason):
        kind = DamagedError
    return kind(f"store {path}: {reason}; {remedy_for(reason)}")


class Store:
    """The database as async code uses it."""

    def __init__(self, url: URL) -> None:
        self._path = str(url.database)
        self._writer = open_engine(url, writing=True)
        self._reader = open_engine(url, writing=False)
        self._write_thread = ThreadPoolExecutor(1, "store-write")
        self._read_threads = ThreadPoolExecutor(_READER_THREADS, "store-read")
        self._problem = ""
        self._file: tuple[int, int] | None = None

    @property
    def problem(self) -> str:
        """Why the last write failed, empty after one that did not."""
        return self._problem

    def migrate(self) -> None:
        """Bring the schema up to this version; raises as the function of that name."""
        migrate(self._writer)
        self._file = _identity(self._path)

    async def write(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction of the one writer and commit it.

        Raises:
            StoreUnavailable: nothing was written.
        """
        return await asyncio.get_running_loop().run_in_executor(self._write_thread, self._commit, work)

    async def read(self, work: Work[Result]) -> Result:
        """Run `work` on one consistent view of the store.

        Raises:
            StoreUnavailable: the database cannot be read.
        """
        return await asyncio.get_running_loop().run_in_executor(self._read_threads, self._look, work)

    def close(self) -> None:
        """Finish what was begun and close the database."""
        self._write_thread.shutdown()
        self._read_threads.shutdown()
        self._reader.dispose()
        self._writer.dispose()

    def _commit(self, work: Work[Result]) -> Result:
        if self._file is not None and _identity(self._path) != self._file:
            # SQLite would go on writing into a file that nobody can find any more
            raise self._unavailable(_TAKEN_AWAY)
        try:
            with self._writer.begin() as connection:
                result = work(connection)
        except DBAPIError as error:
            raise self._unavailable(str(error.orig)) from error
        if self._problem:
            _LOGGER.info("store writes again path=%s", self._path)
            self._problem = ""
        return result

    def _look(self, work: Work[Result]) -> Result:
        try:
            with self._reader.connect() as connection, connection.begin():
                return work(connection)
        except DBAPIError as error:
            raise StoreUnavailable(self._path, str(error.orig)) from error

    def _unavailable(self, reason: str) -> StoreUnavailable:
        if reason != self._problem:
            _LOGGER.error("store does not write path=%s reason=%s: %s", self._path, reason, remedy_for(reason))
            self._problem = reason
        return StoreUnavailable(self._path, reason)


def _identity(path: str) -> tuple[int, int] | None:
    """Device and inode of a file; None where there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
