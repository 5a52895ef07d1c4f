"""One controller per drone: a lock that a crash releases by itself, and the name of who holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import CannotRunError

SERVICE, COMMAND_LINE = "service", "command_line"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who controls a drone: `service` or `command_line`, and its process."""

    who: str
    pid: int


class DroneLocked(CannotRunError):
    """Somebody else controls the drone."""

    def __init__(self, drone_id: str, holder: Holder | None) -> None:
        self.drone_id, self.holder = drone_id, holder
        by = "another controller" if holder is None else f"{holder.who.replace('_', ' ')} (process {holder.pid})"
        super().__init__(
            f"drone {drone_id}: controlled by {by}; order it there, or `lookout patrol abort`, or stop that first"
        )


def _path(data_dir: Path, drone_id: str) -> Path:
    return data_dir / "flights" / "locks" / f"{drone_id}.lock"


@contextmanager
def drone_lock(data_dir: Path, drone_id: str, who: str) -> Iterator[None]:
    """Hold a drone for as long as the context lasts.

    Raises:
        DroneLocked: somebody holds it.
        CannotRunError: the lock file cannot be made.
    """
    path = _path(data_dir, drone_id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise CannotRunError(f"{path}: {error.strerror}; the data directory must be writable") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise DroneLocked(drone_id, _read(path)) from taken
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{who} {os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def holder(data_dir: Path, drone_id: str) -> Holder | None:
    """Who holds the drone now, or None."""
    path = _path(data_dir, drone_id)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(path)
    finally:
        os.close(descriptor)
    return None


def _read(path: Path) -> Holder | None:
    words = path.read_text(encoding="utf-8").split()
    return Holder(words[0], int(words[1])) if len(words) == 2 and words[1].isdigit() else None
