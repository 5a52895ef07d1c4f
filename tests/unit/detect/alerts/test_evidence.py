from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

import cv2
import numpy as np
import pytest

from detect.alerts.evidence import snapshot_path, write_snapshot
from detect.pictures.frames import FrameCopy


def grey(width_px: int, height_px: int, level: int) -> FrameCopy:
    chroma = np.full((height_px // 2, width_px // 2), 128, np.uint8)
    return FrameCopy(np.full((height_px, width_px), level, np.uint8), chroma, chroma.copy())


def test_snapshot_lies_under_its_utc_date() -> None:
    at = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=8)))
    assert snapshot_path("01J", at) == Path("2026/02/28/01J.jpg")


def test_written_file_is_the_picture_and_has_the_digest(tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path, Path("2026/02/28/01J.jpg"), grey(1280, 720, 126), ())
    content = (tmp_path / snapshot.path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == snapshot.sha256
    picture = np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))
    assert picture.shape == (720, 1280, 3)
    assert abs(float(picture.mean()) - 128) < 3
    assert [entry.name for entry in (tmp_path / "2026/02/28").iterdir()] == ["01J.jpg"]


def test_masks_are_burnt_in(tmp_path: Path) -> None:
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    snapshot = write_snapshot(tmp_path, Path("a.jpg"), grey(64, 48, 200), (whole,))
    assert not np.asarray(cv2.imread(str(tmp_path / snapshot.path))).any()


def test_disk_that_does_not_take_it_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "2026").write_text("a file where a directory should be")
    with pytest.raises(OSError, match="2026"):
        write_snapshot(tmp_path, Path("2026/02/28/01J.jpg"), grey(64, 48, 100), ())
