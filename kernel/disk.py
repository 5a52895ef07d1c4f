"""Room on the disk of the data directory: evidence stops before the bus and the store, which share it, run dry.

An alert without a picture is an alert; a bus that cannot write its append-only file ends, and no alert leaves any more.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

RESERVE_BYTES = 256 << 20
RESERVE_SHARE = 0.02


def require_room(directory: Path, size_bytes: int) -> None:
    """Refuse to write so many bytes where the reserve would be touched: 256 MB, on small disks 2% of them.

    Args:
        directory: exists, on the disk in question.
        size_bytes: what is to be written.

    Raises:
        OSError: ENOSPC, with the directory.
    """
    disk = os.statvfs(directory)
    reserve_bytes = min(RESERVE_BYTES, int(RESERVE_SHARE * disk.f_blocks * disk.f_frsize))
    if disk.f_bavail * disk.f_frsize - size_bytes < reserve_bytes:
        raise OSError(errno.ENOSPC, "disk full but for the reserve of bus and store", str(directory))
