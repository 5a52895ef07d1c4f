"""Sunrise and sunset at a place; pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from astral import Observer
from astral.sun import elevation, sunrise, sunset

from kernel.config.patrols import SunEvent
from kernel.geodesy import LatLon

_LOOKED_AT_DAYS = 370
_RISEN_DEG = -0.833
_EVENTS = {SunEvent.SUNRISE: sunrise, SunEvent.SUNSET: sunset}


def sun_at(event: SunEvent, place: LatLon, day: date) -> datetime | None:
    """When the sun rises or sets there on a (UTC) day; None where it does not, as near the poles."""
    try:
        return _EVENTS[event](Observer(place[0], place[1]), date=day, tzinfo=UTC)
    except ValueError:
        return None


def sun_events_after(event: SunEvent, place: LatLon, instant: datetime, offset_s: float) -> Iterator[datetime]:
    """Every sunrise or sunset, moved by an offset, after an instant; for about a year."""
    offset = timedelta(seconds=offset_s)
    first = (instant - offset).astimezone(UTC).date() - timedelta(days=1)
    last = instant
    for number in range(_LOOKED_AT_DAYS):
        at = sun_at(event, place, first + timedelta(days=number))
        if at is not None and at + offset > last:
            last = at + offset
            yield last


def is_day(place: LatLon, instant: datetime) -> bool:
    """Whether the upper edge of the sun is over the horizon, refraction counted in."""
    return elevation(Observer(place[0], place[1]), instant.astimezone(UTC), with_refraction=False) > _RISEN_DEG
