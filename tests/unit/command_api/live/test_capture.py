"""A page is told which RTP time was captured when, wherever the sender's RTP times begin."""

from __future__ import annotations

import json

import pytest

from command_api.live.capture import CaptureTimes

NOW_US = 1_700_000_010_000_000


def told(times: CaptureTimes) -> dict[str, float | None]:
    answer = times.answer("1234.5", NOW_US)
    assert answer is not None
    found: dict[str, float | None] = json.loads(answer)
    return found


def test_before_a_picture_was_sent_only_the_clock_is_told() -> None:
    times = CaptureTimes()
    times.sent(None)
    times.hand_over(0, NOW_US - 40_000)
    assert told(times) == {"asked": 1234.5, "now_ms": NOW_US / 1000, "rtp": None, "captured_ms": None}


def test_the_newest_picture_is_told_across_the_wrap_of_rtp_times() -> None:
    times = CaptureTimes()
    times.sent(None)
    times.hand_over(90, NOW_US - 3_000_000)
    times.sent((1 << 32) - 1_000)  # RTP time of what was handed over
    times.hand_over(90 + 6_000, NOW_US - 2_000_000)
    times.sent(5_000)
    assert told(times) == {"asked": 1234.5, "now_ms": NOW_US / 1000, "rtp": 5_000, "captured_ms": NOW_US / 1000 - 2_000}


def test_a_picture_that_made_no_packets_does_not_shift_the_rest() -> None:
    times = CaptureTimes()
    times.hand_over(0, NOW_US)
    times.sent(None)  # nothing went out
    times.hand_over(6_000, NOW_US)
    times.sent(106_000)
    times.hand_over(12_000, NOW_US)
    assert told(times)["rtp"] == 112_000


def test_of_a_replayed_gop_only_the_last_picture_tells_the_time() -> None:
    times = CaptureTimes()
    times.hand_over(0, None)
    times.sent(1_000)
    times.hand_over(90, None)
    assert told(times)["captured_ms"] is None
    times.hand_over(180, NOW_US)
    times.hand_over(270, None)
    assert told(times) == {"asked": 1234.5, "now_ms": NOW_US / 1000, "rtp": 1_180, "captured_ms": NOW_US / 1000}


@pytest.mark.parametrize("question", ["", "now", "-1", "1e9", "1" * 40, b"12", "1234.5 "])
def test_what_is_no_reading_of_a_clock_is_not_answered(question: str | bytes) -> None:
    assert CaptureTimes().answer(question, NOW_US) is None
