"""From config, patrol and weather to the brief of a flight, or to every reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ulid import ULID

from drone.checks.judge import judge
from drone.flight.brief import Brief, Limits
from drone.mission.exact_points import STOP_S
from drone.mission.from_plan import legs_of, plan_to_mission
from drone.mission.items import Mission
from drone.plan.model import FlightPlan
from drone.plan.timeline import ACCELERATION_M_S2
from drone.plan.way_home import way_home
from drone.weather_source import Observation
from kernel.config.fleet import DroneConfig, LinkLoss, Untested
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import PatrolConfig
from kernel.drone_events import FlightCause, ReasonText
from kernel.errors import BadInputError

_WATCH_ENDURANCES = 1.2


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan as far as there is one, and what speaks against flying it."""

    plan: FlightPlan | None
    reasons: tuple[ReasonText, ...]

    @property
    def may_fly(self) -> bool:
        """Whether nothing speaks against it."""
        return self.plan is not None and not self.reasons


def chosen(config: LookoutConfig, patrol_id: str, drone_id: str | None = None) -> tuple[PatrolConfig, DroneConfig]:
    """The patrol of that name and the drone that is to fly it: the preferred one where none is named.

    Raises:
        BadInputError: no such patrol, or that drone does not fly it.
    """
    patrol = next((one for one in config.patrols if one.id == patrol_id), None)
    if patrol is None:
        known = ", ".join(one.id for one in config.patrols) or "none"
        raise BadInputError(f"patrol {patrol_id}: not in the config, which has: {known}")
    if drone_id is None:
        return patrol, config.drone(patrol.drones[0])
    if drone_id not in patrol.drones:
        raise BadInputError(f"drone {drone_id}: does not fly patrol {patrol_id}, which has: {', '.join(patrol.drones)}")
    return patrol, config.drone(drone_id)


def prepared(
    config: LookoutConfig,
    patrol: PatrolConfig,
    drone: DroneConfig,
    at: datetime,
    weather: Observation,
    *,
    others: Sequence[FlightPlan] = (),
    layers: int = 1,
) -> Prepared:
    """Plan and check a flight that begins at `at`; may take a second.

    Args:
        others: plans of drones in the air.
        layers: how many heights to try, a separation apart, where others are in the way.
    """
    tried: list[Prepared] = []
    for layer in range(max(1, layers)):
        judged = judge(
            config,
            patrol,
            drone,
            at,
            weather.weather,
            weather_problem=weather.problem,
            others=others,
            layer=layer,
        )
        tried.append(Prepared(judged.plan, texts(judged.reasons)))
        if tried[-1].may_fly:
            return tried[-1]
        if any(one.code != "separation" for one in tried[-1].reasons):
            break
    return tried[0]


def texts(reasons: Iterable[ReasonText]) -> tuple[ReasonText, ...]:
    """Reasons of the checks as they travel, each once."""
    return tuple(dict.fromkeys(reasons))


def brief_of(
    drone: DroneConfig,
    plan: FlightPlan,
    *,
    actor: str,
    cause: FlightCause,
    patrol_id: str | None,
    run_id: str | None = None,
    alert_id: str | None = None,
    mission: Mission | None = None,
) -> Brief:
    """A flight of that plan by that drone, with a new id."""
    kept = 1.0 - plan.energy.allowed
    fastest_m_s = max((point.speed_m_s for point in plan.points), default=0.0)
    return Brief(
        flight_id=str(ULID()),
        drone_id=drone.id,
        patrol_id=patrol_id,
        mission=mission or plan_to_mission(plan),
        home=(plan.home.lat, plan.home.lon),
        actor=actor,
        cause=cause,
        gcs_sysid=drone.gcs_sysid,
        autopilot=drone.autopilot.value,
        allows_untested=drone.untested_autopilot is Untested.ALLOW,
        returns_on_loss=drone.link_loss is LinkLoss.RETURN,
        battery_needed_percent=min(100.0, 100.0 * (plan.energy.used + kept)),
        stop_percent=100.0 * (STOP_S + fastest_m_s / ACCELERATION_M_S2) / drone.endurance_s,
        ceiling_m=drone.ceiling_m,
        return_altitude_m=drone.return_altitude_m,
        legs_s=legs_of(plan) if mission is None else (),
        way_home=way_home(drone, plan.energy.wind_m_s),
        parameters=tuple(sorted(drone.parameters.items())),
        run_id=run_id,
        alert_id=alert_id,
        limits=Limits(home_m=drone.home_tolerance_m, watch_s=drone.endurance_s * _WATCH_ENDURANCES),
    )
