"""The weather from a station's JSON, a file, the operator: believed, or refused with what is wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drone.plan.weather import Weather, parse_weather, weather_json
from drone.weather_source import enter, observe, operator_file
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError
from tests.unit.drone.patrol_configs import NOON

GOOD = {"wind_m_s": 3, "temperature_c": -12.5, "observed_at": "2026-11-23T12:00:00+08:00"}


def test_what_a_station_says() -> None:
    found = parse_weather(json.dumps(GOOD | {"gust_m_s": 7, "wind_from_deg": 360}), "s")
    assert found == Weather(3.0, -12.5, NOON, 7.0, 0.0)
    assert found.strongest_m_s == 7.0
    assert parse_weather(json.dumps(GOOD), "s") == Weather(3.0, -12.5, NOON)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wind_m_s": None}, "wind_m_s must be a number"),
        ({"wind_m_s": "3"}, "wind_m_s must be a number"),
        ({"wind_m_s": True}, "wind_m_s must be a number"),
        ({"wind_m_s": float("nan")}, "wind_m_s must be a number"),
        ({"wind_m_s": -1}, "no weather on earth"),
        ({"temperature_c": 300}, "no weather on earth"),
        ({"observed_at": "2026-11-23T12:00:00"}, "an instant with its offset"),
        ({"observed_at": 5}, "an instant with its offset"),
    ],
)
def test_what_is_no_weather(change: dict[str, object], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        parse_weather(json.dumps(GOOD | change), "s")


@pytest.mark.parametrize("text", ["", "[]", "{", "3"])
def test_what_is_no_json_object(text: str) -> None:
    with pytest.raises(BadInputError, match="s: no JSON"):
        parse_weather(text, "s")


numbers = st.floats(0, 60)


@given(numbers, numbers, st.none() | numbers, st.none() | st.floats(0, 359), st.integers(0, 10**6))
def test_what_is_written_is_read(wind: float, warm: float, gust: float | None, turn: float | None, s: int) -> None:
    whole = Weather(wind, warm, NOON + timedelta(milliseconds=s), gust, turn)
    assert parse_weather(weather_json(whole), "s") == whole


def config(tmp_path: Path, weather: dict[str, object] | None) -> LookoutConfig:
    return LookoutConfig.model_validate({"data_dir": tmp_path / "data", "weather": weather})


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "w.json"
    found = config(tmp_path, {"source": "file", "file": file})
    assert observe(found).weather is None
    assert "No such file" in observe(found).problem
    file.write_text(json.dumps(GOOD))
    assert observe(found).weather == Weather(3.0, -12.5, NOON)
    file.write_text("{}")
    assert "wind_m_s must be a number" in observe(found).problem


def test_the_operators_entry_outlives_a_restart(tmp_path: Path) -> None:
    found = config(tmp_path, {"source": "operator"})
    assert "nobody entered it" in observe(found).problem
    enter(found, Weather(3.0, -12.5, NOON))
    assert observe(found).weather == Weather(3.0, -12.5, NOON)
    assert [file.name for file in operator_file(found).parent.iterdir()] == ["weather.json"]


def test_none_is_no_problem(tmp_path: Path) -> None:
    assert observe(config(tmp_path, {"source": "none"})).problem == ""
    assert observe(config(tmp_path, None)).weather is None
