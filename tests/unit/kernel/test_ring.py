"""The frame ring: what is written is read, torn and recycled frames are never taken, restarts are noticed."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernel.config.camera import StreamName
from kernel.ring import FrameTooLarge, RingInUse, RingReader, RingWriter
from kernel.ring.layout import LOCK, SLOTS_PER_STREAM, WORD_BYTES, FrameLayout, RingLayout, pack_entry, unpack_entry

Plane = NDArray[np.uint8]
MAIN = ("cam-01", StreamName.MAIN)
SUB = ("cam-02", StreamName.SUB)


def picture(width_px: int, height_px: int, value: int, stride: int = 0) -> tuple[Plane, Plane, Plane]:
    """An I420 picture of one value; with a stride its rows lie apart."""

    def plane(rows: int, columns: int, fill: int) -> Plane:
        wide = np.zeros((rows, max(stride, columns)), np.uint8)
        wide[:, :columns] = fill
        return wide[:, :columns]

    chroma = ((height_px + 1) // 2, (width_px + 1) // 2)
    return plane(height_px, width_px, value), plane(*chroma, value + 1), plane(*chroma, value + 2)


def test_a_frame_is_read_as_it_was_written(tmp_path: Path) -> None:
    writer = RingWriter(tmp_path / "r", [MAIN, SUB])
    reader = RingReader(tmp_path / "r")
    y, u, v = picture(64, 36, 10)
    y[3, 5] = 99
    assert writer.slot_for(*SUB).write(y, u, v, pts=-90_000, captured_at_us=1_700_000_000_000_000) == 1
    view = reader.newest(*SUB)
    assert view is not None
    assert (view.camera_id, view.stream, view.sequence, view.pts) == ("cam-02", StreamName.SUB, 1, -90_000)
    assert (view.width_px, view.height_px, view.captured_at_us) == (64, 36, 1_700_000_000_000_000)
    for seen, written in zip((view.y, view.u, view.v), (y, u, v), strict=True):
        np.testing.assert_array_equal(seen, written)
    assert view.is_intact()
    assert reader.newest(*MAIN) is None
    assert reader.streams == (MAIN, SUB)
    assert reader.position(*SUB) == (writer.generation, 1)
    with pytest.raises(ValueError, match="read-only"):
        view.y[0, 0] = 1


@given(st.integers(1, 700), st.integers(1, 500), st.integers(0, 90))
def test_planes_of_any_size_and_stride_arrive_whole(width_px: int, height_px: int, padding: int) -> None:
    path = Path("/dev/shm") / f"lookout-test-{os.getpid()}.ring"
    writer = RingWriter(path, [MAIN])
    with RingReader(path) as reader:
        rng = np.random.default_rng(width_px)
        planes = picture(width_px, height_px, 0, stride=width_px + padding)
        for plane in planes:
            plane[:] = rng.integers(0, 256, plane.shape)
        writer.slot_for(*MAIN).write(*planes, pts=0, captured_at_us=0)
        view = reader.newest(*MAIN)
        assert view is not None
        for seen, written in zip((view.y, view.u, view.v), planes, strict=True):
            np.testing.assert_array_equal(seen, written)
    writer.close()


def test_newest_wins_and_a_recycled_slot_is_noticed(tmp_path: Path) -> None:
    slots = (writer := RingWriter(tmp_path / "r", [MAIN])).slot_for(*MAIN)
    reader = RingReader(tmp_path / "r")
    slots.write(*picture(32, 32, 1), pts=1, captured_at_us=1)
    held = reader.newest(*MAIN)
    assert held is not None
    for value in range(2, 2 + SLOTS_PER_STREAM - 1):
        slots.write(*picture(32, 32, value), pts=value, captured_at_us=value)
        newest = reader.newest(*MAIN)
        assert newest is not None
        assert newest.sequence == value
        assert held.is_intact()
    slots.write(*picture(32, 32, 77), pts=77, captured_at_us=77)
    assert not held.is_intact()
    assert writer.slot_for(*MAIN).sequence == SLOTS_PER_STREAM + 1


def test_a_slot_under_the_pen_is_not_taken(tmp_path: Path) -> None:
    """A writer that died in the middle of a frame leaves an odd lock; nobody may use that slot."""
    writer = RingWriter(tmp_path / "r", [MAIN])
    writer.slot_for(*MAIN).write(*picture(32, 32, 1), pts=1, captured_at_us=1)
    reader = RingReader(tmp_path / "r")
    held = reader.newest(*MAIN)
    assert held is not None
    with (tmp_path / "r").open("r+b") as file:
        file.seek(RingLayout(1).head_offset(0, 1) + LOCK * WORD_BYTES)
        file.write((3).to_bytes(8, "little"))
    assert reader.newest(*MAIN) is None
    assert not held.is_intact()


def test_a_broken_off_write_is_not_seen_and_the_next_one_is(tmp_path: Path) -> None:
    slots = RingWriter(tmp_path / "r", [MAIN]).slot_for(*MAIN)
    reader = RingReader(tmp_path / "r")
    y, u, v = picture(32, 32, 5)
    slots.write(y, u, v, pts=1, captured_at_us=1)
    with pytest.raises(ValueError, match="not an I420 picture"):
        slots.write(y, u[:-1], v, pts=2, captured_at_us=2)
    held = reader.newest(*MAIN)
    assert held is not None
    assert held.sequence == 1
    slots.write(*picture(32, 32, 6), pts=3, captured_at_us=3)
    view = reader.newest(*MAIN)
    assert view is not None
    assert (view.sequence, view.pts, int(view.y[0, 0])) == (2, 3, 6)
    assert view.is_intact()


def test_a_stream_may_change_its_size(tmp_path: Path) -> None:
    slots = RingWriter(tmp_path / "r", [MAIN]).slot_for(*MAIN)
    reader = RingReader(tmp_path / "r")
    for width_px, height_px in ((64, 36), (1280, 720), (35, 17)):
        slots.write(*picture(width_px, height_px, 40), pts=0, captured_at_us=0)
        view = reader.newest(*MAIN)
        assert view is not None
        assert (view.width_px, view.height_px, view.y.shape) == (width_px, height_px, (height_px, width_px))
        assert set(np.unique(view.v)) == {42}


def test_pages_are_set_aside_for_the_real_size_only(tmp_path: Path) -> None:
    path = tmp_path / "r"
    slots = RingWriter(path, [MAIN, SUB]).slot_for(*MAIN)
    empty_bytes = path.stat().st_blocks * 512
    slots.write(*picture(1280, 720, 1), pts=0, captured_at_us=0)
    frame_bytes = FrameLayout(1280, 720).size_bytes
    grown_bytes = path.stat().st_blocks * 512 - empty_bytes
    assert SLOTS_PER_STREAM * frame_bytes <= grown_bytes < SLOTS_PER_STREAM * (frame_bytes + 8192)
    assert path.stat().st_size > 8 * 14_000_000


def test_a_picture_beyond_the_slots_is_refused(tmp_path: Path) -> None:
    slots = RingWriter(tmp_path / "r", [MAIN]).slot_for(*MAIN)
    with pytest.raises(FrameTooLarge, match="4098x2304"):
        slots.write(*picture(4098, 2304, 1), pts=0, captured_at_us=0)
    slots.write(*picture(4096, 2304, 1), pts=0, captured_at_us=0)
    assert slots.sequence == 1


def test_the_reader_follows_a_restarted_writer(tmp_path: Path) -> None:
    path = tmp_path / "r"
    reader = RingReader(path)
    assert reader.newest(*MAIN) is None
    assert reader.streams == ()
    first = RingWriter(path, [MAIN])
    first.slot_for(*MAIN).write(*picture(32, 32, 1), pts=1, captured_at_us=1)
    old = reader.newest(*MAIN)
    assert old is not None
    assert reader.has_live_writer
    first.close()
    assert not path.exists()
    assert reader.newest(*MAIN) is None
    assert not reader.has_live_writer
    assert old.is_intact()
    assert int(old.y[0, 0]) == 1
    second = RingWriter(path, [SUB, MAIN])
    assert reader.newest(*MAIN) is None
    second.slot_for(*MAIN).write(*picture(32, 32, 9), pts=2, captured_at_us=2)
    new = reader.newest(*MAIN)
    assert new is not None
    assert (new.sequence, int(new.y[0, 0])) == (1, 9)
    assert new.generation > old.generation


def test_a_reader_says_when_it_looks_next_and_only_of_that_stream(tmp_path: Path) -> None:
    path = tmp_path / "r"
    writer = RingWriter(path, [MAIN, SUB])
    reader = RingReader(path)
    reader.look_from("cam-09", StreamName.MAIN, 7)
    assert writer.slot_for(*SUB).next_look_us == 0
    reader.look_from(*SUB, 1_700_000_000_000_000)
    assert writer.slot_for(*SUB).next_look_us == 1_700_000_000_000_000
    assert writer.slot_for(*MAIN).next_look_us == 0
    writer.slot_for(*SUB).write(*picture(32, 32, 1), pts=1, captured_at_us=1)
    assert reader.position(*SUB) == (writer.generation, 1)
    assert reader.streams == (MAIN, SUB)
    writer.close()
    RingReader(path).look_from(*MAIN, 7)  # no ring is there
    assert RingWriter(path, [MAIN]).slot_for(*MAIN).next_look_us == 0


def test_a_second_live_writer_is_refused_and_a_left_behind_file_replaced(tmp_path: Path) -> None:
    path = tmp_path / "r"
    live = RingWriter(path, [MAIN])
    with pytest.raises(RingInUse, match="another ingest worker"):
        RingWriter(path, [MAIN])
    assert path.exists()
    live.close()
    path.write_bytes(b"left behind by a crash")
    reader = RingReader(path)
    assert reader.newest(*MAIN) is None
    replacing = RingWriter(path, [MAIN])
    assert reader.streams == (MAIN,)
    replacing.close()
    assert list(tmp_path.iterdir()) == []


def test_of_two_writers_that_start_together_one_is_refused(tmp_path: Path) -> None:
    """Both looked, both saw no live writer, and the later one took the earlier one's ring away."""
    path, both = tmp_path / "r", threading.Barrier(2)

    def start(_number: int) -> RingWriter | RingInUse:
        both.wait()
        try:
            return RingWriter(path, [MAIN])
        except RingInUse as refused:
            return refused

    with ThreadPoolExecutor(2) as threads:
        for number in range(20):
            if number % 2:
                path.write_bytes(b"left behind by a crash")
            started = list(threads.map(start, range(2)))
            (winner,) = [one for one in started if isinstance(one, RingWriter)]
            reader = RingReader(path)
            assert reader.has_live_writer
            winner.close()
            reader.close()
            assert list(tmp_path.iterdir()) == []


def test_closing_leaves_the_file_of_a_successor_alone(tmp_path: Path) -> None:
    path = tmp_path / "r"
    first = RingWriter(path, [MAIN])
    path.unlink()
    second = RingWriter(path, [MAIN])
    first.close()
    first.close()
    assert path.exists()
    second.close()


def test_unknown_and_doubled_streams_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="named twice"):
        RingWriter(tmp_path / "r", [MAIN, MAIN])
    with pytest.raises(ValueError, match="longer than 63"):
        RingWriter(tmp_path / "r", [("c" * 64, StreamName.MAIN)])
    assert list(tmp_path.iterdir()) == []
    writer = RingWriter(tmp_path / "r", [MAIN])
    with pytest.raises(KeyError):
        writer.slot_for("cam-01", StreamName.SUB)
    assert RingReader(tmp_path / "r").newest("cam-01", StreamName.SUB) is None


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=63), st.sampled_from(StreamName))
def test_directory_entries_round_trip(camera_id: str, stream: StreamName) -> None:
    assert unpack_entry(pack_entry((camera_id, stream))) == (camera_id, stream)


@given(st.integers(1, 64))
def test_nothing_overlaps(stream_count: int) -> None:
    layout = RingLayout(stream_count)
    starts = [layout.head_offset(s, k) for s in range(stream_count) for k in range(SLOTS_PER_STREAM)]
    assert starts == sorted(set(starts))
    assert starts[0] == layout.entry_offset(stream_count)
    assert starts[-1] + 64 <= layout.preamble_bytes == layout.slot_offset(0, 0)
    assert layout.slot_offset(0, 0) % 4096 == 0


@given(st.integers(1, 4096), st.integers(1, 2304))
def test_planes_lie_one_after_the_other(width_px: int, height_px: int) -> None:
    frame = FrameLayout(width_px, height_px)
    luma, first_chroma, second_chroma = frame.plane_offsets
    assert luma == 0
    assert first_chroma >= width_px * height_px
    assert second_chroma - first_chroma == frame.size_bytes - second_chroma
    assert frame.chroma_stride >= frame.chroma_width_px
    assert frame.size_bytes <= FrameLayout(4096, 2304).size_bytes + 32 * 2304 * 2
