"""The pinhole camera."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.district.geometry import PinholeCamera, on_ground

CAMERAS = st.builds(
    PinholeCamera,
    height_m=st.floats(3, 12),
    tilt_deg=st.floats(8, 30),
    focal_px=st.floats(600, 1400),
    pan_deg=st.floats(-20, 20),
)


@given(camera=CAMERAS, x_m=st.floats(-15, 15), y_m=st.floats(14, 90))
def test_a_ground_point_comes_back_from_its_pixel(camera: PinholeCamera, x_m: float, y_m: float) -> None:
    pixels, depth = camera.project(on_ground([[x_m, y_m]]))
    assert depth[0] > 0
    assert camera.ground_at(pixels)[0] == pytest.approx([x_m, y_m], abs=1e-6)


@given(camera=CAMERAS, y_m=st.floats(14, 60))
def test_an_upright_pole_is_upright_and_shrinks_with_distance(camera: PinholeCamera, y_m: float) -> None:
    level = PinholeCamera(camera.height_m, camera.tilt_deg, camera.focal_px)
    near, _ = level.project(np.array([[0, y_m, 0], [0, y_m, 1.7]]))
    far, _ = level.project(np.array([[0, y_m + 10, 0], [0, y_m + 10, 1.7]]))
    assert near[0, 0] == pytest.approx(near[1, 0])
    assert near[0, 1] - near[1, 1] > far[0, 1] - far[1, 1] > 0


def test_the_optical_axis_hits_the_ground_where_trigonometry_says() -> None:
    camera = PinholeCamera(height_m=6.0, tilt_deg=45.0, focal_px=1000.0)
    assert camera.ground_at(np.array([[640.0, 360.0]]))[0] == pytest.approx([0.0, 6.0])


def test_above_the_horizon_there_is_no_ground() -> None:
    camera = PinholeCamera(6.0, 15.0, 900.0)
    above, below = camera.ground_at(np.array([[640.0, camera.horizon_px - 1], [640.0, camera.horizon_px + 1]]))
    assert np.isnan(above).all()
    assert below[1] > 1000


def test_what_lies_behind_the_camera_is_cut_off() -> None:
    camera = PinholeCamera(6.0, 15.0, 900.0)
    road = on_ground([[-2, -50], [2, -50], [2, 50], [-2, 50]])
    clipped = camera.clip_near(road)
    assert (camera.project(clipped)[1] > 0).all()
    assert clipped[:, 1].max() == 50
    assert len(camera.clip_near(on_ground([[-2, -50], [2, -50], [2, -40]]))) == 0


@given(camera=CAMERAS, x_m=st.floats(-60, 60), y_m=st.floats(-20, 120), up_m=st.floats(0, 4.5))
def test_nothing_that_shows_is_passed_over(camera: PinholeCamera, x_m: float, y_m: float, up_m: float) -> None:
    pixels, depth = camera.project(np.array([[x_m, y_m, up_m]]))
    shows = depth[0] > 0.4 and 0 <= pixels[0, 0] < 1280 and 0 <= pixels[0, 1] < 720
    assert camera.may_show(x_m, y_m, 5.0) or not shows
