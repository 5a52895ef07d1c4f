"""Wind and temperature as a flight is planned and checked with them; pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kernel.errors import BadInputError

_LIMITS = {"wind_m_s": (0.0, 120.0), "gust_m_s": (0.0, 150.0), "temperature_c": (-95.0, 65.0)}


@dataclass(frozen=True, slots=True)
class Weather:
    """An observation.

    Attributes:
        wind_m_s: mean wind.
        temperature_c: of the air.
        observed_at: when, UTC.
        gust_m_s: strongest gust; None where the station tells none.
        wind_from_deg: direction it comes from, clockwise from true north; None where it is not known.
    """

    wind_m_s: float
    temperature_c: float
    observed_at: datetime
    gust_m_s: float | None = None
    wind_from_deg: float | None = None

    @property
    def strongest_m_s(self) -> float:
        """The wind that the aircraft's limit is held against."""
        return max(self.wind_m_s, self.gust_m_s or 0.0)


def parse_weather(text: str, source: str) -> Weather:
    """An observation from its JSON.

    Args:
        text: `{"wind_m_s": 3.2, "gust_m_s": 5, "wind_from_deg": 270, "temperature_c": 12, "observed_at": "…Z"}`.
        source: file or address, for the message.

    Raises:
        BadInputError: it is none, or a number no weather has.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadInputError(f"{source}: no JSON: {error}; write an object with wind_m_s and temperature_c") from error
    if not isinstance(data, dict):
        raise BadInputError(f"{source}: no JSON object; write one with wind_m_s, temperature_c and observed_at")
    gust = _number(data, "gust_m_s", source) if data.get("gust_m_s") is not None else None
    return Weather(
        wind_m_s=_number(data, "wind_m_s", source),
        temperature_c=_number(data, "temperature_c", source),
        observed_at=_instant(data.get("observed_at"), source),
        gust_m_s=gust,
        wind_from_deg=_number(data, "wind_from_deg", source) % 360 if data.get("wind_from_deg") is not None else None,
    )


def weather_json(weather: Weather) -> str:
    """The JSON that `parse_weather` reads."""
    data: dict[str, Any] = {"wind_m_s": weather.wind_m_s, "temperature_c": weather.temperature_c}
    if weather.gust_m_s is not None:
        data["gust_m_s"] = weather.gust_m_s
    if weather.wind_from_deg is not None:
        data["wind_from_deg"] = weather.wind_from_deg
    data["observed_at"] = weather.observed_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps(data)


def _number(data: dict[str, Any], key: str, source: str) -> float:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInputError(f"{source}: {key} must be a number, is {value!r}")
    least, most = _LIMITS.get(key, (-360.0, 360.0))
    if not least <= value <= most:
        raise BadInputError(f"{source}: {key} is {value}; no weather on earth has that")
    return float(value)


def _instant(value: Any, source: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadInputError(f"{source}: observed_at must be an instant with its offset, e.g. 2026-11-23T06:00:00Z")
    return instant.astimezone(UTC)
