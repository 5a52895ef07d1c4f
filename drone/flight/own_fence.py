"""The autopilot's own fence: what it would break off the flight for, told before the take-off.

A fence that is on acts by itself: where the mission crosses it, the aircraft turns home, or lands where it is. It is
somebody else's, and may be right: it is read and never written.

Source: ArduCopter parameters FENCE_ENABLE, FENCE_AUTOENABLE (from 4.6: the fence goes on with arming or take-off),
FENCE_TYPE (bits: 1 height, 2 circle around home, 4 areas, 8 least height), FENCE_ACTION (0: reports only),
FENCE_OPTIONS (from 4.6; bit 1: it is enough to be in one of several areas), FENCE_TOTAL; for the areas the
MAV_CMD_NAV_FENCE_* commands. PX4 parameters GF_ACTION (0 and 1: reports only), GF_MAX_VER_DIST and GF_MAX_HOR_DIST
(0: none); it is enough to be in one of several areas (geofence.cpp).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from drone.areas.frame import XY, LocalFrame
from drone.flight.brief import Brief
from drone.flight.reasons import own_fence, parameter_unread
from drone.mission.items import POSITIONED, Command, Mission, MissionItem
from kernel.drone_events import ReasonText
from kernel.geodesy import LatLon

_ENABLE, _AUTO = "FENCE_ENABLE", "FENCE_AUTOENABLE"
_TYPE, _ACTION, _TOTAL, _OPTIONS = "FENCE_TYPE", "FENCE_ACTION", "FENCE_TOTAL", "FENCE_OPTIONS"
_HIGHEST, _LOWEST, _RADIUS = "FENCE_ALT_MAX", "FENCE_ALT_MIN", "FENCE_RADIUS"
_AUTO_SINCE, _LOWEST_SINCE = (4, 6, 0), (4, 1, 0)
_BY_HEIGHT, _BY_CIRCLE, _BY_AREAS, _BY_LEAST_HEIGHT = 1, 2, 4, 8
_ONE_IS_ENOUGH = 1 << 1
PX4_FENCE = _PX4_ACTION, _PX4_HIGHEST, _PX4_RADIUS = "GF_ACTION", "GF_MAX_VER_DIST", "GF_MAX_HOR_DIST"
_PX4_ACTS = 2
_ROOM_M = 2.0
"""How much nearer than its edge counts as over it: the aircraft strays, and swings out after a corner."""
_WAYS = frozenset(command for command in Command if command.name.startswith("NAV_"))
_ARC_SEGMENTS = 32

Version = tuple[int, int, int]


def fence_names(read: Mapping[str, float], version: Version | None = None) -> tuple[str, ...]:
    """Parameters to read: whether there is a fence, and, once one is known to be on, what it says."""
    has = {_AUTO: _AUTO_SINCE, _OPTIONS: _AUTO_SINCE, _LOWEST: _LOWEST_SINCE}
    asked: tuple[str, ...] = (_ENABLE, _AUTO)
    if _is_on(read):
        asked += (_TYPE, _ACTION, _TOTAL, _OPTIONS, _HIGHEST, _LOWEST, _RADIUS)
    return tuple(name for name in asked if version is None or version >= has.get(name, version))


def has_areas(values: Mapping[str, float]) -> bool:
    """Whether its areas have to be read from the autopilot before the flight can be judged."""
    if _PX4_ACTION in values:
        return values[_PX4_ACTION] >= _PX4_ACTS  # it does not say how many it has
    return bool(_kinds(values) & _BY_AREAS) and values.get(_TOTAL, 1.0) > 0


def fence_reasons(brief: Brief, values: Mapping[str, float]) -> Iterator[ReasonText]:
    """What its heights and its circle say against the flight, and what of it could not be read."""
    if not _is_on(values):
        return
    kinds = _kinds(values)
    wanted = ((_BY_HEIGHT, _HIGHEST), (_BY_CIRCLE, _RADIUS), (_BY_LEAST_HEIGHT, _LOWEST))
    needed = (_TYPE, *(name for bit, name in wanted if kinds & bit))
    yield from (parameter_unread(name) for name in needed if name not in values)
    heights_m = [item.alt_m for item in _places(brief.mission)]
    if not heights_m:
        return
    if kinds & _BY_HEIGHT and _HIGHEST in values and max(heights_m) > values[_HIGHEST] - _ROOM_M:
        yield own_fence(_HIGHEST, values[_HIGHEST], max(heights_m), "m high")
    if kinds & _BY_LEAST_HEIGHT and _LOWEST in values and min(heights_m) < values[_LOWEST] + _ROOM_M:
        yield own_fence(_LOWEST, values[_LOWEST], min(heights_m), "m high")
    far_m = max(math.hypot(*corner) for corner in _corners(brief.mission, brief.home))
    if kinds & _BY_CIRCLE and _RADIUS in values and far_m > values[_RADIUS] - _ROOM_M:
        yield own_fence(_RADIUS, values[_RADIUS], far_m, "m from home")


def px4_fence_reasons(brief: Brief, values: Mapping[str, float]) -> Iterator[ReasonText]:
    """The same of PX4's height and circle."""
    yield from (parameter_unread(name) for name in PX4_FENCE if name not in values)
    heights_m = [item.alt_m for item in _places(brief.mission)]
    if not heights_m or values.get(_PX4_ACTION, _PX4_ACTS) < _PX4_ACTS:
        return
    far_m = max(math.hypot(*corner) for corner in _corners(brief.mission, brief.home))
    reached = ((_PX4_HIGHEST, max(heights_m), "m high"), (_PX4_RADIUS, far_m, "m from home"))
    for name, planned_m, unit in reached:
        if 0 < values.get(name, 0.0) < planned_m + _ROOM_M:
            yield own_fence(name, values[name], planned_m, unit)


def area_reasons(brief: Brief, values: Mapping[str, float], fence: Mission) -> list[str]:
    """Which of its areas the way home, to every point and back leaves or enters, in words."""
    frame = LocalFrame(*brief.home)
    way = LineString([(0.0, 0.0), *_corners(brief.mission, brief.home), (0.0, 0.0)])
    inside, outside = [], []
    for number, (is_inclusion, area) in enumerate(_areas(fence.items, frame), 1):
        if is_inclusion:
            inside.append((number, area.buffer(-_ROOM_M).covers(way)))
        elif area.buffer(_ROOM_M).intersects(way):
            outside.append(f"{number} (not to be entered)")
    is_one_enough = bool(int(values.get(_OPTIONS, 0.0)) & _ONE_IS_ENOUGH) or _PX4_ACTION in values
    left = [f"{number} (not to be left)" for number, is_kept in inside if not is_kept]
    if is_one_enough and len(left) < len(inside):
        left = []
    return left + outside


def _is_on(values: Mapping[str, float]) -> bool:
    return values.get(_ENABLE, 0.0) != 0 or values.get(_AUTO, 0.0) != 0


def _kinds(values: Mapping[str, float]) -> int:
    """Bits of the fences that act; none where it is off or only reports."""
    if not _is_on(values) or values.get(_ACTION, 1.0) == 0:
        return 0
    return int(values.get(_TYPE, 0.0))


def _places(mission: Mission) -> list[MissionItem]:
    """Where the mission flies: home left out, and a take-off without a place of its own."""
    return [item for item in mission.items[1:] if item.command in POSITIONED & _WAYS and (item.lat_deg or item.lon_deg)]


@lru_cache(maxsize=16)
def _corners(mission: Mission, home: LatLon) -> tuple[XY, ...]:
    """Its places in local metres around home."""
    frame = LocalFrame(*home)
    return tuple(frame.to_local(item.lat_deg, item.lon_deg) for item in _places(mission))


def _areas(items: Sequence[MissionItem], frame: LocalFrame) -> Iterator[tuple[bool, BaseGeometry]]:
    """Its areas in local metres, each with whether it is one to stay in."""
    corners: list[XY] = []
    for item in items:
        place = frame.to_local(item.lat_deg, item.lon_deg)
        if item.command in (Command.FENCE_CIRCLE_INCLUSION, Command.FENCE_CIRCLE_EXCLUSION):
            circle = Point(place).buffer(item.param1, quad_segs=_ARC_SEGMENTS)
            yield item.command == Command.FENCE_CIRCLE_INCLUSION, circle
        elif item.command in (Command.FENCE_POLYGON_VERTEX_INCLUSION, Command.FENCE_POLYGON_VERTEX_EXCLUSION):
            corners.append(place)
            if len(corners) >= max(3, int(item.param1)):
                yield item.command == Command.FENCE_POLYGON_VERTEX_INCLUSION, Polygon(corners).buffer(0)
                corners = []
