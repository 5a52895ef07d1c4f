"""Days and instants as people write them; without an offset they count in the site's time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

_DATE_LENGTH = len("2027-01-31")


def moment_of(value: Any) -> Any:
    """A text of ten characters is a day, a longer one an instant.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, str):
        text = value.strip()
        try:
            return date.fromisoformat(text) if len(text) == _DATE_LENGTH else datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError("must be a day or an instant") from error
    return value


# a day counts from its beginning or to its end, in the site's time zone; so does an instant without an offset
Moment = Annotated[date | datetime, BeforeValidator(moment_of)]


def begin(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """The first instant of a day, or the instant itself."""
    if isinstance(moment, datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return datetime.combine(moment, time.min, zone)


def until(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """The end of a day, or the instant itself."""
    if isinstance(moment, datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return datetime.combine(moment + timedelta(days=1), time.min, zone)
