"""Messages folded into the vehicle's state, one reader per message type.

A value a vehicle marks as unknown stays None, or falls back to the message that knows: BATTERY_STATUS may give 65535
for every voltage, then SYS_STATUS has it (FACTS-MAVLINK).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from drone.mavlink.dialect import Message
from drone.mavlink.liveness import DuplicateWatch, is_autopilot_heartbeat
from drone.mavlink.modes import Autopilot, mode_name
from drone.mavlink.state import (
    Attitude,
    Battery,
    Capability,
    EkfFlag,
    FenceBreach,
    Gps,
    Place,
    Position,
    TextMessage,
    VehicleState,
    Version,
)
from drone.mavlink.texts import TextAssembly

_ARMED = 0x80  # MAV_MODE_FLAG_SAFETY_ARMED
_UNKNOWN_16 = 65535
_PREARM_CHECK = 0x1000_0000  # MAV_SYS_STATUS_PREARM_CHECK
_PRED_POS_HORIZ_ABS = 512  # ESTIMATOR_STATUS_FLAGS
_TEXTS_KEPT = 40
_REACHED_KEPT = 2000
_AUTOPILOT_COMPONENT = 1
_YAW_LOCK, _YAW_IN_VEHICLE_FRAME, _YAW_IN_EARTH_FRAME = 16, 32, 64  # GIMBAL_DEVICE_FLAGS
_UNIT_TOLERANCE = 0.05  # of a quaternion's length
_OF_GIMBALS = frozenset({"MOUNT_STATUS", "GIMBAL_DEVICE_ATTITUDE_STATUS"})


class Telemetry:
    """The state of one vehicle; `fold` takes in its messages."""

    def __init__(self) -> None:
        self.state = VehicleState()
        self._texts = TextAssembly()
        self._watch = DuplicateWatch()
        self._component: int | None = None

    @property
    def component(self) -> int:
        """Whose heartbeats count; that of every autopilot before the first of them."""
        return _AUTOPILOT_COMPONENT if self._component is None else self._component

    def fold(self, message: Message, now_s: float) -> bool:
        """Take in one message of the vehicle; whether it changed the state."""
        before = self.state
        is_of_autopilot = self._is_of_autopilot(message)
        if is_of_autopilot:
            self._watch.observe(message, now_s)
            if is_autopilot_heartbeat(message):
                self.state = _heartbeat(self.state, message, now_s)
            self._note_watch()
        reader = _READERS.get(message.get_type())
        if reader is not None and (is_of_autopilot or self._component is None or message.get_type() in _OF_GIMBALS):
            self.state = reader(self.state, message, now_s)
        if message.get_type() == "STATUSTEXT":
            self._add_texts(self._texts.add(message, now_s))
        return self.state is not before

    def tick(self, now_s: float) -> bool:
        """Give out texts whose missing chunks will not come; whether there was one."""
        late = self._texts.overdue(now_s)
        self._add_texts(late)
        return bool(late)

    def forget_reached(self) -> None:
        """Empty `state.reached`."""
        self.state = replace(self.state, reached=())

    def report_duplicate(self, why: str) -> None:
        """Note what the link saw: heartbeats of this sysid from two addresses."""
        self.state = replace(self.state, duplicate_sysid=self.state.duplicate_sysid or why)

    def _is_of_autopilot(self, message: Message) -> bool:
        """Locks on to the component whose heartbeats count; component 1 takes precedence over any other."""
        component = message.get_srcComponent()
        if is_autopilot_heartbeat(message) and (self._component is None or component == _AUTOPILOT_COMPONENT):
            self._component = component
        return bool(component == self._component)

    def _note_watch(self) -> None:
        watch = self._watch
        if watch.boots != self.state.boots or (watch.verdict and self.state.duplicate_sysid is None):
            verdict = self.state.duplicate_sysid or watch.verdict
            self.state = replace(self.state, boots=watch.boots, duplicate_sysid=verdict)

    def _add_texts(self, texts: list[TextMessage]) -> None:
        if texts:
            self.state = replace(self.state, texts=(*self.state.texts, *texts)[-_TEXTS_KEPT:])


def _heartbeat(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    return replace(
        state,
        autopilot=message.autopilot,
        vehicle_type=message.type,
        mode=mode_name(message.autopilot, message.custom_mode),
        armed=bool(message.base_mode & _ARMED),
        system_status=message.system_status,
        heartbeat_at_s=now_s,
        heartbeats=state.heartbeats + 1,
    )


def _position(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    position = Position(
        lat_deg=message.lat / 1e7,
        lon_deg=message.lon / 1e7,
        amsl_altitude_m=message.alt / 1000,
        alt_home_m=message.relative_alt / 1000,
        north_m_s=message.vx / 100,
        east_m_s=message.vy / 100,
        down_m_s=message.vz / 100,
        heading_deg=None if message.hdg == _UNKNOWN_16 else message.hdg / 100,
        at_s=now_s,
    )
    return replace(state, position=position)


def _attitude(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    roll, pitch, yaw = (math.degrees(angle) for angle in (message.roll, message.pitch, message.yaw))
    return replace(state, attitude=Attitude(roll, pitch, yaw % 360, now_s))


def _hud(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    return replace(state, ground_speed_m_s=message.groundspeed)


def _sys_status(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    known = Battery(
        voltage_v=None if message.voltage_battery in (0, _UNKNOWN_16) else message.voltage_battery / 1000,
        current_a=None if message.current_battery < 0 else message.current_battery / 100,
        remaining=None if message.battery_remaining < 0 else message.battery_remaining / 100,
    )
    enabled, healthy = message.onboard_control_sensors_enabled, message.onboard_control_sensors_health
    tells = enabled & _PREARM_CHECK or state.autopilot == Autopilot.PX4  # which never calls it enabled
    return replace(
        state,
        battery=_merged(known, state.battery),
        sensors_unhealthy=enabled & ~healthy,
        tells_prearm=bool(message.onboard_control_sensors_present & _PREARM_CHECK),
        prearm_ok=bool(healthy & _PREARM_CHECK) if tells else None,
    )


def _battery_status(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    if message.id != 0:
        return state
    cells_mv = [cell for cell in message.voltages if cell != _UNKNOWN_16]
    cells_mv += [cell for cell in message.voltages_ext if cell != 0] if cells_mv else []
    known = Battery(
        voltage_v=sum(cells_mv) / 1000 if cells_mv else None,
        current_a=None if message.current_battery < 0 else message.current_battery / 100,
        remaining=None if message.battery_remaining < 0 else message.battery_remaining / 100,
    )
    return replace(state, battery=_merged(known, state.battery))


def _merged(newer: Battery, older: Battery) -> Battery:
    """The newer reading, with what it does not know from the older."""
    return Battery(
        older.voltage_v if newer.voltage_v is None else newer.voltage_v,
        older.current_a if newer.current_a is None else newer.current_a,
        older.remaining if newer.remaining is None else newer.remaining,
    )


def _gps(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    satellites = None if message.satellites_visible == 255 else message.satellites_visible
    hdop = None if message.eph == _UNKNOWN_16 else message.eph / 100
    errors_m = [_error_m(getattr(message, name, 0)) for name in ("h_acc", "v_acc")]
    return replace(state, gps=Gps(message.fix_type, satellites, hdop, *errors_m))


def _error_m(error_mm: int) -> float | None:
    """Of the fields that came with MAVLink 2: zero where the receiver does not tell."""
    return error_mm / 1000 if error_mm else None


def _ekf(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    return replace(state, ekf_flags=EkfFlag(message.flags & 0xFF))


def _estimator(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    """PX4 also calls it a constant position that the vehicle is at rest: with GNSS in use it is none.

    Source: PX4, ekf_helper.cpp, get_ekf_soln_status.
    """
    flags = EkfFlag(message.flags & 0xFF)
    if message.flags & _PRED_POS_HORIZ_ABS:
        flags &= ~EkfFlag.CONST_POS_MODE
    return replace(state, ekf_flags=flags)


def _fence(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    breach = FenceBreach(bool(message.breach_status), message.breach_count, message.breach_type)
    return replace(state, fence=breach)


def _home(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    """One at 0, 0 is none yet: that home is not set."""
    if message.latitude == message.longitude == 0:
        return state
    home = Place(message.latitude / 1e7, message.longitude / 1e7, message.altitude / 1000)
    return replace(state, home=home)


def _current(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    offset = _seq_offset(state)
    total = None if message.total in (0, _UNKNOWN_16) else message.total + offset
    return replace(state, mission_current=message.seq + offset, mission_total=total)


def _reached(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    seq = message.seq + _seq_offset(state)
    if state.reached and state.reached[-1] == seq:
        return state
    return replace(state, reached=(*state.reached, seq)[-_REACHED_KEPT:])


def _seq_offset(state: VehicleState) -> int:
    """PX4 keeps no home item: its item 0 is our item 1."""
    return 1 if state.autopilot == Autopilot.PX4 else 0


def _landed(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    return replace(state, landed_state=message.landed_state)


def _wind(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    return replace(state, wind_m_s=message.speed, wind_from_deg=message.direction % 360)


def _version(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    packed = message.flight_sw_version
    version = Version(packed >> 24 & 0xFF, packed >> 16 & 0xFF, packed >> 8 & 0xFF, packed & 0xFF, message.uid)
    return replace(state, version=version, capabilities=Capability(message.capabilities))


def _mount(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    pitch_deg, roll_deg, yaw_deg = message.pointing_a / 100, message.pointing_b / 100, message.pointing_c / 100
    return replace(state, gimbal=Attitude(roll_deg, pitch_deg, yaw_deg, now_s), gimbal_from_north=False)


def _gimbal(state: VehicleState, message: Message, now_s: float) -> VehicleState:
    """A gimbal that does not know sends NaN or zeros: that is no attitude, what was told before grows old."""
    w, x, y, z = message.q
    if not abs(math.hypot(w, x, y, z) - 1) <= _UNIT_TOLERANCE:
        return state
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    attitude = Attitude(math.degrees(roll), math.degrees(pitch), math.degrees(yaw), now_s)
    return replace(state, gimbal=attitude, gimbal_from_north=_is_from_north(message.flags))


def _is_from_north(flags: int) -> bool:
    """Which way a gimbal's yaw counts; older gimbals say neither, then a locked yaw counts from north.

    Source: MAVLink common.xml, GIMBAL_DEVICE_ATTITUDE_STATUS.
    """
    if flags & (_YAW_IN_EARTH_FRAME | _YAW_IN_VEHICLE_FRAME):
        return bool(flags & _YAW_IN_EARTH_FRAME)
    return bool(flags & _YAW_LOCK)


_READERS: dict[str, Callable[[VehicleState, Message, float], VehicleState]] = {
    "GLOBAL_POSITION_INT": _position,
    "ATTITUDE": _attitude,
    "VFR_HUD": _hud,
    "SYS_STATUS": _sys_status,
    "BATTERY_STATUS": _battery_status,
    "GPS_RAW_INT": _gps,
    "EKF_STATUS_REPORT": _ekf,
    "ESTIMATOR_STATUS": _estimator,
    "FENCE_STATUS": _fence,
    "HOME_POSITION": _home,
    "MISSION_CURRENT": _current,
    "MISSION_ITEM_REACHED": _reached,
    "EXTENDED_SYS_STATE": _landed,
    "WIND": _wind,
    "AUTOPILOT_VERSION": _version,
    "MOUNT_STATUS": _mount,
    "GIMBAL_DEVICE_ATTITUDE_STATUS": _gimbal,
}
