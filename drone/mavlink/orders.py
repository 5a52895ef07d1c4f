"""The orders that differ between autopilots, each with its fallback and the message that shows its effect."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from drone.mavlink.command import Fallback, Order, Place
from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.liveness import is_autopilot_heartbeat
from drone.mavlink.modes import Autopilot
from drone.mavlink.state import VehicleState
from drone.mission.items import Command, Frame
from kernel.geodesy import distance_m

Seen: TypeAlias = Callable[[Message], bool]

_CUSTOM_MODE = 1  # MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
_CHANGE_MODE = 1  # MAV_DO_REPOSITION_FLAGS_CHANGE_MODE
_RELATIVE_INT = 6  # the frame SET_POSITION_TARGET_GLOBAL_INT is documented with
_POSITION_ONLY = 0xDF8  # POSITION_TARGET_TYPEMASK: ignore velocity, acceleration, yaw, yaw rate
_THERE_M, _UNDER_WAY_M = 2.0, 3.0
_SAME_PLACE = 100  # 1e-7 degrees, about a metre: the vehicle gives the target back rounded


def mode(target: Target, autopilot: int, number: int) -> tuple[Order, Fallback, Seen]:
    """DO_SET_MODE, else SET_MODE; a heartbeat shows it."""

    def seen(message: Message) -> bool:
        return is_autopilot_heartbeat(message) and message.custom_mode == number

    params: tuple[float, ...] = (_CUSTOM_MODE, number)
    if autopilot == Autopilot.PX4:
        params = (_CUSTOM_MODE, number >> 16 & 0xFF, number >> 24 & 0xFF)
    fallback = Fallback("SET_MODE", mavlink.MAVLink_set_mode_message(target.system, _CUSTOM_MODE, number))
    return Order(Command.DO_SET_MODE, params), fallback, seen


def current_item(target: Target, autopilot: int, seq: int) -> tuple[Order, Fallback, Seen]:
    """DO_SET_MISSION_CURRENT, else MISSION_SET_CURRENT; MISSION_CURRENT shows it."""
    on_vehicle = seq - 1 if autopilot == Autopilot.PX4 else seq

    def seen(message: Message) -> bool:
        return bool(message.get_type() == "MISSION_CURRENT" and message.seq == on_vehicle)

    message = mavlink.MAVLink_mission_set_current_message(target.system, target.component, on_vehicle)
    return Order(Command.DO_SET_MISSION_CURRENT, (on_vehicle,)), Fallback("MISSION_SET_CURRENT", message), seen


def takeoff(state: VehicleState, alt_home_m: float) -> Order | None:
    """NAV_TAKEOFF: ArduPilot climbs above home, PX4 to a height above the sea; None where that is not known."""
    if state.autopilot != Autopilot.PX4:
        return Order(Command.NAV_TAKEOFF, (0, 0, 0, 0, 0, 0, alt_home_m)) if alt_home_m > 0 else None
    amsl_m = _above_sea(state, alt_home_m)
    nan = math.nan
    return None if amsl_m is None else Order(Command.NAV_TAKEOFF, (-1, nan, nan, nan, nan, nan, amsl_m))


def reposition(state: VehicleState, lat_deg: float, lon_deg: float, alt_home_m: float) -> Order | None:
    """DO_REPOSITION; None for what is no place on earth, or an altitude that cannot be told."""
    is_place = abs(lat_deg) <= 90 and abs(lon_deg) <= 180 and math.isfinite(alt_home_m)
    if not is_place or (abs(lat_deg) < 1e-3 and abs(lon_deg) < 1e-3):
        return None
    if state.autopilot != Autopilot.PX4:
        place = Place(Frame.GLOBAL_RELATIVE_ALT, lat_deg, lon_deg, alt_home_m)
        return Order(Command.DO_REPOSITION, (-1, _CHANGE_MODE, 0, 0), place)
    amsl_m = _above_sea(state, alt_home_m)
    if amsl_m is None:
        return None
    return Order(Command.DO_REPOSITION, (-1, _CHANGE_MODE, 0, math.nan), Place(Frame.GLOBAL, lat_deg, lon_deg, amsl_m))


def position_target(target: Target, lat_deg: float, lon_deg: float, alt_home_m: float) -> tuple[Fallback, Seen]:
    """SET_POSITION_TARGET_GLOBAL_INT; its echo shows it, or the vehicle being there or on its way."""
    x, y = round(lat_deg * 1e7), round(lon_deg * 1e7)
    head = (0, target.system, target.component, _RELATIVE_INT, _POSITION_ONLY)
    message = mavlink.MAVLink_set_position_target_global_int_message(*head, x, y, alt_home_m, *(0.0,) * 8)
    farthest_m = 0.0

    def seen(message: Message) -> bool:
        nonlocal farthest_m
        if message.get_type() == "POSITION_TARGET_GLOBAL_INT":
            return bool(max(abs(message.lat_int - x), abs(message.lon_int - y)) <= _SAME_PLACE)
        if message.get_type() != "GLOBAL_POSITION_INT":
            return False
        flat_m = distance_m(message.lat / 1e7, message.lon / 1e7, lat_deg, lon_deg)
        away_m = math.hypot(flat_m, message.relative_alt / 1000 - alt_home_m)
        farthest_m = max(farthest_m, away_m)
        return away_m < _THERE_M or away_m < farthest_m - _UNDER_WAY_M

    return Fallback("SET_POSITION_TARGET_GLOBAL_INT", message), seen


def _above_sea(state: VehicleState, alt_home_m: float) -> float | None:
    if state.home is not None:
        return state.home.amsl_altitude_m + alt_home_m
    if state.position is not None:
        return state.position.amsl_altitude_m - state.position.alt_home_m + alt_home_m
    return None
