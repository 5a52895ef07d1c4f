"""The planner's figures, on many more cases than the suite has: time, zones kept out of, ground seen.

`python -m pytest -s tests/bench/test_bench_planner.py` prints them.
"""

from __future__ import annotations

import math
import statistics
import time
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Polygon

from drone.areas.frame import XY
from drone.checks import check_flight
from drone.plan import Weather, plan_patrol
from drone.plan.free_space import FreeSpace
from drone.plan.planner import PlanRequest, draft_plan
from drone.plan.survey import footprint, survey
from tests.unit.drone.patrol_configs import FRAME, NOON, config, route, square, zone
from tests.unit.drone.plan.test_survey import seen_share

CALM = Weather(0.0, 15.0, NOON)
KINDS = ("waypoints", "loop", "survey", "perimeter", "corridor")
PLANS, AREAS, TIMES = 600, 300, 9


def test_a_survey_of_500_waypoints_round_six_zones() -> None:
    area = [(-1500.0, 300.0), (1500.0, 300.0), (1500.0, 3300.0), (-1500.0, 3300.0)]
    zones = [zone(square((x, 1500), 60), id=f"z{x}") for x in range(-1000, 1001, 400)]
    found = config(
        route("survey", area, side_overlap=0.85),
        zones,
        drone={"endurance_s": 360_000, "ceiling_m": 120},
        patrol={"altitude_m": 60},
    )
    took_s = []
    for _ in range(TIMES):
        begin = time.process_time()
        plan = plan_patrol(found, found.patrols[0], found.fleet[0], NOON, CALM, 0)
        check_flight(found, plan, CALM, NOON)
        took_s.append(time.process_time() - begin)
    points = len(plan.work_points)
    print(
        f"{points} points: {statistics.median(took_s):.3f} s, at most {max(took_s):.3f} s, coverage {plan.coverage:.4f}"
    )
    assert points >= 500
    assert plan.coverage is not None
    assert plan.coverage >= 0.99
    assert max(took_s) < 1.0


def test_no_segment_of_any_plan_enters_a_no_fly_polygon() -> None:
    """Zones of any shape, not squares alone; every kind of route."""
    rng = np.random.default_rng(11)
    flown = refused = legs = 0
    spare_m = math.inf
    while flown + refused < PLANS:
        kind = KINDS[int(rng.integers(len(KINDS)))]
        points = _corners(rng, kind)
        shapes = [_polygon(rng) for _ in range(int(rng.integers(1, 5)))]
        clearances_m = rng.uniform(0.0, 30.0, len(shapes))
        zones = [
            zone([(float(x), float(y)) for x, y in shape.exterior.coords[:-1]], id=f"z{index}", clearance_m=clearance_m)
            for index, (shape, clearance_m) in enumerate(zip(shapes, clearances_m.tolist(), strict=True))
        ]
        found = config(route(kind, points), zones)
        plan, reasons = draft_plan(PlanRequest(found, found.patrols[0], found.fleet[0], NOON, CALM))
        if plan is None or reasons:
            refused += 1
            continue
        flown += 1
        way = [LineString(leg) for leg in pairwise(FRAME.to_local(one.lat, one.lon) for one in plan.points)]
        legs += len(way)
        for shape, clearance_m in zip(shapes, clearances_m, strict=True):
            assert not any(leg.intersects(shape) for leg in way)
            spare_m = min(spare_m, *(leg.distance(shape) - clearance_m for leg in way))
    print(f"{flown} plans flown, {refused} refused; {legs} legs, nearest {spare_m:+.3f} m over the clearance")
    assert flown >= PLANS / 4
    assert spare_m >= -0.01


def test_surveys_of_any_area_see_99_percent_of_it() -> None:
    rng = np.random.default_rng(12)
    shares = []
    for _ in range(AREAS):
        radii = rng.uniform(40, 250, int(rng.integers(5, 10)))
        turns = np.linspace(0, 2 * math.pi, len(radii), endpoint=False)
        area = Polygon(np.column_stack([radii * np.cos(turns), radii * np.sin(turns)]))
        seen = footprint(float(rng.uniform(30, 100)), 70.0, 16 / 9)
        heading_deg = None if rng.random() < 0.5 else float(rng.uniform(0, 359))
        found = survey(area, FreeSpace([]), seen, float(rng.uniform(0, 0.8)), heading_deg, (-500, 0))
        shares.append(seen_share(area, found, seen))
    print(
        f"{AREAS} areas: {min(shares):.4f} of the ground seen at least, {statistics.median(shares):.4f} at the median"
    )
    assert min(shares) >= 0.99


def _corners(rng: np.random.Generator, kind: str) -> list[XY]:
    points = rng.uniform(-300, 300, (int(rng.integers(3, 7)), 2))
    if kind in ("survey", "perimeter"):
        hull = shapely.MultiPoint(points).convex_hull
        points = np.array(hull.exterior.coords[:-1]) if isinstance(hull, Polygon) else points
    return [(float(x), float(y)) for x, y in points]


def _polygon(rng: np.random.Generator) -> Polygon:
    """Five to eight corners around a middle, often hollow."""
    radii = rng.uniform(8, 80, int(rng.integers(5, 9)))
    turns = np.linspace(0, 2 * math.pi, len(radii), endpoint=False)
    middle = rng.uniform(-300, 300, 2)
    return Polygon(np.column_stack([middle[0] + radii * np.cos(turns), middle[1] + radii * np.sin(turns)]))
