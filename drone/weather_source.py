"""The weather now: from the operator's entry, a file, or an address."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from drone.plan.weather import Weather, parse_weather, weather_json
from kernel.config.lookout import LookoutConfig
from kernel.config.weather import WeatherConfig, WeatherSource
from kernel.errors import BadInputError

OPERATOR_FILE = "weather.json"
_TIMEOUT_S = 5.0
_LARGEST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Observation:
    """The weather, or why it is not known."""

    weather: Weather | None
    problem: str = ""


def observe(config: LookoutConfig) -> Observation:
    """Ask the config's source; takes up to five seconds where it is an address."""
    if config.weather is None or config.weather.source is WeatherSource.NONE:
        return Observation(None)
    try:
        return Observation(_asked(config, config.weather))
    except BadInputError as error:
        return Observation(None, str(error))
    except OSError as error:
        where = config.weather.url or config.weather.file or operator_file(config)
        return Observation(None, f"{where}: {error.strerror or error}")


def operator_file(config: LookoutConfig) -> Path:
    """Where the operator's entry is kept."""
    return config.data_dir / OPERATOR_FILE


def enter(config: LookoutConfig, weather: Weather) -> Path:
    """Keep an operator's entry.

    Raises:
        OSError: it cannot be written.
    """
    file = operator_file(config)
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(weather_json(weather) + "\n", encoding="utf-8")
    new.replace(file)
    return file


def _asked(config: LookoutConfig, source: WeatherConfig) -> Weather:
    if source.source is WeatherSource.URL and source.url is not None:
        return parse_weather(_fetched(source.url), source.url)
    file = source.file if source.source is WeatherSource.FILE else operator_file(config)
    if file is None:
        raise BadInputError("weather.file is missing")
    if source.source is WeatherSource.OPERATOR and not file.exists():
        raise BadInputError("nobody entered it; use lookout patrol weather")
    return parse_weather(file.read_text(encoding="utf-8"), str(file))


def _fetched(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            data: bytes = answer.read(_LARGEST_BYTES)
    except urllib.error.URLError as error:
        raise BadInputError(f"{url}: {error.reason}") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInputError(f"{url}: no UTF-8 text") from error
