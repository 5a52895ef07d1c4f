"""What must never be sent to a vehicle: autopilots accept 0,0 and NaN, and fly them.

ArduCopter took a mission through 0,0 and died of a NaN altitude (FACTS-MAVLINK); it also hovers for ever at the end of
a mission without a return, and cannot enter AUTO without a take-off. Fence and rally plans have rules of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from drone.mission.items import Command, Frame, Mission, MissionItem, MissionType

DEFAULT_CAPACITY = 700
"""Items an ArduPilot with 16 KiB of storage keeps (724), rounded down."""

_MOST_ALTITUDE_M = 10_000.0
_MOST_HOLD_S = 65_535.0  # stored as 16 bits
_MOST_SPEED_M_S = 100.0
_NULL_ISLAND_DEG = 1e-3
_FLOAT32_MAX = 3.4028234e38
_LAND_AT_HOME_DEG = 1e-4  # about 11 m

_NAVIGATION = range(16, 96)  # MAV_CMD_NAV_*: flown one after the other
_IN_MISSION = frozenset(
    {
        Command.NAV_WAYPOINT,
        Command.NAV_LOITER_TURNS,
        Command.NAV_LOITER_TIME,
        Command.NAV_RETURN_TO_LAUNCH,
        Command.NAV_LAND,
        Command.NAV_TAKEOFF,
        Command.NAV_SPLINE_WAYPOINT,
        Command.NAV_DELAY,
        Command.CONDITION_DELAY,
        Command.CONDITION_DISTANCE,
        Command.CONDITION_YAW,
        Command.DO_JUMP,
        Command.DO_CHANGE_SPEED,
        Command.DO_SET_ROI_LOCATION,
        Command.DO_SET_ROI_NONE,
        Command.DO_SET_ROI,
        Command.DO_DIGICAM_CONTROL,
        Command.DO_MOUNT_CONTROL,
        Command.DO_SET_CAM_TRIGG_DIST,
        Command.DO_GIMBAL_MANAGER_PITCHYAW,
        Command.IMAGE_START_CAPTURE,
        Command.IMAGE_STOP_CAPTURE,
    }
)
_VERTICES = frozenset({Command.FENCE_POLYGON_VERTEX_INCLUSION, Command.FENCE_POLYGON_VERTEX_EXCLUSION})
_CIRCLES = frozenset({Command.FENCE_CIRCLE_INCLUSION, Command.FENCE_CIRCLE_EXCLUSION})
_ALLOWED: dict[MissionType, frozenset[Command]] = {
    MissionType.MISSION: _IN_MISSION,
    MissionType.FENCE: _VERTICES | _CIRCLES | {Command.FENCE_RETURN_POINT},
    MissionType.RALLY: frozenset({Command.RALLY_POINT}),
}
_HELD = frozenset({Command.NAV_WAYPOINT, Command.NAV_SPLINE_WAYPOINT, Command.NAV_LOITER_TIME, Command.NAV_DELAY})


class FaultCode(StrEnum):
    """Why a plan may not be sent."""

    EMPTY = "mission_empty"
    NOT_A_NUMBER = "mission_not_a_number"
    OUT_OF_RANGE = "mission_out_of_range"
    ZERO_ZERO = "mission_zero_zero"
    NO_HOME = "mission_without_home"
    NO_TAKEOFF = "mission_without_takeoff"
    NO_RETURN = "mission_without_return"
    OVER_CAPACITY = "mission_over_capacity"
    COMMAND_NOT_ALLOWED = "mission_command_not_allowed"
    FRAME_NOT_ALLOWED = "mission_frame_not_allowed"
    BAD_JUMP = "mission_bad_jump"
    BAD_FENCE = "mission_bad_fence"


@dataclass(frozen=True, slots=True)
class MissionFault:
    """One reason not to send a plan; `seq` is None where it is the plan as a whole."""

    code: FaultCode
    seq: int | None
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class VehicleLimits:
    """What the vehicle takes.

    Attributes:
        capacity: most items, home included.
        nan_parameters: whether NaN in param1..param4 means "leave as it is" (PX4) and not a number lost (ArduPilot).
        terrain_served: whether somebody answers its TERRAIN_REQUESTs; without, terrain frames disarm ArduCopter.
    """

    capacity: int = DEFAULT_CAPACITY
    nan_parameters: bool = False
    terrain_served: bool = False


def mission_faults(
    mission: Mission, kind: MissionType = MissionType.MISSION, limits: VehicleLimits | None = None
) -> list[MissionFault]:
    """Every reason why this plan must not be sent, in the order of its items; empty when it may be."""
    limits = limits or VehicleLimits()
    if not mission.items:
        return [MissionFault(FaultCode.EMPTY, None, "任务为空", "the plan has no items")]
    faults = [fault for seq, item in enumerate(mission.items) for fault in _item_faults(seq, item, kind, limits)]
    if len(mission.items) > limits.capacity:
        count, most = len(mission.items), limits.capacity
        faults.append(
            MissionFault(
                FaultCode.OVER_CAPACITY,
                None,
                f"任务有 {count} 项,飞行器最多容纳 {most} 项",
                f"the plan has {count} items, the vehicle keeps at most {most}",
            )
        )
    if kind is MissionType.MISSION:
        faults.extend(_order_faults(mission))
    elif kind is MissionType.FENCE:
        faults.extend(_fence_faults(mission))
    return faults


def _item_faults(seq: int, item: MissionItem, kind: MissionType, limits: VehicleLimits) -> Iterator[MissionFault]:
    if item.command not in _ALLOWED[kind]:
        yield MissionFault(
            FaultCode.COMMAND_NOT_ALLOWED,
            seq,
            f"第 {seq} 项:指令 {item.command} 不允许出现在此类任务中",
            f"item {seq}: command {item.command} is not allowed in a {kind.name.lower()} plan",
        )
    lost = [name for name, value in _numbers(item, limits) if not abs(value) <= _FLOAT32_MAX]
    if lost:
        yield MissionFault(
            FaultCode.NOT_A_NUMBER,
            seq,
            f"第 {seq} 项:{'、'.join(lost)} 不是有效数字",
            f"item {seq}: {', '.join(lost)} not a finite number",
        )
        return
    for name, value, low, high in _ranges(item):
        if not low <= value <= high:
            yield MissionFault(
                FaultCode.OUT_OF_RANGE,
                seq,
                f"第 {seq} 项:{name} = {value:g} 超出 {low:g}..{high:g}",
                f"item {seq}: {name} = {value:g} is outside {low:g}..{high:g}",
            )
    if item.is_positioned:
        yield from _place_faults(seq, item, limits)


def _numbers(item: MissionItem, limits: VehicleLimits) -> Iterator[tuple[str, float]]:
    for number, value in enumerate((item.param1, item.param2, item.param3, item.param4), start=1):
        if not (limits.nan_parameters and math.isnan(value)):
            yield f"param{number}", value
    yield from (("lat_deg", item.lat_deg), ("lon_deg", item.lon_deg), ("alt_m", item.alt_m))


def _ranges(item: MissionItem) -> Iterator[tuple[str, float, float, float]]:
    if item.is_positioned:
        yield "lat_deg", item.lat_deg, -90.0, 90.0
        yield "lon_deg", item.lon_deg, -180.0, 180.0
        yield "alt_m", item.alt_m, -_MOST_ALTITUDE_M, _MOST_ALTITUDE_M
    if item.command in _HELD and not math.isnan(item.param1):
        yield "hold_s", item.param1, 0.0, _MOST_HOLD_S
    if item.command == Command.DO_CHANGE_SPEED:
        yield "speed_m_s", item.param2, 0.1, _MOST_SPEED_M_S
    if item.command == Command.NAV_TAKEOFF:
        yield "takeoff alt_m", item.alt_m, 1.0, _MOST_ALTITUDE_M
    if item.command in _CIRCLES:
        yield "radius_m", item.param1, 1.0, 1e6


def _place_faults(seq: int, item: MissionItem, limits: VehicleLimits) -> Iterator[MissionFault]:
    if abs(item.lat_deg) < _NULL_ISLAND_DEG and abs(item.lon_deg) < _NULL_ISLAND_DEG:
        yield MissionFault(
            FaultCode.ZERO_ZERO, seq, f"第 {seq} 项:位置为 0,0", f"item {seq}: its position is 0,0: nobody meant that"
        )
    if item.frame == Frame.GLOBAL_TERRAIN_ALT and not limits.terrain_served:
        yield MissionFault(
            FaultCode.FRAME_NOT_ALLOWED,
            seq,
            f"第 {seq} 项:无人向飞行器提供地形数据,不能使用地形高度",
            f"item {seq}: altitude above terrain, but nobody serves terrain data to the vehicle",
        )
    elif item.frame not in (Frame.GLOBAL, Frame.GLOBAL_RELATIVE_ALT, Frame.GLOBAL_TERRAIN_ALT):
        yield MissionFault(
            FaultCode.FRAME_NOT_ALLOWED,
            seq,
            f"第 {seq} 项:坐标系 {item.frame} 不受支持",
            f"item {seq}: frame {item.frame} is not one of 0, 3, 10",
        )


def _order_faults(mission: Mission) -> Iterator[MissionFault]:
    """Home first, take-off before any other leg, a return as the last, and jumps that end."""
    home = mission.items[0]
    if home.command != Command.NAV_WAYPOINT:
        yield MissionFault(FaultCode.NO_HOME, 0, "第 0 项不是返航点", "item 0 is not home (a waypoint)")
    legs = [(seq, item) for seq, item in enumerate(mission.items) if seq > 0 and item.command in _NAVIGATION]
    if not legs or legs[0][1].command != Command.NAV_TAKEOFF:
        yield MissionFault(
            FaultCode.NO_TAKEOFF,
            None,
            "任务的第一段不是起飞",
            "the first leg is not a take-off: AUTO would refuse it",
        )
    if not legs or not _is_return(legs[-1][1], home):
        yield MissionFault(
            FaultCode.NO_RETURN,
            None,
            "任务的最后一段不是返航",
            "the last leg is not a return: the vehicle would hover at the last point until its battery ends",
        )
    for seq, item in legs[:-1]:
        if item.command in (Command.NAV_RETURN_TO_LAUNCH, Command.NAV_LAND):
            yield MissionFault(
                FaultCode.NO_RETURN, seq, f"第 {seq} 项:返航之后还有航段", f"item {seq}: legs follow the return"
            )
    yield from _jump_faults(mission)


def _is_return(item: MissionItem, home: MissionItem) -> bool:
    if item.command == Command.NAV_LAND:
        off_deg = max(abs(item.lat_deg - home.lat_deg), abs(item.lon_deg - home.lon_deg))
        return off_deg <= _LAND_AT_HOME_DEG
    return item.command == Command.NAV_RETURN_TO_LAUNCH


def _jump_faults(mission: Mission) -> Iterator[MissionFault]:
    for seq, item in enumerate(mission.items):
        if item.command != Command.DO_JUMP or not (math.isfinite(item.param1) and math.isfinite(item.param2)):
            continue
        if not 1 <= item.param1 < len(mission.items) or item.param1 == seq or item.param2 < 0:
            yield MissionFault(
                FaultCode.BAD_JUMP,
                seq,
                f"第 {seq} 项:跳转目标 {item.param1:g}、次数 {item.param2:g} 无效",
                f"item {seq}: jump to {item.param1:g}, {item.param2:g} times: no such item, or without end",
            )


def _fence_faults(mission: Mission) -> Iterator[MissionFault]:
    """Vertices come in runs whose param1 is the run's length; a vehicle refuses or misreads anything else."""
    seq = 0
    while seq < len(mission.items):
        item = mission.items[seq]
        if item.command not in _VERTICES:
            seq += 1
            continue
        wanted = int(item.param1) if math.isfinite(item.param1) else 0
        run = mission.items[seq : seq + max(wanted, 1)]
        alike = all(vertex.command == item.command and vertex.param1 == item.param1 for vertex in run)
        if wanted < 3 or len(run) < wanted or not alike:
            yield MissionFault(
                FaultCode.BAD_FENCE,
                seq,
                f"第 {seq} 项:围栏多边形的顶点不完整",
                f"item {seq}: a fence polygon of {wanted} vertices is not complete here (at least 3, all alike)",
            )
        seq += len(run)
