"""The way round the zones: free, and as short as it can be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon

from drone.areas.frame import XY
from drone.areas.zones import Zone
from drone.plan.free_space import FreeSpace
from kernel.config.airspace import AirspaceKind
from tests.unit.drone.patrol_configs import square

UTC_ZONE = ZoneInfo("UTC")


def zone(corners: Sequence[XY], clearance_m: float = 10.0, kind: AirspaceKind = AirspaceKind.NO_FLY) -> Zone:
    return Zone("z", "z", kind, Polygon(np.round(corners, 3)), clearance_m, 0.0, None, (), UTC_ZONE)


def length(path: Sequence[XY]) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(path))


def test_straight_on_where_nothing_is_in_the_way() -> None:
    free = FreeSpace([zone(square((0, 500), 50))])
    assert free.path((-200, 0), (200, 0)) == ((-200, 0), (200, 0))
    assert FreeSpace([]).path((0, 0), (0, 9)) == ((0, 0), (0, 9))


def test_round_a_square_by_the_shorter_side() -> None:
    free = FreeSpace([zone(square((0, 20), 50), clearance_m=10.0)])
    path = free.path((-200, 0), (200, 0))
    assert path is not None
    assert all(y < 0 for _, y in path[1:-1])
    # by the corners at 60 m and a margin of half a metre, 40 m to the south
    best = 2 * math.hypot(140, 40) + 120
    assert best <= length(path) <= best + 3


def test_no_way_out_of_a_closed_ring_and_none_into_a_zone() -> None:
    ring = Polygon(square((0, 0), 100), [square((0, 0), 60)])
    walled = Zone("z", "z", AirspaceKind.NO_FLY, ring, 5.0, 0.0, None, (), UTC_ZONE)
    free = FreeSpace([walled])
    assert free.path((0, 0), (300, 0)) is None
    assert free.path((0, 0), (20, 20)) == ((0, 0), (20, 20))
    assert free.path((300, 0), (80, 0)) is None


def test_within_the_fence_round_its_inner_corner() -> None:
    bent = [(0, 0), (200, 0), (200, 200), (150, 200), (150, 50), (0, 50)]
    free = FreeSpace([zone(bent, 10.0, AirspaceKind.KEEP_IN)])
    path = free.path((20, 25), (175, 180))
    assert path is not None
    assert len(path) == 3
    line = LineString(path)
    assert Polygon(bent).covers(line)
    assert Polygon(bent).exterior.distance(line) >= 10.0
    assert free.path((20, 25), (20, 120)) is None


def test_a_gap_narrower_than_both_clearances_is_closed() -> None:
    left, right = square((-60, 0), 50), square((60, 0), 50)
    assert all(
        abs(x) > 100 for x, _ in (FreeSpace([zone(left, 11), zone(right, 11)]).path((0, -150), (0, 150)) or [])[1:-1]
    )
    assert FreeSpace([zone(left, 9), zone(right, 9)]).path((0, -150), (0, 150)) == ((0, -150), (0, 150))


def corners(area: Polygon) -> list[XY]:
    return [(float(x), float(y)) for x, y in area.exterior.coords[:-1]]


coordinate = st.floats(-400, 400)
corner = st.tuples(coordinate, coordinate)


@st.composite
def convex(draw: st.DrawFn) -> Polygon:
    """A convex polygon of three to eight corners, not too flat."""
    points = draw(st.lists(corner, min_size=3, max_size=8))
    polygon = Polygon(points).convex_hull if len({*points}) > 2 else Polygon()
    return polygon if isinstance(polygon, Polygon) and polygon.area > 500 else Polygon(square(draw(corner), 30))


@settings(max_examples=60, deadline=None)
@given(st.lists(convex(), min_size=1, max_size=4), corner, corner, st.floats(0, 40))
def test_no_leg_of_a_way_comes_nearer_than_the_clearance(
    areas: list[Polygon], start: XY, end: XY, clearance_m: float
) -> None:
    free = FreeSpace([zone(corners(area), clearance_m) for area in areas])
    path = free.path(start, end)
    if path is None:
        return
    line = (
        LineString(path) if path[0] != path[-1] or len(path) > 2 else LineString([start, (start[0] + 1e-9, start[1])])
    )
    for area in areas:
        assert not area.intersects(line)
        assert area.distance(line) >= clearance_m - 0.001
    assert length(path) >= math.dist(start, end) - 1e-6


@settings(max_examples=60, deadline=None)
@given(convex(), st.floats(0, 40), st.floats(0, 6.28), st.floats(0, 6.28))
def test_there_is_always_a_way_round_one_convex_zone(
    area: Polygon, clearance_m: float, first: float, last: float
) -> None:
    """Nothing but the zone is in the way, so 'no way' would be wrong; and no way is longer than a circle round it."""
    reach_m = 2000.0
    start, end = ((reach_m * math.cos(turn), reach_m * math.sin(turn)) for turn in (first, last))
    path = FreeSpace([zone(corners(area), clearance_m)]).path(start, end)
    assert path is not None
    assert length(path) <= math.pi * reach_m


@pytest.mark.parametrize("clearance_m", [0.0, 25.0])
def test_the_shortest_of_all_ways(clearance_m: float) -> None:
    """Against every order of the corners, tried one by one."""
    areas = [square((0, 0), 40), square((130, 30), 40), square((60, -120), 40)]
    free = FreeSpace([zone(area, clearance_m) for area in areas])
    start, end = (-150.0, -20.0), (300.0, 10.0)
    path = free.path(start, end)
    assert path is not None
    nodes: list[XY] = [(float(x), float(y)) for x, y in free._nodes]
    best = min(
        (length(way) for way in _ways(free, nodes, start, end, 3)),
        default=math.inf,
    )
    assert length(path) == pytest.approx(best)


def _ways(free: FreeSpace, nodes: Sequence[XY], here: XY, end: XY, left: int) -> list[list[XY]]:
    """Every free way with at most `left` corners."""
    if free.is_free(here, end):
        return [[here, end]]
    if left == 0:
        return []
    seen = [node for node in nodes if node != here and free.is_free(here, node)]
    return [[here, *way] for node in seen for way in _ways(free, nodes, node, end, left - 1)]
