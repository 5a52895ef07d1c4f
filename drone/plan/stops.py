"""A patrol's route -> the stops it is flown for, in local metres and in flying order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon

from drone.areas.drawing import Drawing, DrawnPolygon, read_drawing
from drone.areas.frame import XY, LocalFrame
from drone.areas.zones import area_of, drawing_of
from drone.plan.free_space import FreeSpace
from drone.plan.survey import Footprint, survey
from kernel.config.camera import Datum, PlaceConfig
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import (
    ActionConfig,
    CorridorRoute,
    InspectRoute,
    LoopRoute,
    PatrolConfig,
    PerimeterRoute,
    PlacedRoute,
    SurveyRoute,
    WaypointsRoute,
)
from kernel.errors import BadInputError
from kernel.geodesy import LatLon, to_wgs84

_STANDOFF_DIRECTIONS_DEG = (0, 45, -45, 90, -90, 135, -135, 180)
_SAME_PLACE_M = 0.5


@dataclass(frozen=True, slots=True)
class Stop:
    """A point the patrol is flown for.

    Attributes:
        position: local metres.
        number: of the route's point, counted from 1; None for points that a pattern makes.
        is_drawn_leg: a person drew the leg that leads here: it is flown as it is, or refused.
        look_at: local position and height above ground there.
        altitude_m: above ground instead of the patrol's.
    """

    position: XY
    number: int | None = None
    is_drawn_leg: bool = False
    hold_s: float = 0.0
    look_at: tuple[XY, float] | None = None
    photo: bool = False
    photo_every_m: float | None = None
    altitude_m: float | None = None


@dataclass(frozen=True, slots=True)
class RouteContext:
    """What a route is laid out with."""

    config: LookoutConfig
    frame: LocalFrame
    free: FreeSpace
    seen: Footprint
    home: XY


@dataclass(frozen=True, slots=True)
class LaidRoute:
    """Stops in flying order.

    Attributes:
        coverage: share of a survey's area, as far as it may be flown over, that the camera sees.
        left_out: share of the area that may not be flown over.
    """

    stops: tuple[Stop, ...]
    coverage: float | None = None
    left_out: float = 0.0


def lay_out(patrol: PatrolConfig, context: RouteContext) -> LaidRoute:
    """The stops of a patrol.

    Raises:
        BadInputError: a file cannot be used, or the route has no stop.
    """
    route = patrol.route
    match route:
        case WaypointsRoute():
            laid = LaidRoute(_drawn(route_points(route), patrol.actions, route.datum, context))
        case LoopRoute():
            laid = LaidRoute(_loop(route, patrol, context))
        case CorridorRoute():
            laid = LaidRoute(_corridor(route, context))
        case SurveyRoute():
            laid = _survey(route, context)
        case PerimeterRoute():
            laid = LaidRoute(_perimeter(route, context))
        case InspectRoute():
            laid = LaidRoute(tuple(_inspection(route, camera, context) for camera in route.cameras))
    if not laid.stops:
        raise BadInputError(f"patrol '{patrol.id}': its route has no point a drone may fly to; look at the zones")
    return laid


def route_points(route: WaypointsRoute | LoopRoute | CorridorRoute) -> tuple[LatLon, ...]:
    """Points of a drawn line, WGS-84.

    Raises:
        BadInputError: the file has none.
    """
    if route.points is not None:
        return _converted(Drawing(points=route.points), route).points
    drawing = _read(route)
    rings = [*drawing.lines, *(polygon.outer for polygon in drawing.polygons if route.kind == "loop")]
    if len(rings) > 1:
        raise BadInputError(f"{route.file}: holds {len(rings)} lines; a patrol flies one, split the file")
    points = rings[0] if rings else drawing.points
    if route.kind == "loop" and len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    if len(points) < (1 if route.kind == "waypoints" else 2):
        raise BadInputError(f"{route.file}: holds no line or points; draw the route")
    return points


def route_area(route: SurveyRoute | PerimeterRoute, context: RouteContext) -> Polygon | MultiPolygon:
    """The area of a survey or a perimeter in local metres.

    Raises:
        BadInputError: there is none, or its edges cross.
    """
    if isinstance(route, PerimeterRoute) and route.zone is not None:
        zone = next(zone for zone in context.config.airspace if zone.id == route.zone)
        return area_of(drawing_of(zone), context.frame, f"zone '{zone.id}'")
    drawn = route.points and Drawing((DrawnPolygon(route.points),))
    drawing = _converted(drawn, route) if drawn else _read(route)
    if not drawing.polygons:
        raise BadInputError(f"{route.file}: holds no polygon; draw the area")
    return area_of(drawing, context.frame, f"{route.kind} route")


def _read(route: PlacedRoute) -> Drawing:
    if route.file is None:
        raise BadInputError("the route has neither points nor file; give one")
    return _converted(read_drawing(route.file), route)


def _converted(drawing: Drawing, route: PlacedRoute) -> Drawing:
    if route.datum is None:
        raise BadInputError("the route has no datum; write wgs84, gcj02 or bd09, as the map it comes from")
    return drawing.converted(route.datum)


def _drawn(
    points: Sequence[LatLon], actions: Sequence[ActionConfig], datum: Datum | None, context: RouteContext
) -> tuple[Stop, ...]:
    stops = [
        Stop(context.frame.to_local(*point), number=number, is_drawn_leg=number > 1)
        for number, point in enumerate(points, start=1)
    ]
    for action in actions:
        if action.point > len(stops):
            raise BadInputError(f"the route has {len(stops)} points; there is no point {action.point} for an action")
        stops[action.point - 1] = _acting(stops[action.point - 1], action, datum, context)
    return tuple(stops)


def _acting(stop: Stop, action: ActionConfig, datum: Datum | None, context: RouteContext) -> Stop:
    look_at = None
    if action.look_at is not None and datum is not None:
        look_at = (context.frame.to_local(*to_wgs84(*action.look_at, datum)), action.look_at_height_m)
    return replace(stop, hold_s=action.hold_s, look_at=look_at, photo=action.photo, altitude_m=action.altitude_m)


def _loop(route: LoopRoute, patrol: PatrolConfig, context: RouteContext) -> tuple[Stop, ...]:
    once = _drawn(route_points(route), patrol.actions, route.datum, context)
    first, *others = once
    lap = (*others, first)
    return (first, *(replace(stop, is_drawn_leg=True) for _ in range(route.laps) for stop in lap))


def _survey(route: SurveyRoute, context: RouteContext) -> LaidRoute:
    area = route_area(route, context)
    laid = survey(area, context.free, context.seen, route.side_overlap, route.heading_deg, context.home)
    every_m = context.seen.along_m * (1 - route.front_overlap)
    stops: list[Stop] = []
    for start, end in laid.lines:
        stops.append(Stop(start, photo_every_m=every_m if route.photos else None))
        if math.dist(start, end) > _SAME_PLACE_M:
            stops.append(Stop(end))
    if route.photos and stops:
        stops[-1] = replace(stops[-1], photo_every_m=0.0)
    left_out = 1 - context.free.cut(area).area / area.area
    return LaidRoute(tuple(stops), laid.coverage, left_out)


def _corridor(route: CorridorRoute, context: RouteContext) -> tuple[Stop, ...]:
    line = LineString([context.frame.to_local(*point) for point in route_points(route)])
    spacing_m = context.seen.across_m * (1 - route.side_overlap)
    count = 1 if route.width_m <= context.seen.across_m else math.ceil(route.width_m / spacing_m)
    step_m = route.width_m / count
    stops: list[Stop] = []
    for index in range(count):
        offset_m = -route.width_m / 2 + (index + 0.5) * step_m
        passed = line if count == 1 else line.offset_curve(offset_m, join_style="mitre", mitre_limit=2.0)
        pieces = [piece for piece in shapely.get_parts(passed) if not piece.is_empty]
        corners = [(float(x), float(y)) for piece in pieces for x, y in piece.coords]
        stops += [Stop(corner) for corner in (corners if index % 2 == 0 else corners[::-1])]
    return tuple(stops)


def _perimeter(route: PerimeterRoute, context: RouteContext) -> tuple[Stop, ...]:
    area = route_area(route, context).buffer(route.distance_m, join_style="mitre", mitre_limit=2.0)
    if not isinstance(area, Polygon) or area.is_empty:
        raise BadInputError("perimeter: there is no single way round at that distance; change distance_m")
    corners = np.asarray(area.exterior.simplify(_SAME_PLACE_M).coords)[:-1]
    nearest = int(np.argmin(np.hypot(*(corners - np.array(context.home)).T)))
    lap = [(float(x), float(y)) for x, y in np.roll(corners, -nearest, axis=0)]
    return tuple(Stop(corner) for corner in [*lap * route.laps, lap[0]])


def _inspection(route: InspectRoute, camera_id: str, context: RouteContext) -> Stop:
    place = context.config.camera(camera_id).place
    if place is None:
        raise BadInputError(f"camera '{camera_id}' has no place; give it one")
    there = context.frame.to_local(*to_wgs84(place.lat, place.lon, place.datum))
    spot = _standing(there, place, route.distance_m, lambda at: context.free.is_free(at, at))
    return Stop(spot, hold_s=route.hold_s, look_at=(there, 0.0), photo=route.photo)


def _standing(there: XY, place: PlaceConfig, distance_m: float, is_free: Callable[[XY], bool]) -> XY:
    """Where to look at a camera from: in front of it, or the nearest direction a drone may stand in."""
    facing = place.bearing_deg or 0.0
    spots = []
    for turn in _STANDOFF_DIRECTIONS_DEG:
        towards = math.radians(facing + turn)
        spots.append((there[0] + distance_m * math.sin(towards), there[1] + distance_m * math.cos(towards)))
    return next((spot for spot in spots if is_free(spot)), spots[0])
