"""The watch over the zones in flight."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from shapely import LineString, Point, Polygon

from drone.areas.frame import LocalFrame
from drone.flight.guard import ZoneGuard, guard_of, levels_of
from kernel.clock import ManualClock
from tests.integration.airfield import HOME, config, spot
from tests.unit.drone.flight.paper_autopilot import READY

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 at the site
SQUARE = [spot(100, -50), spot(100, 50), spot(200, 50), spot(200, -50)]


def is_stopped(tmp_path: Path, north_m: float, alt_m: float = 40.0, **zone: Any) -> bool:
    shape = {"id": "zone", "kind": "no_fly", "datum": "wgs84", "points": SQUARE, "clearance_m": 10.0, **zone}
    guard = ZoneGuard(config(tmp_path, ["udp:127.0.0.1:9"], airspace=[shape]), HOME, lambda _place: 0.0)
    lat, lon = spot(north_m, 0.0)
    return guard.look(replace(READY, lat=lat, lon=lon, alt_home_m=alt_m), NOON) is not None


@pytest.mark.parametrize(
    ("north_m", "clearance_m", "stopped"),
    [
        (80.0, 10.0, False),
        (90.5, 10.0, False),
        (94.0, 10.0, False),
        (96.0, 10.0, True),
        (150.0, 10.0, True),
        (103.0, 0.0, False),
        (106.0, 0.0, True),
        (81.0, 40.0, True),
    ],
)
def test_half_the_clearance_of_a_no_fly_zone_is_let_be_used(
    tmp_path: Path, north_m: float, clearance_m: float, stopped: bool
) -> None:
    assert is_stopped(tmp_path, north_m, clearance_m=clearance_m) is stopped


@pytest.mark.parametrize(("north_m", "stopped"), [(150.0, False), (110.0, False), (104.0, True), (90.0, True)])
def test_the_edge_of_a_keep_in_zone_from_within(tmp_path: Path, north_m: float, stopped: bool) -> None:
    assert is_stopped(tmp_path, north_m, kind="keep_in") is stopped


@pytest.mark.parametrize(
    ("zone", "stopped"),
    [
        ({"active": ["11:00-13:00"]}, True),
        ({"active": ["13:00-14:00"]}, False),
        ({"ceiling_m": 30.0}, False),
        ({"floor_m": 50.0}, False),
    ],
)
def test_zones_count_by_time_and_height(tmp_path: Path, zone: dict[str, Any], stopped: bool) -> None:
    assert is_stopped(tmp_path, 150.0, **zone) is stopped


def test_without_a_position_it_says_nothing(tmp_path: Path) -> None:
    shape = {"id": "zone", "kind": "no_fly", "datum": "wgs84", "points": SQUARE}
    guard = ZoneGuard(config(tmp_path, ["udp:127.0.0.1:9"], airspace=[shape]), HOME, lambda _place: None)

    assert guard.look(replace(READY, lat=None), NOON) is None


def test_from_within_a_zone_the_way_home_leads_out_first(tmp_path: Path) -> None:
    """Straight home from the north of it would go through all of the zone."""
    shape = {"id": "zone", "kind": "no_fly", "datum": "wgs84", "points": SQUARE, "clearance_m": 10.0}
    loaded = config(tmp_path, ["udp:127.0.0.1:9"], airspace=[shape])
    look = guard_of(loaded, HOME, lambda _place: 0.0, ManualClock(NOON))
    lat, lon = spot(203.0, 0.0)
    found = look(replace(READY, lat=lat, lon=lon, alt_home_m=40.0))
    assert found is not None
    why, way = found
    frame = LocalFrame(*HOME)
    path = [frame.to_local(*point.place) for point in way]
    zone = Polygon([(-50, 100), (50, 100), (50, 200), (-50, 200)])

    assert why.code == "near_zone"
    assert Point(path[0]).distance(zone) >= 10.0
    assert LineString([*path, (0.0, 0.0)]).distance(zone) >= 9.5


@pytest.mark.parametrize(
    ("zones", "ground_m", "levels"),
    [
        ([], 0.0, (16.0, 120.0)),
        ([], 30.0, (46.0, 150.0)),
        ([{"floor_m": 61.0}], 0.0, (16.0, 60.0)),
        ([{"ceiling_m": 31.0}], 0.0, (32.0, 120.0)),
        ([{"floor_m": 61.0, "active": ["13:00-14:00"]}], 0.0, (16.0, 120.0)),
    ],
)
def test_heights_it_may_take_end_at_the_ground_the_ceiling_and_zones(
    tmp_path: Path, zones: list[dict[str, Any]], ground_m: float, levels: tuple[float, float]
) -> None:
    shapes = [{"id": "zone", "kind": "no_fly", "datum": "wgs84", "points": SQUARE, **zone} for zone in zones]
    loaded = config(tmp_path, ["udp:127.0.0.1:9"], airspace=shapes)
    lat, lon = spot(150.0, 0.0)
    may = levels_of(loaded, loaded.fleet[0], HOME, lambda _place: ground_m, ManualClock(NOON))
    assert may(replace(READY, lat=lat, lon=lon, alt_home_m=50.0)) == levels


def test_heights_over_unknown_ground_are_none(tmp_path: Path) -> None:
    loaded = config(tmp_path, ["udp:127.0.0.1:9"])
    may = levels_of(loaded, loaded.fleet[0], HOME, lambda _place: None, ManualClock(NOON))
    assert may(replace(READY, alt_home_m=50.0)) is None
