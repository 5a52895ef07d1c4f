from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from detect.pulse import CameraPulse, NotAnalysed, cause_of

START = datetime(2026, 3, 1, tzinfo=UTC)


def pulse_at(fps: float, for_s: float, ages_s: list[float]) -> CameraPulse:
    pulse = CameraPulse()
    for index in range(int(fps * for_s)):
        at_s = index / fps
        pulse.note(at_s, START + timedelta(seconds=at_s), ages_s[index % len(ages_s)])
    return pulse


def test_rate_is_of_the_last_seconds() -> None:
    pulse = pulse_at(5, 20, [0.1])
    report = pulse.report("cam-01", 20.0, 20.0, 5.0, 3, "")
    assert report.analysed_fps == pytest.approx(5.0, abs=0.21)
    assert (report.camera_id, report.wanted_fps, report.dropped, report.cause) == ("cam-01", 5.0, 3, "")
    assert report.last_analysed_at == START + timedelta(seconds=19.8)
    later = pulse.report("cam-01", 22.5, 22.5, 5.0, 3, "")
    assert later.analysed_fps == pytest.approx(2.5, abs=0.21)


def test_rate_of_a_fresh_detector_is_not_diluted() -> None:
    assert pulse_at(5, 2, [0.1]).report("c", 2.0, 2.0, 5.0, 0, "").analysed_fps == pytest.approx(5.0, abs=0.3)


def test_ages_are_percentiles() -> None:
    report = pulse_at(5, 4, [0.05] * 9 + [0.5]).report("c", 4.0, 4.0, 5.0, 0, "")
    assert report.age_p50_ms == pytest.approx(50, abs=1)
    assert report.age_p95_ms > 400


def test_camera_never_analysed_has_no_instant() -> None:
    report = CameraPulse().report("c", 9.0, 9.0, 5.0, 0, NotAnalysed.NO_FRAMES.value)
    assert report.last_analysed_at is None
    assert report.analysed_fps == 0.0
    assert report.cause == "no_frames"


@pytest.mark.parametrize(("now_s", "period_s", "silent"), [(2.9, 0.2, False), (4.0, 0.2, True), (4.0, 3.0, False)])
def test_silence_is_longer_than_a_hiccup_and_than_two_periods(now_s: float, period_s: float, silent: bool) -> None:
    pulse = CameraPulse()
    pulse.note(0.0, START, 0.1)
    assert pulse.is_silent(now_s, period_s) is silent


def test_what_has_not_had_its_first_turn_yet_is_awaited_and_not_silent() -> None:
    pulse = CameraPulse()
    assert [pulse.is_awaited(running_s, 0.2) for running_s in (0.0, 3.0, 3.1)] == [True, True, False]
    assert pulse.is_awaited(5.9, 3.0), "whose turn comes seldom waits longer"
    pulse.note(0.0, START, 0.1)
    assert not pulse.is_awaited(1.0, 0.2), "what was analysed and stopped is silent"


@pytest.mark.parametrize(
    ("silent", "has_ring", "problem", "cause"),
    [
        (False, True, None, ""),
        (True, True, None, "no_frames"),
        (True, False, None, "no_ring"),
        (False, True, NotAnalysed.ENGINE_FAILED, "engine_failed"),
        (True, False, NotAnalysed.ENGINE_FAILED, "engine_failed"),
    ],
)
def test_the_nearest_cause_is_named(silent: bool, has_ring: bool, problem: NotAnalysed | None, cause: str) -> None:
    assert cause_of(silent, has_ring, problem) == cause
