"""A patrol's plan as a whole: what it flies, round what, how high, how fast, how long."""

from __future__ import annotations

import math
import time
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from drone.areas.frame import XY
from drone.checks import check_flight
from drone.mission.from_plan import plan_to_mission
from drone.plan import FlightPlan, PlannedPoint, PointKind, Weather, plan_patrol
from drone.plan.planner import PlanRequest, draft_plan
from drone.plan.profile import HIGHER_M, LOWER_M, Node, with_heights
from drone.reasons import PlanRefused
from kernel.config.camera import Datum
from kernel.config.lookout import LookoutConfig
from kernel.geodesy import from_wgs84
from kernel.terrain import GridTerrain, load_terrain
from tests.unit.drone.patrol_configs import FRAME, HOME, NOON, config, route, square, zone

CALM = Weather(0.0, 15.0, NOON)


def planned(found: LookoutConfig, at: datetime = NOON, layer: int = 0) -> FlightPlan:
    return plan_patrol(found, found.patrols[0], found.fleet[0], at, CALM, layer)


def refused(found: LookoutConfig, at: datetime = NOON) -> list[str]:
    with pytest.raises(PlanRefused) as raised:
        planned(found, at)
    assert all(reason.message_zh and reason.message_en for reason in raised.value.reasons)
    return [reason.code for reason in raised.value.reasons]


def local(points: tuple[PlannedPoint, ...]) -> list[XY]:
    return [FRAME.to_local(point.lat, point.lon) for point in points]


def near(first: XY, second: XY) -> bool:
    return math.dist(first, second) < 0.01


def test_waypoints_are_flown_in_order_with_what_is_done_there() -> None:
    points = [(100.0, 0.0), (100.0, 100.0)]
    actions = [{"point": 2, "hold_s": 7.0, "look_at": list(FRAME.to_wgs84(150, 100)), "photo": True, "altitude_m": 40}]
    plan = planned(config(route("waypoints", points), patrol={"actions": actions, "altitude_m": 50, "speed_m_s": 5}))
    assert [point.kind for point in plan.points] == [
        PointKind.TAKEOFF,
        PointKind.WORK,
        PointKind.WORK,
        PointKind.RETURN,
    ]
    assert all(near(*pair) for pair in zip(local(plan.points), [(0, 0), *points, (0, 0)], strict=True))
    assert [point.alt_home_m for point in plan.points] == [50, 50, 40, 0]
    last = plan.points[2]
    assert (last.hold_s, last.photo, last.number, last.speed_m_s) == (7.0, True, 2, 5.0)
    assert last.look_at is not None
    assert near(FRAME.to_local(last.look_at.lat, last.look_at.lon), (150, 100))
    assert plan.distance_m == pytest.approx(100 + 100 + math.hypot(100, 100), abs=0.01)
    assert last.leave_s - last.arrive_s == 7.0


def test_a_loop_comes_back_to_its_first_point_each_lap() -> None:
    corners = [(100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
    plan = planned(config(route("loop", corners, laps=2)))
    assert [point.number for point in plan.work_points] == [1, 2, 3, 1, 2, 3, 1]


def test_a_route_from_a_chinese_map_is_flown_where_it_was_meant() -> None:
    there = FRAME.to_wgs84(200, 50)
    shifted = route("waypoints", [(0.0, 0.0)]) | {"datum": "gcj02", "points": [list(from_wgs84(*there, Datum.GCJ02))]}
    assert near(local(planned(config(shifted)).work_points)[0], (200, 50))


def test_transit_goes_round_a_zone_and_back() -> None:
    found = config(route("waypoints", [(0.0, 400.0)]), [zone(square((0, 200), 50))])
    plan = planned(found)
    kinds = [point.kind for point in plan.points]
    assert kinds.count(PointKind.TRANSIT) >= 2
    path = LineString(local(plan.points))
    assert path.distance(Polygon(square((0, 200), 50))) >= 10.0
    assert any("zone" in english for _, english in plan.notes), "a straight failsafe return would cross the zone"


def test_a_drawn_leg_through_a_zone_is_refused_and_named() -> None:
    points = [(-200.0, 200.0), (200.0, 200.0)]
    found = config(route("waypoints", points), [zone(square((0, 200), 50), name="民爆库")])
    with pytest.raises(PlanRefused) as raised:
        planned(found)
    [reason] = raised.value.reasons
    assert reason.code == "no_fly_zone"
    assert reason.message_en == "the leg from point 1 to point 2 goes through the no-fly zone '民爆库'"
    assert reason.message_zh == "第 1 点到第 2 点的航段穿过禁飞区“民爆库”"


@pytest.mark.parametrize(
    ("zones", "points", "codes"),
    [
        ([zone(square((0, 200), 50))], [(0.0, 200.0)], {"no_way", "no_fly_zone"}),
        ([zone(square((0, 200), 50))], [(0.0, 255.0)], {"no_way", "no_fly_zone"}),
        ([zone(square((0, 0), 150), kind="keep_in")], [(0.0, 200.0)], {"no_way", "keep_in"}),
        ([zone(square((0, 0), 150), kind="keep_in")], [(0.0, 145.0)], {"no_way", "keep_in"}),
        ([zone(square((0, 0), 20))], [(100.0, 0.0)], {"no_way", "no_fly_zone"}),
    ],
)
def test_points_where_no_drone_may_be(zones: list[dict[str, object]], points: list[XY], codes: set[str]) -> None:
    assert set(refused(config(route("waypoints", points), zones))) == codes


def test_a_zone_counts_at_its_heights_only() -> None:
    points = [(-200.0, 200.0), (200.0, 200.0)]
    low = config(route("waypoints", points), [zone(square((0, 200), 50), ceiling_m=40)])
    assert len(planned(low).work_points) == 2
    over = config(route("waypoints", points), [zone(square((0, 200), 50), floor_m=62)])
    assert len(planned(over).work_points) == 2
    at = config(route("waypoints", points), [zone(square((0, 200), 50), floor_m=61)])
    assert refused(at) == ["no_fly_zone"], "60 m above ground may be 61 m between two points"


def test_a_low_zone_is_flown_over_on_the_way_home_too() -> None:
    """The autopilot comes home at the height it flew at, and lands there; the way was taken for one long descent."""
    way = route("waypoints", [(200.0, 0.0), (200.0, 200.0)])
    over = planned(config(way, [zone(square((100, 100), 20), ceiling_m=50)]))
    round_it = planned(config(way, [zone(square((100, 100), 20), ceiling_m=58)]))
    assert [point.kind for point in over.points].count(PointKind.TRANSIT) == 0
    assert [point.kind for point in round_it.points].count(PointKind.TRANSIT) > 0


def test_the_climb_and_the_landing_at_home_count_too() -> None:
    found = config(route("waypoints", [(100.0, 0.0)]), [zone(square((0, 0), 20), ceiling_m=30)])
    assert refused(found) == ["no_fly_zone"]


def test_a_timed_zone_counts_when_the_flight_passes_it() -> None:
    points = [(-200.0, 200.0), (200.0, 200.0)]
    blasting = zone(square((0, 200), 50), active=["14:00-15:30"])
    found = config(route("waypoints", points), [blasting])
    assert len(planned(found, NOON).work_points) == 2
    assert refused(found, NOON + timedelta(hours=2, minutes=30)) == ["timed_zone"]
    assert refused(found, NOON + timedelta(hours=1, minutes=58)) == ["timed_zone"], "begins while it flies"
    assert len(planned(found, NOON + timedelta(hours=4)).work_points) == 2


def test_a_timed_zone_counts_two_minutes_early_and_late_too() -> None:
    points = [(-200.0, 200.0), (200.0, 200.0)]
    found = config(route("waypoints", points), [zone(square((0, 200), 50), active=["14:00-15:30"])])
    plan = planned(found)
    enters, leaves = (timedelta(seconds=plan.points[index].leave_s) for index in (1, 2))
    begins, ends = NOON + timedelta(hours=2), NOON + timedelta(hours=3, minutes=30)
    assert refused(found, begins - leaves - timedelta(seconds=110)) == ["timed_zone"]
    assert refused(found, ends - enters + timedelta(seconds=110)) == ["timed_zone"]
    assert planned(found, begins - leaves - timedelta(seconds=130))
    assert planned(found, ends - enters + timedelta(seconds=130))


def test_transit_goes_round_a_timed_zone_only_while_it_counts() -> None:
    found = config(route("waypoints", [(0.0, 400.0)]), [zone(square((0, 200), 50), active=["14:00-15:30"])])
    assert len(planned(found, NOON).points) == 3
    later = planned(found, NOON + timedelta(hours=2, minutes=30))
    assert LineString(local(later.points)).distance(Polygon(square((0, 200), 50))) >= 10.0


def test_an_inspection_stops_in_front_of_each_camera_and_looks_at_it() -> None:
    camera = {"id": "cam-1", "name": "门", "unit": "b", "streams": {"main": {"url": "rtsp://192.0.2.1/x"}}}
    lat, lon = FRAME.to_wgs84(200, 0)
    camera["place"] = {"lat": lat, "lon": lon, "bearing_deg": 90, "datum": "wgs84"}
    inspect = {"kind": "inspect", "cameras": ["cam-1"], "distance_m": 20, "hold_s": 5}
    plan = planned(config(inspect, cameras=[camera]))
    [point] = plan.work_points
    assert near(FRAME.to_local(point.lat, point.lon), (220, 0))
    assert point.look_at is not None
    assert near(FRAME.to_local(point.look_at.lat, point.look_at.lon), (200, 0))
    in_front = zone(square((220, 0), 5), clearance_m=3.0)
    [point] = planned(config(inspect, [in_front], cameras=[camera])).work_points
    assert math.dist(FRAME.to_local(point.lat, point.lon), (200, 0)) == pytest.approx(20, abs=0.01)


def test_a_perimeter_keeps_its_distance_from_the_edge() -> None:
    plan = planned(config({"kind": "perimeter", "zone": "zone", "distance_m": 25}, [zone(square((200, 200), 50))]))
    inside = Polygon(square((200, 200), 50))
    work = local(plan.work_points)
    assert all(inside.distance(LineString(leg)) == pytest.approx(25, abs=0.6) for leg in pairwise(work))
    assert near(work[0], work[-1])
    assert "no_fly_zone" in refused(
        config({"kind": "perimeter", "zone": "zone", "distance_m": 5}, [zone(square((200, 200), 50))])
    )


def test_a_corridor_is_seen_in_as_many_passes_as_it_needs() -> None:
    line = [(100.0, 0.0), (300.0, 0.0), (300.0, 200.0)]
    narrow = planned(config(route("corridor", line, width_m=40)))
    assert all(near(*pair) for pair in zip(local(narrow.work_points), line, strict=True))
    wide = planned(config(route("corridor", line, width_m=200, side_overlap=0.5)))
    across_m = 2 * 60 * math.tan(math.radians(35))
    passes = math.ceil(200 / (across_m * 0.5))
    assert len(wide.work_points) == 3 * passes
    strip, path = LineString(line).buffer(100 - 0.1, cap_style="flat"), LineString(local(wide.work_points))
    assert path.buffer(across_m / 2).covers(strip)


def test_heights_follow_the_ground(tmp_path: Path) -> None:
    """A pit 100 m deep: the flight goes down into it and up again, never lower over the ground than a little."""
    cell, rows = 0.0002, 60
    south, west = HOME[0] - cell * rows / 2, HOME[1] - cell * rows / 2
    head = f"ncols {rows}\nnrows {rows}\nxllcorner {west}\nyllcorner {south}\ncellsize {cell}\nNODATA_value -9999\n"
    depth = [0.0] * 34 + [-100.0 * min(1.0, step / 8) for step in range(rows - 34)]
    body = "\n".join(" ".join(f"{1500 + depth[column]:.1f}" for column in range(rows)) for _ in range(rows))
    (tmp_path / "pit.asc").write_text(head + body)
    found = config(route("waypoints", [(300.0, 0.0)]), patrol={"terrain": str(tmp_path / "pit.asc"), "altitude_m": 50})
    plan = planned(found)
    assert plan.home.ground_m == pytest.approx(1500)
    [work] = plan.work_points
    assert work.alt_home_m == pytest.approx(50 - 100, abs=0.1)
    assert work.alt_ground_m == 50
    assert len([point for point in plan.points if point.kind is PointKind.TRANSIT]) >= 3
    terrain = load_terrain(str(tmp_path / "pit.asc"))
    for start, end in pairwise(plan.points[:-1]):
        shares = np.linspace(0, 1, 40)
        lats, lons = start.lat + shares * (end.lat - start.lat), start.lon + shares * (end.lon - start.lon)
        heights = plan.home.ground_m + start.alt_home_m + shares * (end.alt_home_m - start.alt_home_m)
        over_ground = heights - terrain.heights_m(lats, lons)
        assert over_ground.min() >= 50 - 4
        assert over_ground.max() <= 50 + 2
    assert plan.points[-2].alt_home_m == pytest.approx(50), "home is reached at the height of home"
    far = config(route("waypoints", [(2000.0, 0.0)]), patrol={"terrain": str(tmp_path / "pit.asc")})
    assert "terrain_unknown" in refused(far)


@pytest.mark.parametrize(
    ("drone", "told"),
    [
        ({}, "from transit point 6, point 1, transit point 8, which goes straight home, would be -10 m above ground"),
        ({"return_altitude_m": 64.0}, "would be 4 m above ground"),
        ({"return_altitude_m": 70.0}, None),
    ],
)
def test_ground_that_a_failsafe_return_would_fly_into_is_told(
    tmp_path: Path, drone: dict[str, float], told: str | None
) -> None:
    """The autopilot knows nothing of the ridge, 60 m high, between the point, 50 m over level ground, and home."""
    cell, rows = 0.0002, 60
    south, west = HOME[0] - cell * rows / 2, HOME[1] - cell * rows / 2
    head = f"ncols {rows}\nnrows {rows}\nxllcorner {west}\nyllcorner {south}\ncellsize {cell}\n"
    row = " ".join("1560" if 36 <= column < 42 else "1500" for column in range(rows))
    (tmp_path / "ridge.asc").write_text(head + f"{row}\n" * rows)
    patrol = {"terrain": str(tmp_path / "ridge.asc"), "altitude_m": 50}
    accepts, refuses = (
        config(route("waypoints", [(350.0, 0.0)]), patrol=patrol, drone=drone | {"failsafe_return": said})
        for said in ("accept", "refuse")
    )
    plan = planned(accepts)

    notes = [english for _, english in plan.notes if "failsafe" in english]
    assert told in notes[0] if told is not None else not notes
    assert [one.code for one in check_flight(accepts, plan, None, NOON)] == []
    assert [one.code for one in check_flight(refuses, plan, None, NOON)] == ["failsafe_return"] * len(notes)


def test_layers_are_flown_higher() -> None:
    found = config(route("waypoints", [(100.0, 0.0)]), drone={"separation_m": 15})
    assert [point.alt_ground_m for point in planned(found, layer=2).points] == [90, 90, 0]


def test_a_coordinate_in_another_country_is_refused() -> None:
    assert refused(config(route("waypoints", [(100.0, 0.0)]) | {"points": [[31.2, 121.5]]})) == ["route_unusable"]


SECOND = st.floats(-300, 300)
SPOT = st.tuples(SECOND, SECOND)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["waypoints", "loop", "survey", "perimeter", "corridor"]),
    st.lists(SPOT, min_size=3, max_size=6, unique=True),
    st.lists(st.tuples(SPOT, st.floats(5, 80), st.floats(0, 30)), min_size=1, max_size=3),
)
def test_no_planned_segment_ever_enters_a_no_fly_polygon(
    kind: str, points: list[XY], blocks: list[tuple[XY, float, float]]
) -> None:
    """Whatever is asked for: the plan is refused, or every one of its segments keeps the clearance of every zone."""
    if kind in ("survey", "perimeter"):
        hull = Polygon(points).convex_hull
        if not isinstance(hull, Polygon) or hull.area < 100:
            return
        points = [(float(x), float(y)) for x, y in hull.exterior.coords[:-1]]
    zones = [zone(square(at, half_m), id=f"z{i}", clearance_m=c) for i, (at, half_m, c) in enumerate(blocks)]
    found = config(route(kind, points), zones)
    plan, reasons = draft_plan(PlanRequest(found, found.patrols[0], found.fleet[0], NOON, CALM))
    if plan is None:
        return
    legs = [LineString(leg) for leg in pairwise(local(plan.points))]
    squares = [(Polygon(square(at, half_m)), clearance_m) for at, half_m, clearance_m in blocks]
    spare_m = min(leg.distance(block) - clearance_m for leg in legs for block, clearance_m in squares)
    if not reasons:
        assert spare_m >= -0.01
        assert not any(leg.intersects(block) for leg in legs for block, _ in squares)
    elif kind == "survey":
        # three squares shut nothing in: only a home too near to one of them speaks against a survey
        assert any(block.distance(Point(0, 0)) < clearance_m * 1.01 + 0.1 for block, clearance_m in squares), reasons
    else:
        assert spare_m < 0.01 or any(reason.code == "no_way" for reason in reasons), reasons


def test_a_survey_of_500_waypoints_is_planned_and_checked_within_a_second() -> None:
    area = [(-1500.0, 300.0), (1500.0, 300.0), (1500.0, 3300.0), (-1500.0, 3300.0)]
    zones = [zone(square((x, 1500), 60), id=f"z{x}") for x in range(-1000, 1001, 400)]
    found = config(
        route("survey", area, side_overlap=0.85),
        zones,
        drone={"endurance_s": 360_000, "ceiling_m": 120},
        patrol={"altitude_m": 60},
    )
    begin = time.process_time()
    plan = planned(found)
    reasons = check_flight(found, plan, CALM, NOON)
    took_s = time.process_time() - begin
    assert len(plan.work_points) >= 500
    assert [reason.code for reason in reasons] in ([], ["too_many_items"])
    assert plan.coverage is not None
    assert plan.coverage >= 0.99
    assert took_s < 1.0


def test_the_mission_takes_off_goes_round_and_returns() -> None:
    found = config(route("waypoints", [(0.0, 400.0)]), [zone(square((0, 200), 50))])
    mission = plan_to_mission(planned(found))
    commands = [item.command for item in mission.items]
    assert commands[:3] == [16, 22, 178]
    assert commands[-1] == 20
    assert {item.frame for item in mission.items[1:]} == {3}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-150, 150), st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=3),
    st.lists(SPOT, min_size=1, max_size=4),
    st.floats(30, 100),
)
def test_between_points_no_flight_comes_lower_or_higher_over_any_ground(
    hills: list[tuple[float, int, int]], points: list[XY], altitude_m: float
) -> None:
    """Pits and heaps of any shape: heights are measured much finer than the planner looks."""
    size, cell = 81, 0.0001
    rows, columns = np.mgrid[0:size, 0:size] / (size - 1) * 2 * np.pi
    heights = 1500 + sum(h * np.sin(a * rows) * np.sin(b * columns) for h, a, b in hills) / 2
    terrain = GridTerrain(heights, HOME[1] - cell * 40, HOME[0] - cell * 40, cell)
    # the longest ground slope between two looks, which are half a cell apart
    slack_m = float(max(np.abs(np.diff(heights, axis=0)).max(), np.abs(np.diff(heights, axis=1)).max()))
    nodes = [Node(PointKind.WORK, point, altitude_m) for point in [(0.0, 0.0), *points]]
    flown = with_heights(nodes, FRAME, terrain)
    assert [node.position for node in flown if node.kind is PointKind.WORK] == [node.position for node in nodes]
    for start, end in pairwise(flown):
        shares = np.linspace(0, 1, 60)
        lats = start.place[0] + shares * (end.place[0] - start.place[0])
        lons = start.place[1] + shares * (end.place[1] - start.place[1])
        over_m = start.height_m + shares * (end.height_m - start.height_m) - terrain.heights_m(lats, lons)
        assert over_m.min() >= altitude_m - LOWER_M - slack_m
        assert over_m.max() <= altitude_m + HIGHER_M + slack_m
