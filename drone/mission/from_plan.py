"""A flight plan -> the mission items that fly it.

Home · TAKEOFF · speed · for each point: look there, go there (and hold), take a picture · RETURN. Heights are above
home (frame 3): terrain frames disarm a vehicle nobody serves terrain data to.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from drone.mission.items import Command, Frame, Mission, MissionItem
from drone.plan.model import FlightPlan, LookAt, PlannedPoint, PointKind

_GROUND_SPEED = 1.0
_THROTTLE_AS_IT_IS = -1.0
_SHOOT = 1.0


def plan_to_mission(plan: FlightPlan) -> Mission:
    """The mission of a plan; item 0 is home, as ArduPilot wants it."""
    return Mission(tuple(_items(plan)))


def legs_of(plan: FlightPlan) -> tuple[float, ...]:
    """Seconds that the plan has for each item of its mission, 0 for what is no place.

    From leaving the place before (the ground, for the take-off) to leaving that of the item; of
    the return: until it begins to land.
    """
    ways = iter([(0.0, plan.points[0].leave_s), *pairwise(point.leave_s for point in plan.points)])
    places = (Command.NAV_TAKEOFF, Command.NAV_WAYPOINT, Command.NAV_RETURN_TO_LAUNCH)
    legs_s = [0.0]
    for item in plan_to_mission(plan).flown:
        left_s, leaves_s = next(ways) if item.command in places else (0.0, 0.0)
        legs_s.append(leaves_s - left_s)
    return tuple(legs_s)


def _items(plan: FlightPlan) -> Iterator[MissionItem]:
    yield MissionItem(Command.NAV_WAYPOINT, Frame.GLOBAL, lat_deg=plan.home.lat, lon_deg=plan.home.lon)
    speed_m_s = 0.0
    looks_at: LookAt | None = None
    for point in plan.points:
        if point.kind is PointKind.TAKEOFF:
            yield _there(Command.NAV_TAKEOFF, point)
            continue
        if point.speed_m_s != speed_m_s:
            speed_m_s = point.speed_m_s
            yield MissionItem(
                Command.DO_CHANGE_SPEED, param1=_GROUND_SPEED, param2=speed_m_s, param3=_THROTTLE_AS_IT_IS
            )
        if point.kind is PointKind.RETURN:
            yield MissionItem(Command.NAV_RETURN_TO_LAUNCH)
            continue
        if point.look_at is not None and point.look_at != looks_at:
            looks_at = point.look_at
            yield _look(looks_at)
        yield _there(Command.NAV_WAYPOINT, point, point.hold_s)
        yield from _pictures(point)


def _there(command: Command, point: PlannedPoint, hold_s: float = 0.0) -> MissionItem:
    return MissionItem(
        command,
        Frame.GLOBAL_RELATIVE_ALT,
        param1=hold_s,
        lat_deg=point.lat,
        lon_deg=point.lon,
        alt_m=point.alt_home_m,
    )


def _look(at: LookAt) -> MissionItem:
    """DO_SET_ROI: known to old and new autopilots alike."""
    return MissionItem(
        Command.DO_SET_ROI, Frame.GLOBAL_RELATIVE_ALT, lat_deg=at.lat, lon_deg=at.lon, alt_m=at.alt_home_m
    )


def _pictures(point: PlannedPoint) -> Iterator[MissionItem]:
    """Done by the autopilot when it leaves the point."""
    if point.photo:
        yield MissionItem(Command.DO_DIGICAM_CONTROL, lat_deg=_SHOOT)
    if point.photo_every_m is not None:
        yield MissionItem(Command.DO_SET_CAM_TRIGG_DIST, param1=point.photo_every_m)
