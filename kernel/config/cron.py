"""Cron times: minute, hour, day of month, month, day of week; pure.

As cron(8) has it: where both days are restricted, either of them will do; 7 is Sunday, like 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(?P<from>\*|\d{1,2})(?:-(?P<to>\d{1,2}))?(?:/(?P<step>\d{1,3}))?")
_LONGEST_SEARCH_DAYS = 366 * 9  # 29 February can be eight years away


@dataclass(frozen=True, slots=True)
class Cron:
    """The minutes, hours, days, months and days of the week (0 Sunday) that a cron text names."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def is_due_on(self, day: datetime) -> bool:
        """Whether anything is due on the day of an instant."""
        by_date, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and ((by_date or by_week) if self.either_day else (by_date and by_week))

    def next_after(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant after `instant` that is due on the clocks of `zone`, in UTC.

        A time that a change of the clocks leaves out is due when the clocks go on; one that comes twice is due once.

        Returns:
            None where none is within nine years, as for the 31st of February.
        """
        here = instant.astimezone(zone)
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
        for offset in range(_LONGEST_SEARCH_DAYS):
            day = midnight + timedelta(days=offset)
            if not self.is_due_on(day):
                continue
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    due = day.replace(hour=hour, minute=minute, tzinfo=zone)
                    if due.timestamp() > instant.timestamp():
                        return due.astimezone(UTC)
        return None


@lru_cache(maxsize=256)
def parsed_cron(text: str) -> Cron:
    """Cron times from their text.

    Raises:
        ValueError: the text names none.
    """
    words = text.lower().split()
    if len(words) != len(_FIELDS):
        raise ValueError(
            f"'{text}' has {len(words)} fields; write minute hour day-of-month month day-of-week, e.g. '0 */2 * * *'"
        )
    minutes, hours, days, months, weekdays = (
        _field(text, word, *field) for word, field in zip(words, _FIELDS, strict=True)
    )
    either = not words[2].startswith("*") and not words[4].startswith("*")
    cron = Cron(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)
    if not any(day <= _longest(month) for day in days for month in months) and not either:
        raise ValueError(f"'{text}' is never due: no such day in that month")
    return cron


def _longest(month: int) -> int:
    return 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31


def _field(text: str, word: str, name: str, least: int, most: int) -> frozenset[int]:
    names = {"month": _MONTHS, "day of week": _DAYS}.get(name, ())
    for number, known in enumerate(names, start=1 if name == "month" else 0):
        word = re.sub(rf"\b{known}\b", str(number), word)
    found: set[int] = set()
    for part in word.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"'{text}': the {name} '{part}' cannot be read; write e.g. 5, 1-4, */15 or 0,30")
        step = int(match["step"] or 1)
        if match["from"] == "*":
            first, last = least, most
        else:
            first = int(match["from"])
            last = int(match["to"]) if match["to"] else (most if match["step"] else first)
        if step < 1 or not least <= first <= last <= most:
            raise ValueError(f"'{text}': the {name} '{part}' is not within {least}-{most}")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _checked(text: str) -> str:
    parsed_cron(text)
    return text


CronText = Annotated[str, AfterValidator(_checked)]
