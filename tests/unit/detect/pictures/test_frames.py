from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from detect.pictures.frames import OLDEST_S, FrameCopy, FrameSource
from kernel.clock import ManualClock
from kernel.config.camera import StreamName
from kernel.ring import RingReader, RingWriter

CAMERA = ("cam-01", StreamName.MAIN)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write(writer: RingWriter, level: int, captured_at_us: int) -> None:
    chroma = np.full((24, 32), 128, np.uint8)
    planes = np.full((48, 64), level, np.uint8), chroma, chroma
    writer.slot_for(*CAMERA).write(*planes, pts=0, captured_at_us=captured_at_us)


def source(path: Path) -> FrameSource:
    return FrameSource({"cam-01": StreamName.MAIN}, {"cam-01": RingReader(path)}, ManualClock(EPOCH))


def test_a_frame_is_fresh_until_it_was_taken(tmp_path: Path) -> None:
    frames = source(tmp_path / "r")
    assert not frames.has_ring("cam-01")
    assert not frames.is_fresh("cam-01")
    with closing(RingWriter(tmp_path / "r", [CAMERA])) as writer:
        assert frames.has_ring("cam-01")
        assert not frames.is_fresh("cam-01")
        write(writer, 10, 1)
        write(writer, 20, 2)
        view = frames.newest("cam-01")
        assert view is not None
        assert (view.captured_at_us, int(view.y[0, 0])) == (2, 20)
        assert frames.is_fresh("cam-01")
        frames.mark_taken(view)
        assert not frames.is_fresh("cam-01")
        assert frames.newest("cam-01") is None
        write(writer, 30, 3)
        assert frames.is_fresh("cam-01")
    frames.close()


def test_first_frame_after_a_restart_of_ingest_is_fresh_although_its_number_was_seen_before(tmp_path: Path) -> None:
    frames = source(tmp_path / "r")
    for captured_at_us in (1, 2):
        with closing(RingWriter(tmp_path / "r", [CAMERA])) as writer:
            write(writer, 10, captured_at_us)
            view = frames.newest("cam-01")
            assert view is not None
            assert (view.sequence, view.captured_at_us) == (1, captured_at_us)
            frames.mark_taken(view)
            assert not frames.is_fresh("cam-01")
    frames.close()


def test_ingest_hears_when_the_next_turn_comes(tmp_path: Path) -> None:
    frames = source(tmp_path / "r")
    with closing(RingWriter(tmp_path / "r", [CAMERA])) as writer:
        frames.look_from("cam-01", 0.2)
        assert writer.slot_for(*CAMERA).next_look_us == 200_000
    frames.close()


def test_copy_outlives_the_slot(tmp_path: Path) -> None:
    frames = source(tmp_path / "r")
    with closing(RingWriter(tmp_path / "r", [CAMERA])) as writer:
        write(writer, 10, 1)
        view = frames.newest("cam-01")
        assert view is not None
        copy = FrameCopy.sized(view)
        copy.take(view)
        assert view.is_intact()
        for index in range(2, 8):
            write(writer, 10 * index, index)
        assert not view.is_intact()
        assert (copy.y == 10).all()
    frames.close()


def test_frame_that_was_old_when_first_seen_is_not_analysed(tmp_path: Path) -> None:
    """A detector started beside a camera that was gone for hours analysed its last frame and called it analysed."""
    clock = ManualClock(EPOCH)
    clock.advance(1000.0)
    frames = FrameSource({"cam-01": StreamName.MAIN}, {"cam-01": RingReader(tmp_path / "r")}, clock)
    with closing(RingWriter(tmp_path / "r", [CAMERA])) as writer:
        write(writer, 10, round((1000.0 - OLDEST_S - 0.1) * 1e6))
        assert frames.newest("cam-01") is None
        assert not frames.is_fresh("cam-01")
        write(writer, 20, round((1000.0 - OLDEST_S + 0.1) * 1e6))
        assert frames.newest("cam-01") is not None
    frames.close()


def test_ring_that_a_killed_worker_left_behind_is_no_ring(tmp_path: Path) -> None:
    frames = source(tmp_path / "r")
    child = "import os, sys; from pathlib import Path; from kernel.config.camera import StreamName; "
    child += (
        "from kernel.ring import RingWriter; RingWriter(Path(sys.argv[1]), [('cam-01', StreamName.MAIN)]); os._exit(9)"
    )
    killed = subprocess.run([sys.executable, "-c", child, str(tmp_path / "r")], check=False)
    assert killed.returncode == 9
    assert (tmp_path / "r").exists()
    assert not frames.has_ring("cam-01")
    frames.close()
