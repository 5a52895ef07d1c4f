"""A patrol as the page sees it: config, next runs, plans, the last flight, the completion rate; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from command_api.drones.completion import completion
from command_api.drones.model import Completion, Flight, Patrol
from kernel.config.patrols import Light, PatrolConfig, ScheduleConfig
from kernel.drone_tables import NextRuns, PlanPicture, plan_field
from kernel.events import PatrolRunDecided


@dataclass(frozen=True, slots=True)
class PatrolFacts:
    """What is known of patrols beside the config, by patrol id; plans by `patrol_id/drone_id`."""

    next_runs: Mapping[str, NextRuns]
    plans: Mapping[str, PlanPicture]
    awaiting: Mapping[str, PatrolRunDecided]
    last_flights: Mapping[str, Flight]
    completions: Mapping[str, Completion]


def patrol_view(patrol: PatrolConfig, facts: PatrolFacts, drone_ids: Collection[str] | None) -> Patrol:
    """A patrol.

    Args:
        patrol: of the config.
        facts: what is known.
        drone_ids: drones whose plans the caller may see; None: of all.
    """
    planned = (facts.plans.get(plan_field(patrol.id, drone_id)) for drone_id in patrol.drones)
    plans = (plan for plan in planned if plan is not None)
    next_runs = facts.next_runs.get(patrol.id)
    return Patrol(
        id=patrol.id,
        name=patrol.label,
        drones=patrol.drones,
        launch=patrol.launch,
        schedule=schedule_text(patrol.schedule),
        altitude_m=patrol.altitude_m,
        route_kind=patrol.route.kind,
        next_runs=() if next_runs is None else next_runs.next,
        awaiting=facts.awaiting.get(patrol.id),
        plans=tuple(plan for plan in plans if drone_ids is None or plan.drone_id in drone_ids),
        last_flight=facts.last_flights.get(patrol.id),
        completion=facts.completions.get(patrol.id) or completion(Counter()),
    )


def schedule_text(schedule: ScheduleConfig | None) -> str | None:
    """When a patrol is due, e.g. `0 */2 * * *; 08:00-18:00; day`; None where only a person starts it."""
    if schedule is None:
        return None
    if schedule.sun is not None:
        offset = f" {schedule.sun_offset_s / 60:+g} min" if schedule.sun_offset_s else ""
        due = f"{schedule.sun.value}{offset}"
    else:
        due = schedule.cron or ""
    light = () if schedule.light is Light.ANY else (schedule.light.value,)
    zone = () if schedule.timezone is None else (schedule.timezone,)
    return "; ".join((due, *schedule.windows, *light, *zone))
