from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np

from detect.frames import FrameCopy, FrameSource
from kernel.config.camera import StreamName
from kernel.ring import RingReader, RingWriter

CAMERA = ("cam-01", StreamName.MAIN)


def write(writer: RingWriter, level: int, captured_at_us: int) -> None:
    chroma = np.full((24, 32), 128, np.uint8)
    planes = np.full((48, 64), level, np.uint8), chroma, chroma
    writer.slot_for(*CAMERA).write(*planes, pts=0, captured_at_us=captured_at_us)


def source(path: Path) -> FrameSource:
    return FrameSource({"cam-01": StreamName.MAIN}, {"cam-01": RingReader(path)})


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
