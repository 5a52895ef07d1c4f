"""The district's weather station says what Lookout's planner reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from drone.plan.weather import parse_weather
from scripts.district.serving_weather import observation, write_observation

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_lookout_reads_what_the_station_writes(tmp_path: Path) -> None:
    file = tmp_path / "station" / "weather.json"
    write_observation(file, AT, seed=1)
    weather = parse_weather(file.read_text(encoding="utf-8"), str(file))
    assert weather.observed_at == AT
    assert weather.gust_m_s is not None
    assert weather.gust_m_s >= weather.wind_m_s >= 0
    assert [one.name for one in file.parent.iterdir()] == ["weather.json"]


def test_a_day_has_weather_to_fly_in() -> None:
    day = [observation(AT + timedelta(minutes=n), seed=3) for n in range(0, 1440, 5)]
    winds = [float(str(one["wind_m_s"])) for one in day]
    assert 0 <= min(winds) < 2.5 < max(winds) < 8.0
    assert day == [observation(AT + timedelta(minutes=n), seed=3) for n in range(0, 1440, 5)]
