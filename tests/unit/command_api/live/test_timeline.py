"""Times of one viewer never go back and keep real distances while live."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from command_api.live.timeline import REPLAY_STEP, Timeline
from kernel.media import PTS_CLOCK_HZ, AccessUnit

FRAME = PTS_CLOCK_HZ // 15


def unit(index: int, *, start_pts: int = 0, start_us: int = 0, discontinuity: bool = False) -> AccessUnit:
    return AccessUnit(
        b"x", start_pts + index * FRAME, 0, start_us + index * 1_000_000 // 15, False, False, discontinuity
    )


def test_live_units_keep_their_distances() -> None:
    timeline = Timeline()
    stamps = [timeline.stamp_live(unit(index, start_pts=1_000_000)) for index in range(5)]
    assert stamps == [index * FRAME for index in range(5)]


def test_a_replayed_gop_is_one_millisecond_apart_and_the_next_live_unit_a_frame_later() -> None:
    timeline = Timeline()
    stamps = timeline.stamp_replay([unit(index) for index in range(30)])
    assert stamps == [index * REPLAY_STEP for index in range(30)]
    assert timeline.stamp_live(unit(30)) - stamps[-1] == FRAME


def test_a_replay_after_a_picture_loss_does_not_shift_what_follows() -> None:
    timeline = Timeline()
    before = timeline.stamp_live(unit(29))
    timeline.stamp_replay([unit(index) for index in range(30)])
    assert timeline.stamp_live(unit(31)) - before == 2 * FRAME


def test_a_restarted_camera_clock_goes_on_after_the_time_that_passed() -> None:
    timeline = Timeline()
    before = timeline.stamp_live(unit(0, start_pts=9_000_000, start_us=0))
    after = timeline.stamp_live(unit(0, start_pts=0, start_us=5_000_000, discontinuity=True))
    assert after - before == 5 * PTS_CLOCK_HZ


def test_a_jump_of_the_camera_clock_that_nobody_announced_is_noticed() -> None:
    timeline = Timeline()
    before = timeline.stamp_live(unit(0))
    after = timeline.stamp_live(AccessUnit(b"x", 3600 * PTS_CLOCK_HZ, 0, 66_000, False))
    assert after - before == 66_000 * PTS_CLOCK_HZ // 1_000_000


def test_nothing_to_replay_gives_no_times() -> None:
    assert Timeline().stamp_replay([]) == []


@given(
    st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 10**12), st.booleans(), st.integers(0, 5)),
        min_size=1,
        max_size=40,
    )
)
def test_times_always_rise_by_a_millisecond_at_least(steps: list[tuple[int, int, bool, int]]) -> None:
    timeline, stamps = Timeline(), [-REPLAY_STEP]
    for pts, arrived_at_us, discontinuity, replayed in steps:
        one = AccessUnit(b"x", pts, pts, arrived_at_us, False, False, discontinuity)
        stamps += timeline.stamp_replay([one] * replayed) if replayed else [timeline.stamp_live(one)]
    assert all(later - earlier >= REPLAY_STEP for earlier, later in itertools.pairwise(stamps))
