"""The drones of the fleet kept apart in flight: from what their keepers know to who is told to hold, twice a second.

Nobody is fought: only who flies in our hands is told to hold, and only a hold of ours is ended.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from drone.areas.frame import LocalFrame
from drone.fleet.apart import XYZ, Aircraft, Holds, Leg, Pair, pairs_of
from drone.fleet.keeper import DroneKeeper
from drone.flight.core import Core
from drone.flight.errand import Leg as ErrandLeg
from drone.flight.orders import Order
from drone.flight.snapshot import LatLon
from drone.mission.items import Command
from drone.reasons import reason
from kernel.drone_events import DroneAction, FlightState, ReasonText

LOG = logging.getLogger(__name__)
ACTOR = "separation"
_AIRBORNE_M = 2.0
_HELD = frozenset({FlightState.PATROLLING, FlightState.DISPATCHED})
_ON_MISSION = frozenset({FlightState.TAKING_OFF, FlightState.PATROLLING})
_LEGS = 6


class Traffic:
    """Keeps the fleet apart.

    Args:
        keepers: of every drone, by id.
        dock_height_m: height of a drone's dock over a level common to all; None: there is none, heights above the
            sea count.
    """

    def __init__(self, keepers: Mapping[str, DroneKeeper], dock_height_m: Mapping[str, float] | None) -> None:
        self._keepers, self._dock_height_m = keepers, dock_height_m
        first = next(iter(keepers.values()), None)
        self._frame = LocalFrame(*(first.home if first is not None else (0.0, 0.0)))
        self._holds = Holds()
        self._told: dict[tuple[str, str], tuple[str, ...]] = {}

    def look(self, now_s: float) -> list[Pair]:
        """Measure, note the least distances, tell who has to hold and who may go on."""
        aircraft = {one.drone_id: one for keeper in self._keepers.values() if (one := self._aircraft(keeper, now_s))}
        pairs = pairs_of(tuple(aircraft.values()))
        for pair in pairs:
            for own, other in ((pair.first, pair.second), (pair.second, pair.first)):
                self._keepers[own].note_nearest(other, pair.now_m)
            self._see_to(pair)
        for drone_id in list(self._holds.because):
            self._end_hold(drone_id, aircraft, now_s)
        return pairs

    def _see_to(self, pair: Pair) -> None:
        key = (pair.first, pair.second)
        if not pair.is_too_near:
            if self._told.pop(key, None) is not None:
                LOG.info("apart again first=%s second=%s distance_m=%.1f", *key, pair.now_m)
                for drone_id in key:
                    self._keepers[drone_id].calm()
            return
        is_new = self._told.get(key) is None
        if not is_new and not set(pair.hold) - set(self._told[key]):
            return
        self._told[key] = (*self._told.get(key, ()), *pair.hold)
        LOG.warning(
            "too near first=%s second=%s now_m=%.1f least_m=%.1f in_s=%.0f hold=%s",
            *key, pair.now_m, pair.least_m, pair.in_s, ",".join(pair.hold) or "nobody",
        )  # fmt: skip
        for own, other in (key, key[::-1]):
            keeper = self._keepers[own]
            why = too_near(self._keepers[other].drone.label, pair, holds=own in pair.hold)
            keeper.warn(why)
            if own in pair.hold and not keeper.order(Order(DroneAction.PAUSE, ACTOR)):
                self._holds.held(own, other)

    def _end_hold(self, drone_id: str, aircraft: Mapping[str, Aircraft], now_s: float) -> None:
        """Let a drone go on once the way that it would fly is clear of everybody."""
        keeper = self._keepers[drone_id]
        core = keeper.core
        if core is None or core.state is not FlightState.PAUSED or keeper.ordered_by != ACTOR:
            self._holds.drop(drone_id)
            return
        own = self._aircraft(keeper, now_s, goes_on=True)
        others = [one for other_id, one in aircraft.items() if other_id != drone_id]
        is_clear = own is not None and not any(
            pair.is_too_near for pair in pairs_of((own, *others)) if drone_id in (pair.first, pair.second)
        )
        if self._holds.freed(drone_id, is_clear, now_s):
            self._holds.drop(drone_id)
            refusal = keeper.order(Order(DroneAction.RESUME, ACTOR))
            LOG.info("goes on drone_id=%s refused=%s", drone_id, ",".join(one.code for one in refusal) or "no")

    def _aircraft(self, keeper: DroneKeeper, now_s: float, *, goes_on: bool = False) -> Aircraft | None:
        """An aircraft off the ground, as far as it is known.

        Args:
            goes_on: as if it were not told to hold.
        """
        state, seen = keeper.vehicle_state, keeper.seen
        if state is None or state.position is None or not seen.armed or (seen.alt_home_m or 0.0) < _AIRBORNE_M:
            return None
        position, core = state.position, keeper.core
        dock_m = self._dock_height_m.get(keeper.drone.id) if self._dock_height_m is not None else None
        base_m = dock_m if dock_m is not None else position.amsl_altitude_m - position.alt_home_m
        rises_m_s = -position.down_m_s
        ours = core is not None and core.state in _HELD and core.was_airborne and seen.link_up and core.is_mode_ours
        way = self._way(core, base_m, goes_on) if core is not None else None
        planned = core.brief.mission.speed_at(core.progress.current or 0) if core is not None else None
        ground_m_s = (position.north_m_s**2 + position.east_m_s**2) ** 0.5
        return Aircraft(
            drone_id=keeper.drone.id,
            place=(*self._frame.to_local(position.lat_deg, position.lon_deg), base_m + position.alt_home_m),
            velocity_m_s=(position.east_m_s, position.north_m_s, rises_m_s),
            age_s=max(0.0, now_s - position.at_s),
            least_m=keeper.drone.separation_m,
            rank=_rank(core),
            may_hold=ours,
            way=way,
            speed_m_s=max(ground_m_s, planned or keeper.drone.cruise_m_s),
        )

    def _way(self, core: Core, base_m: float, goes_on: bool) -> tuple[Leg, ...] | None:
        """Where it flies from here, as far as that is ours to know."""
        seen, modes = core.seen, core.modes
        high_m = base_m + (seen.alt_home_m or 0.0)
        if core.state is FlightState.PAUSED and core.errand is None and not goes_on:
            return ()
        if goes_on or (core.state in _ON_MISSION and seen.mode == modes.auto):
            seq = core.resume_seq if goes_on and core.resume_seq is not None else seen.mission_current
            back = tuple(Leg(self._point(one.place, base_m + one.alt_home_m)) for one in core.way_back)
            return (*back, *self._mission(core, seq or 0, base_m, high_m))
        if core.errand is not None and seen.mode == modes.guided:
            errand = core.errand
            if errand.leg is ErrandLeg.HOLDING or errand.target is None:
                return ()
            ahead = errand.back[errand.next :] if errand.leg is ErrandLeg.BACK else errand.points[errand.next :]
            return tuple(Leg(self._point(one.place, base_m + one.alt_home_m)) for one in ahead)
        if core.state is FlightState.RETURNING and seen.mode in (*modes.returning, modes.auto):
            return () if core.lands_here else (Leg(self._point(core.home, high_m)), Leg(self._point(core.home, base_m)))
        return None

    def _mission(self, core: Core, seq: int, base_m: float, high_m: float) -> tuple[Leg, ...]:
        legs: list[Leg] = []
        for item in core.brief.mission.items[max(1, seq) :]:
            if item.command == Command.NAV_RETURN_TO_LAUNCH:
                legs.append(Leg(self._point(core.home, legs[-1].point[2] if legs else high_m)))
            elif item.is_positioned and item.command in (Command.NAV_TAKEOFF, Command.NAV_WAYPOINT):
                hold_s = item.param1 if item.command == Command.NAV_WAYPOINT else 0.0
                legs.append(Leg(self._point((item.lat_deg, item.lon_deg), base_m + item.alt_m), hold_s))
            if len(legs) >= _LEGS:
                break
        return tuple(legs)

    def _point(self, place: LatLon, high_m: float) -> XYZ:
        return (*self._frame.to_local(*place), high_m)


def _rank(core: Core | None) -> tuple[int, str]:
    """Who has the lower holds first: a patrol before a dispatch, the later flight before the earlier."""
    if core is None:
        return 2, ""
    serves_alert = core.brief.alert_id is not None or (core.errand is not None and core.errand.alert_id is not None)
    later = "".join(chr(0x10FFFF - ord(letter)) for letter in core.brief.flight_id)  # ids rise with time
    return int(serves_alert), later


def too_near(other: str, pair: Pair, *, holds: bool) -> ReasonText:
    """Another drone comes too near."""
    does_zh, does_en = ("，令本机悬停", "; it is told to hold") if holds else ("", "")
    return reason(
        "too_near",
        f"与“{other}”相距 {pair.now_m:.0f} 米，{pair.in_s:.0f} 秒后将只有 {pair.least_m:.0f} 米，"
        f"应保持 {pair.wanted_m:g} 米{does_zh}",
        f"'{other}' is {pair.now_m:.0f} m away and will be {pair.least_m:.0f} m away in {pair.in_s:.0f} s; "
        f"{pair.wanted_m:g} m are to be kept{does_en}",
    )
