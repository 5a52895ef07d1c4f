"""Flight modes by name: ArduCopter's custom_mode numbers and PX4's main and sub modes.

Source: ArduPilot, ArduCopter/mode.h; PX4, px4_custom_mode.h (main mode in bits 16-23, sub mode in bits 24-31).
"""

from __future__ import annotations

from enum import IntEnum


class Autopilot(IntEnum):
    """MAV_AUTOPILOT, as far as Lookout tells them apart."""

    GENERIC = 0
    ARDUPILOT = 3
    INVALID = 8
    PX4 = 12


COPTER_MODES = {
    0: "STABILIZE",
    1: "ACRO",
    2: "ALT_HOLD",
    3: "AUTO",
    4: "GUIDED",
    5: "LOITER",
    6: "RTL",
    7: "CIRCLE",
    9: "LAND",
    11: "DRIFT",
    13: "SPORT",
    14: "FLIP",
    15: "AUTOTUNE",
    16: "POSHOLD",
    17: "BRAKE",
    18: "THROW",
    19: "AVOID_ADSB",
    20: "GUIDED_NOGPS",
    21: "SMART_RTL",
    22: "FLOWHOLD",
    23: "FOLLOW",
    24: "ZIGZAG",
    25: "SYSTEMID",
    26: "AUTOROTATE",
    27: "AUTO_RTL",
    28: "TURTLE",
}
PX4_MODES = {
    (1, 0): "MANUAL",
    (2, 0): "ALTCTL",
    (3, 0): "POSCTL",
    (3, 1): "ORBIT",
    (3, 2): "POSCTL_SLOW",
    (4, 1): "AUTO.READY",
    (4, 2): "AUTO.TAKEOFF",
    (4, 3): "AUTO.LOITER",
    (4, 4): "AUTO.MISSION",
    (4, 5): "AUTO.RTL",
    (4, 6): "AUTO.LAND",
    (4, 8): "AUTO.FOLLOW_TARGET",
    (4, 9): "AUTO.PRECLAND",
    (5, 0): "ACRO",
    (6, 0): "OFFBOARD",
    (7, 0): "STABILIZED",
    (10, 0): "TERMINATION",
}
PX4_NAMES = {
    "AUTO": "AUTO.MISSION",
    "RTL": "AUTO.RTL",
    "LAND": "AUTO.LAND",
    "BRAKE": "AUTO.LOITER",
    "GUIDED": "AUTO.LOITER",
    "LOITER": "AUTO.LOITER",
}
"""What a mode of ArduCopter that Lookout asks for is called on PX4."""


def mode_name(autopilot: int, custom_mode: int) -> str:
    """The mode's name; `MODE_<number>` for one that is not known."""
    if autopilot == Autopilot.PX4:
        main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
        return PX4_MODES.get((main, sub), f"MODE_{main}.{sub}")
    return COPTER_MODES.get(custom_mode, f"MODE_{custom_mode}")


def mode_number(autopilot: int, name: str) -> int | None:
    """The custom_mode that means `name` (ArduCopter's name, or PX4's own); None where the autopilot has no such."""
    if autopilot == Autopilot.PX4:
        wanted = PX4_NAMES.get(name, name)
        return next((main << 16 | sub << 24 for (main, sub), known in PX4_MODES.items() if known == wanted), None)
    return next((number for number, known in COPTER_MODES.items() if known == name), None)


def same_mode(autopilot: int, shown: str, wanted: str) -> bool:
    """Whether the mode a vehicle shows is the one asked for, which may be named as on ArduCopter."""
    return shown == (PX4_NAMES.get(wanted, wanted) if autopilot == Autopilot.PX4 else wanted)
