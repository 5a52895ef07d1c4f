"""Where an autopilot's own return, which goes straight home, would take it: pure.

It climbs to its return altitude where it is lower, flies straight home at that height, and lands. A zone whose ceiling
lies below that height is flown over. It knows nothing of the ground: a ridge higher than that is flown into.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from drone.areas.frame import LocalFrame
from drone.areas.zones import Zone
from drone.plan.free_space import FreeSpace
from drone.plan.model import FlightPlan, PointKind
from drone.plan.naming import point_name
from drone.plan.profile import HIGHER_M, LOWER_M, LOWEST_M
from drone.reasons import wording
from kernel.drone_events import ReasonText
from kernel.geodesy import distance_m
from kernel.terrain import Terrain

_EARLY_S, _LATE_S = 120.0, 600.0  # a return may begin this long before or after the plan is there
_LISTED = 4
_MOST_SAMPLES = 2_000


def return_reasons(
    plan: FlightPlan, zones: Sequence[Zone], frame: LocalFrame, terrain: Terrain, return_altitude_m: float
) -> list[ReasonText]:
    """What speaks against a straight return from points of the plan: zones, and ground too near or not known."""
    reasons = [
        wording.failsafe_return(zone.label, names_of(plan, points))
        for zone, points in crossings(plan, zones, frame, return_altitude_m)
    ]
    over_m = over_ground_m(plan, terrain, return_altitude_m)
    low = {index: least_m for index, least_m in over_m.items() if least_m < LOWEST_M}
    unknown = [index for index, least_m in over_m.items() if np.isnan(least_m)]
    if low:
        reasons.append(wording.failsafe_return_low(names_of(plan, tuple(low)), min(low.values())))
    if unknown:
        reasons.append(wording.failsafe_return_unknown(names_of(plan, unknown)))
    return reasons


def crossings(
    plan: FlightPlan, zones: Sequence[Zone], frame: LocalFrame, return_altitude_m: float
) -> list[tuple[Zone, tuple[int, ...]]]:
    """Zones that a straight return from points of the plan would offend, with the numbers of those points.

    Args:
        return_altitude_m: the autopilot climbs to this above home first; 0: it returns at the height it has.
    """
    flown = [index for index, point in enumerate(plan.points) if point.kind is not PointKind.RETURN]
    places = np.array([frame.to_local(plan.points[index].lat, plan.points[index].lon) for index in flown])
    if not len(flown) or not np.isfinite(places).all():
        return []
    found = []
    for zone in zones:
        free = FreeSpace([zone]).free_legs(places, np.zeros_like(places))
        hit = [index for index, is_free in zip(flown, free, strict=True) if not is_free]
        hit = [index for index in hit if _counts(plan, zone, index, return_altitude_m)]
        if hit:
            found.append((zone, tuple(hit)))
    return found


def over_ground_m(plan: FlightPlan, terrain: Terrain, return_altitude_m: float) -> dict[int, float]:
    """Least height above the ground of a straight return from each point of the plan; NaN: not known on its way.

    Args:
        terrain: what the plan was made over.
        return_altitude_m: as for `crossings`.
    """
    flown = [index for index, point in enumerate(plan.points) if point.kind is not PointKind.RETURN]
    places = np.array([(plan.points[index].lat, plan.points[index].lon) for index in flown])
    heights_m = np.array([max(plan.points[index].alt_home_m, return_altitude_m) for index in flown])
    home = np.array((plan.home.lat, plan.home.lon))
    if not len(flown) or not np.isfinite(places).all() or not np.isfinite(terrain.step_m):
        return {}
    far_m = max(distance_m(*place, *home) for place in places)
    count = 2 + int(min(_MOST_SAMPLES, far_m / terrain.step_m))
    shares = np.linspace(0.0, 1.0, count)[:, None, None]
    ways = places + shares * (home - places)  # (count, points, 2)
    grounds_m = terrain.heights_m(ways[..., 0], ways[..., 1]) - plan.home.ground_m
    return dict(zip(flown, map(float, (heights_m - grounds_m).min(axis=0)), strict=True))


def _counts(plan: FlightPlan, zone: Zone, index: int, return_altitude_m: float) -> bool:
    """Whether the zone counts at the heights over the ground of that return, and at its time."""
    point = plan.points[index]
    climbs_m = max(0.0, return_altitude_m - point.alt_home_m)
    heights_m = (point.alt_home_m + climbs_m, point.alt_ground_m + climbs_m)  # over home, over the ground there
    if not zone.counts_between(min(heights_m) - LOWER_M, max(heights_m) + HIGHER_M):
        return False
    begin = plan.start_at + timedelta(seconds=point.arrive_s - _EARLY_S)
    return zone.counts_during(begin, begin + timedelta(seconds=_EARLY_S + _LATE_S))


def names_of(plan: FlightPlan, indexes: Sequence[int]) -> tuple[str, str]:
    """Those points in words, Chinese and English; the first few of many."""
    shown = [point_name(plan.points, index) for index in indexes[:_LISTED]]
    more = len(indexes) - len(shown)
    chinese = "、".join(zh for zh, _ in shown) + (f"等 {len(indexes)} 点" if more else "")
    return chinese, ", ".join(en for _, en in shown) + (f" and {more} more" if more else "")
