"""The way of a drone in the air to a place and from there home, at one height over everything that lies below; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np

from drone.flight.ways import Way, Ways
from drone.reasons import reason
from kernel.drone_events import ReasonText
from kernel.geodesy import LatLon, distance_m
from kernel.terrain import Terrain

NO_WAY = reason("no_way", "没有避开禁飞区的航路", "there is no way that keeps clear of the zones")
NO_TERRAIN = reason("terrain_unknown", "地形文件没有该处高程", "the terrain file has no height there")
TOO_HIGH = reason("ceiling", "超过限高", "it would be over the ceiling")
_MOST_SAMPLES = 20_000
_TRIES = 4


@dataclass(frozen=True, slots=True)
class WayOut:
    """There, and home from there, both at `alt_home_m`."""

    there: Way
    home: Way
    alt_home_m: float


@dataclass(frozen=True, slots=True)
class Ends:
    """Where it is, where it is to go, where its home is, and its dock, from which heights are counted."""

    here: LatLon
    target: LatLon
    home: LatLon
    dock: LatLon


def way_out(
    ways: Ways, terrain: Terrain, ends: Ends, agl_m: float, ceiling_m: float, at: datetime, lasts_s: float
) -> WayOut | ReasonText:
    """A way whose height is `agl_m` over the highest ground below it, or why there is none.

    Over lower ground it is higher over the ground: zones and the ceiling count up to there.
    """
    dock_m = float(terrain.heights_m(*_columns([ends.dock]))[0])
    relief_m = 0.0
    for _ in range(_TRIES):
        there = ways.way(ends.here, ends.target, 0.0, agl_m, at, lasts_s, agl_m + relief_m)
        home = ways.way(ends.target, ends.home, 0.0, agl_m, at, lasts_s, agl_m + relief_m)
        if there is None or home is None:
            return NO_WAY
        found = ground_along(terrain, [ends.here, *(one.place for one in (*there.points, *home.points))])
        if found is None or not np.isfinite(dock_m):
            return NO_TERRAIN
        lowest_m, highest_m = found
        if agl_m + highest_m - lowest_m > ceiling_m:
            return TOO_HIGH
        if highest_m - lowest_m <= relief_m:
            alt_home_m = agl_m + highest_m - dock_m
            return WayOut(there.at_height(alt_home_m), home.at_height(alt_home_m), alt_home_m)
        relief_m = highest_m - lowest_m
    return NO_WAY


def ground_along(terrain: Terrain, places: Sequence[LatLon]) -> tuple[float, float] | None:
    """Lowest and highest ground on the straight ways from place to place; None where it is not known somewhere."""
    sampled = [places[0]]
    for start, end in pairwise(places):
        count = 1 + int(min(_MOST_SAMPLES, distance_m(*start, *end) / terrain.step_m))
        shares = np.linspace(0.0, 1.0, count + 1)[1:]
        sampled += [tuple(np.add(start, share * np.subtract(end, start))) for share in shares]
    heights = terrain.heights_m(*_columns(sampled))
    return (float(heights.min()), float(heights.max())) if np.isfinite(heights).all() else None


def _columns(places: Sequence[LatLon]) -> tuple[np.ndarray, np.ndarray]:
    lats, lons = np.array(places, dtype=np.float64).T
    return lats, lons
