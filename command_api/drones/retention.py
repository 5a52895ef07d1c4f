"""Calendar months back; pure."""

from __future__ import annotations

import calendar
from datetime import datetime


def months_before(instant: datetime, months: int) -> datetime:
    """The same day and time so many months earlier; the last day of a month that is too short."""
    index = instant.year * 12 + instant.month - 1 - months
    year, month = divmod(index, 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)
