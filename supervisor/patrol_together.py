"""Several patrols at once for `lookout patrol plan --beside`: the first as asked, the next around those before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from drone.checks.judge import Judgement, judge
from drone.plan.model import FlightPlan
from drone.plan.separation import LAYERS_MAX, distance_over_time, nearest_of
from drone.weather_source import Observation, observe
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import PatrolConfig
from kernel.errors import BadInputError

Chosen = tuple[PatrolConfig, DroneConfig]


def judged_together(
    config: LookoutConfig, chosen: Chosen, beside: Sequence[PatrolConfig], at: datetime
) -> tuple[Judgement, list[FlightPlan]]:
    """A patrol planned around others that begin at the same time, and the plans of those.

    Raises:
        BadInputError: no drone is left for one of the others.
    """
    seen = observe(config)
    taken = {chosen[1].id}
    others: list[FlightPlan] = []
    for patrol in beside:
        free = [drone for drone in patrol.drones if drone not in taken]
        if not free:
            raise BadInputError(f"patrol '{patrol.id}': all its drones fly already; name other patrols")
        taken.add(free[0])
        plan = _around(config, (patrol, config.drone(free[0])), others, at, seen).plan
        if plan is not None:
            others.append(plan)
    return _around(config, chosen, others, at, seen), others


def _around(
    config: LookoutConfig, chosen: Chosen, others: Sequence[FlightPlan], at: datetime, seen: Observation
) -> Judgement:
    """The lowest layer at which nothing speaks against it; the first, where none is."""
    tried: list[Judgement] = []
    for layer in range(LAYERS_MAX):
        judged = judge(config, *chosen, at, seen.weather, weather_problem=seen.problem, others=others, layer=layer)
        tried.append(judged)
        if not any(reason.code == "separation" for reason in judged.reasons):
            is_better = judged.is_allowed or layer == 0
            return judged if is_better else tried[0]
    return tried[0]


def distances(plan: FlightPlan, others: Sequence[FlightPlan]) -> list[dict[str, Any]]:
    """How near a plan comes to each of the others: keeping to the second, and within the reserved windows."""
    return [_distance(plan, other) for other in others]


def _distance(plan: FlightPlan, other: FlightPlan) -> dict[str, Any]:
    seconds, apart_m = distance_over_time(plan, other)
    reserved = nearest_of(plan, other)
    nearest = int(np.argmin(apart_m)) if len(apart_m) else None
    at = datetime.fromtimestamp(seconds[nearest], UTC) if nearest is not None else None
    return {
        "beside": other.patrol_id,
        "drone": other.drone_id,
        "nearest_m": round(float(apart_m[nearest]), 1) if nearest is not None else None,
        "nearest_at": at.isoformat(timespec="seconds") if at else None,
        "reserved_m": round(reserved.distance_m, 1) if reserved else None,
    }
