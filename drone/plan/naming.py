"""How people call the points and legs of a plan."""

from __future__ import annotations

from collections.abc import Sequence

from drone.plan.model import PlannedPoint, PointKind

Names = tuple[str, str]  # Chinese, English
_KINDS: dict[PointKind, Names] = {
    PointKind.TAKEOFF: ("起飞点", "take-off"),
    PointKind.TRANSIT: ("途经点", "transit point"),
    PointKind.WORK: ("任务点", "work point"),
    PointKind.RETURN: ("返航点", "home"),
}


def point_name(points: Sequence[PlannedPoint], index: int) -> Names:
    """A point, by its number in the route where it has one, else by its place in the plan."""
    point = points[index]
    if point.number is not None:
        return f"第 {point.number} 点", f"point {point.number}"
    zh, en = _KINDS[point.kind]
    if point.kind in (PointKind.TAKEOFF, PointKind.RETURN):
        return zh, en
    return f"{zh} {index}", f"{en} {index}"


def leg_name(points: Sequence[PlannedPoint], index: int) -> Names:
    """The leg that leads to a point."""
    if index == 0:
        return "起飞", "take-off"
    (from_zh, from_en), (to_zh, to_en) = point_name(points, index - 1), point_name(points, index)
    return f"{from_zh}到{to_zh}的航段", f"the leg from {from_en} to {to_en}"
