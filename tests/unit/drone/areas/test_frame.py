"""Local metres: true to the geodesics, there and back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drone.areas.frame import LocalFrame
from kernel.geodesy import distance_m

metres = st.floats(-10_000, 10_000)


@given(st.floats(-70, 70), st.floats(-179, 179), metres, metres)
def test_there_and_back(lat: float, lon: float, east_m: float, north_m: float) -> None:
    frame = LocalFrame(lat, lon)
    assert frame.to_local(*frame.to_wgs84(east_m, north_m)) == pytest.approx((east_m, north_m), abs=1e-4)


@given(metres, metres, metres, metres)
def test_distances_between_any_two_points(x1: float, y1: float, x2: float, y2: float) -> None:
    frame = LocalFrame(41.7664, 109.9718)
    true_m = distance_m(*frame.to_wgs84(x1, y1), *frame.to_wgs84(x2, y2))
    assert math.dist((x1, y1), (x2, y2)) == pytest.approx(true_m, rel=3e-6, abs=1e-3)
