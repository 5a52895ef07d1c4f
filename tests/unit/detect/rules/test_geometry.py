import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from detect.rules.geometry import Segment, scaled, signed_distance_px

coordinate = st.floats(0, 1000, allow_nan=False).map(lambda value: round(value, 3))
point = st.tuples(coordinate, coordinate)
SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
HORSESHOE = [(0.0, 0.0), (30.0, 0.0), (30.0, 30.0), (20.0, 30.0), (20.0, 10.0), (10.0, 10.0), (10.0, 30.0), (0.0, 30.0)]


@pytest.mark.parametrize(
    ("at", "polygon", "distance_px"),
    [
        ((5.0, 5.0), SQUARE, 5.0),
        ((9.0, 5.0), SQUARE, 1.0),
        ((12.0, 5.0), SQUARE, -2.0),
        ((13.0, 14.0), SQUARE, -5.0),  # nearest is the corner
        ((15.0, 20.0), HORSESHOE, -5.0),  # in the mouth
        ((15.0, 5.0), HORSESHOE, 5.0),
    ],
)
def test_signed_distance_of_known_points(
    at: tuple[float, float], polygon: list[tuple[float, float]], distance_px: float
) -> None:
    assert signed_distance_px(at, polygon) == pytest.approx(distance_px)
    assert signed_distance_px(at, polygon[::-1]) == pytest.approx(distance_px)


@given(st.lists(point, min_size=3, max_size=9, unique=True), point)
def test_signed_distance_agrees_with_shapely(corners: list[tuple[float, float]], at: tuple[float, float]) -> None:
    polygon = Polygon(corners)
    assume(polygon.is_valid and polygon.area > 1)
    expected = polygon.exterior.distance(Point(at))
    assume(expected > 1e-6)
    sign = 1 if polygon.contains(Point(at)) else -1
    assert signed_distance_px(at, corners) == pytest.approx(sign * expected, abs=1e-6)


@given(point, point, point, point)
def test_crossing_agrees_with_shapely(
    start: tuple[float, float], end: tuple[float, float], before: tuple[float, float], after: tuple[float, float]
) -> None:
    assume(math.dist(start, end) > 1 and math.dist(before, after) > 1)
    line, way = LineString([start, end]), LineString([before, after])
    ends = [*map(Point, (start, end)), *map(Point, (before, after))]
    assume(all(way.distance(p) > 1e-6 for p in ends[:2]) and all(line.distance(p) > 1e-6 for p in ends[2:]))
    assert Segment(start, end).is_crossed_by(before, after) == line.intersects(way)


def test_left_and_right_are_those_of_somebody_walking_along_the_line() -> None:
    eastward = Segment((0.0, 100.0), (100.0, 100.0))
    assert eastward.offset_px((50.0, 90.0)) == -10  # above on the picture: on the left hand
    assert eastward.offset_px((50.0, 110.0)) == 10
    downward = Segment((100.0, 0.0), (100.0, 100.0))
    assert downward.offset_px((110.0, 50.0)) == -10


def test_scaled_uses_both_sides_of_the_picture() -> None:
    assert scaled([(0.5, 0.5), (1.0, 0.0)], 1280, 720) == ((640, 360), (1280, 0))
