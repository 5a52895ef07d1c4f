"""A drone sent elsewhere from the air keeps its height above the ground on the whole way, not at its ends alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drone.fleet.way_out import NO_TERRAIN, NO_WAY, TOO_HIGH, Ends, WayOut, ground_along, way_out
from drone.flight.ways import Ways
from kernel.drone_events import ReasonText
from kernel.terrain import FlatTerrain, GridTerrain, Terrain
from tests.integration.airfield import HOME, config, spot

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HERE, TARGET = spot(0, 100), spot(600, 100)
CELL_DEG = 0.0001  # about 11 m


def ridge(high_m: float, unknown: bool = False) -> GridTerrain:
    """Level ground at 1,600 m with a ridge from west to east, 300 m north of home."""
    heights = np.full((101, 101), 1600.0)
    heights[44:50] += np.nan if unknown else high_m
    return GridTerrain(heights, HOME[1] - 0.002, HOME[0] - 0.002, CELL_DEG)


def found(tmp_path: Path, terrain: Terrain, ceiling_m: float = 120.0, **zone: Any) -> WayOut | ReasonText:
    zones = [{"id": "magazine", "kind": "no_fly", "datum": "wgs84", "clearance_m": 10.0, **zone}] if zone else []
    ways = Ways(config(tmp_path, ["udp:127.0.0.1:9"], airspace=zones), HOME)
    return way_out(ways, terrain, Ends(HERE, TARGET, HOME, HOME), 50.0, ceiling_m, NOON, 600.0)


@pytest.mark.parametrize(("terrain", "alt_home_m"), [(FlatTerrain(), 50.0), (ridge(0.0), 50.0), (ridge(40.0), 90.0)])
def test_the_height_is_over_the_highest_ground_on_the_way(tmp_path: Path, terrain: Terrain, alt_home_m: float) -> None:
    """It was over the higher of its two ends: a ridge between them, higher than that, was flown into."""
    way = found(tmp_path, terrain)

    assert isinstance(way, WayOut)
    assert way.alt_home_m == pytest.approx(alt_home_m)
    assert {point.alt_home_m for point in (*way.there.points, *way.home.points)} == {way.alt_home_m}
    assert [point.place for point in way.there.points] == [pytest.approx(TARGET)]


def test_over_lower_ground_the_ceiling_counts(tmp_path: Path) -> None:
    assert found(tmp_path, ridge(40.0), ceiling_m=89.0) == TOO_HIGH


def test_ground_that_is_not_known_on_the_way_is_refused(tmp_path: Path) -> None:
    assert found(tmp_path, ridge(0.0, unknown=True)) == NO_TERRAIN


def test_a_zone_that_begins_higher_counts_where_the_ground_is_lower(tmp_path: Path) -> None:
    """At 50 m over a ridge of 40 m it is 90 m over the level ground, in a zone from 70 m up."""
    square = [spot(500, 50), spot(500, 150), spot(540, 150), spot(540, 50)]
    level, high = (found(tmp_path, ridge(high_m), points=square, floor_m=70.0) for high_m in (0.0, 40.0))

    assert isinstance(level, WayOut)
    assert isinstance(high, WayOut)
    assert high.alt_home_m == pytest.approx(90.0)
    assert len(level.there.points) == 1 < len(high.there.points)


def test_a_place_in_a_zone_has_no_way(tmp_path: Path) -> None:
    around = [spot(590, 90), spot(590, 110), spot(610, 110), spot(610, 90)]

    assert found(tmp_path, FlatTerrain(), points=around) == NO_WAY


def test_ground_between_two_places_is_looked_at_in_steps_of_the_grid() -> None:
    assert ground_along(ridge(40.0), [HERE, TARGET]) == pytest.approx((1600.0, 1640.0))
    assert ground_along(ridge(40.0), [HERE, spot(100, 100)]) == pytest.approx((1600.0, 1600.0))
