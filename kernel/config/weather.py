"""Where wind and temperature come from, and how old they may be."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from kernel.config.base import PositiveSeconds, Section, described


class WeatherSource(StrEnum):
    """Who says what the weather is."""

    OPERATOR = "operator"
    FILE = "file"
    URL = "url"
    NONE = "none"


class WeatherConfig(Section):
    """Wind and temperature, which every flight is checked against."""

    source: WeatherSource = described(
        "operator (entered with `lookout patrol weather`), file, url, or none: a person judges the weather before each "
        "flight, and no patrol starts by itself."
    )
    file: Path | None = described(
        'JSON file of the station: {"wind_m_s": 3.2, "gust_m_s": 5.0, "wind_from_deg": 270, "temperature_c": 12, '
        '"observed_at": "2026-11-23T06:00:00Z"}; gust and direction may be absent.',
        None,
    )
    url: str | None = described("http:// or https:// address that answers with the same JSON.", None)
    max_age_s: PositiveSeconds = described("Older than this it is not believed: no flight.", 1800.0)
