"""Mission items in the autopilot's own terms, neutral to how they cross the wire.

Source: MAVLink common message set, MAV_CMD and MAV_FRAME.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class MissionType(IntEnum):
    """MAV_MISSION_TYPE: three plans a vehicle keeps apart (if its capabilities say so)."""

    MISSION = 0
    FENCE = 1
    RALLY = 2


class Frame(IntEnum):
    """MAV_FRAME: what `alt_m` counts from. The `_INT` twins (5, 6, 11) are refused by ArduCopter: not offered."""

    GLOBAL = 0
    MISSION = 2
    GLOBAL_RELATIVE_ALT = 3
    GLOBAL_TERRAIN_ALT = 10


class Command(IntEnum):
    """The MAV_CMDs Lookout sends, as mission items or as commands."""

    NAV_WAYPOINT = 16
    NAV_LOITER_UNLIM = 17
    NAV_LOITER_TURNS = 18
    NAV_LOITER_TIME = 19
    NAV_RETURN_TO_LAUNCH = 20
    NAV_LAND = 21
    NAV_TAKEOFF = 22
    DO_ORBIT = 34
    NAV_SPLINE_WAYPOINT = 82
    NAV_DELAY = 93
    CONDITION_DELAY = 112
    CONDITION_DISTANCE = 114
    CONDITION_YAW = 115
    DO_SET_MODE = 176
    DO_JUMP = 177
    DO_CHANGE_SPEED = 178
    DO_SET_HOME = 179
    DO_LAND_START = 189
    DO_REPOSITION = 192
    DO_PAUSE_CONTINUE = 193
    DO_SET_ROI_LOCATION = 195
    DO_SET_ROI_NONE = 197
    DO_SET_ROI = 201
    DO_DIGICAM_CONTROL = 203
    DO_MOUNT_CONTROL = 205
    DO_SET_CAM_TRIGG_DIST = 206
    DO_FENCE_ENABLE = 207
    DO_SET_MISSION_CURRENT = 224
    PREFLIGHT_REBOOT_SHUTDOWN = 246
    MISSION_START = 300
    COMPONENT_ARM_DISARM = 400
    GET_HOME_POSITION = 410
    SET_MESSAGE_INTERVAL = 511
    REQUEST_MESSAGE = 512
    REQUEST_AUTOPILOT_CAPABILITIES = 520
    DO_GIMBAL_MANAGER_PITCHYAW = 1000
    IMAGE_START_CAPTURE = 2000
    IMAGE_STOP_CAPTURE = 2001
    FENCE_RETURN_POINT = 5000
    FENCE_POLYGON_VERTEX_INCLUSION = 5001
    FENCE_POLYGON_VERTEX_EXCLUSION = 5002
    FENCE_CIRCLE_INCLUSION = 5003
    FENCE_CIRCLE_EXCLUSION = 5004
    RALLY_POINT = 5100


POSITIONED = frozenset(
    {
        Command.NAV_WAYPOINT,
        Command.NAV_LOITER_UNLIM,
        Command.NAV_LOITER_TURNS,
        Command.NAV_LOITER_TIME,
        Command.NAV_LAND,
        Command.NAV_TAKEOFF,
        Command.NAV_SPLINE_WAYPOINT,
        Command.DO_SET_HOME,
        Command.DO_SET_ROI_LOCATION,
        Command.DO_SET_ROI,
        Command.DO_REPOSITION,
        Command.DO_ORBIT,
        Command.FENCE_RETURN_POINT,
        Command.FENCE_POLYGON_VERTEX_INCLUSION,
        Command.FENCE_POLYGON_VERTEX_EXCLUSION,
        Command.FENCE_CIRCLE_INCLUSION,
        Command.FENCE_CIRCLE_EXCLUSION,
        Command.RALLY_POINT,
    }
)
"""Commands whose `lat_deg`, `lon_deg` are a place on the earth (scaled by 1e7 in the INT messages)."""

REPORTED = frozenset(
    {
        Command.NAV_WAYPOINT,
        Command.NAV_LOITER_TURNS,
        Command.NAV_LOITER_TIME,
        Command.NAV_SPLINE_WAYPOINT,
    }
)
"""Items a patrol counts as points: the vehicle reports each with MISSION_ITEM_REACHED."""


@dataclass(frozen=True, slots=True)
class MissionItem:
    """One item of a plan.

    Attributes:
        command: a MAV_CMD (`Command`, or any other number read from a vehicle).
        frame: a MAV_FRAME; of meaning only for a positioned command.
        lat_deg, lon_deg: WGS-84; for a command without a position, its param5 and param6 as they are.
        alt_m: in the frame's sense; for a command without a position, its param7.
    """

    command: int
    frame: int = Frame.GLOBAL_RELATIVE_ALT
    param1: float = 0.0
    param2: float = 0.0
    param3: float = 0.0
    param4: float = 0.0
    lat_deg: float = 0.0
    lon_deg: float = 0.0
    alt_m: float = 0.0
    autocontinue: bool = True

    @property
    def is_positioned(self) -> bool:
        """Whether the item names a place on the earth."""
        return self.command in POSITIONED


@dataclass(frozen=True, slots=True)
class Mission:
    """A plan as the vehicle numbers it: `items[seq]`. Of a flown mission, item 0 is home (ArduPilot keeps it there).

    For PX4, which has no home item, the link drops item 0 on the way out and numbers what comes back as here.
    """

    items: tuple[MissionItem, ...]

    @property
    def flown(self) -> tuple[MissionItem, ...]:
        """The items after home."""
        return self.items[1:]

    def speed_at(self, seq: int) -> float | None:
        """Metres a second over ground that the plan asks for on the way to item `seq`; None: the autopilot's own."""
        asked = [item.param2 for item in self.items[:seq] if item.command == Command.DO_CHANGE_SPEED]
        return asked[-1] if asked and asked[-1] > 0 else None

    @property
    def counted(self) -> tuple[int, ...]:
        """Sequence numbers of the points a patrol counts: home, take-off, return and DO_ items are not."""
        return tuple(seq for seq, item in enumerate(self.items) if seq > 0 and item.command in REPORTED)
