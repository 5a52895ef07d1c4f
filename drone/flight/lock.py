"""One controller per drone, one launch at a time: locks that a crash releases by itself."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import CannotRunError

SERVICE, COMMAND_LINE = "service", "command_line"
_LAUNCH_WAIT_S = 20.0
_LOOK_S = 0.05


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


class LaunchBusy(CannotRunError):
    """Another controller decides about a launch, and does not come to an end."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(
            f"another controller has been deciding about a launch for {wait_s:g} s; try again, or end that process"
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


@contextmanager
def launch_lock(data_dir: Path, wait_s: float = _LAUNCH_WAIT_S) -> Iterator[None]:
    """Be the only one of all controllers who looks at the others and begins a flight. Blocks: not for an event loop.

    Raises:
        LaunchBusy: somebody else has been for longer than `wait_s`.
        CannotRunError: the lock file cannot be made.
    """
    path = data_dir / "flights" / "locks" / "launch"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise CannotRunError(f"{path}: {error.strerror}; the data directory must be writable") from error
    try:
        until_s = time.monotonic() + wait_s
        while not _taken(descriptor):
            if time.monotonic() > until_s:
                raise LaunchBusy(wait_s)
            time.sleep(_LOOK_S)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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
