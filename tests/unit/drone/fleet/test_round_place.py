"""A circle on request: the ground under all of it is looked at, and its ceiling and zones; it was not."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drone.fleet.round_place import Bounds, Round, round_place
from drone.flight.errand import Waypoint
from drone.flight.ways import Ways
from kernel.drone_events import ReasonText
from kernel.geodesy import distance_m
from kernel.terrain import FlatTerrain, GridTerrain, Terrain
from tests.integration.airfield import HOME, config, spot

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CELL_DEG = 0.0001  # about 11 m
RADIUS_M = 40.0


def hill(high_m: float, north_m: float = 35.0, east_m: float = 0.0) -> GridTerrain:
    """Level ground at 1,600 m, and one cell higher (or not known) so far from the place."""
    heights = np.full((101, 101), 1600.0)
    south, west = HOME[0] - 0.005, HOME[1] - 0.005
    lat, lon = spot(200.0 + north_m, 100.0 + east_m)
    row, column = round((lat - south) / CELL_DEG), round((lon - west) / CELL_DEG)
    heights[row, column] += high_m
    return GridTerrain(heights, west, south, CELL_DEG)


def found(
    tmp_path: Path, terrain: Terrain, alt_m: float = 50.0, ceiling_m: float = 120.0, **zone: Any
) -> Round | tuple[ReasonText, ...]:
    zones = [{"id": "magazine", "kind": "no_fly", "datum": "wgs84", "clearance_m": 10.0, **zone}] if zone else []
    ways = Ways(config(tmp_path, ["udp:127.0.0.1:9"], airspace=zones), HOME)
    middle = Waypoint(*spot(200, 100), alt_m)
    return round_place(ways, terrain, middle, RADIUS_M, Bounds(HOME, 15.0, ceiling_m, NOON, 600.0))


def codes(told: Round | tuple[ReasonText, ...]) -> list[str]:
    return [] if isinstance(told, Round) else [one.code for one in told]


def test_over_level_ground_it_is_a_circle_at_the_height_of_the_place(tmp_path: Path) -> None:
    told = found(tmp_path, FlatTerrain())
    assert isinstance(told, Round)
    assert {one.alt_home_m for one in told.ring} == {50.0}
    assert [distance_m(*spot(200, 100), *one.place) for one in told.ring] == pytest.approx([RADIUS_M] * 13, abs=0.2)
    assert told.length_m == pytest.approx(2 * RADIUS_M + 24 * RADIUS_M * math.sin(math.pi / 12), abs=1.0)


@pytest.mark.parametrize(("north_m", "east_m"), [(40.0, 0.0), (-28.0, 28.0), (15.0, 10.0), (0.0, -43.0)])
def test_a_hill_anywhere_under_it_or_just_beside_it_is_refused(tmp_path: Path, north_m: float, east_m: float) -> None:
    """The ground under the circle was never looked at: over a slope it flew into it."""
    assert codes(found(tmp_path, hill(60.0, north_m, east_m))) == ["too_low"]
    assert codes(found(tmp_path, hill(20.0, north_m, east_m))) == []


def test_how_near_the_ground_comes_is_said(tmp_path: Path) -> None:
    told = found(tmp_path, hill(0.0), alt_m=10.0)
    assert not isinstance(told, Round)
    assert "as near as 10 m, at least 15 m" in told[0].message_en


def test_a_hill_farther_away_does_not_matter(tmp_path: Path) -> None:
    assert codes(found(tmp_path, hill(60.0, 80.0))) == []


def test_over_a_pit_the_ceiling_counts(tmp_path: Path) -> None:
    assert codes(found(tmp_path, hill(-100.0), ceiling_m=120.0)) == ["ceiling"]
    assert codes(found(tmp_path, hill(-30.0), ceiling_m=120.0)) == []


def test_ground_that_is_not_known_under_it_is_refused(tmp_path: Path) -> None:
    assert codes(found(tmp_path, hill(math.nan))) == ["terrain_unknown"]


def test_a_zone_on_the_circle_is_refused_also_one_that_begins_higher_where_the_ground_is_lower(tmp_path: Path) -> None:
    square = [spot(235, 95), spot(235, 105), spot(260, 105), spot(260, 95)]
    assert codes(found(tmp_path, FlatTerrain(), points=square)) == ["no_way"]
    assert codes(found(tmp_path, hill(0.0), points=square, floor_m=70.0)) == []
    assert codes(found(tmp_path, hill(-60.0), points=square, floor_m=70.0)) == ["no_way"]


def test_every_reason_is_told(tmp_path: Path) -> None:
    square = [spot(235, 95), spot(235, 105), spot(260, 105), spot(260, 95)]
    assert codes(found(tmp_path, hill(-150.0), alt_m=10.0, points=square)) == ["too_low", "ceiling", "no_way"]
