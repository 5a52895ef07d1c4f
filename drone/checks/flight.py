"""Every reason why a plan may not be flown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from drone.areas.frame import LocalFrame
from drone.areas.zones import zones_of
from drone.checks.papers import paper_reasons
from drone.mission.from_plan import plan_to_mission
from drone.plan.airspace_check import airspace_reasons
from drone.plan.failsafe_return import return_reasons
from drone.plan.model import FlightPlan, PointKind
from drone.plan.naming import point_name
from drone.plan.profile import LOWEST_M
from drone.plan.separation import nearest_of
from drone.plan.weather import Weather
from drone.reasons import wording
from kernel.config.fleet import DroneConfig, FailsafeReturn
from kernel.config.lookout import LookoutConfig
from kernel.config.weather import WeatherSource
from kernel.drone_events import ReasonText
from kernel.errors import BadInputError
from kernel.terrain import load_terrain

_HOME_TOLERANCE_M = 5.0
_FARTHEST_M = 50_000.0
_ROUNDING_M = 1e-6


def check_flight(
    config: LookoutConfig,
    plan: FlightPlan,
    weather: Weather | None,
    now: datetime,
    *,
    others: Sequence[FlightPlan] = (),
    weather_problem: str = "",
    items_max: int | None = None,
) -> list[ReasonText]:
    """Every reason why a plan may not be flown; none: it may.

    Args:
        weather: the last observation, or None.
        now: with its time zone; the weather's age counts to it.
        others: plans of drones that are flying or about to.
        weather_problem: why there is no observation, for the message.
        items_max: what the autopilot said it takes; the config's figure by default.
    """
    drone = config.drone(plan.drone_id)
    broken = _position_reasons(plan)
    if broken:
        return broken + weather_reasons(config, drone, weather, weather_problem, now)
    reasons = _shape_reasons(plan, drone, items_max)
    reasons += _height_reasons(plan, drone)
    reasons += _airspace_reasons(config, plan, drone)
    if not plan.energy.is_enough:
        reasons.append(_energy_reason(plan))
    reasons += weather_reasons(config, drone, weather, weather_problem, now)
    highest_m = max(point.alt_ground_m for point in plan.points)
    reasons += paper_reasons(drone, plan.start_at, plan.end_at, highest_m, ZoneInfo(config.site.timezone))
    return reasons + _separation_reasons(config, plan, others)


def _position_reasons(plan: FlightPlan) -> list[ReasonText]:
    """Positions that nothing further can be reckoned with."""
    reasons = []
    for index, point in enumerate(plan.points):
        where = point_name(plan.points, index)
        numbers = (point.lat, point.lon, point.alt_home_m, point.alt_ground_m, point.speed_m_s, point.hold_s)
        if not all(map(math.isfinite, numbers)):
            reasons.append(wording.not_finite(where))
        elif not (-90 <= point.lat <= 90 and -180 <= point.lon <= 180):
            reasons.append(wording.out_of_range(where, point.lat, point.lon))
        elif point.lat == 0 and point.lon == 0:
            reasons.append(wording.null_island(where))
    return reasons


def _shape_reasons(plan: FlightPlan, drone: DroneConfig, items_max: int | None) -> list[ReasonText]:
    reasons = []
    frame = LocalFrame(plan.home.lat, plan.home.lon)

    def is_home(index: int) -> bool:
        point = plan.points[index]
        return math.hypot(*frame.to_local(point.lat, point.lon)) <= _HOME_TOLERANCE_M

    if not plan.points or plan.points[0].kind is not PointKind.TAKEOFF or not is_home(0):
        reasons.append(wording.missing_takeoff())
    if not plan.points or plan.points[-1].kind is not PointKind.RETURN or not is_home(-1):
        reasons.append(wording.missing_return())
    count, most = mission_items(plan), items_max or drone.items_max
    if count > most:
        reasons.append(wording.over_capacity(count, most))
    for index, point in enumerate(plan.points):
        far_m = math.hypot(*frame.to_local(point.lat, point.lon))
        if far_m > _FARTHEST_M:
            reasons.append(wording.too_far(point_name(plan.points, index), far_m, _FARTHEST_M))
    return reasons


def mission_items(plan: FlightPlan) -> int:
    """How many mission items the plan makes, home included."""
    return len(plan_to_mission(plan).items)


def _height_reasons(plan: FlightPlan, drone: DroneConfig) -> list[ReasonText]:
    """The highest and the lowest point of the flight, if they are too high or too low."""
    flown = [index for index, point in enumerate(plan.points) if point.kind is not PointKind.RETURN]
    if not flown:
        return []
    high = max(flown, key=lambda index: plan.points[index].alt_ground_m)
    low = min(flown, key=lambda index: plan.points[index].alt_ground_m)
    reasons = []
    if plan.points[high].alt_ground_m > drone.ceiling_m + _ROUNDING_M:
        reasons.append(
            wording.over_ceiling(point_name(plan.points, high), plan.points[high].alt_ground_m, drone.ceiling_m)
        )
    if plan.points[low].alt_ground_m < LOWEST_M:
        reasons.append(wording.too_low(point_name(plan.points, low), plan.points[low].alt_ground_m, LOWEST_M))
    return reasons


def _airspace_reasons(config: LookoutConfig, plan: FlightPlan, drone: DroneConfig) -> list[ReasonText]:
    frame = LocalFrame(plan.home.lat, plan.home.lon)
    try:
        zones, terrain = zones_of(config.airspace, frame, config.site.timezone), load_terrain(plan.home.terrain)
    except BadInputError as error:
        return [wording.unusable(str(error))]
    reasons = airspace_reasons(plan, zones, frame)
    if drone.failsafe_return is FailsafeReturn.REFUSE:
        reasons += return_reasons(plan, zones, frame, terrain, drone.return_altitude_m)
    return reasons


def _energy_reason(plan: FlightPlan) -> ReasonText:
    if not math.isfinite(plan.energy.used):
        return wording.windbound(plan.energy.wind_m_s)
    return wording.energy(plan.energy.used, plan.energy.allowed, plan.duration_s)


def weather_reasons(
    config: LookoutConfig, drone: DroneConfig, weather: Weather | None, problem: str, now: datetime
) -> list[ReasonText]:
    """What speaks against a flight in the weather, or in not knowing it."""
    if config.weather is None:
        return [wording.weather_missing("the config says not where it comes from; add weather")]
    if config.weather.source is WeatherSource.NONE:
        return []
    if weather is None:
        return [wording.weather_missing(problem or f"source {config.weather.source.value} gave none")]
    reasons = []
    age_s = (now - weather.observed_at).total_seconds()
    if not -60.0 <= age_s <= config.weather.max_age_s:
        reasons.append(wording.weather_old(age_s, config.weather.max_age_s))
    if weather.strongest_m_s > drone.wind_max_m_s:
        reasons.append(wording.wind(weather.strongest_m_s, drone.wind_max_m_s))
    if not drone.temperature_min_c <= weather.temperature_c <= drone.temperature_max_c:
        reasons.append(wording.temperature(weather.temperature_c, drone.temperature_min_c, drone.temperature_max_c))
    return reasons


def _separation_reasons(config: LookoutConfig, plan: FlightPlan, others: Sequence[FlightPlan]) -> list[ReasonText]:
    reasons = []
    own = config.drone(plan.drone_id)
    labels = {
        one.id: one.label for one in config.fleet
    }  # another controller may fly a drone that is not in this config
    for other in others:
        if other.drone_id == plan.drone_id:
            continue
        least_m = max(own.separation_m, other.separation_m)
        nearest = nearest_of(plan, other)
        if nearest is not None and nearest.distance_m < least_m:
            at = nearest.at.astimezone(ZoneInfo(config.site.timezone))
            reasons.append(
                wording.separation(labels.get(other.drone_id, other.drone_id), nearest.distance_m, least_m, at)
            )
    return reasons
