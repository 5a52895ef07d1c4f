"""An aircraft off the ground as its controller knows it, in WGS-84 and heights above its own home; pure.

flight and telemetry -> Aloft -> (this controller's separation watch, or a file for the other controllers')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from drone.flight.core import Core
from drone.flight.errand import Leg as ErrandLeg
from drone.flight.errand import Then
from drone.flight.orders import Order
from drone.flight.snapshot import Snapshot
from drone.mavlink.state import VehicleState
from drone.mission.items import Command
from kernel.config.fleet import DroneConfig
from kernel.drone_events import FlightState, ReasonText
from kernel.geodesy import LatLon

ACTOR = "separation"
_AIRBORNE_M = 2.0
_HELD = frozenset({FlightState.PATROLLING, FlightState.DISPATCHED})
_ON_MISSION = frozenset({FlightState.TAKING_OFF, FlightState.PATROLLING})
_LEGS = 6


class Flier(Protocol):
    """Whoever has a drone in hand: what it knows of it, and how it is told something."""

    drone: DroneConfig

    @property
    def core(self) -> Core | None:
        """State of the flight in hand."""
        ...

    @property
    def seen(self) -> Snapshot:
        """The vehicle as last heard."""
        ...

    @property
    def vehicle_state(self) -> VehicleState | None:
        """Everything the link knows; None without a link."""
        ...

    @property
    def ordered_by(self) -> str | None:
        """Who gave the flight its last order."""
        ...

    @property
    def levels_m(self) -> tuple[float, float] | None:
        """Heights above home that it may take where it is, lowest and highest; None where that is not known."""
        ...

    def order(self, order: Order) -> tuple[ReasonText, ...]:
        """Give the flight an order; the reasons say why it is refused."""
        ...

    def note_nearest(self, drone_id: str, apart_m: float) -> None:
        """Another drone is in the air too, so far away."""
        ...

    def warn(self, why: ReasonText) -> None:
        """Raise an alert about the flight in hand, if any."""
        ...

    def calm(self) -> None:
        """What that was about is over."""
        ...


@dataclass(frozen=True, slots=True)
class WayPoint:
    """A point of a way, and how long it stays there."""

    lat: float
    lon: float
    alt_home_m: float
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Aloft:
    """One aircraft in the air.

    Attributes:
        label: its name.
        lat, lon: WGS-84.
        alt_home_m: above its home, as the autopilot counts.
        home_amsl_m: its home above the sea, as its receiver has it.
        velocity_m_s: east, north, up.
        at_s: when that was received, on this machine's monotonic clock.
        separation_m: others stay as far away.
        flight_id: of its flight; empty: nobody of ours flies it.
        serves_alert: it was sent to an alert.
        may_hold: it flies in its controller's hands.
        holds: it was told to hold because of another aircraft.
        way: where it flies from here; None: not known, straight on; empty: it stays.
        way_on: where it flies once it goes on, while it is held.
        speed_m_s: along its way.
        levels_m: heights above home that it may take where it is, while it is held.
        battery_percent: that was left when it was told to hold, while it is held.
        braking_m_s2: deceleration that can be relied on.
        is_told: it was told to hold, and is not in a mode that does yet.
    """

    drone_id: str
    label: str
    lat: float
    lon: float
    alt_home_m: float
    home_amsl_m: float
    velocity_m_s: tuple[float, float, float]
    at_s: float
    separation_m: float
    flight_id: str
    serves_alert: bool
    may_hold: bool
    holds: bool
    way: tuple[WayPoint, ...] | None
    way_on: tuple[WayPoint, ...] | None
    speed_m_s: float
    levels_m: tuple[float, float] | None
    battery_percent: float | None
    braking_m_s2: float = 2.5
    is_told: bool = False


def aloft_of(flier: Flier) -> Aloft | None:
    """An aircraft off the ground, as far as it is known; None on the ground."""
    state, seen = flier.vehicle_state, flier.seen
    if state is None or state.position is None or not seen.armed or (seen.alt_home_m or 0.0) < _AIRBORNE_M:
        return None
    position, core = state.position, flier.core
    is_ours = core is not None and core.was_airborne and seen.link_up and core.is_mode_ours
    goes_on, holds = core is not None and _goes_on(core), is_held(flier)
    planned = core.brief.mission.speed_at(core.progress.current or 0) if core is not None else None
    return Aloft(
        drone_id=flier.drone.id,
        label=flier.drone.label,
        lat=position.lat_deg,
        lon=position.lon_deg,
        alt_home_m=position.alt_home_m,
        home_amsl_m=position.amsl_altitude_m - position.alt_home_m,
        velocity_m_s=(position.east_m_s, position.north_m_s, -position.down_m_s),
        at_s=position.at_s,
        separation_m=flier.drone.separation_m,
        flight_id=core.brief.flight_id if core is not None else "",
        serves_alert=core is not None and _serves_alert(core),
        may_hold=is_ours and core is not None and (core.state in _HELD or goes_on),
        holds=holds,
        way=_way(core) if core is not None else None,
        way_on=_mission_way(core) if holds and core is not None else None,
        speed_m_s=max((position.north_m_s**2 + position.east_m_s**2) ** 0.5, planned or flier.drone.cruise_m_s),
        levels_m=flier.levels_m if holds else None,
        battery_percent=core.paused_percent if holds and core is not None else None,
        braking_m_s2=flier.drone.braking_m_s2,
        is_told=core is not None and core.state is FlightState.PAUSED and core.errand is None and not core.stands,
    )


def is_out_of_sight(flier: Flier) -> bool:
    """Whether it is in the air and where is not known: the last that was told of it is old."""
    core, seen = flier.core, flier.seen
    is_up = (core is not None and core.was_airborne) or (seen.alt_home_m or 0.0) >= _AIRBORNE_M
    return bool(seen.armed) and is_up and seen.is_place_old


def is_held(flier: Flier) -> bool:
    """Whether it holds because the separation watch told it to, and nobody said otherwise since."""
    core = flier.core
    return core is not None and core.state is FlightState.PAUSED and flier.ordered_by == ACTOR and not _goes_on(core)


def _serves_alert(core: Core) -> bool:
    return core.brief.alert_id is not None or (core.errand is not None and core.errand.alert_id is not None)


def _goes_on(core: Core) -> bool:
    """Whether it was held and is on its way back to its patrol."""
    return core.state is FlightState.PAUSED and core.errand is not None and core.errand.then is Then.RESUME


def _way(core: Core) -> tuple[WayPoint, ...] | None:
    """Where it flies from here, as far as that is ours to know."""
    seen, modes = core.seen, core.modes
    if core.state is FlightState.PAUSED and core.errand is None and core.stands:
        return ()
    if core.state is FlightState.PAUSED and core.errand is None:
        return _mission_way(core) if seen.mode == modes.auto else None  # it was told to, and has not begun to yet
    if core.state in _ON_MISSION and seen.mode == modes.auto:
        return _mission_way(core)
    if core.errand is not None and seen.mode == modes.guided:
        errand = core.errand
        if errand.leg is ErrandLeg.HOLDING or errand.target is None:
            return ()
        ahead = errand.back[errand.next :] if errand.leg is ErrandLeg.BACK else errand.points[errand.next :]
        on = _mission_points(core, seen.alt_home_m or 0.0) if _goes_on(core) else ()
        return (*(WayPoint(one.lat, one.lon, one.alt_home_m) for one in ahead), *on)
    if core.state is FlightState.RETURNING and seen.mode in (*modes.returning, modes.auto):
        return () if core.lands_here else (_over(core.home, seen.alt_home_m or 0.0), _over(core.home, 0.0))
    return None


def _mission_way(core: Core) -> tuple[WayPoint, ...]:
    """Back to the mission, and along it."""
    back = (WayPoint(one.lat, one.lon, one.alt_home_m) for one in core.way_back)
    return (*back, *_mission_points(core, core.seen.alt_home_m or 0.0))


def _mission_points(core: Core, high_m: float) -> tuple[WayPoint, ...]:
    """Along the mission from the item that it flies to, or will when it goes on."""
    is_held = core.state is FlightState.PAUSED
    seq = core.resume_seq if is_held and core.resume_seq is not None else core.seen.mission_current
    points: list[WayPoint] = []
    for item in core.brief.mission.items[max(1, seq or 0) :]:
        if item.command == Command.NAV_RETURN_TO_LAUNCH:
            points.append(_over(core.home, points[-1].alt_home_m if points else high_m))
        elif item.is_positioned and item.command in (Command.NAV_TAKEOFF, Command.NAV_WAYPOINT):
            hold_s = item.param1 if item.command == Command.NAV_WAYPOINT else 0.0
            points.append(WayPoint(item.lat_deg, item.lon_deg, item.alt_m, hold_s))
        if len(points) >= _LEGS:
            break
    return tuple(points)


def _over(place: LatLon, alt_home_m: float) -> WayPoint:
    return WayPoint(*place, alt_home_m)
