"""configs/district.yaml is what the scenes say, and Lookout reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from drone.checks import check_flight
from drone.plan import plan_patrol
from drone.plan.weather import Weather
from kernel.config import load_config
from scripts.district.config_file import district_config
from scripts.district.config_fleet import AIRCRAFT
from scripts.district.scenes import SCENES

FILE = Path(__file__).parents[4] / "configs" / "district.yaml"


def test_the_committed_file_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == district_config(), "run: python -m scripts.district config"


def test_lookout_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKOUT_DISTRICT_PASSWORD", "made-up")
    monkeypatch.setenv("LOOKOUT_DISTRICT_PORT", "18554")
    config = load_config(FILE)
    eyes = [one.eye for one in AIRCRAFT if one.eye is not None]
    assert [camera.id for camera in config.cameras] == [scene.id for scene in SCENES] + [eye.id for eye in eyes]
    assert [drone.camera for drone in config.fleet if drone.camera] == [eye.id for eye in eyes]
    assert config.cameras[0].streams.main.url == "rtsp://127.0.0.1:18554/cam-01"
    assert config.cameras[0].password.get_secret_value() == "made-up"
    for camera, scene in zip(config.cameras[: len(SCENES)], SCENES, strict=True):
        assert [rule.id for rule in camera.rules] == [rule.id for rule in scene.rules]


def test_every_patrol_of_the_district_can_be_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKOUT_DISTRICT_PASSWORD", "made-up")
    config = load_config(FILE)
    assert {drone.id for drone in config.fleet} == {one.id for one in AIRCRAFT}
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    weather = Weather(wind_m_s=4.0, temperature_c=8.0, observed_at=at)
    for patrol in config.patrols:
        for drone_id in patrol.drones:
            plan = plan_patrol(config, patrol, config.drone(drone_id), at, weather)
            assert check_flight(config, plan, weather, at) == [], (patrol.id, drone_id)
