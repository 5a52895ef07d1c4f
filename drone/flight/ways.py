"""Ways through the air from where a drone is: to an alert's place, round it, and home, clear of the zones; pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from shapely import Point
from shapely.ops import nearest_points

from drone.areas.frame import XY, LocalFrame
from drone.areas.zones import zones_of
from drone.flight.errand import Waypoint
from drone.flight.snapshot import Snapshot
from drone.plan.free_space import FreeSpace
from drone.plan.model import EnergyBudget, FlightPlan, Home, PlannedPoint, PointKind
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.geodesy import LatLon

_CIRCLE_POINTS = 12
_BAND_M = 5.0
_LONGEST_RETURN_S = 900.0
_REACH_M = 3_000.0
_MARGIN_M = 1.0
_ROOM_M = 15.0
_SAMPLE_M = 5.0
_MOST_SAMPLES = 600
_TRIES = 4
GroundBelow = Callable[[LatLon], float | None]
"""Height of the ground over that at the dock, metres; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Way:
    """Corners of a way, its start left out, and how long it is."""

    points: tuple[Waypoint, ...]
    distance_m: float

    def at_height(self, alt_home_m: float) -> Way:
        """The same way, higher or lower."""
        return Way(tuple(replace(point, alt_home_m=alt_home_m) for point in self.points), self.distance_m)


class Ways:
    """Ways for one drone.

    Args:
        home: its dock, WGS-84: middle of the local metres.
    """

    def __init__(self, config: LookoutConfig, home: LatLon) -> None:
        self._frame = LocalFrame(*home)
        self._zones = zones_of(config.airspace, self._frame, config.site.timezone)

    def way(
        self,
        start: LatLon,
        end: LatLon,
        alt_home_m: float,
        alt_ground_m: float,
        at: datetime,
        lasts_s: float,
        up_to_m: float | None = None,
    ) -> Way | None:
        """The shortest way at one height; None where there is none that keeps clear of the zones.

        Args:
            at, lasts_s: timed zones count if they are in force at any instant of this.
            up_to_m: above the ground where that is lowest; `alt_ground_m` where the ground is level.
        """
        space = self._space(alt_ground_m, at, lasts_s, up_to_m)
        path = space.path(self._frame.to_local(*start), self._frame.to_local(*end))
        if path is None:
            return None
        length_m = math.fsum(math.dist(a, b) for a, b in pairwise(path))
        corners = [self._frame.to_wgs84(*corner) for corner in path[1:-1]]
        return Way(tuple(Waypoint(lat, lon, alt_home_m) for lat, lon in (*corners, end)), length_m)

    def home(self, seen: Snapshot, home: LatLon, at: datetime, ground_m: GroundBelow) -> tuple[Waypoint, ...]:
        """Points to fly to before the autopilot's own return, which goes straight; none where straight is free.

        None either where it is not known where it is: the autopilot knows better, its own return begins there.

        Where the ground on the way is too high it climbs first, to the room that it has above the ground now, 15 m at
        most: neither it nor the autopilot's return comes lower then. Over lower ground more zones count than do.

        Args:
            ground_m: heights of the ground over that at the dock; where they are not known they count for nothing.
        """
        if seen.place is None or seen.alt_home_m is None or seen.is_place_old:
            return ()
        here, low_m = self._frame.to_local(*seen.place), seen.alt_home_m
        alt_m, corners = low_m, self._corners(here, home, low_m, low_m, at)
        for _ in range(_TRIES):
            highest_m = self._highest_m([here, *corners, self._frame.to_local(*home)], ground_m)
            needed_m = highest_m + min(_ROOM_M, max(0.0, low_m - (ground_m(seen.place) or 0.0)))
            if needed_m <= alt_m:
                break
            alt_m = needed_m
            corners = self._corners(here, home, low_m, alt_m, at)
        path = corners if alt_m == low_m else (here, *corners)
        return tuple(Waypoint(*self._frame.to_wgs84(*corner), alt_m) for corner in path)

    def _corners(self, here: XY, home: LatLon, low_m: float, high_m: float, at: datetime) -> tuple[XY, ...]:
        """Where a return turns, clear of the zones that count between those heights; out of one first."""
        space = self._space(low_m, at, _LONGEST_RETURN_S, high_m)
        out = () if space.is_free(here, here) else (_nearest_free(space, here),)
        path = space.path(out[0] if out else here, self._frame.to_local(*home))
        return (*out, *path[1:-1]) if path is not None else out

    def _highest_m(self, way: Sequence[XY], ground_m: GroundBelow) -> float:
        """Highest known ground on a way over that at the dock."""
        highest_m = -math.inf
        for begin, end in pairwise(way):
            count = 1 + min(_MOST_SAMPLES, math.ceil(math.dist(begin, end) / _SAMPLE_M))
            for number in range(count + 1):
                share = number / count
                east, north = (one + share * (other - one) for one, other in zip(begin, end, strict=True))
                highest_m = max(highest_m, _known(ground_m(self._frame.to_wgs84(east, north))))
        return highest_m

    def circle(
        self,
        middle: LatLon,
        radius_m: float,
        alt_home_m: float,
        alt_ground_m: float,
        at: datetime,
        lasts_s: float,
        up_to_m: float | None = None,
    ) -> tuple[Waypoint, ...] | None:
        """Points once round a place; None where the circle, or the way onto it, is not clear of the zones.

        Args:
            up_to_m: above the ground where that is lowest; `alt_ground_m` where the ground is level.
        """
        east, north = self._frame.to_local(*middle)
        turns = [2 * math.pi * number / _CIRCLE_POINTS for number in range(_CIRCLE_POINTS + 1)]
        ring = [(east + radius_m * math.sin(turn), north + radius_m * math.cos(turn)) for turn in turns]
        space = self._space(alt_ground_m, at, lasts_s, up_to_m)
        legs = [((east, north), ring[0]), *pairwise(ring), (ring[-1], (east, north))]
        if not all(space.is_free(begin, end) for begin, end in legs):
            return None
        return tuple(Waypoint(*self._frame.to_wgs84(*point), alt_home_m) for point in ring)

    def _space(self, alt_ground_m: float, at: datetime, lasts_s: float, up_to_m: float | None = None) -> FreeSpace:
        until, highest_m = at + timedelta(seconds=lasts_s), (up_to_m or alt_ground_m) + _BAND_M
        counted = [
            zone
            for zone in self._zones
            if zone.counts_between(alt_ground_m - _BAND_M, highest_m) and zone.counts_during(at, until)
        ]
        return FreeSpace(counted)


def _known(ground_m: float | None) -> float:
    return -math.inf if ground_m is None else ground_m


def _nearest_free(space: FreeSpace, here: XY) -> XY:
    """The nearest place that keeps clear of the zones, for a drone that does not."""
    around = space.allowed if space.allowed is not None else Point(here).buffer(_REACH_M)
    free = around.buffer(-_MARGIN_M).difference(space.blocked.buffer(_MARGIN_M))
    nearest = nearest_points(free, Point(here))[0] if not free.is_empty else Point(here)
    return float(nearest.x), float(nearest.y)


def plan_of_way(
    drone: DroneConfig,
    home: Home,
    start: Waypoint,
    ways: Sequence[Waypoint],
    hold_s: float,
    at: datetime,
    speed_m_s: float,
) -> FlightPlan:
    """A way as a plan, so that its distance from other drones' plans can be measured.

    Args:
        start: where the drone is; `ways` goes from there to the place where it holds.
    """
    frame = LocalFrame(home.lat, home.lon)
    points: list[PlannedPoint] = []
    seconds = distance_m = 0.0
    before = start
    for number, point in enumerate((start, *ways)):
        leg_m = math.dist(frame.to_local(*before.place), frame.to_local(*point.place))
        leg_m = math.hypot(leg_m, point.alt_home_m - before.alt_home_m)
        seconds += leg_m / speed_m_s
        distance_m += leg_m
        stays_s = hold_s if number == len(ways) else 0.0
        points.append(
            PlannedPoint(
                PointKind.TRANSIT,
                point.lat,
                point.lon,
                point.alt_home_m,
                point.alt_home_m,
                speed_m_s,
                arrive_s=seconds,
                leave_s=seconds + stays_s,
            )
        )
        seconds += stays_s
        before = point
    points.append(replace(points[-1], arrive_s=seconds, leave_s=seconds))
    return FlightPlan(
        patrol_id="dispatch",
        drone_id=drone.id,
        home=replace(home, lat=start.lat, lon=start.lon),
        points=tuple(points),
        start_at=at,
        distance_m=distance_m,
        duration_s=seconds,
        energy=EnergyBudget(0.0, 1.0, 0.0, None),
        separation_m=drone.separation_m,
    )
