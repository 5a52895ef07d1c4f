"""Places on ground that is not level: an even slope, worked out by hand; a pit; a wall; ground nobody measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect.aerial.eye import Eye, Lens, Sigmas, turned
from detect.aerial.ground import GroundPlace, Unplaced, place_of
from detect.aerial.pose_track import Mount, PoseTrack
from detect.aerial.sight import AerialSight, Seen, standing_place
from kernel.drone_events import AirPose
from kernel.geodesy import offset_m, shifted
from kernel.terrain import Array, GridTerrain
from tests.unit.detect.aerial.poses import air_pose

LENS = Lens(70.0, 640, 360)
HERE = (41.7664, 109.9718)
SURE = Sigmas(0.5, 0.5, 0.2, 0.1, 0.1, 0.01, 1.0)
ONE = offset_m(*HERE, HERE[0] + 1.0, HERE[1] + 1.0)
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


def ground(height_m: Callable[[Array, Array], Array], cell_m: float = 4.0, reach_m: float = 320.0) -> GridTerrain:
    """A file of heights, by metres north and east of the aircraft."""
    cell_deg = cell_m / 111_200.0
    count = 2 * round(reach_m / (cell_deg * min(ONE))) + 1
    south, west = HERE[0] - (count // 2) * cell_deg, HERE[1] - (count // 2) * cell_deg
    steps: Array = np.arange(count, dtype=np.float64)
    norths: Array = (south + steps * cell_deg - HERE[0]) * ONE[0]
    easts: Array = (west + steps * cell_deg - HERE[1]) * ONE[1]
    return GridTerrain(height_m(norths[:, None], easts[None, :]) + np.zeros((count, count)), west, south, cell_deg)


def eye(pitch_deg: float, heading_deg: float = 0.0, height_m: float = 60.0, base_m: float = 0.0) -> Eye:
    return Eye(*HERE, height_m, heading_deg, pitch_deg, base_m=base_m, sigmas=SURE)


def metres_of(place: GroundPlace | Unplaced) -> tuple[float, float]:
    assert isinstance(place, GroundPlace), place
    return offset_m(*HERE, place.lat, place.lon)


NORTHWARD, EASTWARD, BASE_M = 0.2, -0.35, 1_500.0
SLOPE = ground(lambda north, east: BASE_M + NORTHWARD * north + EASTWARD * east)


@given(st.floats(-85, -30), st.floats(0, 360), st.floats(20, 620), st.floats(20, 340))
@settings(max_examples=60)
def test_on_an_even_slope_it_is_where_the_ray_meets_the_plane(
    pitch_deg: float, heading_deg: float, x_px: float, y_px: float
) -> None:
    north, east, down = turned(LENS.ray(x_px, y_px), heading_deg, pitch_deg, 0.0)
    opening = down + NORTHWARD * north + EASTWARD * east  # how fast it comes nearer to the plane
    found = place_of(x_px, y_px, LENS, eye(pitch_deg, heading_deg, base_m=BASE_M), SLOPE)
    if isinstance(found, Unplaced):
        assert opening <= 0 or 60.0 / opening * math.hypot(north, east, down) > 200.0
        return
    reach = 60.0 / opening
    assert metres_of(found) == pytest.approx((north * reach, east * reach), abs=0.15)
    assert found.range_m == pytest.approx(reach * math.hypot(north, east, down), abs=0.2)
    assert found.drop_m == pytest.approx(reach * down, abs=0.1)


def test_level_ground_from_a_file_is_level_ground() -> None:
    level = ground(lambda north, _east: BASE_M + 0.0 * north)
    for pitch_deg in (-90.0, -60.0, -35.0):
        flat, filed = (
            place_of(400, 250, LENS, eye(pitch_deg, base_m=base_m), terrain)
            for base_m, terrain in ((0.0, None), (BASE_M, level))
        )
        assert isinstance(flat, GroundPlace)
        assert isinstance(filed, GroundPlace)
        assert metres_of(filed) == pytest.approx(metres_of(flat), abs=0.02)
        assert filed.error_m == pytest.approx(flat.error_m, rel=0.02)


PIT = ground(lambda north, _east: -40.0 * np.clip((north - 60.0) / 20.0, 0.0, 1.0))
"""A mine's pit: 40 m deep from 60 m north on, its wall over 20 m."""


def test_at_the_bottom_of_a_pit_level_ground_would_be_wrong_by_its_depth() -> None:
    of = eye(-35.0)
    flat, deep = place_of(320, 180, LENS, of), place_of(320, 180, LENS, of, PIT)
    assert isinstance(deep, GroundPlace)
    assert metres_of(flat) == pytest.approx((60.0 / math.tan(math.radians(35)), 0.0), abs=0.01)
    assert metres_of(deep) == pytest.approx((100.0 / math.tan(math.radians(35)), 0.0), abs=0.1)
    assert deep.drop_m == pytest.approx(100.0, abs=0.05)


def test_before_the_pit_nothing_changes() -> None:
    before = place_of(320, 180, LENS, eye(-60.0), PIT)
    assert metres_of(before) == pytest.approx((60.0 / math.tan(math.radians(60)), 0.0), abs=0.05)


def test_from_over_the_pit_its_wall_is_seen() -> None:
    far_wall = ground(lambda north, _east: -40.0 * np.clip((80.0 - north) / 20.0, 0.0, 1.0))
    half_way = eye(-math.degrees(math.atan2(80.0, 70.0)), height_m=100.0, base_m=-40.0)
    found = place_of(320, 180, LENS, half_way, far_wall)
    assert metres_of(found) == pytest.approx((70.0, 0.0), abs=0.1)


def test_at_the_rim_it_is_placed_only_where_that_is_sure() -> None:
    """Half a degree above the last ray onto the rim lies the bottom of the pit."""
    at_rim = eye(-math.degrees(math.atan2(60.0, 59.0)))
    level = place_of(320, 180, LENS, at_rim)
    sure, unsure = (
        place_of(320, 180, LENS, replace(at_rim, sigmas=replace(SURE, pitch_deg=pitch_deg)), PIT)
        for pitch_deg in (0.1, 0.6)
    )
    assert isinstance(level, GroundPlace)
    assert isinstance(sure, GroundPlace)
    assert sure.error_m > level.error_m
    assert unsure is Unplaced.TOO_FAR


def test_a_ridge_hides_what_lies_behind_it() -> None:
    ridge = ground(lambda north, _east: np.where((north >= 40.0) & (north <= 60.0), 30.0, 0.0))
    seen = place_of(320, 180, LENS, eye(-45.0, height_m=60.0), ridge)
    assert isinstance(seen, GroundPlace)
    north_m, _ = metres_of(seen)
    assert 36.0 <= north_m <= 44.0
    flat = place_of(320, 180, LENS, eye(-45.0, height_m=30.0))
    assert isinstance(flat, GroundPlace)
    assert seen.error_m > flat.error_m + 0.2


@pytest.mark.parametrize("cell_m", [4.0, 12.0])
def test_the_error_holds_what_the_cells_are_too_large_for(cell_m: float) -> None:
    """A quarry's benches, 8 m high and 25 m wide, in a file of such cells: 95% lie within twice the stated error."""

    def benches(north: Array, _east: Array) -> Array:
        return -8.0 * np.floor((north + 500.0) / 25.0)

    exact, coarse = ground(benches, cell_m=1.0, reach_m=200.0), ground(benches, cell_m=cell_m)
    within, errors, number = 0, [], 0
    for heading_deg in (0.0, 180.0):
        for y_px in range(60, 340, 9):
            of = eye(-60.0, heading_deg, base_m=float(exact.heights_m(np.array([HERE[0]]), np.array([HERE[1]]))[0]))
            true, told = (place_of(320, y_px, LENS, of, terrain) for terrain in (exact, coarse))
            if isinstance(true, GroundPlace) and isinstance(told, GroundPlace):
                number += 1
                off_m = math.dist(metres_of(true), metres_of(told))
                within += off_m <= 2 * told.error_m
                errors.append(told.error_m)
    assert number > 50
    assert within / number >= 0.95
    assert float(np.median(errors)) < 8.0


def test_ground_that_nobody_measured_gives_no_place() -> None:
    holed = ground(lambda north, _east: np.where((north >= 60.0) & (north <= 100.0), math.nan, 0.0))
    assert isinstance(place_of(320, 180, LENS, eye(-60.0), holed), GroundPlace)
    assert place_of(320, 180, LENS, eye(-38.0), holed) is Unplaced.TERRAIN_UNKNOWN
    small = ground(lambda north, _east: 0.0 * north, reach_m=50.0)
    assert place_of(320, 180, LENS, eye(-38.0), small) is Unplaced.TERRAIN_UNKNOWN
    nothing = replace(small, heights=np.full_like(small.heights, math.nan))
    assert place_of(320, 180, LENS, eye(-60.0), nothing) is Unplaced.TERRAIN_UNKNOWN


def test_ground_that_falls_away_as_fast_as_the_look_is_too_far() -> None:
    falls = ground(lambda north, _east: -0.9 * np.maximum(0.0, north))
    assert place_of(320, 180, LENS, eye(-40.0), falls) in (Unplaced.TOO_FAR, Unplaced.TERRAIN_UNKNOWN)


def pose(seconds: float, north_m: float, height_m: float) -> AirPose:
    lat, lon = shifted(*HERE, north_m, 0.0)
    at = NOW + timedelta(seconds=seconds)
    return air_pose(at, camera_id="cam", lat=lat, lon=lon, height_m=height_m, north_m_s=10.0)


@pytest.mark.parametrize("late_s", [-0.5, 0.9])
def test_over_the_rim_the_aircraft_stays_as_high_as_it_is(late_s: float) -> None:
    """It flies level over the rim: 60 m over the ground before it, more behind."""
    track = PoseTrack(Mount(has_gimbal=False, pitch_deg=-90.0), terrain=PIT)
    track.add(pose(0.0, 58.0, 60.0))
    track.add(pose(1.0, 68.0, 76.0))
    here = track.at(NOW.timestamp() + 1.0 + late_s)
    assert isinstance(here, Eye)
    assert here.height_m + here.base_m == pytest.approx(60.0, abs=0.1)
    assert AerialSight("cam", "uav-1", 70.0, track).poses.terrain is PIT


def test_a_pose_over_ground_nobody_measured_says_so() -> None:
    track = PoseTrack(
        Mount(has_gimbal=False, pitch_deg=-90.0), terrain=ground(lambda north, _east: 0.0 * north, reach_m=50.0)
    )
    track.add(pose(0.0, 100.0, 60.0))
    assert track.at(NOW.timestamp()) is Unplaced.TERRAIN_UNKNOWN


def test_somebody_at_the_bottom_stands_where_the_box_touches_the_ground() -> None:
    foot_px = 180.0 + LENS.focal_px * math.tan(math.radians(1.0))
    person = Seen(1, "person", 0.9, (315.0, foot_px - 12.0, 325.0, foot_px))
    found = standing_place(person, LENS, eye(-35.0), PIT)
    north_m, east_m = metres_of(found)
    assert north_m == pytest.approx(100.0 / math.tan(math.radians(36.0)), abs=1.5)
    assert east_m == pytest.approx(0.0, abs=0.1)
