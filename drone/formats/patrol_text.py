"""What a plan file or a drawing flies -> the patrol that flies the same, as it would stand in the config.

Take-off, transit from home and the return are the planner's: they are left out. What a patrol cannot say is refused
and not dropped in silence; what it says otherwise is noted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from drone.areas.drawing import Drawing
from drone.formats.exchange import PlanFile
from drone.mission.items import Command, Frame, MissionItem
from kernel.config.camera import Datum
from kernel.errors import BadInputError

_POINTS = frozenset({Command.NAV_WAYPOINT, Command.NAV_SPLINE_WAYPOINT, Command.NAV_LOITER_TIME})
_PLANNERS = frozenset({Command.NAV_TAKEOFF, Command.NAV_RETURN_TO_LAUNCH, Command.NAV_LAND})
_LOOKS = frozenset({Command.DO_SET_ROI, Command.DO_SET_ROI_LOCATION})
_PICTURES = frozenset({Command.DO_DIGICAM_CONTROL, Command.IMAGE_START_CAPTURE})
_LOWEST_M = 1.0


@dataclass
class PatrolText:
    """A patrol as plain data, and what a person should look at."""

    patrol: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def patrol_of_plan(file: PlanFile, patrol_id: str, drone_id: str, terrain: str, source: str) -> PatrolText:
    """The patrol that flies what a plan file flies.

    Raises:
        BadInputError: it holds no point, or what no patrol can do.
    """
    reader = _Reader(file, source)
    for number, item in enumerate(file.mission.flown, start=1):
        reader.take(number, item)
    return reader.patrol(patrol_id, drone_id, terrain)


def patrol_of_drawing(
    drawing: Drawing, datum: Datum, patrol_id: str, drone_id: str, terrain: str, source: str
) -> PatrolText:
    """The waypoints of a drawn line, a survey of a drawn polygon, or points; coordinates stay in their datum.

    Raises:
        BadInputError: it holds none, or several.
    """
    notes: list[str] = []
    if len(drawing.lines) > 1 or (not drawing.lines and len(drawing.polygons) > 1):
        count = len(drawing.lines) or len(drawing.polygons)
        what = "lines" if drawing.lines else "polygons"
        raise BadInputError(f"{source}: holds {count} {what}; a patrol flies one, split the file")
    if drawing.lines:
        kind, ring = "waypoints", drawing.lines[0]
        if drawing.polygons:
            notes.append("the file's polygons are left out; zones stand in airspace")
    elif drawing.polygons:
        kind, ring = "survey", drawing.polygons[0].outer
        if drawing.polygons[0].holes:
            notes.append("the polygon's holes are left out; make them no-fly zones")
    else:
        kind, ring = "waypoints", drawing.points
    if not ring:
        raise BadInputError(f"{source}: holds no line, polygon or points")
    route = {"kind": kind, "datum": datum.value, "points": [list(point) for point in ring]}
    return PatrolText({"id": patrol_id, "drones": [drone_id], "terrain": terrain, "route": route}, notes)


class _Reader:
    """Goes through the items of a mission once."""

    def __init__(self, file: PlanFile, source: str) -> None:
        self._file = file
        self._source = source
        self._points: list[list[float]] = []
        self._heights: list[float] = []
        self._actions: dict[int, dict[str, Any]] = {}
        self._speeds: list[float] = []
        self._look: dict[str, Any] = {}
        self._notes: list[str] = []

    def take(self, number: int, item: MissionItem) -> None:
        """Take one item in."""
        if item.command in _POINTS:
            self._point(number, item)
        elif item.command in _LOOKS:
            self._look = {"look_at": [item.lat_deg, item.lon_deg], "look_at_height_m": item.alt_m}
        elif item.command in _PICTURES:
            self._acting()["photo"] = True
        elif item.command == Command.DO_CHANGE_SPEED:
            self._speeds.append(item.param2)
        elif item.command == Command.DO_SET_CAM_TRIGG_DIST:
            self._note("pictures at distances are left out; a survey takes them with photos: true")
        elif item.command == Command.DO_SET_ROI_NONE:
            self._look = {}
        elif item.command not in _PLANNERS:
            raise BadInputError(
                f"{self._source}: item {number}: a patrol has no command {int(item.command)}; take it out"
            )

    def patrol(self, patrol_id: str, drone_id: str, terrain: str) -> PatrolText:
        """The patrol of all items taken."""
        if not self._points:
            raise BadInputError(f"{self._source}: holds no waypoint")
        usual_m = Counter(self._heights).most_common(1)[0][0]
        for index, height_m in enumerate(self._heights, start=1):
            if height_m != usual_m:
                self._actions.setdefault(index, {"point": index})["altitude_m"] = height_m
        patrol: dict[str, Any] = {"id": patrol_id, "drones": [drone_id], "terrain": terrain, "altitude_m": usual_m}
        if self._speeds:
            patrol["speed_m_s"] = self._speeds[0]
            if len({*self._speeds}) > 1:
                self._note(f"the speed changes on the way; the patrol is flown at {self._speeds[0]:g} m/s")
        patrol["route"] = {"kind": "waypoints", "datum": "wgs84", "points": self._points}
        if self._actions:
            patrol["actions"] = [self._actions[index] for index in sorted(self._actions)]
        if self._file.polygons or self._file.circles:
            self._note("the file's fence is left out; zones stand in airspace")
        if terrain != "flat":
            self._note("heights above home are taken as heights above ground")
        return PatrolText(patrol, self._notes)

    def _point(self, number: int, item: MissionItem) -> None:
        self._points.append([item.lat_deg, item.lon_deg])
        self._heights.append(self._height_m(number, item))
        if item.param1 > 0:
            self._acting()["hold_s"] = item.param1
        if self._look:
            self._acting().update(self._look)
            self._look = {}

    def _height_m(self, number: int, item: MissionItem) -> float:
        height_m = item.alt_m
        if item.frame == Frame.GLOBAL:
            self._note("heights above the sea are taken as heights above the file's home")
            height_m -= self._file.home_amsl_m
        elif item.frame not in (Frame.GLOBAL_RELATIVE_ALT, Frame.GLOBAL_TERRAIN_ALT):
            raise BadInputError(
                f"{self._source}: item {number} is in frame {item.frame}; save it with heights above home"
            )
        if height_m < _LOWEST_M:
            raise BadInputError(f"{self._source}: item {number} lies {height_m:g} m above home; no patrol flies there")
        return round(height_m, 3)

    def _acting(self) -> dict[str, Any]:
        """The action at the last point."""
        index = len(self._points)
        if index == 0:
            raise BadInputError(f"{self._source}: takes a picture before the first waypoint; take that out")
        return self._actions.setdefault(index, {"point": index})

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)
