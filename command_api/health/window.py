"""Windows people ask for by name; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.errors import BadInputError
from kernel.ledger import Span

LONGEST_WINDOW = timedelta(days=400)
_LENGTH = re.compile(r"^([1-9][0-9]{0,4})([mhd])$")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class BadWindow(BadInputError):
    """A window that means nothing.

    Attributes:
        why: in English.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"window: {why}; use 1h, 30m, 7d, today, yesterday, last-week, or --from and --to")
        self.why = why


def named_window(name: str, timezone: str, now: datetime) -> Span:
    """The window of a name: `30m`, `1h`, `7d` and `today` up to now, `yesterday`, `last-week` (Monday to Monday).

    Args:
        name: the name.
        timezone: IANA zone in which days begin.
        now: the present.

    Raises:
        BadWindow: no such name, or too long.
    """
    length = _LENGTH.match(name)
    if length is not None:
        return checked_window(now - int(length[1]) * _UNITS[length[2]], now, now)
    midnight = now.astimezone(ZoneInfo(timezone)).replace(
        hour=0, minute=0, second=0, microsecond=0, fold=0
    )  # fold=0: where clocks go back at midnight the day begins with the first of the two
    if name == "today":
        return checked_window(midnight, now, now)
    if name == "yesterday":
        return checked_window(_days_before(midnight, 1), midnight, now)
    if name == "last-week":
        monday = _days_before(midnight, midnight.weekday())
        return checked_window(_days_before(monday, 7), monday, now)
    raise BadWindow(f"{name!r} is no window")


def checked_window(start: datetime, end: datetime, now: datetime) -> Span:
    """From start to end, but not into the future.

    Raises:
        BadWindow: empty, in the future, or longer than 400 days.
    """
    start, end = start.astimezone(UTC), min(end.astimezone(UTC), now)  # in one zone Python compares clocks, not time
    if start >= end:
        raise BadWindow("it begins after it ends, or in the future")
    if end - start > LONGEST_WINDOW:
        raise BadWindow(f"longer than {LONGEST_WINDOW.days} days")
    return Span(start.timestamp(), end.timestamp())


def _days_before(midnight: datetime, days: int) -> datetime:
    """Midnight some days before, on the wall clock (a day with a change of clocks has not 24 h)."""
    return midnight - timedelta(days=days)
