"""Datums, distances and bearings against published points."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.config.camera import Datum
from kernel.geodesy import bearing_deg, distance_m, from_wgs84, offset_m, shifted, to_wgs84

GCJ02, BD09, WGS84 = Datum.GCJ02, Datum.BD09, Datum.WGS84


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        # test points of github.com/googollee/eviltransform
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
        # README of github.com/wandergis/coordtransform
        ((39.915, 116.404), (39.91640428150164, 116.41024449916938)),
    ],
)
def test_gcj02_as_published(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert from_wgs84(*wgs84, GCJ02) == pytest.approx(gcj02, abs=1e-9)
    assert distance_m(*to_wgs84(*gcj02, GCJ02), *wgs84) < 0.001


def test_bd09_as_published() -> None:
    """README of github.com/wandergis/coordtransform: GCJ-02 (39.915, 116.404)."""
    wgs84 = to_wgs84(39.915, 116.404, GCJ02)
    assert from_wgs84(*wgs84, BD09) == pytest.approx((39.92133699351021, 116.41036949371029), abs=1e-9)


china = st.tuples(st.floats(18, 53), st.floats(74, 135))


@given(china, st.sampled_from([GCJ02, BD09]))
def test_there_and_back_is_within_a_decimetre(position: tuple[float, float], datum: Datum) -> None:
    shifted = from_wgs84(*position, datum)
    assert distance_m(*to_wgs84(*shifted, datum), *position) < 0.1
    assert distance_m(*shifted, *position) < 2_000


@given(china)
def test_undeclared_would_be_hundreds_of_metres_off(position: tuple[float, float]) -> None:
    assert distance_m(*position, *from_wgs84(*position, BD09)) > 50


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(Datum))
def test_positions_outside_china_stay(lat: float, lon: float, datum: Datum) -> None:
    if 0.8 <= lat <= 56 and 72 <= lon <= 138:
        lat, lon = -lat, -lon
    assert from_wgs84(lat, lon, datum) == (lat, lon)
    assert to_wgs84(lat, lon, datum) == (lat, lon)


def test_wgs84_stays_as_it_is() -> None:
    assert to_wgs84(39.9, 116.4, WGS84) == from_wgs84(39.9, 116.4, WGS84) == (39.9, 116.4)


def dms(degrees: int, minutes: int, seconds: float) -> float:
    return degrees + minutes / 60 + seconds / 3600


def test_distance_and_bearing_as_published() -> None:
    """Geoscience Australia's worked example (GDA technical manual): Flinders Peak to Buninyong."""
    flinders_peak = (-dms(37, 57, 3.7203), dms(144, 25, 29.5244))
    buninyong = (-dms(37, 39, 10.1561), dms(143, 55, 35.3839))
    assert distance_m(*flinders_peak, *buninyong) == pytest.approx(54_972.271, abs=0.001)
    assert bearing_deg(*flinders_peak, *buninyong) == pytest.approx(dms(306, 52, 5.37), abs=1e-5)


@pytest.mark.parametrize(
    ("to", "metres", "bearing"),
    [
        ((1, 0), 110_574.389, 0.0),
        ((0, 1), 111_319.491, 90.0),
        ((-1, 0), 110_574.389, 180.0),
        ((0, -1), 111_319.491, 270.0),
        ((0, 0), 0.0, 0.0),
    ],
)
def test_the_four_winds(to: tuple[float, float], metres: float, bearing: float) -> None:
    assert distance_m(0, 0, *to) == pytest.approx(metres, abs=0.001)
    assert bearing_deg(0, 0, *to) == pytest.approx(bearing, abs=1e-9)


def test_over_the_date_line_and_across_the_globe() -> None:
    assert distance_m(10, 179.9, 10, -179.9) == pytest.approx(distance_m(10, 0, 10, 0.2), abs=0.001)
    assert distance_m(0, 0, 0.3, 179.9) == pytest.approx(20_000_000, rel=0.006)


positions = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


@given(positions, positions)
def test_a_way_is_as_long_back(here: tuple[float, float], there: tuple[float, float]) -> None:
    assert distance_m(*here, *there) == pytest.approx(distance_m(*there, *here), rel=6e-3, abs=0.001)
    assert 0 <= bearing_deg(*here, *there) < 360


@given(st.tuples(st.floats(-53, 53), st.floats(-179, 179)), st.floats(1, 500), st.floats(0, 360))
def test_a_step_of_some_metres_is_that_long_and_goes_there(
    here: tuple[float, float], metres: float, bearing: float
) -> None:
    north_m, east_m = metres * math.cos(math.radians(bearing)), metres * math.sin(math.radians(bearing))
    there = shifted(*here, north_m, east_m)
    off_m = math.radians(abs((bearing_deg(*here, *there) - bearing + 180) % 360 - 180)) * metres
    assert distance_m(*here, *there) == pytest.approx(metres, abs=0.03)
    assert off_m < 0.03 + 0.004 * metres  # bearings are those of a sphere
    assert offset_m(*here, *there) == pytest.approx((north_m, east_m), abs=1e-4)
