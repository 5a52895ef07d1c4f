"""A patrol and the map as the page sees them; rows of the drone service's tables; months back."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime

import pytest

from command_api.cameras.board import CameraBoard
from command_api.drones.board import DroneBoard
from command_api.drones.completion import completion
from command_api.drones.map_picture import map_picture, zones_now
from command_api.drones.patrols import PatrolFacts, patrol_view, schedule_text
from command_api.drones.retention import months_before
from command_api.drones.tables import rows
from command_api.register import Register
from kernel.config.patrols import ScheduleConfig
from kernel.drone_tables import NextRuns, PlanPicture, ZonePicture, plan_field
from tests.unit.command_api.drones.fleet_config import NOW, fleet_config

CONFIG = fleet_config()
PLACED = {"lat": 41.7, "lon": 109.9, "bearing_deg": 90.0, "datum": "wgs84"}


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        (None, None),
        ({"cron": "0 */2 * * *"}, "0 */2 * * *"),
        ({"cron": "0 8 * * *", "windows": ["08:00-18:00"], "light": "day"}, "0 8 * * *; 08:00-18:00; day"),
        ({"sun": "sunset", "sun_offset_s": -1800, "timezone": "Asia/Urumqi"}, "sunset -30 min; Asia/Urumqi"),
    ],
)
def test_a_schedule_in_words(schedule: dict[str, object] | None, text: str | None) -> None:
    assert schedule_text(None if schedule is None else ScheduleConfig.model_validate(schedule)) == text


def test_a_patrol_shows_the_plans_of_visible_drones_and_no_rate_without_runs() -> None:
    plans = {
        plan_field("loop", drone_id): PlanPicture(patrol_id="loop", drone_id=drone_id, planned_at=NOW)
        for drone_id in ("uav-1", "uav-2")
    }
    facts = PatrolFacts({"loop": NextRuns(next=(NOW,))}, plans, {}, {}, {})
    patrol = CONFIG.patrol("loop")
    shown = patrol_view(patrol, facts, {"uav-2"})
    assert [plan.drone_id for plan in shown.plans] == ["uav-2"]
    assert (shown.next_runs, shown.completion) == ((NOW,), completion(Counter()))
    assert len(patrol_view(patrol, facts, None).plans) == 2


def test_the_map_has_what_has_a_place_and_says_when_zones_are_not_known() -> None:
    placed = CONFIG.cameras[0].model_dump(mode="json") | {"id": "cam-02", "place": PLACED}
    config = fleet_config(cameras=[CONFIG.cameras[0].model_dump(mode="json"), placed])
    register = Register(config)
    cameras = [CameraBoard(register, NOW).camera(camera, NOW) for camera in register.cameras]
    drones = [DroneBoard(config).drone(drone, 0.0) for drone in config.fleet]
    shown = map_picture(cameras, drones, {"cam-02": 60.0}, (), False)
    assert [(one.id, one.fov_deg, one.bearing_deg) for one in shown.cameras] == [("cam-02", 60.0, 90.0)]
    assert (shown.zones, shown.zones_known) == ((), False)
    assert shown.site is not None
    assert shown.site.lat == 41.77, "docks before cameras"
    without_docks = map_picture(cameras, [], {}, (), True).site
    assert without_docks is not None
    assert without_docks.lat == 41.7
    assert map_picture([], [], {}, (), True).site is None


def _zone(zone_id: str) -> ZonePicture:
    return ZonePicture.model_validate(
        {"id": zone_id, "name": zone_id, "kind": "no_fly", "points": [], "active_now": True}
    )


def test_zones_are_those_of_the_config_and_count_by_the_clock_not_by_who_last_said_so() -> None:
    corners = [[41.7, 109.9], [41.7, 110.0], [41.8, 110.0]]
    zone = {"kind": "no_fly", "datum": "wgs84", "points": corners}
    airspace = fleet_config(
        airspace=[{"id": "magazine", **zone}, {"id": "blasting", "active": ["14:00-15:30"], **zone}]
    ).airspace
    told = {zone_id: _zone(zone_id) for zone_id in ("magazine", "blasting", "gone")}
    drawn, is_all = zones_now(airspace, told, datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert [(one.id, one.active_now) for one in drawn] == [("magazine", True), ("blasting", False)]
    assert is_all
    drawn, is_all = zones_now(airspace, {"blasting": _zone("blasting")}, datetime(2026, 3, 1, 14, tzinfo=UTC))
    assert ([(one.id, one.active_now) for one in drawn], is_all) == ([("blasting", True)], False)
    assert zones_now((), {}, NOW) == ((), True), "a config without zones"


def test_a_row_that_is_none_is_left_out_and_told(caplog: pytest.LogCaptureFixture) -> None:
    good = _zone("z")
    with caplog.at_level(logging.ERROR):
        found = rows(ZonePicture, {"z": good.model_dump_json(), "bad": "{}"})
    assert found == {"z": good}
    assert "field=bad" in caplog.text


@pytest.mark.parametrize(
    ("instant", "before"),
    [((2026, 3, 1), (2024, 12, 1)), ((2026, 5, 31), (2025, 2, 28)), ((2027, 1, 15), (2025, 10, 15))],
)
def test_fifteen_calendar_months_back(instant: tuple[int, int, int], before: tuple[int, int, int]) -> None:
    assert months_before(datetime(*instant, 8, tzinfo=UTC), 15) == datetime(*before, 8, tzinfo=UTC)
