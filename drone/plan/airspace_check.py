"""Every leg of a plan, as a segment and not as its ends, against every zone at the height and time of passing.

It measures distances itself and does not ask the planner's free space: what plans is not what checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import shapely

from drone.areas.frame import LocalFrame
from drone.areas.zones import Zone
from drone.plan.free_space import segments
from drone.plan.model import FlightPlan, PointKind
from drone.plan.naming import leg_name
from drone.plan.profile import HIGHER_M, LOWER_M
from drone.reasons import wording
from kernel.config.airspace import AirspaceKind
from kernel.drone_events import ReasonText

TIME_MARGIN_S = 120.0  # a timed zone counts this much before and after the plan's time of passing
_TOLERANCE_M = 0.005


@dataclass(frozen=True, slots=True)
class Legs:
    """Legs of a plan; the first is the climb at home.

    Attributes:
        lines: shapely lines in local metres.
        lowest_m, highest_m: above ground.
        begin_s, end_s: after take-off began, holds at the end included.
    """

    lines: npt.NDArray[np.object_]
    lowest_m: npt.NDArray[np.float64]
    highest_m: npt.NDArray[np.float64]
    begin_s: npt.NDArray[np.float64]
    end_s: npt.NDArray[np.float64]


def legs_of(plan: FlightPlan, frame: LocalFrame) -> Legs:
    """The legs of a plan in local metres; then the landing at home, which is reached at the height of the last leg."""
    places = np.array([frame.to_local(point.lat, point.lon) for point in plan.points])
    agls = np.array([point.alt_ground_m for point in plan.points])
    leaves = np.array([point.leave_s for point in plan.points])
    starts = np.vstack([places[:1], places[:-1]])
    before = np.concatenate([[0.0], agls[:-1]])
    begin = np.concatenate([[0.0], leaves[:-1]])
    ends = leaves.copy()
    ends[-1] = plan.duration_s
    if plan.points[-1].kind is PointKind.RETURN:
        starts, places = np.vstack([starts, places[-1:]]), np.vstack([places, places[-1:]])
        before, agls = np.append(before, before[-1]), np.concatenate([agls[:-1], before[-1:], agls[-1:]])
        begin, ends = np.append(begin, begin[-1]), np.append(ends, ends[-1])
    return Legs(
        segments(starts, places),
        np.minimum(before, agls) - LOWER_M,
        np.maximum(before, agls) + HIGHER_M,
        begin,
        ends,
    )


def airspace_reasons(plan: FlightPlan, zones: Sequence[Zone], frame: LocalFrame) -> list[ReasonText]:
    """What speaks against a plan in the airspace: the worst leg of each zone."""
    legs = legs_of(plan, frame)
    reasons = []
    for zone in zones:
        concerned = _concerned(plan, legs, zone)
        if not concerned.any():
            continue
        found = _no_fly if zone.kind is AirspaceKind.NO_FLY else _keep_in
        reason = found(plan, legs, zone, concerned)
        if reason is not None:
            reasons.append(reason)
    return reasons


def zones_hit(plan: FlightPlan, zones: Sequence[Zone], frame: LocalFrame) -> list[Zone]:
    """Zones that a plan offends."""
    return [zone for zone in zones if airspace_reasons(plan, [zone], frame)]


def _concerned(plan: FlightPlan, legs: Legs, zone: Zone) -> npt.NDArray[np.bool_]:
    """Legs at whose heights and times the zone counts."""
    concerned = legs.highest_m >= zone.floor_m
    if zone.ceiling_m is not None:
        concerned &= legs.lowest_m <= zone.ceiling_m
    if not zone.is_timed or not concerned.any():
        return np.asarray(concerned)
    margin = timedelta(seconds=TIME_MARGIN_S)
    if not zone.counts_during(plan.start_at - margin, plan.end_at + margin):
        return np.zeros_like(concerned)
    during = [
        bool(one)
        and zone.counts_during(
            plan.start_at + timedelta(seconds=float(begin)) - margin,
            plan.start_at + timedelta(seconds=float(end)) + margin,
        )
        for one, begin, end in zip(concerned, legs.begin_s, legs.end_s, strict=True)
    ]
    return np.array(during)


def _no_fly(plan: FlightPlan, legs: Legs, zone: Zone, concerned: npt.NDArray[np.bool_]) -> ReasonText | None:
    near = np.where(concerned, shapely.distance(zone.area, legs.lines), np.inf)
    worst = int(np.argmin(near))
    # touching the edge counts as being in, also where no clearance is asked for
    if near[worst] > 0 and near[worst] >= zone.clearance_m - _TOLERANCE_M:
        return None
    where, near_m = leg_name(plan.points, min(worst, len(plan.points) - 1)), float(near[worst])
    if not zone.is_timed:
        return wording.no_fly(zone.label, where, near_m, zone.clearance_m)
    at = (plan.start_at + timedelta(seconds=float(legs.begin_s[worst]))).astimezone(zone.timezone)
    return wording.timed_zone(zone.label, where, near_m, zone.clearance_m, at)


def _keep_in(plan: FlightPlan, legs: Legs, zone: Zone, concerned: npt.NDArray[np.bool_]) -> ReasonText | None:
    inside = shapely.covers(zone.area, legs.lines)
    near = shapely.distance(zone.area.boundary, legs.lines)
    offends = concerned & (~inside | (near < zone.clearance_m - _TOLERANCE_M))
    if not offends.any():
        return None
    worst = int(np.flatnonzero(offends)[0])
    return wording.leaves_keep_in(zone.label, leg_name(plan.points, min(worst, len(plan.points) - 1)), zone.clearance_m)
