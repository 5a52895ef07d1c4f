"""An area in parallel lines: where to fly so that the camera, looking down, sees all of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from drone.areas.frame import XY
from drone.plan.free_space import FreeSpace

Line = tuple[XY, XY]
_MOST_FILL_ROUNDS = 4
_SHORTEST_LINE_M = 0.5
_MISSED_SHARE = 0.002
_EDGE_M = 0.05


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the camera sees of the ground, looking straight down: across and along the flight, metres."""

    across_m: float
    along_m: float


def footprint(altitude_m: float, fov_deg: float, aspect: float) -> Footprint:
    """The ground a camera sees; its wide side lies across the flight.

    Args:
        altitude_m: above ground.
        fov_deg: horizontal field of view.
        aspect: width of the picture over its height.
    """
    across_m = 2 * altitude_m * math.tan(math.radians(fov_deg) / 2)
    return Footprint(across_m, across_m / aspect)


@dataclass(frozen=True, slots=True)
class Survey:
    """Lines in flying order, each flown from its first end to its second, and the share of the area they show."""

    lines: tuple[Line, ...]
    coverage: float


def survey(
    area: Polygon | MultiPolygon,
    free: FreeSpace,
    seen: Footprint,
    side_overlap: float,
    heading_deg: float | None,
    entry: XY,
) -> Survey:
    """Lines over an area.

    Args:
        area: local metres.
        free: where the drone may be.
        seen: by the camera.
        side_overlap: of neighbouring lines, 0-1.
        heading_deg: of the lines; None: along the longer side, which makes the fewest turns.
        entry: where the drone comes from: the nearest of the four ways to fly the lines is taken.
    """
    along_deg = 90.0 - heading_deg if heading_deg is not None else _long_side_deg(area)
    turned = affinity.rotate(area, -along_deg, origin=(0, 0))
    # a line that ends on the very edge of the free space would not be in it
    space = free.cut(_around(area, seen)).buffer(-_EDGE_M, join_style="mitre")
    open_space = affinity.rotate(space, -along_deg, origin=(0, 0))
    shapely.prepare(open_space)
    rows = _rows(turned, open_space, seen, side_overlap)
    rows, coverage = _filled(rows, turned, open_space, seen)
    ordered = _ordered(rows, affinity.rotate(_point(entry), -along_deg, origin=(0, 0)))
    back = [affinity.rotate(LineString(line), along_deg, origin=(0, 0)).coords for line in ordered]
    return Survey(tuple(((start[0], start[1]), (end[0], end[1])) for start, end in back), coverage)


def _point(position: XY) -> shapely.Point:
    return shapely.Point(position)


def _around(area: BaseGeometry, seen: Footprint) -> BaseGeometry:
    """Lines may leave the area a little, where its edge is oblique."""
    return area.convex_hull.buffer(max(seen.across_m, seen.along_m))


def _long_side_deg(area: BaseGeometry) -> float:
    """Direction of the longer side of the narrowest rectangle around an area, counter-clockwise from east."""
    rectangle = shapely.oriented_envelope(area)
    if not isinstance(rectangle, Polygon):
        return 0.0
    corners = np.asarray(rectangle.exterior.coords)
    sides = np.diff(corners[:3], axis=0)
    side = sides[int(np.argmax(np.hypot(*sides.T)))]
    return math.degrees(math.atan2(side[1], side[0]))


def _rows(area: BaseGeometry, open_space: BaseGeometry, seen: Footprint, side_overlap: float) -> list[list[Line]]:
    """Lines of each row from south to north, from west to east within it; the area lies with its rows along x."""
    west, south, east, north = area.bounds
    spacing_m = seen.across_m * (1 - side_overlap)
    count = max(1, math.ceil((north - south) / spacing_m - 1e-9))
    height_m = (north - south) / count
    rows = []
    for index in range(count):
        low = south + index * height_m
        band = area.intersection(box(west - 1, low, east + 1, low + height_m))
        rows.append(_row(band, low + height_m / 2, open_space))
    return [row for row in rows if row]


def _row(band: BaseGeometry, y: float, open_space: BaseGeometry) -> list[Line]:
    """Pieces of the line at y that show the parts of a band, where the drone may be."""
    spans = sorted((part.bounds[0], part.bounds[2]) for part in _parts(band) if part.area > 0)
    merged: list[list[float]] = []
    for left, right in spans:
        if merged and left <= merged[-1][1] + _SHORTEST_LINE_M:
            merged[-1][1] = max(merged[-1][1], right)
        else:
            merged.append([left, right])
    lines: list[Line] = []
    for left, right in merged:
        if right - left < _SHORTEST_LINE_M:
            middle = (left + right) / 2
            left, right = middle - _SHORTEST_LINE_M / 2, middle + _SHORTEST_LINE_M / 2
        inside = LineString([(left, y), (right, y)]).intersection(open_space)
        for piece in _parts(inside):
            if isinstance(piece, LineString) and piece.length > 0:
                first, last = sorted(piece.coords)[0], sorted(piece.coords)[-1]
                lines.append(((first[0], y), (last[0], y)))
    return sorted(lines)


def _parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    return list(shapely.get_parts(geometry)) if not geometry.is_empty else []


def _filled(
    rows: list[list[Line]], area: BaseGeometry, open_space: BaseGeometry, seen: Footprint
) -> tuple[list[list[Line]], float]:
    """The rows, with more of them where the corner of a no-fly zone hid ground from a row."""
    wanted = area.intersection(open_space)
    if wanted.area <= 0:
        return rows, 0.0
    for _ in range(_MOST_FILL_ROUNDS):
        missed = wanted.difference(_shown(rows, seen))
        if missed.area <= _MISSED_SHARE * wanted.area:
            break
        more = [row for part in _parts(missed) for row in _fill(part, open_space, seen)]
        if not more:
            break
        rows = sorted([*rows, *more], key=lambda row: (row[0][0][1], row[0][0][0]))
    return rows, 1 - wanted.difference(_shown(rows, seen)).area / wanted.area


def _fill(part: BaseGeometry, open_space: BaseGeometry, seen: Footprint) -> list[list[Line]]:
    """Rows for ground that was not shown, flown over its own middle."""
    low, high = part.bounds[1], part.bounds[3]
    count = max(1, math.ceil((high - low) / seen.across_m * 2))
    step = (high - low) / count
    middles = [(part.intersection(_strip(part, low + i * step, step)), low + (i + 0.5) * step) for i in range(count)]
    return [row for band, y in middles if (row := _row(band, y, open_space))]


def _strip(part: BaseGeometry, low: float, height_m: float) -> Polygon:
    return box(part.bounds[0] - 1, low, part.bounds[2] + 1, low + height_m)


def _shown(rows: list[list[Line]], seen: Footprint) -> BaseGeometry:
    """What the camera sees from the rows."""
    half_across, half_along = seen.across_m / 2, seen.along_m / 2
    return shapely.union_all(
        [
            box(line[0][0] - half_along, line[0][1] - half_across, line[1][0] + half_along, line[1][1] + half_across)
            for row in rows
            for line in row
        ]
    )


def _ordered(rows: list[list[Line]], entry: shapely.Point) -> list[Line]:
    """Row by row, to and fro; of the four ways to do that the one that begins nearest to where the drone comes from."""
    ways = []
    for up in (rows, rows[::-1]):
        for begins_west in (True, False):
            way = [line for index, row in enumerate(up) for line in _flown(row, (index % 2 == 0) == begins_west)]
            ways.append(way)
    found = [way for way in ways if way]
    return min(found, key=lambda way: entry.distance(_point(way[0][0]))) if found else []


def _flown(row: list[Line], eastwards: bool) -> list[Line]:
    return list(row) if eastwards else [(end, start) for start, end in reversed(row)]
