from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.gop_ring import LARGEST_BYTES, SPAN_S, GopRing
from kernel.media import AccessUnit

START = datetime(2026, 1, 1, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000


def unit(second: float, *, keyframe: bool = False, size: int = 100, discontinuity: bool = False) -> AccessUnit:
    pts = int(second * 90_000)
    return AccessUnit(bytes(size), pts, pts, START_US + int(second * 1e6), keyframe, discontinuity=discontinuity)


def filled(seconds: Iterable[int], gop: int = 2, span_s: float = SPAN_S, largest_bytes: int = LARGEST_BYTES) -> GopRing:
    ring = GopRing(span_s, largest_bytes)
    for second in seconds:
        ring.append(unit(second, keyframe=second % gop == 0))
    return ring


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def arrivals(ring: GopRing, first: float, last: float) -> tuple[list[float], bool]:
    footage = ring.between(at(first), at(last))
    assert footage is not None
    return [(kept.arrived_at_us - START_US) / 1e6 for kept in footage.units], footage.begins_late


def test_a_clip_starts_at_the_keyframe_before() -> None:
    assert arrivals(filled(range(20)), 5, 9) == ([4, 5, 6, 7, 8, 9], False)


def test_a_clip_that_starts_on_a_keyframe_starts_there() -> None:
    assert arrivals(filled(range(20)), 6, 7.5) == ([6, 7], False)


def test_footage_that_is_gone_makes_the_clip_begin_late() -> None:
    assert arrivals(filled(range(100), span_s=10), 80, 92) == ([88, 89, 90, 91, 92], True)


def test_nothing_is_found_outside_what_is_held() -> None:
    ring = filled(range(100), span_s=10)
    assert ring.between(at(10), at(20)) is None
    assert ring.between(at(200), at(220)) is None
    assert GopRing().between(at(0), at(1)) is None


def test_at_least_the_span_is_held() -> None:
    ring = filled(range(100), gop=3, span_s=20)
    assert arrivals(ring, 79, 99)[1] is False


def test_units_before_the_first_keyframe_are_passed_over() -> None:
    ring = GopRing()
    ring.append(unit(1))
    assert ring.current_gop() == ()
    assert ring.held_bytes == 0
    ring.append(unit(2, keyframe=True))
    ring.append(unit(3))
    assert [held.pts for held in ring.current_gop()] == [180_000, 270_000]


def test_a_reconnect_ends_a_clip_and_the_larger_part_is_taken() -> None:
    ring = GopRing()
    for second in range(6):
        ring.append(unit(second, keyframe=second % 2 == 0))
    for second in range(6, 20):
        ring.append(unit(second, keyframe=second % 2 == 0, discontinuity=second == 6))
    assert arrivals(ring, 4, 15) == (list(range(6, 16)), True)
    assert arrivals(ring, 0, 7) == (list(range(6)), False)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400)), max_size=200))
def test_memory_stays_bounded_and_accounted(units: list[tuple[bool, int]]) -> None:
    ring = GopRing(span_s=1e9, largest_bytes=1000)
    for second, (keyframe, size) in enumerate(units):
        ring.append(unit(second, keyframe=keyframe, size=size))
        assert ring.held_bytes <= 1000
    footage = ring.between(at(0), at(1000))
    held = sum(len(kept.payload) for kept in footage.units) if footage else 0
    assert held == ring.held_bytes
    assert footage is None or footage.units[0].keyframe


def test_jump_of_the_times_inside_a_gop_ends_a_clip_there() -> None:
    """The clip ran on over the jump: its times went back, and it could not be written."""
    ring = GopRing()
    for second in range(20):
        ring.append(unit(second, keyframe=second % 4 == 0, discontinuity=second == 6))
    assert arrivals(ring, 0, 7) == ([0, 1, 2, 3, 4, 5], False)
    assert arrivals(ring, 5, 18) == (list(range(8, 19)), True)


def test_a_session_that_ended_leaves_no_newest_gop_but_footage() -> None:
    ring = filled(range(6))
    ring.end_session()
    assert ring.current_gop() == ()
    ring.append(unit(7))
    assert ring.current_gop() == ()
    ring.append(unit(8, keyframe=True, discontinuity=True))
    assert [held.pts for held in ring.current_gop()] == [720_000]
    assert arrivals(ring, 0, 5)[0] == list(range(6))
