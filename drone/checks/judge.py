"""Everything there is to say for and against a patrol now: the plan as far as there is one, and every reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from drone.checks.flight import check_flight, weather_reasons
from drone.checks.papers import paper_reasons
from drone.plan.model import FlightPlan
from drone.plan.planner import PlanRequest, draft_plan
from drone.plan.weather import Weather
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import PatrolConfig
from kernel.drone_events import ReasonText


@dataclass(frozen=True, slots=True)
class Judgement:
    """A plan, which may be flown only where there is no reason against it."""

    plan: FlightPlan | None
    reasons: tuple[ReasonText, ...]

    @property
    def is_allowed(self) -> bool:
        """Whether nothing speaks against the flight."""
        return self.plan is not None and not self.reasons


def judge(
    config: LookoutConfig,
    patrol: PatrolConfig,
    drone: DroneConfig,
    at: datetime,
    weather: Weather | None,
    *,
    weather_problem: str = "",
    others: Sequence[FlightPlan] = (),
    layer: int = 0,
) -> Judgement:
    """Plan a patrol and check the plan.

    Args:
        at: when take-off would begin, with its time zone.
        weather: the last observation; None: `weather_problem` says why there is none.
        others: plans of drones in the air.
        layer: how many separations higher than the patrol asks.
    """
    plan, reasons = draft_plan(PlanRequest(config, patrol, drone, at, weather, layer))
    if plan is not None:
        reasons += check_flight(config, plan, weather, at, others=others, weather_problem=weather_problem)
    else:
        reasons += weather_reasons(config, drone, weather, weather_problem, at)
        reasons += paper_reasons(drone, at, at, patrol.altitude_m, ZoneInfo(config.site.timezone))
    return Judgement(plan, tuple(dict.fromkeys(reasons)))
