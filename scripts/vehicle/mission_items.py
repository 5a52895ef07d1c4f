"""Mission items as the vehicle stores them: what it takes, what it refuses, and what it forgets on the way."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.profiles import Profile

# MAV_MISSION_RESULT
ACCEPTED, ERROR, UNSUPPORTED_FRAME, UNSUPPORTED, NO_SPACE = 0, 1, 2, 3, 4
INVALID, INVALID_PARAM5_X, INVALID_PARAM6_Y, INVALID_PARAM7, INVALID_SEQUENCE = 5, 10, 11, 12, 13
DENIED, CANCELLED = 14, 15

# MAV_CMD
WAYPOINT, LOITER_UNLIM, LOITER_TURNS, LOITER_TIME, RTL, LAND, TAKEOFF = 16, 17, 18, 19, 20, 21, 22
SPLINE, GUIDED_ENABLE, DELAY = 82, 92, 93
CONDITION_DELAY, CONDITION_DISTANCE, CONDITION_YAW = 112, 114, 115
DO_JUMP, DO_SPEED, DO_HOME, DO_SERVO, DO_ROI_LOCATION, DO_ROI_NONE, DO_ROI = 177, 178, 179, 183, 195, 197, 201
DO_DIGICAM_CONFIGURE, DO_DIGICAM, DO_MOUNT, DO_TRIGGER_DISTANCE, DO_FENCE = 202, 203, 205, 206, 207
DO_GIMBAL, IMAGE_START, IMAGE_STOP = 1000, 2000, 2001

LOCATED = frozenset(
    {WAYPOINT, LOITER_UNLIM, LOITER_TURNS, LOITER_TIME, LAND, TAKEOFF, SPLINE, DO_HOME, DO_ROI, DO_ROI_LOCATION}
)
NAVIGATION = frozenset(
    {WAYPOINT, LOITER_UNLIM, LOITER_TURNS, LOITER_TIME, RTL, LAND, TAKEOFF, SPLINE, GUIDED_ENABLE, DELAY}
)

# which of param1..param4 survive storage; everything else comes back as zero
_KEPT = {
    WAYPOINT: (1,), SPLINE: (1,), LOITER_TIME: (1,), LOITER_TURNS: (1, 3), LOITER_UNLIM: (), RTL: (), LAND: (1,),
    TAKEOFF: (1,), GUIDED_ENABLE: (1,), DELAY: (1, 2, 3, 4), CONDITION_DELAY: (1,), CONDITION_DISTANCE: (1,),
    CONDITION_YAW: (1, 2, 3, 4), DO_JUMP: (1, 2), DO_SPEED: (1, 2, 3), DO_HOME: (1,), DO_SERVO: (1, 2), DO_ROI: (1,),
    DO_DIGICAM_CONFIGURE: (1, 2, 3, 4), DO_DIGICAM: (1, 2, 3, 4), DO_MOUNT: (1, 2, 3), DO_TRIGGER_DISTANCE: (1,),
    DO_FENCE: (1,),
}  # fmt: skip
_NEWER = {DO_ROI_LOCATION: (), DO_ROI_NONE: (), DO_GIMBAL: (1, 2, 3, 4), IMAGE_START: (1, 2, 3), IMAGE_STOP: (1,)}
_WHOLE = frozenset({WAYPOINT, SPLINE, LOITER_TIME, LOITER_TURNS, LAND, TAKEOFF, DO_JUMP})
_MOST_ALTITUDE_M = 83_000.0

RELATIVE, ABSOLUTE, TERRAIN = 3, 0, 10  # MAV_FRAME


@dataclass(frozen=True)
class StoredItem:
    """One item as stored: degrees to 1e-7, altitude to the centimetre, most parameters lost."""

    command: int
    frame: int
    params: tuple[float, float, float, float]
    lat_e7: int
    lon_e7: int
    alt_m: float
    autocontinue: int = 1

    @property
    def is_navigation(self) -> bool:
        return self.command in NAVIGATION


def stored(message: Any, profile: Profile) -> StoredItem | int:
    """The item in a MISSION_ITEM or MISSION_ITEM_INT as this firmware keeps it, or its MAV_MISSION_RESULT refusal.

    Zero, zero is a place like any other. On 3.5 a NaN altitude passes: `abs(NaN) >= limit` is false there too.
    """
    command = message.command
    kept = {**_KEPT, **_NEWER} if profile.is_modern else _KEPT
    if command not in kept:
        return UNSUPPORTED
    params = tuple(getattr(message, f"param{i}") if i in kept[command] else 0.0 for i in (1, 2, 3, 4))
    if profile.is_modern and any(not math.isfinite(value) for value in params):
        return INVALID
    x, y = position_e7(message)
    if command not in LOCATED:
        x, y = (x, y) if command in (DO_DIGICAM, DO_DIGICAM_CONFIGURE) else (0, 0)
        return StoredItem(command, 2 if profile.is_modern else 0, _rounded(command, params), x, y, 0.0)
    if abs(x) > 900_000_000:
        return INVALID_PARAM5_X
    if abs(y) > 1_800_000_000:
        return INVALID_PARAM6_Y
    if abs(message.z) >= _MOST_ALTITUDE_M or (profile.is_modern and math.isnan(message.z)):
        return INVALID_PARAM7
    if message.frame not in profile.location_frames:
        return UNSUPPORTED_FRAME
    frame = {2: ABSOLUTE, 5: ABSOLUTE, 6: RELATIVE, 11: TERRAIN}.get(message.frame, message.frame)
    return StoredItem(command, frame, _rounded(command, params), x, y, _to_cm(message.z))


def item_int(item: StoredItem, seq: int, current: bool, to: tuple[int, int], plan_type: int) -> Any:
    """MISSION_ITEM_INT for a download."""
    return wire.MAVLink_mission_item_int_message(
        *to, seq, item.frame, item.command, int(current), item.autocontinue, *item.params,
        item.lat_e7, item.lon_e7, item.alt_m, plan_type,
    )  # fmt: skip


def item_float(item: StoredItem, seq: int, current: bool, to: tuple[int, int], plan_type: int) -> Any:
    """MISSION_ITEM for a legacy download: 32-bit degrees, so metres off in the last place."""
    scale = 1e-7 if item.command in LOCATED else 1.0
    return wire.MAVLink_mission_item_message(
        *to, seq, item.frame, item.command, int(current), item.autocontinue, *item.params,
        item.lat_e7 * scale, item.lon_e7 * scale, item.alt_m, plan_type,
    )  # fmt: skip


def position_e7(message: Any) -> tuple[int, int]:
    """Latitude and longitude times 1e7 of either kind of item; nonsense comes out of range."""
    if message.get_type() == "MISSION_ITEM_INT":
        return message.x, message.y
    if not (math.isfinite(message.x) and math.isfinite(message.y)):
        return 2_000_000_000, 2_000_000_000
    scale = 1.0 if message.command in (DO_DIGICAM, DO_DIGICAM_CONFIGURE) else 1e7
    limit = 2_000_000_000
    return max(-limit, min(limit, int(message.x * scale))), max(-limit, min(limit, int(message.y * scale)))


def _rounded(command: int, params: tuple[float, ...]) -> tuple[float, float, float, float]:
    if command in _WHOLE:
        params = tuple(float(int(value)) if math.isfinite(value) else 0.0 for value in params)
    one, two, three, four = params
    return one, two, three, four


def _to_cm(alt_m: float) -> float:
    if not math.isfinite(alt_m):
        return alt_m
    return float(struct.unpack("<f", struct.pack("<f", int(alt_m * 100) / 100))[0])
