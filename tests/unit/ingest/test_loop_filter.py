"""When pictures are decoded without the loop filter: only while looks are too seldom for want of time."""

from collections.abc import Iterator

import pytest

from ingest.loop_filter import LoopFilterChoice
from kernel.config.camera import LoopFilter


def looks(
    choice: LoopFilterChoice, from_s: float, to_s: float, *, picture_fps: float, look_fps: float
) -> Iterator[float]:
    """Pictures come and are looked at at these rates; yields every instant."""
    number = round(from_s * picture_fps)
    while (now_s := number / picture_fps) < to_s:
        choice.picture(int(now_s * look_fps + 1e-9), now_s)
        yield now_s
        number += 1


def changes(
    choice: LoopFilterChoice, *phases: tuple[float, float], picture_fps: float = 15.0
) -> list[tuple[float, bool]]:
    """When the choice changed, over phases of (duration, looks a second)."""
    told: list[tuple[float, bool]] = []
    was, now_s = choice.is_on, 0.0
    for duration_s, look_fps in phases:
        for at_s in looks(choice, now_s, now_s + duration_s, picture_fps=picture_fps, look_fps=look_fps):
            if choice.is_on is not was:
                was = choice.is_on
                told.append((round(at_s), was))
        now_s += duration_s
    return told


def test_enough_looks_keep_the_filter() -> None:
    assert changes(LoopFilterChoice(LoopFilter.AUTO, 5.0), (300.0, 5.0)) == []
    assert changes(LoopFilterChoice(LoopFilter.AUTO, 5.0), (300.0, 4.6)) == []


def test_too_few_looks_give_it_up_after_three_windows_and_a_minute_of_enough_takes_it_back() -> None:
    assert changes(LoopFilterChoice(LoopFilter.AUTO, 5.0), (20.0, 3.0), (100.0, 5.0)) == [(12, False), (80, True)]


def test_a_rate_that_the_filter_would_bring_below_what_is_enough_does_not_take_it_back() -> None:
    """What it takes, a fifteenth of the rate, would have it given up again a minute later."""
    assert changes(LoopFilterChoice(LoopFilter.AUTO, 5.0), (20.0, 4.0), (600.0, 4.7)) == [(12, False)]


def test_one_look_less_in_a_window_now_and_then_does_not_keep_it_away() -> None:
    phases = [(20.0, 4.0), *[(11.0, 5.0), (1.0, 4.0)] * 10]
    assert [is_on for _, is_on in changes(LoopFilterChoice(LoopFilter.AUTO, 5.0), *phases)] == [False, True]


def test_a_hitch_of_one_window_changes_nothing() -> None:
    phases = [(8.0, 5.0), (3.0, 2.0)] * 10
    assert changes(LoopFilterChoice(LoopFilter.AUTO, 5.0), *phases) == []


def test_without_anybody_who_looks_nothing_is_decided() -> None:
    assert changes(LoopFilterChoice(LoopFilter.AUTO, 5.0), (60.0, 5.0), (600.0, 0.0)) == []


@pytest.mark.parametrize("picture_fps", [1.0, 3.0, 4.9])
def test_a_camera_slower_than_the_wanted_rate_is_not_short(picture_fps: float) -> None:
    choice = LoopFilterChoice(LoopFilter.AUTO, 5.0)
    assert changes(choice, (300.0, picture_fps), picture_fps=picture_fps) == []


def test_a_slow_wanted_rate_is_not_taken_for_short() -> None:
    for wanted_fps in (0.2, 0.5, 1.0, 2.0):
        assert changes(LoopFilterChoice(LoopFilter.AUTO, wanted_fps), (300.0, wanted_fps)) == [], wanted_fps


def test_the_operator_s_word_stands() -> None:
    assert changes(LoopFilterChoice(LoopFilter.ALWAYS, 5.0), (60.0, 1.0)) == []
    never = LoopFilterChoice(LoopFilter.NEVER, 5.0)
    assert not never.is_on
    assert changes(never, (200.0, 5.0)) == []
