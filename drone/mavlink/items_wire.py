"""Mission items as MAVLink messages and back."""

from __future__ import annotations

import math
from dataclasses import replace

from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.modes import Autopilot
from drone.mission.items import POSITIONED, Command, Frame, Mission, MissionItem, MissionType

_SCALE = 1e7
_REACHED_M = 1.0
_ROI_IS_A_PLACE = 3.0  # MAV_ROI_LOCATION
_TURNS = frozenset({Command.NAV_TAKEOFF, Command.NAV_WAYPOINT})
_PLAIN_FRAMES = {5: Frame.GLOBAL, 6: Frame.GLOBAL_RELATIVE_ALT, 11: Frame.GLOBAL_TERRAIN_ALT}
"""ArduCopter refuses the `_INT` frames even in INT messages; the plain ones mean the same."""


def item_int_message(target: Target, seq: int, item: MissionItem, kind: MissionType) -> Message:
    """MISSION_ITEM_INT: positions to 1e-7 degrees."""
    scale = _SCALE if item.is_positioned else 1.0
    return mavlink.MAVLink_mission_item_int_message(
        *_head(target, seq, item),
        round(item.lat_deg * scale),
        round(item.lon_deg * scale),
        item.alt_m,
        int(kind),
    )


def item_float_message(target: Target, seq: int, item: MissionItem, kind: MissionType) -> Message:
    """MISSION_ITEM: positions as float32, about a metre; for vehicles without the INT message."""
    return mavlink.MAVLink_mission_item_message(
        *_head(target, seq, item), item.lat_deg, item.lon_deg, item.alt_m, int(kind)
    )


def _head(target: Target, seq: int, item: MissionItem) -> tuple[float, ...]:
    frame = _PLAIN_FRAMES.get(item.frame, item.frame)
    parameters = (item.param1, item.param2, item.param3, item.param4)
    is_current = int(seq == 0)
    return (target.system, target.component, seq, frame, item.command, is_current, int(item.autocontinue), *parameters)


def item_of(message: Message) -> MissionItem:
    """The item in a MISSION_ITEM_INT or MISSION_ITEM."""
    is_scaled = message.get_type() == "MISSION_ITEM_INT" and message.command in POSITIONED
    scale = _SCALE if is_scaled else 1.0
    return MissionItem(
        command=message.command,
        frame=_PLAIN_FRAMES.get(message.frame, message.frame),
        param1=message.param1,
        param2=message.param2,
        param3=message.param3,
        param4=message.param4,
        lat_deg=message.x / scale,
        lon_deg=message.y / scale,
        alt_m=message.z,
        autocontinue=bool(message.autocontinue),
    )


def has_home_item(autopilot: int, kind: MissionType) -> bool:
    """Whether the vehicle keeps home as item 0 of its mission: ArduPilot does, PX4 has none."""
    return kind is MissionType.MISSION and autopilot != Autopilot.PX4


def to_vehicle(mission: Mission, kind: MissionType, autopilot: int) -> tuple[MissionItem, ...]:
    """The items as this autopilot numbers them: without home for PX4, jumps moved with them."""
    if autopilot != Autopilot.PX4 or kind is not MissionType.MISSION:
        return mission.items
    return tuple(_for_px4(item) for item in mission.flown)


def from_vehicle(items: tuple[MissionItem, ...], home: MissionItem, kind: MissionType, autopilot: int) -> Mission:
    """The plan as Lookout numbers it; `home` stands in where the vehicle keeps none."""
    if autopilot != Autopilot.PX4 or kind is not MissionType.MISSION:
        return Mission(items)
    return Mission((home, *(_jump_moved(item, 1) for item in items)))


def _for_px4(item: MissionItem) -> MissionItem:
    """As PX4 means it: a yaw of 0 is north, NaN is as it flies; a place to look at is named as one; how near counts as
    reached is said, it has 10 m else, or what NAV_ACC_RAD says.

    Source: PX4, mavlink_mission.cpp, parse_mavlink_mission_item.
    """
    if not item.is_positioned:
        return _jump_moved(item, -1, frame=Frame.MISSION)
    if item.command == Command.DO_SET_ROI:
        return replace(item, param1=_ROI_IS_A_PLACE)
    if item.command in _TURNS and item.param4 == 0:
        item = replace(item, param4=math.nan)
    is_near_by_its_own = item.command == Command.NAV_WAYPOINT and item.param2 == 0
    return replace(item, param2=_REACHED_M) if is_near_by_its_own else item


def _jump_moved(item: MissionItem, by: int, frame: int | None = None) -> MissionItem:
    moved_by = by if item.command == Command.DO_JUMP else 0
    return replace(item, frame=item.frame if frame is None else frame, param1=item.param1 + moved_by)
