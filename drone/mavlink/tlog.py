"""The raw record of a flight: every frame, both ways, each after its instant.

Format: microseconds since 1970 as eight bytes, big-endian, then the frame; what pymavlink, Mission Planner and
QGroundControl read as a tlog.
"""

from __future__ import annotations

import struct
from datetime import datetime
from pathlib import Path

from kernel.errors import CannotRunError


class FlightLog:
    """An open tlog. It is flushed with every heartbeat of ours, so that a crash costs a second of it."""

    def __init__(self, path: Path) -> None:
        """Open for appending, so that a flight taken up again goes on in its log.

        Raises:
            CannotRunError: the file cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
        except OSError as error:
            raise CannotRunError(f"cannot write the flight log {path}: {error.strerror}") from error
        self.path = path

    def add(self, raw: bytes, now: datetime) -> None:
        """Append one frame."""
        self._file.write(struct.pack(">Q", int(now.timestamp() * 1e6)) + raw)

    def flush(self) -> None:
        """Hand what was added to the system."""
        self._file.flush()

    def close(self) -> None:
        """End the log."""
        self._file.close()
