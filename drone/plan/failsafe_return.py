"""Where an autopilot's own return, which goes straight home, would take it: pure.

It climbs to its return altitude where it is lower, flies straight home at that height, and lands. A zone whose ceiling
lies below that height is flown over.
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
from drone.plan.profile import HIGHER_M, LOWER_M

_EARLY_S, _LATE_S = 120.0, 600.0  # a return may begin this long before or after the plan is there
_LISTED = 4


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
