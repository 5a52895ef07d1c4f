"""A map of one or more plans: zones, cameras, routes, points, scale and key."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from drone.areas.frame import XY, LocalFrame
from drone.areas.zones import Zone
from drone.map_picture.shapes import Area, Dot, Label, Line, Rgb, Shape, Sheet
from drone.plan.model import FlightPlan, PointKind
from kernel.config.airspace import AirspaceKind

WIDTH_PX, HEIGHT_PX = 1000, 800
_MARGIN_PX, _HEAD_PX, _FOOT_PX = 50, 60, 60
_PAPER: Rgb = (250, 250, 247)
_INK: Rgb = (40, 44, 52)
_FAINT: Rgb = (130, 136, 145)
_WORK: Rgb = (0, 92, 175)
_TRANSIT: Rgb = (95, 105, 118)
_NO_FLY: Rgb = (200, 30, 40)
_TIMED: Rgb = (214, 120, 0)
_KEEP_IN: Rgb = (20, 130, 70)
_CAMERA: Rgb = (110, 60, 160)
_OTHER: Rgb = (170, 120, 40)
_MOST_NUMBERS = 60
_STEPS_M = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class MapContents:
    """What a map shows.

    Attributes:
        title, subtitle: above it; `plain_title` where the title's letters cannot be drawn.
        cameras: (id, name, latitude, longitude), WGS-84.
        others: plans of other drones.
    """

    title: str
    plain_title: str
    subtitle: str
    plan: FlightPlan
    zones: Sequence[Zone]
    cameras: Sequence[tuple[str, str, float, float]] = ()
    others: Sequence[FlightPlan] = ()


class _Projection:
    """Local metres to pixels: the whole flight and what lies near it fit the sheet; north is up."""

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        west, south, east, north = bounds
        width_px, height_px = WIDTH_PX - 2 * _MARGIN_PX, HEIGHT_PX - _HEAD_PX - _FOOT_PX - _MARGIN_PX
        self.px_a_metre = min(width_px / max(east - west, 1.0), height_px / max(north - south, 1.0))
        self._middle = ((west + east) / 2, (south + north) / 2)
        self._centre = (WIDTH_PX / 2, _HEAD_PX + (HEIGHT_PX - _HEAD_PX - _FOOT_PX) / 2)
        x, y, across_m = *self._middle, WIDTH_PX / 2 / self.px_a_metre
        up_m = (self._centre[1] - _HEAD_PX) / self.px_a_metre
        down_m = (HEIGHT_PX - _FOOT_PX - self._centre[1]) / self.px_a_metre
        self.view = shapely.box(x - across_m, y - down_m, x + across_m, y + up_m)

    def __call__(self, position: XY) -> XY:
        return (
            self._centre[0] + (position[0] - self._middle[0]) * self.px_a_metre,
            self._centre[1] - (position[1] - self._middle[1]) * self.px_a_metre,
        )


def draw(contents: MapContents) -> Sheet:
    """The map as shapes on a sheet."""
    frame = LocalFrame(contents.plan.home.lat, contents.plan.home.lon)
    path = _local(contents.plan, frame)
    project = _Projection(_bounds(contents, frame, path))
    shapes: list[Shape] = []
    for zone in contents.zones:
        shapes += _zone(zone, project)
    for other in contents.others:
        shapes.append(Line(tuple(map(project, _local(other, frame))), _OTHER, 1.5, 3.0))
    cameras = _cameras(contents, frame, project)
    shapes += [Dot(at, 4.0, _CAMERA) for at, _, _ in cameras]
    shapes += _route(contents.plan, [project(position) for position in path])
    shapes += _camera_names(cameras, [project(position) for position in path])
    shapes += _home(project((0.0, 0.0)))
    shapes += [*_names(contents.zones, project), *_margins(), *_head(contents), *_foot(project)]
    shapes += _key(contents, frame, project)
    return Sheet(WIDTH_PX, HEIGHT_PX, _PAPER, tuple(shapes))


def _local(plan: FlightPlan, frame: LocalFrame) -> list[XY]:
    return [frame.to_local(point.lat, point.lon) for point in plan.points]


def _bounds(contents: MapContents, frame: LocalFrame, path: Sequence[XY]) -> tuple[float, float, float, float]:
    """Around the flight, and around zones and cameras that are not far from it."""
    near = shapely.MultiPoint(path).envelope.buffer(150.0)
    found: list[BaseGeometry] = [near.buffer(-100.0)]
    found += [zone.area for zone in contents.zones if zone.kind is AirspaceKind.NO_FLY and zone.area.intersects(near)]
    found += [shapely.Point(place) for place in _camera_places(contents, frame) if near.contains(shapely.Point(place))]
    west, south, east, north = shapely.union_all(found).bounds
    return float(west), float(south), float(east), float(north)


def _camera_places(contents: MapContents, frame: LocalFrame) -> list[XY]:
    return [frame.to_local(lat, lon) for _, _, lat, lon in contents.cameras]


def zone_color(zone: Zone) -> Rgb:
    """Red for no-fly, orange while it counts only at times, green for keep-in."""
    if zone.kind is AirspaceKind.KEEP_IN:
        return _KEEP_IN
    return _TIMED if zone.is_timed else _NO_FLY


def _zone(zone: Zone, project: _Projection) -> Iterable[Shape]:
    color = zone_color(zone)
    rings = [tuple(project((x, y)) for x, y in ring) for ring in _rings(zone.area)]
    if zone.kind is AirspaceKind.NO_FLY:
        yield Area(tuple(rings), color, 0.18, is_hatched=True)
        for kept in _rings(zone.area.buffer(zone.clearance_m)):
            yield Line(tuple(project((x, y)) for x, y in kept), color, 1.0, 4.0)
    for ring in rings:
        yield Line(ring, color, 2.0, 8.0 if zone.is_timed else 0.0)


def _rings(area: BaseGeometry) -> list[list[XY]]:
    polygons = shapely.get_parts(area)
    return [
        [(float(x), float(y)) for x, y in ring.coords] for one in polygons for ring in (one.exterior, *one.interiors)
    ]


def _margins() -> Iterable[Shape]:
    """Paper under the title and under the key, where the map goes on."""
    for top, bottom in ((0, _HEAD_PX - 4), (HEIGHT_PX - _FOOT_PX + 8, HEIGHT_PX)):
        corners = (
            (0.0, float(top)),
            (float(WIDTH_PX), float(top)),
            (float(WIDTH_PX), float(bottom)),
            (0.0, float(bottom)),
        )
        yield Area((corners,), _PAPER, 1.0)


def seen_part(zone: Zone, project: _Projection) -> BaseGeometry:
    """What of a zone can be told from the sheet: of a keep-in zone its edge."""
    part = zone.area.boundary if zone.kind is AirspaceKind.KEEP_IN else zone.area
    return part.intersection(project.view)


def _names(zones: Sequence[Zone], project: _Projection) -> Iterable[Shape]:
    for zone in zones:
        seen = seen_part(zone, project)
        if seen.is_empty:
            continue
        longest = max(shapely.get_parts(seen), key=lambda part: float(part.length))
        middle = longest.representative_point()
        spot = project((middle.x, middle.y))
        if zone.kind is AirspaceKind.KEEP_IN:
            middle = longest.interpolate(0.5, normalized=True)
            x, y = project((middle.x, middle.y))
            spot = (min(max(x, 60.0), WIDTH_PX - 60.0), y + 16)
        yield Label(spot, zone.label, zone_color(zone), 13.0, plain=zone.id, is_centred=True)


def _route(plan: FlightPlan, path: Sequence[XY]) -> Iterable[Shape]:
    drawn: set[frozenset[XY]] = set()
    first_work = next((i for i, point in enumerate(plan.points) if point.kind is PointKind.WORK), len(path))
    for index, (start, end) in enumerate(pairwise(path), start=1):
        ends = frozenset(((round(start[0]), round(start[1])), (round(end[0]), round(end[1]))))
        if ends in drawn:
            continue  # out and back on one line: dashes over dashes would look solid
        drawn.add(ends)
        is_work = plan.points[index].kind is PointKind.WORK and index > first_work
        yield Line((start, end), _WORK if is_work else _TRANSIT, 2.5 if is_work else 1.5, 0.0 if is_work else 5.0)
    for start, end in pairwise(path):
        yield from _arrow(start, end)
    numbered = _numbered(plan)
    dot_px = 4.0 if len(plan.points) <= _MOST_NUMBERS else 2.0
    for point, at in zip(plan.points, path, strict=True):
        if point.kind is PointKind.WORK:
            yield Dot(at, dot_px, _WORK)
        elif point.kind is PointKind.TRANSIT:
            yield Dot(at, dot_px * 0.6, _TRANSIT)
    middle = (sum(x for x, _ in path) / len(path), sum(y for _, y in path) / len(path))
    for index, text in numbered:
        yield Label(_outside(path[index], middle), text, _WORK, 12.0, is_centred=True)


def _outside(at: XY, middle: XY) -> XY:
    """Where the number of a point reads well: on the side away from the middle of the route."""
    far_px = math.dist(at, middle) or 1.0
    return at[0] + 13 * (at[0] - middle[0]) / far_px, at[1] + 13 * (at[1] - middle[1]) / far_px + 4


def _numbered(plan: FlightPlan) -> list[tuple[int, str]]:
    """Points that get a number: each, or the first and the last where there are too many to read."""
    work = [index for index, point in enumerate(plan.points) if point.kind is PointKind.WORK]
    texts: dict[tuple[float, float], tuple[int, str]] = {}
    for count, index in enumerate(work, start=1):
        point = plan.points[index]
        text = str(point.number if point.number is not None else count)
        texts.setdefault((round(point.lat, 7), round(point.lon, 7)), (index, text))
    found = list(texts.values())
    return found if len(found) <= _MOST_NUMBERS else [found[0], found[-1]]


def _arrow(start: XY, end: XY) -> Iterable[Shape]:
    """A small head behind the middle of a leg that is long enough to carry one: out and back do not meet there."""
    long_px = math.dist(start, end)
    if long_px < 40:
        return
    along = ((end[0] - start[0]) / long_px, (end[1] - start[1]) / long_px)
    tip = _on(start, end, 0.6)
    for side in (1, -1):
        back = (tip[0] - along[0] * 8 - along[1] * 4 * side, tip[1] - along[1] * 8 + along[0] * 4 * side)
        yield Line((back, tip), _INK, 1.5)


def _cameras(contents: MapContents, frame: LocalFrame, project: _Projection) -> list[tuple[XY, str, str]]:
    """Cameras on the sheet: where, name, id."""
    placed = zip(contents.cameras, _camera_places(contents, frame), strict=True)
    return [(project(place), one[1], one[0]) for one, place in placed if project.view.contains(shapely.Point(place))]


def _camera_names(cameras: Sequence[tuple[XY, str, str]], path: Sequence[XY]) -> Iterable[Shape]:
    """On the side where the number of a point of the route does not stand."""
    middle_y = sum(y for _, y in path) / len(path)
    for (x, y), name, camera_id in cameras:
        yield Label((x + 8, y + (16 if y < middle_y else -8)), name, _CAMERA, 11.0, plain=camera_id)


def _home(at: XY) -> Iterable[Shape]:
    yield Dot(at, 7.0, _INK)
    yield Label((at[0] + 9, at[1] + 4), "H", _INK, 14.0)


def _head(contents: MapContents) -> Iterable[Shape]:
    yield Label((_MARGIN_PX, 30), contents.title, _INK, 20.0, plain=contents.plain_title)
    yield Label((_MARGIN_PX, 50), contents.subtitle, _FAINT, 13.0, plain=contents.subtitle)


def _foot(project: _Projection) -> Iterable[Shape]:
    """Scale and north."""
    step_m = max((step for step in _STEPS_M if step * project.px_a_metre <= 220), default=_STEPS_M[0])
    left, y = float(_MARGIN_PX), HEIGHT_PX - 30.0
    right = left + step_m * project.px_a_metre
    yield Line(((left, y - 5), (left, y), (right, y), (right, y - 5)), _INK, 2.0)
    text = f"{step_m} m" if step_m < 1000 else f"{step_m // 1000} km"
    yield Label(((left + right) / 2, y - 8), text, _INK, 12.0, is_centred=True)
    x = WIDTH_PX - _MARGIN_PX
    yield Line(((x, 52), (x, 22)), _INK, 2.0)
    yield Line(((x - 6, 32), (x, 22), (x + 6, 32)), _INK, 2.0)
    yield Label((x, 18), "N", _INK, 13.0, is_centred=True)


def _key(contents: MapContents, frame: LocalFrame, project: _Projection) -> Iterable[Shape]:
    """What the colours mean, as far as they are on the sheet."""
    kinds = {zone_color(zone) for zone in contents.zones if not seen_part(zone, project).is_empty}
    has_cameras = any(project.view.contains(shapely.Point(place)) for place in _camera_places(contents, frame))
    rows: list[tuple[str, str, Rgb, float]] = [("任务航段", "work", _WORK, 0.0), ("过渡", "transit", _TRANSIT, 5.0)]
    rows += [("禁飞区", "no-fly", _NO_FLY, 0.0)] if _NO_FLY in kinds else []
    rows += [("限时禁飞区", "timed no-fly", _TIMED, 8.0)] if _TIMED in kinds else []
    rows += [("许可范围", "keep-in", _KEEP_IN, 0.0)] if _KEEP_IN in kinds else []
    rows += [("其他无人机", "other drone", _OTHER, 3.0)] if contents.others else []
    rows += [("摄像机", "camera", _CAMERA, -1.0)] if has_cameras else []
    x, y = 320.0, HEIGHT_PX - 30.0
    for zh, en, color, dash_px in rows:
        yield Dot((x + 13, y), 4.0, color) if dash_px < 0 else Line(((x, y), (x + 26, y)), color, 2.5, dash_px)
        yield Label((x + 32, y + 4), zh, _INK, 12.0, plain=en)
        x += 42 + max(13.0 * len(zh), 7.5 * len(en))


def dashes(points: Sequence[XY], dash_px: float) -> list[tuple[XY, XY]]:
    """The pieces of a line that are drawn when it is dashed with gaps as long as the dashes."""
    pieces: list[tuple[XY, XY]] = []
    offset = 0.0
    for start, end in pairwise(points):
        long_px = math.dist(start, end)
        if long_px == 0:
            continue
        begin = -(offset % (2 * dash_px))
        for at in np.arange(begin, long_px, 2 * dash_px):
            first, last = max(0.0, float(at)), min(long_px, float(at) + dash_px)
            if last > first:
                pieces.append((_on(start, end, first / long_px), _on(start, end, last / long_px)))
        offset += long_px
    return pieces


def _on(start: XY, end: XY, share: float) -> XY:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
