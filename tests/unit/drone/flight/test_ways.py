"""Ways of a drone in the air keep clear of the zones that count then and there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from shapely import LineString, Polygon

from drone.areas.frame import LocalFrame
from drone.flight.errand import Waypoint
from drone.flight.ways import Ways, plan_of_way
from drone.plan.model import Home
from drone.plan.separation import nearest_of
from tests.integration.airfield import HOME, config, spot

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 at the site
FRAME = LocalFrame(*HOME)


def ways(tmp_path: Path, **zone: Any) -> Ways:
    square = [spot(100, -50), spot(100, 50), spot(200, 50), spot(200, -50)]
    magazine = {"id": "magazine", "kind": "no_fly", "datum": "wgs84", "points": square, "clearance_m": 10.0, **zone}
    return Ways(config(tmp_path, ["udp:127.0.0.1:9"], airspace=[magazine]), HOME)


def test_a_way_goes_round_a_zone_with_its_clearance(tmp_path: Path) -> None:
    found = ways(tmp_path).way(spot(0, 0), spot(300, 0), 40.0, 40.0, NOON, 60.0)
    assert found is not None
    corners = [(0.0, 0.0), *(FRAME.to_local(*point.place) for point in found.points)]
    zone = Polygon([(-50, 100), (50, 100), (50, 200), (-50, 200)])

    assert LineString(corners).distance(zone) >= 9.5
    assert len(found.points) >= 3
    assert 300.0 < found.distance_m < 400.0
    assert {point.alt_home_m for point in found.points} == {40.0}


def test_there_is_no_way_into_a_zone(tmp_path: Path) -> None:
    assert ways(tmp_path).way(spot(0, 0), spot(150, 0), 40.0, 40.0, NOON, 60.0) is None


@pytest.mark.parametrize(
    ("zone", "is_straight"),
    [
        ({"active": ["11:00-13:00"]}, False),
        ({"active": ["12:10-13:00"]}, False),
        ({"active": ["14:00-15:00"]}, True),
        ({"ceiling_m": 20.0}, True),
    ],
    ids=["now", "soon", "later", "below"],
)
def test_zones_count_by_time_and_height(tmp_path: Path, zone: dict[str, Any], is_straight: bool) -> None:
    found = ways(tmp_path, **zone).way(spot(0, 0), spot(300, 0), 40.0, 40.0, NOON, 1800.0)
    assert found is not None

    assert (len(found.points) == 1) is is_straight


def test_a_circle_that_touches_a_zone_is_not_flown(tmp_path: Path) -> None:
    found = ways(tmp_path)

    assert found.circle(spot(300, 0), 30.0, 40.0, 40.0, NOON, 60.0) is not None
    assert found.circle(spot(225, 0), 30.0, 40.0, 40.0, NOON, 60.0) is None


def test_a_way_can_be_measured_against_another_drones_plan(tmp_path: Path) -> None:
    drone = config(tmp_path, ["udp:127.0.0.1:9"]).fleet[0]
    start = Waypoint(*spot(0, 0), 40.0)

    def flown(alt_m: float, east_m: float) -> Any:
        begin = Waypoint(*spot(0, east_m), alt_m)
        return plan_of_way(drone, Home(*HOME), begin, (Waypoint(*spot(200, east_m), alt_m),), 20.0, NOON, 8.0)

    own = plan_of_way(drone, Home(*HOME), start, (Waypoint(*spot(200, 0), 40.0),), 20.0, NOON, 8.0)
    beside = nearest_of(own, flown(40.0, 60.0))
    assert beside is not None

    assert beside.distance_m == pytest.approx(60.0, abs=1.0)
    assert own.duration_s == pytest.approx(200 / 8.0 + 20.0, abs=0.5)
