"""Flight modes of ArduCopter by number, and what each needs."""

from __future__ import annotations

from enum import IntEnum


class Mode(IntEnum):
    """custom_mode of the HEARTBEAT."""

    STABILIZE = 0
    ALT_HOLD = 2
    AUTO = 3
    GUIDED = 4
    LOITER = 5
    RTL = 6
    CIRCLE = 7
    LAND = 9
    POSHOLD = 16
    BRAKE = 17
    SMART_RTL = 21


NEEDS_POSITION = frozenset(
    {Mode.AUTO, Mode.GUIDED, Mode.LOITER, Mode.RTL, Mode.CIRCLE, Mode.POSHOLD, Mode.BRAKE, Mode.SMART_RTL}
)
PILOT_HOLDS_THROTTLE = frozenset({Mode.STABILIZE, Mode.ALT_HOLD, Mode.LOITER, Mode.POSHOLD, Mode.CIRCLE})
ARMABLE = frozenset({Mode.STABILIZE, Mode.ALT_HOLD, Mode.LOITER, Mode.POSHOLD, Mode.GUIDED})
LANDS = frozenset({Mode.RTL, Mode.SMART_RTL, Mode.LAND})


def known_mode(number: int) -> Mode | None:
    """The mode with this number, if this vehicle has it."""
    try:
        return Mode(number)
    except ValueError:
        return None
