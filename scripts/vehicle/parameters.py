"""The vehicle's parameters: a realistic set per firmware, with the types and silences of the real protocol."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.profiles import Profile

INT8, INT16, INT32, REAL = 2, 4, 6, 9  # MAV_PARAM_TYPE
_RANGE = {INT8: (-128, 127), INT16: (-32768, 32767), INT32: (-(2**31), 2**31 - 1)}
_LIST_PER_S = 50.0

_COMMON: dict[str, tuple[int, float]] = {
    "SYSID_THISMAV": (INT16, 1), "SYSID_MYGCS": (INT16, 255), "ARMING_CHECK": (INT16, 1), "DISARM_DELAY": (INT8, 10),
    "RTL_ALT": (INT32, 1500), "RTL_ALT_FINAL": (INT16, 0), "RTL_CLIMB_MIN": (INT16, 0), "RTL_CONE_SLOPE": (REAL, 3),
    "RTL_LOIT_TIME": (INT32, 5000), "RTL_SPEED": (INT16, 0), "WPNAV_SPEED": (REAL, 500), "WPNAV_SPEED_UP": (REAL, 250),
    "WPNAV_SPEED_DN": (REAL, 150), "WPNAV_RADIUS": (REAL, 200), "WPNAV_ACCEL": (REAL, 100),
    "WPNAV_ACCEL_Z": (REAL, 100), "WPNAV_RFND_USE": (INT8, 1), "LAND_SPEED": (INT16, 50), "LAND_SPEED_HIGH": (INT16, 0),
    "FS_THR_ENABLE": (INT8, 1), "FS_THR_VALUE": (INT16, 975), "FS_GCS_ENABLE": (INT8, 1), "FS_EKF_ACTION": (INT8, 1),
    "FS_EKF_THRESH": (REAL, 0.8), "FS_CRASH_CHECK": (INT8, 1), "FENCE_ENABLE": (INT8, 0), "FENCE_TYPE": (INT8, 7),
    "FENCE_ACTION": (INT8, 1), "FENCE_ALT_MAX": (REAL, 100), "FENCE_RADIUS": (REAL, 300), "FENCE_MARGIN": (REAL, 2),
    "FENCE_TOTAL": (INT8, 0), "RALLY_TOTAL": (INT8, 0), "RALLY_LIMIT_KM": (REAL, 0.3), "MIS_TOTAL": (INT16, 0),
    "MIS_RESTART": (INT8, 0), "BATT_MONITOR": (INT8, 4), "BATT_CAPACITY": (INT32, 5200), "BATT_AMP_OFFSET": (REAL, 0),
    "CIRCLE_RADIUS": (REAL, 1000), "CIRCLE_RATE": (REAL, 20), "WP_YAW_BEHAVIOR": (INT8, 2), "TERRAIN_ENABLE": (INT8, 1),
    "TERRAIN_FOLLOW": (INT8, 0), "CAM_TRIGG_TYPE": (INT8, 0), "CAM_TRIGG_DIST": (REAL, 0), "CAM_DURATION": (INT8, 10),
    "AHRS_GPS_USE": (INT8, 1), "AHRS_TRIM_X": (REAL, 0.002), "AHRS_TRIM_Y": (REAL, -0.001), "GPS_TYPE": (INT8, 1),
    "EK2_ENABLE": (INT8, 1), "COMPASS_USE": (INT8, 1), "COMPASS_DEC": (REAL, -0.07), "BRD_TYPE": (INT8, 0),
    "LOG_BITMASK": (INT32, 176126), "FRAME_CLASS": (INT8, 1), "FRAME_TYPE": (INT8, 1), "RNGFND_TYPE": (INT8, 0),
}  # fmt: skip
_OLD: dict[str, tuple[int, float]] = {
    "FS_BATT_ENABLE": (INT8, 0), "FS_BATT_VOLTAGE": (REAL, 10.5), "FS_BATT_MAH": (REAL, 0),
    "PILOT_VELZ_MAX": (INT16, 250), "MNT_TYPE": (INT8, 1), "MNT_DEFLT_MODE": (INT8, 3), "ANGLE_MAX": (INT16, 4500),
}  # fmt: skip
_NEW: dict[str, tuple[int, float]] = {
    "BATT_FS_LOW_ACT": (INT8, 0), "BATT_FS_CRT_ACT": (INT8, 0), "BATT_LOW_VOLT": (REAL, 10.5),
    "BATT_LOW_MAH": (REAL, 0),
    "BATT_LOW_TIMER": (INT8, 10), "BATT_CRT_VOLT": (REAL, 0), "BATT_CRT_MAH": (REAL, 0), "PILOT_SPEED_UP": (INT16, 250),
    "PILOT_SPEED_DN": (INT16, 0), "FS_OPTIONS": (INT32, 16), "FS_GCS_TIMEOUT": (REAL, 5), "MNT1_TYPE": (INT8, 1),
    "MNT1_DEFLT_MODE": (INT8, 3), "MNT1_NEUTRAL_Y": (REAL, 0), "MNT1_NEUTRAL_Z": (REAL, 0),
    "AUTO_OPTIONS": (INT32, 0), "SYSID_ENFORCE": (INT8, 0), "CAM1_TYPE": (INT8, 1),
    "FS_VIBE_ENABLE": (INT8, 1), "ANGLE_MAX": (INT16, 3000), "GUID_TIMEOUT": (REAL, 3), "FENCE_AUTOENABLE": (INT8, 0),
    "FENCE_ALT_MIN": (REAL, -10), "FENCE_OPTIONS": (INT16, 1),
}  # fmt: skip
_RENAMED: dict[str, tuple[str, float]] = {
    "SYSID_THISMAV": ("MAV_SYSID", 1), "SYSID_MYGCS": ("MAV_GCS_SYSID", 1), "RTL_ALT": ("RTL_ALT_M", 0.01),
    "RTL_ALT_FINAL": ("RTL_ALT_FINAL_M", 0.01), "RTL_CLIMB_MIN": ("RTL_CLIMB_MIN_M", 0.01),
    "RTL_SPEED": ("RTL_SPEED_MS", 0.01), "LAND_SPEED": ("LAND_SPD_MS", 0.01),
    "LAND_SPEED_HIGH": ("LAND_SPD_HIGH_MS", 0.01), "WPNAV_SPEED": ("WP_SPD", 0.01),
    "WPNAV_SPEED_UP": ("WP_SPD_UP", 0.01), "WPNAV_SPEED_DN": ("WP_SPD_DN", 0.01), "WPNAV_RADIUS": ("WP_RADIUS_M", 0.01),
    "WPNAV_ACCEL": ("WP_ACC", 0.01), "WPNAV_ACCEL_Z": ("WP_ACC_Z", 0.01), "WPNAV_RFND_USE": ("WP_RFND_USE", 1),
    "CIRCLE_RADIUS": ("CIRCLE_RADIUS_M", 0.01), "ANGLE_MAX": ("ATC_ANGLE_MAX", 0.01),
    "PILOT_SPEED_UP": ("PILOT_SPD_UP", 0.01), "PILOT_SPEED_DN": ("PILOT_SPD_DN", 0.01),
}  # fmt: skip
_STREAMS = ("RAW_SENS", "EXT_STAT", "RC_CHAN", "RAW_CTRL", "POSITION", "EXTRA1", "EXTRA2", "EXTRA3", "PARAMS", "ADSB")


@dataclass
class Parameter:
    """One named value, kept as the 32-bit float it travels in."""

    kind: int
    value: float


def default_parameters(profile: Profile) -> dict[str, Parameter]:
    """The table a fresh vehicle of this firmware starts with, in the order it lists it."""
    table = {**_COMMON, **(_NEW if profile.is_modern else _OLD)}
    if profile.is_modern:
        table["FS_GCS_ENABLE"] = (INT8, 0)
    if profile.si_parameters:
        del table["ARMING_CHECK"], table["SYSID_ENFORCE"]
        table |= {"ARMING_SKIPCHK": (INT32, 0), "MAV_OPTIONS": (INT16, 0)}
        table = {_wire_name(name): _in_si(name, *kind_value) for name, kind_value in table.items()}
    for channel in range(1, 15):
        prefix = f"RC{channel}_"
        table |= {prefix + "MIN": (INT16, 1000), prefix + "MAX": (INT16, 2000), prefix + "TRIM": (INT16, 1500)}
        table |= {prefix + "DZ": (INT16, 20), f"SERVO{channel}_FUNCTION": (INT8, 32 + channel if channel < 5 else 0)}
    for port in range(4):
        prefix = f"MAV{port + 1}_" if profile.si_parameters else f"SR{port}_"
        table |= {prefix + stream: (INT16, 0) for stream in _STREAMS}
    return {name: Parameter(kind, _as_float32(value)) for name, (kind, value) in sorted(table.items())}


class ParameterTable:
    """Answers PARAM_REQUEST_READ, PARAM_REQUEST_LIST and PARAM_SET as ArduPilot does.

    An unknown name or index is met with silence; a set value is clamped to its type and echoed; NaN and infinity are
    dropped. The list trickles out, some fifty a second, and any of it may be lost on the way.
    """

    def __init__(self, profile: Profile, post: Callable[[Any], None], overrides: dict[str, float]) -> None:
        self._table = default_parameters(profile)
        self._renamed = _RENAMED if profile.si_parameters else {}
        self._post = post
        self._listing: list[str] = []
        self._list_due_s = 0.0
        for name, value in overrides.items():
            if name not in self._table:
                raise KeyError(name)
            self._store(name, value)

    def __getitem__(self, name: str) -> float:
        """The value of a parameter by the name and in the unit it had before 4.7."""
        wire_name, scale = self._renamed.get(name, (name, 1.0))
        return self._table[wire_name].value / scale

    def get(self, name: str, otherwise: float = 0.0) -> float:
        """The same, or `otherwise` where this firmware has no such parameter."""
        return self[name] if self._renamed.get(name, (name, 1.0))[0] in self._table else otherwise

    def set(self, name: str, value: float) -> None:
        """Change a parameter by the name and in the unit it had before 4.7."""
        wire_name, scale = self._renamed.get(name, (name, 1.0))
        self._store(wire_name, value * scale)

    def _store(self, name: str, value: float) -> None:
        """Keep a value as its type can hold it."""
        parameter = self._table[name]
        if parameter.kind in _RANGE:
            low, high = _RANGE[parameter.kind]
            value = float(max(low, min(high, round(value))))
        parameter.value = _as_float32(value)

    @property
    def listing(self) -> bool:
        """A list is on its way out; the vehicle sends no other telemetry meanwhile."""
        return bool(self._listing)

    def on_param_request_read(self, message: Any, link_s: float) -> None:
        if message.param_index >= 0:
            names = list(self._table)
            if message.param_index < len(names):
                self._send(names[message.param_index], message.param_index)
        elif message.param_id in self._table:
            self._send(message.param_id, -1)

    def on_param_request_list(self, message: Any, link_s: float) -> None:
        self._listing = list(self._table)
        self._list_due_s = link_s

    def on_param_set(self, message: Any, link_s: float) -> None:
        if message.param_id not in self._table or not math.isfinite(message.param_value):
            return
        self._store(message.param_id, message.param_value)
        self._send(message.param_id, -1)

    def tick(self, link_s: float) -> None:
        """Send what is due of a running list."""
        while self._listing and link_s >= self._list_due_s:
            name = self._listing.pop(0)
            self._send(name, list(self._table).index(name))
            self._list_due_s += 1 / _LIST_PER_S

    def _send(self, name: str, index: int) -> None:
        parameter = self._table[name]
        wire_index = 65535 if index < 0 else index
        self._post(
            wire.MAVLink_param_value_message(
                name.encode(), parameter.value, parameter.kind, len(self._table), wire_index
            )
        )


def _wire_name(name: str) -> str:
    return _RENAMED.get(name, (name, 1.0))[0]


def _in_si(name: str, kind: int, value: float) -> tuple[int, float]:
    """Type and value of a parameter after 4.7: what became metres became real as well."""
    scale = _RENAMED.get(name, (name, 1.0))[1]
    return (kind, value) if scale == 1.0 else (REAL, value * scale)


def _as_float32(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])
