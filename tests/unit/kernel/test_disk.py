from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernel.disk import RESERVE_BYTES, RESERVE_SHARE, require_room


def test_what_leaves_the_reserve_alone_is_let_through(tmp_path: Path) -> None:
    require_room(tmp_path, 0)


def test_what_would_fit_but_for_the_reserve_is_refused(tmp_path: Path) -> None:
    """A disk filled to the brim by evidence ended the bus, which keeps its file there, and with it every alert."""
    disk = os.statvfs(tmp_path)
    reserve_bytes = min(RESERVE_BYTES, int(RESERVE_SHARE * disk.f_blocks * disk.f_frsize))
    with pytest.raises(OSError, match="disk full but for the reserve"):
        require_room(tmp_path, disk.f_bavail * disk.f_frsize - reserve_bytes // 2)
