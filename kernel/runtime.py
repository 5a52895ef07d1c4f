"""Where the services of one installation meet on this machine: sockets, rings, evidence, database.

Unix socket paths are limited to 107 bytes (unix(7)), so a long data directory gets a short stand-in directory under
the system's temporary directory, named by a hash of the data directory.
"""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kernel.config.lookout import LookoutConfig

CAMERAS_PER_INGEST_WORKER = 8
_LONGEST_SOCKET_DIRECTORY_BYTES = 80
_RING_DIRECTORY = Path("/dev/shm")


def shard_of(camera_index: int, shard_count: int) -> int:
    """Which ingest worker serves the camera at this place of the register."""
    return camera_index % shard_count


def shard_count_for(camera_count: int, cpu_count: int | None = None) -> int:
    """How many ingest workers a register of this size gets on this machine, at least one."""
    cpus = cpu_count if cpu_count is not None else (os.cpu_count() or 1)
    return max(1, min(cpus, math.ceil(camera_count / CAMERAS_PER_INGEST_WORKER)))


@dataclass(frozen=True)
class RuntimePaths:
    """Every path that two services share, derived from the data directory alone."""

    data_dir: Path

    @classmethod
    def of(cls, config: LookoutConfig) -> RuntimePaths:
        """The paths of a loaded config (its data_dir is absolute by then)."""
        return cls(config.data_dir.resolve())

    @property
    def installation(self) -> str:
        """Short stable name of this installation."""
        return hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:10]

    @property
    def socket_dir(self) -> Path:
        """Directory of the Unix sockets."""
        inside = self.data_dir / "run"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET_DIRECTORY_BYTES:
            return inside
        return Path(tempfile.gettempdir()) / f"lookout-{os.getuid()}-{self.installation}"

    @property
    def bus_socket(self) -> Path:
        """Unix socket of the embedded Redis."""
        return self.socket_dir / "bus.sock"

    @property
    def live_socket(self) -> Path:
        """Unix socket on which the live gateway answers WHEP."""
        return self.socket_dir / "live.sock"

    def media_socket(self, shard: int) -> Path:
        """Unix socket on which an ingest worker serves access units."""
        return self.socket_dir / f"media-{shard}.sock"

    def ring_file(self, shard: int) -> Path:
        """Frame ring of an ingest worker, in shared memory."""
        return _RING_DIRECTORY / f"lookout-{self.installation}-{shard}.ring"

    @property
    def bus_dir(self) -> Path:
        """Append-only file of the embedded Redis."""
        return self.data_dir / "bus"

    @property
    def database(self) -> Path:
        """SQLite database of the store."""
        return self.data_dir / "lookout.db"

    @property
    def evidence_dir(self) -> Path:
        """Snapshots and clips, by date."""
        return self.data_dir / "evidence"

    @property
    def log_dir(self) -> Path:
        """Logs of the services, one file each."""
        return self.data_dir / "logs"
