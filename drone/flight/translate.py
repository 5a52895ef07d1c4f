"""From what the link knows of a vehicle to what a flight looks at, and to the telemetry event."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from drone.flight.core import Core
from drone.flight.snapshot import PREARM, Snapshot
from drone.mavlink.modes import Autopilot
from drone.mavlink.state import EkfFlag, SystemStatus, VehicleState
from kernel.drone_events import DroneTelemetry, FlightState, LinkState, ReasonText, VehiclePosition
from kernel.event_base import GeoPoint
from kernel.geodesy import distance_m

_COPTERS = frozenset(
    {2, 3, 4, 13, 14, 15, 29, 35}
)  # MAV_TYPE: quad, coaxial, helicopter, hexa, octo, tri, dodeca, deca
_ON_GROUND = 1  # MAV_LANDED_STATE
_EKF_NEEDED = EkfFlag.ATTITUDE | EkfFlag.VELOCITY_HORIZ | EkfFlag.POS_HORIZ_ABS
_NAMES = {Autopilot.ARDUPILOT: "ardupilot", Autopilot.PX4: "px4"}


def snapshot_of(
    state: VehicleState, is_alive: bool, now_s: float, other_sysids: frozenset[int] = frozenset()
) -> Snapshot:
    """The vehicle as a flight looks at it."""
    position, gps, version = state.position, state.gps, state.version
    was_heard = state.heartbeat_at_s is not None
    remaining = state.battery.remaining
    return Snapshot(
        link_up=is_alive and was_heard,
        heartbeat_age_s=state.heartbeat_age_s(now_s),
        heartbeats=state.heartbeats,
        autopilot=_NAMES.get(Autopilot(state.autopilot), f"autopilot {state.autopilot}")
        if was_heard and state.autopilot in list(Autopilot)
        else (f"autopilot {state.autopilot}" if was_heard else ""),
        is_copter=state.vehicle_type in _COPTERS if was_heard else None,
        version=(version.major, version.minor, version.patch) if version is not None else None,
        armed=state.armed if was_heard else None,
        mode=state.mode or "",
        system_status=_status(state.system_status) if was_heard else "",
        lat=position.lat_deg if position is not None else None,
        lon=position.lon_deg if position is not None else None,
        position_age_s=now_s - position.at_s if position is not None else math.inf,
        alt_home_m=position.alt_home_m if position is not None else None,
        ground_speed_m_s=state.ground_speed_m_s,
        mission_current=state.mission_current,
        mission_total=state.mission_total,
        reached=frozenset(state.reached),
        is_landed=state.landed_state == _ON_GROUND if state.landed_state else None,
        gps_fix=gps.fix_type if gps is not None else None,
        satellites=gps.satellites if gps is not None else None,
        ekf_ok=_is_ekf_ok(state.ekf_flags),
        battery_percent=100 * remaining if remaining is not None else None,
        prearm_ok=state.prearm_ok,
        tells_prearm=state.tells_prearm,
        prearm_text_age_s=_complaint_age_s(state, now_s),
        home=(state.home.lat_deg, state.home.lon_deg) if state.home is not None else None,
        duplicate_sysid=state.duplicate_sysid,
        boots=state.boots,
        other_sysids=tuple(sorted(other_sysids)),
        texts=tuple(text.text for text in state.texts),
    )


def _complaint_age_s(state: VehicleState, now_s: float) -> float | None:
    return next((now_s - one.at_s for one in reversed(state.texts) if one.text.startswith(PREARM)), None)


def _status(number: int) -> str:
    try:
        return SystemStatus(number).name.lower().replace("flight_", "")
    except ValueError:
        return f"status {number}"


def _is_ekf_ok(flags: EkfFlag | None) -> bool | None:
    if flags is None:
        return None
    return (flags & _EKF_NEEDED) == _EKF_NEEDED and not flags & EkfFlag.CONST_POS_MODE


def link_state(state: VehicleState, is_alive: bool) -> LinkState:
    """Never heard, up, or lost."""
    if state.heartbeat_at_s is None:
        return LinkState.NEVER
    return LinkState.UP if is_alive else LinkState.LOST


def telemetry_of(
    drone_id: str,
    state: VehicleState,
    is_alive: bool,
    now: datetime,
    now_s: float,
    *,
    home: tuple[float, float],
    core: Core | None = None,
    not_ready: tuple[ReasonText, ...] = (),
    next_run: tuple[datetime, str] | None = None,
    ground_m: float | None = None,
    nearest: tuple[float, str] | None = None,
) -> DroneTelemetry:
    """One drone now.

    Args:
        home: its dock, for as long as the vehicle tells no home.
        core: of the flight in hand, if any.
        not_ready: what speaks against a launch.
        next_run: when, and of which patrol.
        ground_m: height of the ground below over that of home, where the terrain is known.
        nearest: metres that another drone came near in the air on this flight, and which.
    """
    link = link_state(state, is_alive)
    age_s = state.heartbeat_age_s(now_s)
    at_home = (state.home.lat_deg, state.home.lon_deg) if state.home is not None else home
    position = _position(state, now, now_s, ground_m)
    flight = core if core is not None and not core.state.is_over else None
    errand = flight.errand if flight is not None else None
    was_heard = link is not LinkState.NEVER
    remaining = state.battery.remaining
    return DroneTelemetry(
        drone_id=drone_id,
        at=now,
        link=link,
        heartbeat_age_s=round(age_s, 2) if age_s is not None else None,
        position=position,
        position_age_s=round(max(0.0, now_s - state.position.at_s), 2) if state.position is not None else None,
        home=GeoPoint(lat=at_home[0], lon=at_home[1]),
        distance_from_home_m=round(distance_m(position.lat, position.lon, *at_home), 2) if position else None,
        mode=state.mode or "",
        armed=state.armed if was_heard else None,
        system_status=_status(state.system_status) if was_heard else "",
        battery_percent=round(100 * remaining, 1) if remaining is not None else None,
        battery_v=state.battery.voltage_v,
        gps_fix=state.gps.fix_type if state.gps is not None else None,
        satellites=state.gps.satellites if state.gps is not None else None,
        autopilot=autopilot_text(state),
        flight_state=core.state if core is not None else FlightState.IDLE,
        flight_id=flight.brief.flight_id if flight is not None else None,
        patrol_id=flight.brief.patrol_id if flight is not None else None,
        alert_id=(errand.alert_id if errand is not None else flight.brief.alert_id) if flight is not None else None,
        item_current=flight.progress.current if flight is not None else None,
        items_total=flight.progress.total if flight is not None else 0,
        items_reached=flight.progress.reached if flight is not None else 0,
        least_separation_m=round(nearest[0], 1) if flight is not None and nearest is not None else None,
        nearest_drone_id=nearest[1] if flight is not None and nearest is not None else None,
        is_ready=flight is None and not not_ready,
        not_ready=not_ready,
        next_run_at=next_run[0] if next_run is not None else None,
        next_patrol_id=next_run[1] if next_run is not None else None,
        message=state.texts[-1].text if state.texts else "",
    )


def autopilot_text(state: VehicleState) -> str:
    """Name and version in words; empty before the first heartbeat."""
    if state.heartbeat_at_s is None:
        return ""
    names = {Autopilot.ARDUPILOT: "ArduPilot", Autopilot.PX4: "PX4"}
    name = next((text for number, text in names.items() if number == state.autopilot), f"autopilot {state.autopilot}")
    return f"{name} {state.version}" if state.version is not None else name


def _position(state: VehicleState, now: datetime, now_s: float, ground_m: float | None) -> VehiclePosition | None:
    seen, attitude, gimbal = state.position, state.attitude, state.gimbal
    if seen is None:
        return None
    return VehiclePosition(
        lat=seen.lat_deg,
        lon=seen.lon_deg,
        alt_home_m=seen.alt_home_m,
        alt_ground_m=round(seen.alt_home_m - ground_m, 2) if ground_m is not None else None,
        amsl_m=seen.amsl_altitude_m,
        heading_deg=seen.heading_deg,
        ground_speed_m_s=round(math.hypot(seen.north_m_s, seen.east_m_s), 2),
        climb_m_s=-seen.down_m_s,
        roll_deg=attitude.roll_deg if attitude is not None else None,
        pitch_deg=attitude.pitch_deg if attitude is not None else None,
        gimbal_pitch_deg=gimbal.pitch_deg if gimbal is not None else None,
        gimbal_yaw_deg=_from_nose(state),
        at=now - timedelta(seconds=max(0.0, now_s - seen.at_s)),
    )


def _from_nose(state: VehicleState) -> float | None:
    """Yaw of the gimbal clockwise from the aircraft's nose, -180 to 180."""
    gimbal, attitude = state.gimbal, state.attitude
    if gimbal is None or not state.gimbal_from_north:
        return gimbal.yaw_deg if gimbal is not None else None
    return (gimbal.yaw_deg - attitude.yaw_deg + 180) % 360 - 180 if attitude is not None else None
