"""A drone to the place of an alert: who could be there first, and the way there, from the ground or from a patrol."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from drone.fleet.keeper import DroneKeeper
from drone.fleet.launcher import Launcher
from drone.fleet.round_place import Bounds, Round, round_place
from drone.fleet.way_out import NO_WAY, TOO_HIGH, Ends, WayOut, way_out
from drone.flight.core import Core
from drone.flight.errand import Errand, Leg, Then, Waypoint
from drone.flight.guard import ground_below
from drone.flight.orders import Order
from drone.flight.prepare import Prepared, prepared
from drone.flight.reasons import LINK_LOST
from drone.flight.ways import Ways, plan_of_way
from drone.mission.items import Command, Mission
from drone.plan.model import FlightPlan, Home
from drone.plan.separation import LAYERS_MAX, nearest_of
from drone.reasons import reason
from drone.weather_source import observe
from kernel.clock import Clock
from kernel.config.camera import Datum
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import ActionConfig, AfterDispatch, DispatchConfig, PatrolConfig, WaypointsRoute
from kernel.drone_events import (
    DispatchCandidate,
    DispatchOffered,
    DroneAction,
    FlightCause,
    FlightState,
    ReasonText,
)
from kernel.event_base import GeoPoint
from kernel.geodesy import distance_m
from kernel.terrain import load_terrain, terrain_of

LOG = logging.getLogger(__name__)
PATROL_ID = "dispatch"
_LONGEST_STAY_S = 3600.0
_BRIEF_HOLD_S = 5.0  # of the mission itself: what is left when no controller takes over at the place
_TAKE_OVER_M = 25.0
_SAME_PLACE_M = 0.5
_ROOM_M = 15.0
_TAKES = frozenset({FlightState.PATROLLING, FlightState.PAUSED, FlightState.DISPATCHED})

BUSY_STATE = reason("drone_busy", "无人机当前状态不能改派", "the drone cannot be sent elsewhere now")
SEPARATION = reason("separation", "与其他无人机的间隔不足", "it would come too near to another drone")
NOT_ENOUGH = reason("energy", "剩余电量不足以前往并返航", "the battery does not last for the way there and home")


PLACE_OLD = reason(
    "position_old", "该机位置已停止更新，现在何处不明", "its position does not come any more: where it is is not known"
)


def looked_at(mission: Mission) -> Waypoint | None:
    """The first point of a mission that lies where its camera looks: the place of a flight to an alert.

    By the mission, which is in the flight's record, so that a controller that takes the flight up knows it too.
    """
    looks = [(one.lat_deg, one.lon_deg) for one in mission.items if one.command == Command.DO_SET_ROI]
    for item in (mission.items[seq] for seq in mission.counted):
        if any(distance_m(item.lat_deg, item.lon_deg, *look) < _SAME_PLACE_M for look in looks):
            return Waypoint(item.lat_deg, item.lon_deg, item.alt_m)
    return None


def too_far(far_m: float, most_m: float) -> ReasonText:
    """Farther than the config sends a drone."""
    return reason(
        "too_far",
        f"距离 {far_m:.0f} 米，配置最多 {most_m:g} 米",
        f"it is {far_m:.0f} m away, dispatch.distance_max_m is {most_m:g} m",
    )


class Dispatcher:
    """Ranks drones for places and sends them there.

    Args:
        keepers: of every drone, by id.
    """

    def __init__(
        self, config: LookoutConfig, keepers: Mapping[str, DroneKeeper], launcher: Launcher, clock: Clock
    ) -> None:
        self._config, self._keepers, self._launcher, self._clock = config, keepers, launcher, clock
        self._ways = {keeper.drone.id: Ways(config, keeper.home) for keeper in keepers.values()}
        self._terrain = load_terrain(self._policy.terrain)
        self._ground_m = {
            keeper.drone.id: ground_below(load_terrain(terrain_of(config, keeper.drone)), keeper.home)
            for keeper in keepers.values()
        }

    @property
    def _policy(self) -> DispatchConfig:
        return self._config.dispatch

    def offer(self, alert_id: str, place: GeoPoint, place_error_m: float | None = None) -> DispatchOffered:
        """Every drone, ready ones first, by when it could be there. May take a second a drone.

        Args:
            place_error_m: 95% of true places lie within it of `place`; None: not known.
        """
        candidates = [self._candidate(keeper, place) for keeper in self._keepers.values()]
        far = float("inf")
        candidates.sort(key=lambda one: (not one.is_ready, one.arrival_s if one.arrival_s is not None else far))
        now = self._clock.now()
        until = now + timedelta(seconds=self._policy.confirm_s)
        return DispatchOffered(
            alert_id=alert_id,
            place=place,
            place_error_m=place_error_m,
            at=now,
            expires_at=until,
            candidates=tuple(candidates),
        )

    async def send(self, drone_id: str, alert_id: str, place: GeoPoint, actor: str) -> tuple[ReasonText, ...]:
        """Send a drone; the reasons say why it does not go."""
        keeper = self._keepers[drone_id]
        core = keeper.core
        if core is None:
            far_m = distance_m(*keeper.home, place.lat, place.lon)
            if far_m > self._policy.distance_max_m:
                return (too_far(far_m, self._policy.distance_max_m),)
            patrol = self._patrol(keeper, place)
            launched = await self._launcher.launch(
                patrol, (drone_id,), actor=actor, cause=FlightCause.ALERT, patrol_id=None, alert_id=alert_id
            )
            return launched.reasons
        errand, why = self._errand(keeper, core, place, alert_id)
        if errand is None:
            return why
        return keeper.order(Order(DroneAction.DISPATCH, actor, errand=errand))

    def orbit(self, keeper: DroneKeeper, radius_m: float | None, actor: str) -> tuple[ReasonText, ...]:
        """Once round the place where it holds, where ground, ceiling, zones, battery and other drones let it."""
        core = keeper.core
        errand = core.errand if core is not None else None
        if core is None or errand is None or errand.leg is not Leg.HOLDING:
            return keeper.order(Order(DroneAction.ORBIT, actor))  # the flight says why not
        if core.seen.is_place_old:
            return (PLACE_OLD,)
        middle, drone, now = errand.points[-1], keeper.drone, self._clock.now()
        bounds = Bounds(keeper.home, min(_ROOM_M, self._policy.altitude_m), drone.ceiling_m, now, _LONGEST_STAY_S)
        found = round_place(
            self._ways[drone.id], self._terrain, middle, radius_m or self._policy.orbit_radius_m, bounds
        )
        if not isinstance(found, Round):
            return found
        why = self._beside_others(keeper, middle, (*found.ring, middle))
        away_m = distance_m(*middle.place, *core.home)
        if not self._lasts(keeper, core, found.length_m / 2, away_m):
            why = (*why, NOT_ENOUGH)
        return why or keeper.order(Order(DroneAction.ORBIT, actor, path=found.ring))

    def _beside_others(self, keeper: DroneKeeper, start: Waypoint, way: tuple[Waypoint, ...]) -> tuple[ReasonText, ...]:
        """Whether a way, and the stay at its end, keeps away from every other drone's plan."""
        others = self._launcher.others(keeper.drone.id)
        if others.reasons:
            return others.reasons
        dock, hold_s, speed_m_s = self._dock(keeper), self._policy.hold_s, self._speed_m_s(keeper)
        plan = plan_of_way(keeper.drone, dock, start, way, hold_s, self._clock.now(), speed_m_s)
        return () if all(self._keeps_apart(keeper, plan, other) for other in others.plans) else (SEPARATION,)

    def way_home(self, keeper: DroneKeeper) -> tuple[Waypoint, ...]:
        """Points to fly to before the autopilot's own return, which goes straight; none where straight is free."""
        core, name = keeper.core, keeper.drone.id
        if core is None:
            return ()
        return self._ways[name].home(core.seen, core.home, self._clock.now(), self._ground_m[name])

    def see_to(self, keeper: DroneKeeper) -> None:
        """A drone that was sent from the ground comes to its place: hold there, look, and be open to orders."""
        core, brief = keeper.core, keeper.brief
        if core is None or brief is None or brief.alert_id is None or core.state is not FlightState.PATROLLING:
            return
        target = looked_at(brief.mission)
        if target is None or core.errand is not None or core.progress.is_past_last or core.sent_to == brief.alert_id:
            return
        away_m = core.seen.range_to_m(target.place, target.alt_home_m)
        if away_m is None or away_m > _TAKE_OVER_M:
            return
        errand = Errand(
            (target,),
            Then.RESUME,
            hold_s=self._policy.hold_s,
            alert_id=brief.alert_id,
            place=target.place,
        )
        refusal = keeper.order(Order(DroneAction.DISPATCH, brief.actor, errand=errand))
        if refusal:
            LOG.warning("dispatch left to the mission drone_id=%s reason=%s", keeper.drone.id, refusal[0].code)

    def _candidate(self, keeper: DroneKeeper, place: GeoPoint) -> DispatchCandidate:
        core, drone_id = keeper.core, keeper.drone.id
        if core is not None:
            return self._from_the_air(keeper, core, place)
        far_m = distance_m(*keeper.home, place.lat, place.lon)
        why = list(keeper.not_ready)
        arrival_s = None
        if far_m > self._policy.distance_max_m:
            why.append(too_far(far_m, self._policy.distance_max_m))
        else:
            plan = self._plan(keeper, place)
            why += plan.reasons
            if plan.plan is not None and plan.plan.work_points:
                arrival_s = round(plan.plan.work_points[0].arrive_s, 1)
        return DispatchCandidate(
            drone_id=drone_id, is_ready=not why, arrival_s=arrival_s, distance_m=round(far_m, 1), reasons=tuple(why)
        )

    def _from_the_air(self, keeper: DroneKeeper, core: Core, place: GeoPoint) -> DispatchCandidate:
        errand, why = self._errand(keeper, core, place, "")
        arrival_s = far_m = None
        if core.seen.place is not None:
            far_m = round(distance_m(*core.seen.place, place.lat, place.lon), 1)
        if errand is not None and core.seen.place is not None:
            start = Waypoint(*core.seen.place, core.seen.alt_home_m or 0.0)
            home = self._dock(keeper)
            plan = plan_of_way(
                keeper.drone, home, start, errand.points, 0.0, self._clock.now(), self._speed_m_s(keeper)
            )
            arrival_s = round(plan.duration_s, 1)
        return DispatchCandidate(
            drone_id=keeper.drone.id, is_ready=not why, arrival_s=arrival_s, distance_m=far_m, reasons=why
        )

    def _errand(
        self, keeper: DroneKeeper, core: Core, place: GeoPoint, alert_id: str
    ) -> tuple[Errand | None, tuple[ReasonText, ...]]:
        """The way of an airborne drone to a place and back, or why it does not go."""
        seen, policy, target = core.seen, self._policy, (place.lat, place.lon)
        if core.state not in _TAKES or not core.is_mode_ours or not core.was_airborne:
            return None, (BUSY_STATE,)
        if not seen.link_up or seen.place is None or seen.alt_home_m is None:
            return None, (LINK_LOST,)
        if seen.is_place_old:
            return None, (PLACE_OLD,)
        far_m = distance_m(*seen.place, *target)
        if far_m > policy.distance_max_m:
            return None, (too_far(far_m, policy.distance_max_m),)
        others = self._launcher.others(keeper.drone.id)
        if others.reasons:
            return None, others.reasons
        refused: tuple[ReasonText, ...] = (NO_WAY,)
        for layer in range(LAYERS_MAX):
            agl_m = policy.altitude_m + layer * keeper.drone.separation_m
            errand, refused = self._at_height(keeper, core, target, agl_m, alert_id)
            if errand is None:
                return None, refused
            start = Waypoint(*seen.place, seen.alt_home_m)
            speed_m_s = self._speed_m_s(keeper)
            plan = plan_of_way(
                keeper.drone, self._dock(keeper), start, errand.points, policy.hold_s, self._clock.now(), speed_m_s
            )
            if all(self._keeps_apart(keeper, plan, other) for other in others.plans):
                return errand, ()
            refused = (SEPARATION,)
        return None, refused

    @staticmethod
    def _keeps_apart(keeper: DroneKeeper, plan: FlightPlan, other: FlightPlan) -> bool:
        nearest = nearest_of(plan, other)
        return nearest is None or nearest.distance_m >= max(keeper.drone.separation_m, other.separation_m)

    def _at_height(
        self, keeper: DroneKeeper, core: Core, target: tuple[float, float], agl_m: float, alert_id: str
    ) -> tuple[Errand | None, tuple[ReasonText, ...]]:
        seen, policy = core.seen, self._policy
        if agl_m > keeper.drone.ceiling_m:
            return None, (SEPARATION, TOO_HIGH)
        if seen.place is None or seen.alt_home_m is None:
            return None, (LINK_LOST,)
        ways, ends = self._ways[keeper.drone.id], Ends(seen.place, target, core.home, keeper.home)
        found = way_out(ways, self._terrain, ends, agl_m, keeper.drone.ceiling_m, self._clock.now(), _LONGEST_STAY_S)
        if not isinstance(found, WayOut):
            return None, (found,)
        there, home = found.there, found.home
        if not self._lasts(keeper, core, there.distance_m, home.distance_m):
            return None, (NOT_ENOUGH,)
        # up or down where it is first, then across, so that the way at one height is the way that was checked
        climb = Waypoint(*seen.place, found.alt_home_m)
        back_here = (*reversed(there.points[:-1]), climb, Waypoint(*seen.place, seen.alt_home_m))
        resumes = policy.after is AfterDispatch.RESUME
        errand = Errand(
            (climb, *there.points),
            Then.RESUME if resumes else Then.RETURN,
            hold_s=policy.hold_s,
            back=back_here if resumes else home.points[:-1],
            alert_id=alert_id or None,
            place=target,
            speed_m_s=self._speed_m_s(keeper),
        )
        return errand, ()

    def _dock(self, keeper: DroneKeeper) -> Home:
        """The dock with its height, so that heights of ways compare with those of patrols over the same terrain."""
        lat, lon = keeper.home
        ground = self._terrain.heights_m(np.array([lat]), np.array([lon]))
        return Home(lat, lon, float(ground[0]), self._policy.terrain)

    def _lasts(self, keeper: DroneKeeper, core: Core, there_m: float, home_m: float) -> bool:
        """Whether the battery brings it there, lets it look, and home with its reserve."""
        if core.seen.battery_percent is None:
            return False
        drone, speed_m_s = keeper.drone, self._speed_m_s(keeper)
        needed_s = 2 * there_m / speed_m_s + self._policy.hold_s + home_m / speed_m_s
        left_s = (core.seen.battery_percent / 100 - drone.reserve) * drone.endurance_s
        return needed_s <= left_s

    def _speed_m_s(self, keeper: DroneKeeper) -> float:
        return self._policy.speed_m_s or keeper.drone.cruise_m_s

    def _patrol(self, keeper: DroneKeeper, place: GeoPoint) -> PatrolConfig:
        """A flight to one point, as a patrol that is planned and checked like any other."""
        policy, there = self._policy, (place.lat, place.lon)
        return PatrolConfig(
            id=PATROL_ID,
            drones=(keeper.drone.id,),
            route=WaypointsRoute(kind="waypoints", datum=Datum.WGS84, points=(there,)),
            terrain=policy.terrain,
            altitude_m=policy.altitude_m,
            speed_m_s=policy.speed_m_s,
            actions=(ActionConfig(point=1, hold_s=min(_BRIEF_HOLD_S, policy.hold_s), look_at=there),),
        )

    def _plan(self, keeper: DroneKeeper, place: GeoPoint) -> Prepared:
        others = self._launcher.others(keeper.drone.id)
        if others.reasons:
            return Prepared(None, others.reasons)
        patrol, now, weather = self._patrol(keeper, place), self._clock.now(), observe(self._config)
        return prepared(self._config, patrol, keeper.drone, now, weather, others=others.plans, layers=LAYERS_MAX)
