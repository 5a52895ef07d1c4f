"""A circle round the place where a drone holds: its points, once everything below and around it was looked at; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np

from drone.fleet.way_out import NO_TERRAIN, NO_WAY, TOO_HIGH
from drone.flight.errand import Waypoint
from drone.flight.ways import Ways
from drone.reasons import reason
from kernel.drone_events import ReasonText
from kernel.geodesy import LatLon, distance_m
from kernel.terrain import Terrain

_BESIDE_M = 5.0
"""Beyond the circle: what wind and corners may carry it out."""
_LEAST_STEPS, _MOST_STEPS = 2, 200
_METRES_A_DEGREE = 111_320.0
_ROUNDING_M = 1e-6


@dataclass(frozen=True, slots=True)
class Round:
    """Once round and back to the middle.

    Attributes:
        ring: points of the circle.
        length_m: of all of it.
    """

    ring: tuple[Waypoint, ...]
    length_m: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a circle has to keep.

    Attributes:
        dock: from which heights are counted.
        room_m: over the highest ground below.
        ceiling_m: over the lowest.
        at, lasts_s: timed zones count if they are in force at any instant of this.
    """

    dock: LatLon
    room_m: float
    ceiling_m: float
    at: datetime
    lasts_s: float


def round_place(
    ways: Ways, terrain: Terrain, middle: Waypoint, radius_m: float, bounds: Bounds
) -> Round | tuple[ReasonText, ...]:
    """A circle at the height of its middle, or every reason why it is not flown."""
    ground = _ground(terrain, middle.place, radius_m + _BESIDE_M)
    dock_m = float(terrain.heights_m(*(np.array([degrees]) for degrees in bounds.dock))[0])
    if ground is None or not math.isfinite(dock_m):
        return (NO_TERRAIN,)
    lowest_m, highest_m = ground
    least_m, most_m = (middle.alt_home_m + dock_m - ground_m for ground_m in (highest_m, lowest_m))
    found = []
    if least_m < bounds.room_m - _ROUNDING_M:
        found.append(too_low(least_m, bounds.room_m))
    if most_m > bounds.ceiling_m + _ROUNDING_M:
        found.append(TOO_HIGH)
    ring = ways.circle(middle.place, radius_m, middle.alt_home_m, least_m, bounds.at, bounds.lasts_s, most_m)
    if ring is None:
        found.append(NO_WAY)
    if found or ring is None:
        return tuple(found)
    places = [middle.place, *(one.place for one in ring), middle.place]
    return Round(ring, math.fsum(distance_m(*one, *other) for one, other in pairwise(places)))


def too_low(least_m: float, room_m: float) -> ReasonText:
    """The ground below the circle comes too near."""
    return reason(
        "too_low",
        f"盘旋圈下方地形最高处离飞机只有 {least_m:.0f} 米，至少需要 {room_m:g} 米",
        f"the ground below the circle comes as near as {least_m:.0f} m, at least {room_m:g} m are needed",
    )


def _ground(terrain: Terrain, middle: LatLon, radius_m: float) -> tuple[float, float] | None:
    """Lowest and highest ground of a disc, looked at in steps of the terrain's; None where some is not known."""
    steps = min(_MOST_STEPS, max(_LEAST_STEPS, math.ceil(radius_m / terrain.step_m)))
    far_m, turns = np.meshgrid(
        np.linspace(0.0, radius_m, steps + 1), np.linspace(0.0, 2 * math.pi, math.ceil(2 * math.pi * steps), False)
    )
    lats = middle[0] + (far_m * np.cos(turns)).ravel() / _METRES_A_DEGREE
    lons = middle[1] + (far_m * np.sin(turns)).ravel() / (_METRES_A_DEGREE * math.cos(math.radians(middle[0])))
    heights = terrain.heights_m(lats, lons)
    return (float(heights.min()), float(heights.max())) if np.isfinite(heights).all() else None
