from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ingest.timeline import LARGEST_STEP, Stamp, Timeline

RTP = Fraction(1, 90_000)


def stamps(*times: tuple[int | None, int | None], time_base: Fraction = RTP) -> list[Stamp]:
    timeline = Timeline()
    return [timeline.stamp(pts, dts, time_base) for pts, dts in times]


def test_a_first_packet_without_a_time_begins_at_zero() -> None:
    """FFmpeg's RTSP demuxer gives the first keyframe no time."""
    assert stamps((None, None), (6000, 6000), (12000, 12000)) == [
        Stamp(0, 0, discontinuity=True),
        Stamp(6000, 6000, discontinuity=False),
        Stamp(12000, 12000, discontinuity=False),
    ]


def test_missing_times_continue_at_the_last_step() -> None:
    got = stamps((0, 0), (3600, 3600), (None, None), (None, None))
    assert [stamp.pts for stamp in got] == [0, 3600, 7200, 10800]


def test_other_time_bases_become_90_khz() -> None:
    assert [stamp.pts for stamp in stamps((0, 0), (40, 40), time_base=Fraction(1, 1000))] == [0, 3600]


def test_a_jump_starts_anew_and_says_so() -> None:
    for jump in (LARGEST_STEP + 7000, -LARGEST_STEP - 7000):
        got = stamps((0, 0), (6000, 6000), (6000 + jump, 6000 + jump))
        assert got[-1].discontinuity
        assert got[-1].pts == 6000 + jump


def test_b_frames_keep_their_order() -> None:
    timeline = Timeline()
    order = [(0, None), (18000, None), (6000, None), (12000, 6000), (36000, 12000), (24000, 18000), (30000, 24000)]
    got = [timeline.stamp(pts, dts, RTP) for pts, dts in order]
    assert [stamp.pts for stamp in got] == [pts for pts, _ in order]
    assert not timeline.has_b_frames
    timeline.stamp(54000, 30000, RTP)
    timeline.stamp(42000, 36000, RTP)
    assert timeline.has_b_frames


def test_one_step_back_is_no_b_frame() -> None:
    timeline = Timeline()
    for pts in (0, 6000, 5000, 12000):
        timeline.stamp(pts, pts, RTP)
    assert not timeline.has_b_frames


@given(st.lists(st.tuples(st.none() | st.integers(0, 2**33), st.none() | st.integers(0, 2**33)), max_size=60))
def test_decoding_time_rises_within_a_run(times: list[tuple[int | None, int | None]]) -> None:
    last: int | None = None
    for stamp in stamps(*times):
        assert stamp.discontinuity or (last is not None and stamp.dts > last)
        last = stamp.dts


def test_camera_clock_set_back_by_seconds_starts_anew_and_says_so() -> None:
    got = stamps((0, 0), (270_000, 270_000), (276_000, 276_000), (6_000, 6_000), (12_000, 12_000))
    assert [stamp.discontinuity for stamp in got] == [True, False, False, True, False]
    assert [stamp.pts for stamp in got[-2:]] == [6_000, 12_000]
