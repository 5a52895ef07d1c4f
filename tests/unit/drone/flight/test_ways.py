"""Ways of a drone in the air keep clear of the zones that count then and there."""

from __future__ import annotations

from dataclasses import replace
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
from tests.unit.drone.flight.paper_autopilot import READY

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


def ridge_m(place: tuple[float, float]) -> float | None:
    """Level ground at the dock, a ridge of 50 m across the way at 240 to 260 m north, a pit of 60 m behind it."""
    north_m = FRAME.to_local(*place)[1]
    return 50.0 if 240.0 <= north_m <= 260.0 else -60.0 if north_m > 260.0 else 0.0


def heights_home(tmp_path: Path, north_m: float, alt_m: float, **zone: Any) -> list[tuple[int, float]]:
    """(metres north, metres above the dock) of the points before the autopilot's own return."""
    lat, lon = spot(north_m, 0.0)
    seen = replace(READY, lat=lat, lon=lon, alt_home_m=alt_m)
    found = ways(tmp_path, **zone).home(seen, HOME, NOON, ridge_m)
    return [(round(FRAME.to_local(*point.place)[1]), point.alt_home_m) for point in found]


def test_before_a_ridge_on_the_way_home_it_climbs_where_it_is(tmp_path: Path) -> None:
    later = {"active": ["20:00-21:00"]}  # the zone does not count: straight home is free
    assert heights_home(tmp_path, 300.0, -20.0, **later) == [(300, 65.0)], "40 m above the pit: 15 are kept"
    assert heights_home(tmp_path, 300.0, -52.0, **later) == [(300, 58.0)], "8 m above the pit: 8 are kept"
    assert heights_home(tmp_path, 300.0, 65.0, **later) == []
    assert heights_home(tmp_path, 230.0, 12.0, **later) == [], "level ground needs no more height than it has"


def test_round_a_zone_it_keeps_the_height_that_the_ground_needs(tmp_path: Path) -> None:
    found = heights_home(tmp_path, 300.0, -20.0)
    assert found[0] == (300, 65.0)
    assert len(found) >= 3
    assert {alt_m for _, alt_m in found} == {65.0}


def test_a_zone_that_begins_above_it_counts_where_it_has_to_climb(tmp_path: Path) -> None:
    over = {"floor_m": 55.0}
    assert len(heights_home(tmp_path, 230.0, 40.0, **over)) == 0, "below the zone, before the ridge"
    assert len(heights_home(tmp_path, 300.0, 5.0, **over)) >= 3, "up to 65 m, and round it"
