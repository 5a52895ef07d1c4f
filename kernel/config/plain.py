"""Plain data of a config file (dict, list, text, number): the readers and the geometry that its checks share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shapely import Polygon
from shapely.validation import explain_validity

from kernel.config.problems import KeyPath, dotted

Finding = tuple[KeyPath, str]
SMALLEST_AREA = 1e-9
_LARGEST_COORDINATE = 1e6  # beyond it (and for what is no number) the schema speaks, not the geometry


def mapping(value: Any) -> dict[str, Any]:
    """The section, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The sections of a list, with their places."""
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            yield index, entry


def points_of(value: Any) -> list[tuple[float, float]]:
    """Points of a list, or none where one of them is no pair of finite numbers."""
    points: list[tuple[float, float]] = []
    for point in value if isinstance(value, list) else ():
        if not (isinstance(point, list) and len(point) == 2 and all(map(is_coordinate, point))):
            return []
        points.append((float(point[0]), float(point[1])))
    return points


def is_coordinate(value: Any) -> bool:
    """Whether it is a number that geometry can take."""
    return isinstance(value, int | float) and -_LARGEST_COORDINATE <= value <= _LARGEST_COORDINATE


def polygon_findings(path: KeyPath, points: Any) -> Iterator[Finding]:
    """Corners without an area, or with edges that cross."""
    corners = points_of(points)
    if len(corners) < 3:
        return
    polygon = Polygon(corners)
    if polygon.convex_hull.area < SMALLEST_AREA:
        yield path, "has no area: its corners lie on one line; move one"
    elif not polygon.is_valid:
        where = explain_validity(polygon).partition("[")[2].rstrip("]").split()
        near = f" near [{', '.join(f'{float(number):.3g}' for number in where)}]" if where else ""
        yield path, f"its edges cross{near}; list the corners in the order of walking round"


def doubled(path: KeyPath, found: list[tuple[int, dict[str, Any]]], noun: str) -> Iterator[Finding]:
    """Entries of a list whose id another one has."""
    first: dict[str, int] = {}
    for index, entry in found:
        entry_id = entry.get("id")
        if not isinstance(entry_id, str):
            continue
        if entry_id in first:
            taken = dotted((*path, first[entry_id]))
            yield (*path, index, "id"), f"{noun} id '{entry_id}' is taken by {taken}; give it another"
        first.setdefault(entry_id, index)
