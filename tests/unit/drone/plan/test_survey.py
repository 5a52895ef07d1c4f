"""A survey sees its area: measured point by point, not as the planner reckons it."""

from __future__ import annotations

import math
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box

from drone.areas.zones import Zone
from drone.plan.free_space import FreeSpace
from drone.plan.survey import Footprint, Survey, footprint, survey
from kernel.config.airspace import AirspaceKind

OPEN = FreeSpace([])


def seen_share(area: Polygon, found: Survey, seen: Footprint, samples: int = 2500) -> float:
    """Share of points spread over the area that lie in the picture taken from somewhere on a line."""
    west, south, east, north = area.bounds
    step = math.sqrt(area.area / samples)
    grid = np.stack(np.meshgrid(np.arange(west, east, step), np.arange(south, north, step)), axis=-1).reshape(-1, 2)
    points = grid[shapely.contains_xy(area, *grid.T)]
    shown = np.zeros(len(points), dtype=bool)
    for start, end in found.lines:
        way = np.array(end) - np.array(start)
        long_m = float(np.hypot(*way))
        along = way / long_m
        offset = points - np.array(start)
        forward, across = offset @ along, offset @ np.array([-along[1], along[0]])
        shown |= (
            (np.abs(across) <= seen.across_m / 2)
            & (-seen.along_m / 2 <= forward)
            & (forward <= long_m + seen.along_m / 2)
        )
    return float(shown.mean())


@st.composite
def areas(draw: st.DrawFn) -> Polygon:
    """Areas of five to nine corners around a middle, often not convex."""
    radii = draw(st.lists(st.floats(40, 250), min_size=5, max_size=9))
    turns = [2 * math.pi * index / len(radii) for index in range(len(radii))]
    return Polygon([(r * math.cos(turn), r * math.sin(turn)) for r, turn in zip(radii, turns, strict=True)])


@settings(max_examples=40, deadline=None)
@given(areas(), st.floats(30, 100), st.floats(0, 0.8), st.none() | st.floats(0, 359))
def test_every_survey_sees_99_percent(
    area: Polygon, altitude_m: float, overlap: float, heading_deg: float | None
) -> None:
    seen = footprint(altitude_m, 70.0, 16 / 9)
    found = survey(area, OPEN, seen, overlap, heading_deg, (-500, 0))
    assert seen_share(area, found, seen) >= 0.99
    assert found.coverage >= 0.99


@settings(max_examples=40, deadline=None)
@given(areas(), st.floats(-120, 120), st.floats(-120, 120), st.floats(5, 60))
def test_round_a_zone_in_the_middle_too_and_never_into_it(area: Polygon, x: float, y: float, half_m: float) -> None:
    block = box(x - half_m, y - half_m, x + half_m, y + half_m)
    zone = Zone("z", "z", AirspaceKind.NO_FLY, block, 5.0, 0.0, None, (), ZoneInfo("UTC"))
    free = FreeSpace([zone])
    rest = free.cut(area)
    if rest.area < 2000:
        return
    seen = footprint(50.0, 70.0, 16 / 9)
    found = survey(area, free, seen, 0.6, None, (-500, 0))
    for start, end in found.lines:
        assert LineString([start, end]).distance(block) >= 5.0
    shares = [(part.area, seen_share(part, found, seen)) for part in shapely.get_parts(rest) if part.area > 1]
    assert sum(size * share for size, share in shares) / sum(size for size, _ in shares) >= 0.99


def test_ground_beside_a_zone_that_a_line_cannot_pass_is_seen_from_more_lines() -> None:
    area, block = box(0, 0, 300, 80), box(80, 25, 220, 55)
    free = FreeSpace([Zone("z", "z", AirspaceKind.NO_FLY, block, 2.0, 0.0, None, (), ZoneInfo("UTC"))])
    seen = Footprint(84.0, 40.0)
    found = survey(area, free, seen, 0.0, None, (-10, -10))
    [rest] = shapely.get_parts(free.cut(area))
    assert seen_share(rest, found, seen) >= 0.99
    assert found.coverage >= 0.99
    assert len(found.lines) > 2, "the middle line alone, cut in two, hides what lies beside the zone"


def test_lines_lie_along_the_longer_side_and_overlap_as_asked() -> None:
    seen = footprint(50.0, 70.0, 16 / 9)
    assert seen.across_m == pytest.approx(2 * 50 * math.tan(math.radians(35)))
    found = survey(box(0, 0, 400, 100), OPEN, seen, 0.6, None, (-10, -10))
    heights = [start[1] for start, _ in found.lines]
    assert all(start[1] == pytest.approx(end[1]) for start, end in found.lines)
    assert found.lines[0][0] == pytest.approx((0, heights[0]))
    assert max(np.diff(heights)) <= seen.across_m * 0.4 + 1e-6
    assert len(heights) == math.ceil(100 / (seen.across_m * 0.4))
    # to and fro
    assert [end[0] > start[0] for start, end in found.lines] == [True, False, True, False][: len(heights)]


def test_the_heading_asked_for_is_flown() -> None:
    found = survey(box(0, 0, 400, 100), OPEN, footprint(50.0, 70.0, 1.5), 0.6, 0.0, (-10, -10))
    assert all(start[0] == pytest.approx(end[0]) for start, end in found.lines)


def test_more_overlap_takes_more_lines() -> None:
    counts = [
        len(survey(box(0, 0, 400, 300), OPEN, Footprint(60, 40), part, None, (0, 0)).lines) for part in (0, 0.5, 0.8)
    ]
    assert counts == [5, 10, 25]
