from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kernel.config.hours import parsed, within

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(day: int, clock: str) -> datetime:
    """An instant `day` days after a Monday."""
    hour, minute = clock.split(":")
    return MONDAY + timedelta(days=day, hours=int(hour), minutes=int(minute))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("08:00-18:00", [(0, "08:00"), (6, "17:59")], [(0, "07:59"), (0, "18:00")]),
        ("22:00-06:00", [(0, "22:00"), (1, "05:59"), (6, "23:59"), (0, "00:00")], [(0, "06:00"), (0, "21:59")]),
        ("mon-fri 22:00-06:00", [(4, "23:00"), (5, "05:00"), (1, "05:00")], [(5, "23:00"), (6, "05:00"), (0, "05:00")]),
        ("sat-sun", [(5, "00:00"), (6, "23:59")], [(4, "23:59"), (0, "00:00")]),
        ("fri-mon 12:00-24:00", [(4, "12:00"), (0, "23:59")], [(1, "12:00"), (4, "11:59")]),
        ("Wed", [(2, "00:00"), (2, "23:59")], [(1, "23:59"), (3, "00:00")]),
    ],
)
def test_what_lies_in_a_window(text: str, inside: list[tuple[int, str]], outside: list[tuple[int, str]]) -> None:
    assert all(parsed(text).contains(at(day, clock)) for day, clock in inside)
    assert not any(parsed(text).contains(at(day, clock)) for day, clock in outside)


def test_no_window_is_always_and_one_of_several_is_enough() -> None:
    assert within((), at(0, "12:00"))
    assert within(("00:00-01:00", "11:00-13:00"), at(0, "12:00"))
    assert not within(("00:00-01:00", "13:00-14:00"), at(0, "12:00"))


@pytest.mark.parametrize(
    "text", ["", " ", "night", "8-18", "25:00-26:00", "24:00-06:00", "06:00-06:00", "mon,tue", "0:60-01:00"]
)
def test_what_is_no_window_is_refused_with_the_words(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}'"):
        parsed(text)
