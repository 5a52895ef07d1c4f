"""A watch over the zones in flight: blown off its way or into a zone that has come into force, the aircraft returns.

The plan keeps each zone's clearance; the guard leaves the aircraft room for its corners and the wind, and acts when
half of the clearance is used up (at least five metres: a zone without clearance is let be grazed by as much).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np
from shapely import Point
from shapely.geometry.base import BaseGeometry

from drone.areas.frame import LocalFrame
from drone.areas.zones import Zone, zones_of
from drone.flight.driver import Guard
from drone.flight.errand import Waypoint
from drone.flight.snapshot import Snapshot
from drone.flight.ways import GroundBelow, Ways
from drone.reasons import reason
from kernel.clock import Clock
from kernel.config.airspace import AirspaceKind
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.drone_events import ReasonText
from kernel.geodesy import LatLon
from kernel.terrain import Terrain

_LEAST_ROOM_M = 5.0
_USED = 0.5
_LOWEST_M = 15.0
_LEVEL_STEP_M = 2.0
Levels = Callable[[Snapshot], tuple[float, float] | None]


class ZoneGuard:
    """Looks at one drone's position.

    Args:
        home: its dock: middle of the local metres.
        ground_m: height of the ground over that at the dock; None where it is not known.
    """

    def __init__(self, config: LookoutConfig, home: LatLon, ground_m: GroundBelow) -> None:
        self._frame = LocalFrame(*home)
        self._zones = zones_of(config.airspace, self._frame, config.site.timezone)
        self._ground_m = ground_m

    def look(self, seen: Snapshot, now: datetime) -> ReasonText | None:
        """The zone it comes too near to, if any."""
        if seen.place is None or seen.alt_home_m is None:
            return None
        here = Point(self._frame.to_local(*seen.place))
        agl_m = seen.alt_home_m - (self._ground_m(seen.place) or 0.0)
        for zone in self._zones:
            counts = zone.counts_between(agl_m, agl_m) and zone.counts_during(now, now)
            if counts and _room_m(zone, here) < _least_m(zone):
                return too_near(zone)
        return None


def guard_of(config: LookoutConfig, home: LatLon, ground_m: GroundBelow, clock: Clock) -> Guard:
    """What a flight's driver asks twice a second: where it may not be, and how it gets home from there."""
    zones, ways = ZoneGuard(config, home, ground_m), Ways(config, home)

    def look(seen: Snapshot) -> tuple[ReasonText, tuple[Waypoint, ...]] | None:
        now = clock.now()
        why = zones.look(seen, now)
        return None if why is None else (why, ways.home(seen, seen.home or home, now, ground_m))

    return look


def levels_of(config: LookoutConfig, drone: DroneConfig, home: LatLon, ground_m: GroundBelow, clock: Clock) -> Levels:
    """Heights above home (lowest, highest) that a drone may take by flying straight up or down from where it is.

    At least 15 m above the ground, under its ceiling, clear of the zones; none where the ground's height is not known.
    """
    zones = ZoneGuard(config, home, ground_m)

    def levels(seen: Snapshot) -> tuple[float, float] | None:
        below_m = ground_m(seen.place) if seen.place is not None else None
        if seen.alt_home_m is None or below_m is None or seen.is_place_old:
            return None
        now, high_m = clock.now(), seen.alt_home_m
        lowest_m, highest_m = below_m + _LOWEST_M, below_m + drone.ceiling_m

        def furthest(step_m: float) -> float:
            at_m = high_m
            while lowest_m <= at_m + step_m <= highest_m:
                if zones.look(replace(seen, alt_home_m=at_m + step_m), now) is not None:
                    break
                at_m += step_m
            return at_m

        return furthest(-_LEVEL_STEP_M), furthest(_LEVEL_STEP_M)

    return levels


def ground_below(terrain: Terrain, home: LatLon) -> GroundBelow:
    """Heights of a terrain over that at the dock."""

    def below(place: LatLon) -> float | None:
        heights = terrain.heights_m(np.array([home[0], place[0]]), np.array([home[1], place[1]]))
        return float(heights[1] - heights[0]) if np.isfinite(heights).all() else None

    return below


def _room_m(zone: Zone, here: Point) -> float:
    """Metres to the forbidden side of the zone's edge; negative beyond it."""
    edge: BaseGeometry = zone.area.boundary
    far_m = float(edge.distance(here))
    is_inside = bool(zone.area.contains(here))
    is_wrong = is_inside is (zone.kind is AirspaceKind.NO_FLY)
    return -far_m if is_wrong else far_m


def _least_m(zone: Zone) -> float:
    return min(zone.clearance_m * _USED, zone.clearance_m - _LEAST_ROOM_M)


def too_near(zone: Zone) -> ReasonText:
    """It is where it may not be, or about to."""
    if zone.kind is AirspaceKind.NO_FLY:
        return reason(
            "near_zone",
            f"飞机过于靠近或进入禁飞区“{zone.label}”，令其返航",
            f"the aircraft came too near to the no-fly zone '{zone.label}' and is ordered home",
        )
    return reason(
        "near_zone",
        f"飞机接近或超出许可范围“{zone.label}”的边界，令其返航",
        f"the aircraft came too near to the edge of the keep-in zone '{zone.label}' and is ordered home",
    )
