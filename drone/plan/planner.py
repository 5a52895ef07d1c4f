"""A patrol -> a flight plan: stops, ways between them, heights over the ground, times, energy.

    stops (route) -> path round the zones -> heights over the terrain -> times and energy -> the check of every leg

A zone that is in force at some times only is planned around when the flight would pass it in such a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

import numpy as np

from drone.areas.frame import XY, LocalFrame
from drone.areas.zones import Zone, zones_of
from drone.plan.airspace_check import airspace_reasons, zones_hit
from drone.plan.failsafe_return import return_reasons
from drone.plan.free_space import FreeSpace
from drone.plan.model import EnergyBudget, FlightPlan, Home, LookAt, PlannedPoint, PointKind
from drone.plan.naming import leg_name, point_name
from drone.plan.profile import HIGHER_M, LOWER_M, Node, with_heights
from drone.plan.stops import LaidRoute, RouteContext, Stop, lay_out
from drone.plan.survey import footprint
from drone.plan.timeline import Timeline, Waypoint, Wind, timeline
from drone.plan.weather import Weather
from drone.reasons import PlanRefused, wording
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import PatrolConfig
from kernel.drone_events import ReasonText
from kernel.errors import BadInputError
from kernel.geodesy import to_wgs84
from kernel.terrain import FlatTerrain, Terrain, load_terrain

FARTHEST_M = 50_000.0  # from home; farther is a slip in a coordinate


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is planned.

    Attributes:
        at: when take-off begins, with its time zone.
        weather: None: reckoned with the most wind the aircraft may fly in, from the worst direction.
        layer: how many separations higher than the patrol asks.
    """

    config: LookoutConfig
    patrol: PatrolConfig
    drone: DroneConfig
    at: datetime
    weather: Weather | None
    layer: int = 0


def plan_patrol(
    config: LookoutConfig,
    patrol: PatrolConfig,
    drone: DroneConfig,
    at: datetime,
    weather: Weather | None,
    layer: int = 0,
) -> FlightPlan:
    """The plan of a patrol that keeps to the airspace; limits and papers are `drone.checks.check_flight`'s.

    Args:
        at: when take-off begins, with its time zone.
        weather: the wind to reckon with; None: the most the aircraft may fly in.
        layer: how many separations higher than the patrol asks it is flown.

    Raises:
        PlanRefused: with every reason found.
    """
    plan, reasons = draft_plan(PlanRequest(config, patrol, drone, at, weather, layer))
    if plan is None or reasons:
        raise PlanRefused(reasons)
    return plan


def draft_plan(request: PlanRequest) -> tuple[FlightPlan | None, list[ReasonText]]:
    """The plan as far as there is one, also where it may not be flown, and what the airspace has against it."""
    try:
        planner = _Planner(request)
        return planner.planned()
    except BadInputError as error:
        return None, [wording.unusable(str(error))]


class _Planner:
    """One planning; keeps what does not depend on which timed zones count."""

    def __init__(self, request: PlanRequest) -> None:
        self._request = request
        home = request.drone.home
        lat, lon = to_wgs84(home.lat, home.lon, home.datum)
        self._frame = LocalFrame(lat, lon)
        self._terrain: Terrain = load_terrain(request.patrol.terrain)
        self._agl_m = request.patrol.altitude_m + request.layer * request.drone.separation_m
        ground = float(self._terrain.heights_m(np.array([lat]), np.array([lon]))[0])
        if not math.isfinite(ground):
            raise BadInputError(f"{request.patrol.terrain}: has no height at the home of '{request.drone.id}'")
        self._home = Home(lat, lon, ground, request.patrol.terrain)
        asked = [self._agl_m, *(action.altitude_m for action in request.patrol.actions if action.altitude_m)]
        lowest_m, highest_m = min(asked) - LOWER_M, max(asked) + HIGHER_M
        self._zones = zones_of(request.config.airspace, self._frame, request.config.site.timezone)
        self._concerned = [zone for zone in self._zones if zone.counts_between(lowest_m, highest_m)]

    def planned(self) -> tuple[FlightPlan, list[ReasonText]]:
        """Plans, and plans again with each timed zone that the plan would pass while it is in force."""
        avoided = [zone for zone in self._concerned if not zone.is_timed]
        timed = [zone for zone in self._concerned if zone.is_timed]
        while True:
            plan, reasons = self._around(avoided)
            hit = [zone for zone in zones_hit(plan, timed, self._frame) if zone not in avoided]
            if not hit:
                return plan, reasons + airspace_reasons(plan, self._zones, self._frame)
            avoided = [*avoided, *hit]

    def _around(self, zones: Sequence[Zone]) -> tuple[FlightPlan, list[ReasonText]]:
        """A plan that goes round these zones where it can."""
        request = self._request
        free = FreeSpace(zones)
        seen = footprint(self._agl_m, request.drone.camera_fov_deg, request.drone.camera_aspect)
        laid = lay_out(request.patrol, RouteContext(request.config, self._frame, free, seen, (0.0, 0.0)))
        far = _too_far(laid.stops)
        if far:
            raise BadInputError(far)
        nodes, blocked = self._way(laid, free)
        nodes = with_heights(nodes, self._frame, self._terrain)
        plan = self._timed(nodes, laid)
        cut_off = _of_nodes(nodes, blocked)
        reasons = [wording.no_way(leg_name(plan.points, index), len(cut_off) - 1) for index in cut_off[:1]]
        unknown = [index for index, node in enumerate(nodes) if not math.isfinite(node.ground_m)]
        reasons += [wording.terrain_unknown(point_name(plan.points, index)) for index in unknown[:1]]
        return plan, reasons

    def _way(self, laid: LaidRoute, free: FreeSpace) -> tuple[list[Node], list[Node]]:
        """Nodes from take-off to home, and those that no way leads to."""
        home: XY = (0.0, 0.0)
        nodes = [Node(PointKind.TAKEOFF, home, self._agl_m)]
        blocked: list[Node] = []
        goals = [(stop.position, stop) for stop in laid.stops] + [(home, None)]
        starts = np.array([home, *(stop.position for stop in laid.stops)])
        straight = free.free_legs(starts, np.array([goal for goal, _ in goals]))
        for (goal, stop), is_straight in zip(goals, straight, strict=True):
            drawn = stop is not None and stop.is_drawn_leg
            node = self._node(goal, stop)
            if not is_straight and not drawn:
                path = free.path(nodes[-1].position, goal)
                blocked += [node] if path is None else []
                nodes += [Node(PointKind.TRANSIT, corner, self._agl_m) for corner in (path or ())[1:-1]]
            if stop is None and not isinstance(self._terrain, FlatTerrain):
                nodes.append(Node(PointKind.TRANSIT, home, self._agl_m))
            nodes.append(node)
        return nodes, blocked

    def _node(self, goal: XY, stop: Stop | None) -> Node:
        if stop is None:
            return Node(PointKind.RETURN, goal, 0.0)
        altitude_m = self._agl_m
        if stop.altitude_m is not None:
            altitude_m = stop.altitude_m + self._request.layer * self._request.drone.separation_m
        return Node(PointKind.WORK, goal, altitude_m, stop, stop.is_drawn_leg)

    def _timed(self, nodes: Sequence[Node], laid: LaidRoute) -> FlightPlan:
        request, drone = self._request, self._request.drone
        speed_m_s = request.patrol.speed_m_s or drone.cruise_m_s
        heights = [node.height_m - self._home.ground_m for node in nodes]
        way = [
            Waypoint(node.position, float(height), speed_m_s, node.stop.hold_s if node.stop else 0.0)
            for node, height in zip(nodes, np.nan_to_num(heights), strict=True)
        ]
        wind = wind_for(request.weather, drone)
        times = timeline(way, drone, wind)
        points = tuple(
            self._point(node, height, speed_m_s, times, index)
            for index, (node, height) in enumerate(zip(nodes, heights, strict=True))
        )
        used = math.inf if times.is_windbound else times.used
        plan = FlightPlan(
            patrol_id=request.patrol.id,
            drone_id=drone.id,
            home=self._home,
            points=points,
            start_at=request.at,
            distance_m=sum(math.dist(a.position, b.position) for a, b in pairwise(way)),
            duration_s=times.duration_s,
            energy=EnergyBudget(used, 1.0 - drone.reserve, wind.speed_m_s, times.wind_from_deg),
            layer=request.layer,
            coverage=laid.coverage,
            separation_m=drone.separation_m,
        )
        return replace(plan, notes=self._notes(plan, laid))

    def _point(self, node: Node, height_m: float, speed_m_s: float, times: Timeline, index: int) -> PlannedPoint:
        stop = node.stop or Stop(node.position)
        return PlannedPoint(
            kind=node.kind,
            lat=node.place[0],
            lon=node.place[1],
            alt_home_m=height_m,
            alt_ground_m=node.agl_m,
            speed_m_s=speed_m_s,
            hold_s=stop.hold_s,
            look_at=self._look_at(stop),
            photo=stop.photo,
            photo_every_m=stop.photo_every_m,
            arrive_s=times.arrive_s[index],
            leave_s=times.leave_s[index],
            number=stop.number,
        )

    def _look_at(self, stop: Stop) -> LookAt | None:
        if stop.look_at is None:
            return None
        position, height_m = stop.look_at
        lat, lon = self._frame.to_wgs84(*position)
        ground_m = float(self._terrain.heights_m(np.array([lat]), np.array([lon]))[0])
        known_m = ground_m if math.isfinite(ground_m) else self._home.ground_m
        return LookAt(lat, lon, known_m - self._home.ground_m + height_m)

    def _notes(self, plan: FlightPlan, laid: LaidRoute) -> tuple[tuple[str, str], ...]:
        """What a person should know: the autopilot's own return goes straight home, and so on."""
        notes = []
        if laid.left_out > 0.01:
            share = f"{laid.left_out:.0%}"
            notes.append(
                (f"区域的 {share} 在禁飞区内，不飞", f"{share} of the area is not flown: it is not free to fly")
            )
        drone = self._request.drone
        against = return_reasons(plan, self._zones, self._frame, self._terrain, drone.return_altitude_m)
        return (*notes, *((why.message_zh, why.message_en) for why in against))


def wind_for(weather: Weather | None, drone: DroneConfig) -> Wind:
    """The wind a plan reckons with: the mean wind observed, else the most the aircraft may fly in."""
    return Wind(drone.wind_max_m_s, None) if weather is None else Wind(weather.wind_m_s, weather.wind_from_deg)


def _of_nodes(nodes: Sequence[Node], chosen: Sequence[Node]) -> list[int]:
    """Where in the plan nodes stand, whose heights are filled in since."""
    wanted = [(node.kind, node.position, node.stop) for node in chosen]
    return [index for index, node in enumerate(nodes) if (node.kind, node.position, node.stop) in wanted]


def _too_far(stops: Sequence[Stop]) -> str:
    farthest = max(stops, key=lambda stop: math.hypot(*stop.position))
    far_m = math.hypot(*farthest.position)
    if far_m <= FARTHEST_M:
        return ""
    number = f"point {farthest.number}" if farthest.number else "a point of the route"
    return f"{number} is {far_m / 1000:.0f} km from home; is its datum, or the order of lat and lon, right?"


def moved(plan: FlightPlan, at: datetime) -> FlightPlan:
    """The same flight, begun at another instant (timed zones and separation have to be checked again)."""
    return replace(plan, start_at=at)
