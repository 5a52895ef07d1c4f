"""When a rule counts: windows such as '22:00-06:00', 'mon-fri 08:00-18:00' or 'sat-sun', in the site's time zone; pure.

A window whose end is not after its begin goes on past midnight and belongs to the day it begins on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTES_A_DAY = 24 * 60
_DAY = "|".join(DAYS)
_TEXT = re.compile(
    rf"(?:(?P<first>{_DAY})(?:-(?P<last>{_DAY}))?)?\s*(?:(?P<from>[0-2]\d:[0-5]\d)-(?P<to>[0-2]\d:[0-5]\d))?"
)


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the week (0 Monday) it begins on, and minutes of the day: from, and to, which may be the next day's."""

    days: frozenset[int]
    from_min: int
    to_min: int

    def contains(self, local: datetime) -> bool:
        """Whether an instant, on the site's clocks, lies in it; the end is not part of it."""
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.from_min < self.to_min:
            return day in self.days and self.from_min <= minute < self.to_min
        return (day in self.days and minute >= self.from_min) or ((day - 1) % 7 in self.days and minute < self.to_min)


@lru_cache(maxsize=256)
def parsed(text: str) -> Window:
    """A window from its words.

    Raises:
        ValueError: they say none.
    """
    found = _TEXT.fullmatch(text.strip().lower())
    if found is None or not text.strip():
        raise ValueError(f"'{text}' is no window; write e.g. '22:00-06:00', 'mon-fri 08:00-18:00' or 'sat-sun'")
    from_min, to_min = _minute(found["from"] or "00:00"), _minute(found["to"] or "24:00")
    if from_min >= _MINUTES_A_DAY or to_min > _MINUTES_A_DAY:
        raise ValueError(f"'{text}': the day has 24 hours; the latest end is 24:00")
    if from_min == to_min:
        raise ValueError(f"'{text}' begins when it ends; leave the hours out for whole days")
    first = DAYS.index(found["first"]) if found["first"] else 0
    last = DAYS.index(found["last"]) if found["last"] else (first if found["first"] else 6)
    days = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
    return Window(days, from_min, to_min)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _checked(text: str) -> str:
    parsed(text)
    return text


HoursText = Annotated[str, AfterValidator(_checked)]


def within(hours: Sequence[str], local: datetime) -> bool:
    """Whether an instant, on the site's clocks, lies in one of the windows; always where there is none."""
    return not hours or any(parsed(text).contains(local) for text in hours)
