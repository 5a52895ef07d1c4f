"""A pixel from the air to the ground: against the simulated district's own projection, and against its stated error."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect.aerial.eye import Eye, Lens, Sigmas
from detect.aerial.ground import GroundPlace, Unplaced, place_of
from detect.aerial.sight import Seen, standing_place
from kernel.geodesy import distance_m, offset_m, shifted
from scripts.district.geometry import PinholeCamera

LENS = Lens(70.0, 640, 360)
HOME = (41.7664, 109.9718)
SURE = Sigmas(0.5, 0.5, 0.2, 0.1, 0.1, 0.01, 1.0)
angles = st.floats(0, 360, exclude_max=True)


def eye(height_m: float = 60.0, heading_deg: float = 30.0, pitch_deg: float = -50.0) -> Eye:
    return Eye(*HOME, height_m, heading_deg, pitch_deg, sigmas=SURE)


@given(st.floats(10, 120), angles, st.floats(-90, -30), st.floats(0, 640), st.floats(0, 360))
@settings(max_examples=200)
def test_what_the_districts_camera_draws_is_found_where_it_was_drawn(
    height_m: float, heading_deg: float, pitch_deg: float, x_px: float, y_px: float
) -> None:
    found = place_of(x_px, y_px, LENS, eye(height_m, heading_deg, pitch_deg))
    if isinstance(found, Unplaced):
        return
    drawn = PinholeCamera(height_m, -pitch_deg, LENS.focal_px, 640, 360, heading_deg)
    north_m, east_m = offset_m(*HOME, found.lat, found.lon)
    right, down, forward = drawn.rotation @ (np.array([east_m, north_m, 0.0]) - drawn.position_m)
    assert 320 + LENS.focal_px * right / forward == pytest.approx(x_px, abs=1e-3)
    assert 180 + LENS.focal_px * down / forward == pytest.approx(y_px, abs=1e-3)
    assert found.range_m == pytest.approx(math.hypot(north_m, east_m, height_m), rel=1e-6)


@given(st.floats(-800, 800), st.floats(-800, 800))
def test_metres_on_the_ground_are_metres_of_the_ellipsoid(north_m: float, east_m: float) -> None:
    there = shifted(*HOME, north_m, east_m)
    assert distance_m(*HOME, *there) == pytest.approx(math.hypot(north_m, east_m), abs=0.08)
    assert offset_m(*HOME, *there) == pytest.approx((north_m, east_m), abs=0.08)


@pytest.mark.parametrize(
    ("of", "y_px", "why"),
    [
        (eye(height_m=3.0), 180, Unplaced.TOO_LOW),
        (eye(height_m=math.nan), 180, Unplaced.TOO_LOW),
        (eye(pitch_deg=0.0), 100, Unplaced.ABOVE_HORIZON),
        (eye(pitch_deg=-5.0), 180, Unplaced.GRAZING),
        (eye(height_m=119.0, pitch_deg=-10.0), 180, Unplaced.TOO_FAR),
        (replace(eye(pitch_deg=-30.0), sigmas=replace(SURE, pitch_deg=9.0)), 180, Unplaced.GRAZING),
        (replace(eye(), sigmas=replace(SURE, horizontal_m=90.0)), 180, Unplaced.TOO_FAR),
    ],
)
def test_where_the_place_is_not_known_the_reason_is_told_instead(of: Eye, y_px: float, why: Unplaced) -> None:
    assert place_of(320, y_px, LENS, of) is why


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_pose_with_a_part_that_is_no_number_gives_no_place(value: float) -> None:
    told = eye()
    for of in (
        replace(told, lat=value),
        replace(told, lon=value),
        replace(told, heading_deg=value),
        replace(told, pitch_deg=value),
        replace(told, roll_deg=value),
        replace(told, north_m_s=value),
        replace(told, heading_deg_s=value),
    ):
        assert place_of(320, 180, LENS, of) is Unplaced.NO_POSE


@pytest.mark.parametrize("pitch_deg", [-90.0, -60.0, -35.0])
def test_the_true_place_lies_within_the_stated_error(pitch_deg: float) -> None:
    """Poses off by what they are said to be off by: 95% within twice the error, and not many more than that."""
    rng = np.random.default_rng(8)
    sigmas = Sigmas(2.0, 2.5, 2.0, 1.0, 1.0, 0.15, 2.0)
    true = replace(eye(60.0, 30.0, pitch_deg), north_m_s=8.0, heading_deg_s=5.0, sigmas=sigmas)
    stands = place_of(400, 250, LENS, true)
    assert isinstance(stands, GroundPlace)
    near = twice = 0
    for _ in range(600):
        lat, lon = shifted(*HOME, *rng.normal(0, sigmas.horizontal_m, 2))
        late_s = rng.normal(0, sigmas.delay_s)
        lat, lon = shifted(lat, lon, 8.0 * late_s, 0.0)
        told = replace(
            true,
            lat=lat,
            lon=lon,
            height_m=60 + rng.normal(0, sigmas.height_m),
            heading_deg=30 + rng.normal(0, sigmas.heading_deg) + 5.0 * late_s,
            pitch_deg=pitch_deg + rng.normal(0, sigmas.pitch_deg),
            roll_deg=rng.normal(0, sigmas.roll_deg),
        )
        dx_px, dy_px = rng.normal(0, sigmas.pixel_px, 2)
        found = place_of(400 + dx_px, 250 + dy_px, LENS, told)
        assert isinstance(found, GroundPlace)
        off_m = distance_m(found.lat, found.lon, stands.lat, stands.lon)
        near, twice = near + (off_m <= found.error_m), twice + (off_m <= 2 * found.error_m)
    assert 0.58 <= near / 600 <= 0.74
    assert twice / 600 >= 0.94


def test_a_long_flat_look_is_unsure_along_itself() -> None:
    found = place_of(320, 180, LENS, replace(eye(40.0, 90.0, -20.0), sigmas=replace(SURE, pitch_deg=1.0)))
    assert isinstance(found, GroundPlace)
    assert found.major_bearing_deg == pytest.approx(90, abs=2)
    assert found.major_m > 3 * found.minor_m
    assert found.error_m == pytest.approx(math.hypot(found.major_m, found.minor_m))


def test_a_fixed_camera_goes_with_the_aircrafts_tilt() -> None:
    """Straight down from a wing that hangs 10 degrees to the right: the place lies to the left."""
    found = place_of(320, 180, LENS, replace(eye(50.0, 0.0, 0.0), roll_deg=10.0, mount_pitch_deg=-90.0))
    assert isinstance(found, GroundPlace)
    assert offset_m(*HOME, found.lat, found.lon) == pytest.approx((0, -50 * math.tan(math.radians(10))), abs=0.01)


@pytest.mark.parametrize(("class_name", "half_m"), [("person", 0.25), ("car", 1.6), ("bus", 4.0)])
def test_the_place_is_the_middle_of_what_stands_and_not_its_nearer_edge(class_name: str, half_m: float) -> None:
    looks = eye(40.0, heading_deg=0.0, pitch_deg=-45.0)
    edge = place_of(320.0, 200.0, LENS, looks)
    found = standing_place(Seen(1, class_name, 0.9, (280.0, 80.0, 360.0, 200.0)), LENS, looks)
    assert isinstance(edge, GroundPlace)
    assert isinstance(found, GroundPlace)
    assert offset_m(edge.lat, edge.lon, found.lat, found.lon)[0] == pytest.approx(half_m, rel=0.1)
