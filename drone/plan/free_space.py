"""Where a drone may be, and the shortest way from one point to another there.

The way goes over the corners of the no-fly zones, moved outwards by their clearance (a visibility graph); edges are
looked at only when the search comes to their end (A*), and remembered.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from drone.areas.frame import XY
from drone.areas.zones import Zone
from kernel.config.airspace import AirspaceKind

Points = npt.NDArray[np.float64]
QUAD_SEGMENTS = 8
# so that the chords of a round buffer lie outside the circle, not inside
_CIRCUMSCRIBED = 1 / math.cos(math.pi / (4 * QUAD_SEGMENTS))
_TOLERANCE_M = 0.01
_NODE_MARGIN_M = 0.5


class FreeSpace:
    """The space outside no-fly zones and within keep-in zones, their clearances kept.

    Args:
        zones: those that count at the height and the time of the flight.
    """

    def __init__(self, zones: Sequence[Zone]) -> None:
        no_fly = [zone for zone in zones if zone.kind is AirspaceKind.NO_FLY]
        keep_in = [zone for zone in zones if zone.kind is AirspaceKind.KEEP_IN]
        self.blocked: BaseGeometry = shapely.union_all([_widened(zone) for zone in no_fly])
        self.allowed: BaseGeometry | None = None
        for zone in keep_in:
            inner = zone.area.buffer(-zone.clearance_m - _TOLERANCE_M, join_style="mitre")
            self.allowed = inner if self.allowed is None else self.allowed.intersection(inner)
        shapely.prepare(self.blocked)
        if self.allowed is not None:
            shapely.prepare(self.allowed)
        self._nodes = self._corners(no_fly)
        self._visible: dict[int, npt.NDArray[np.intp]] = {}

    def free_points(self, points: Points) -> npt.NDArray[np.bool_]:
        """Which of the points (n x 2) lie in it."""
        return self._free(np.asarray(shapely.points(points)))

    def free_legs(self, starts: Points, ends: Points) -> npt.NDArray[np.bool_]:
        """Which of the straight legs (n x 2 each) lie in it from end to end."""
        return self._free(segments(starts, ends))

    def is_free(self, start: XY, end: XY) -> bool:
        """Whether the straight leg lies in it."""
        return bool(self.free_legs(np.array([start]), np.array([end]))[0])

    def cut(self, area: BaseGeometry) -> BaseGeometry:
        """The part of an area that lies in it."""
        inside = area if self.allowed is None else area.intersection(self.allowed)
        return inside.difference(self.blocked)

    def path(self, start: XY, end: XY) -> tuple[XY, ...] | None:
        """Corners of the shortest way, both ends included; None where there is no way."""
        if self.is_free(start, end):
            return (start, end)
        if not self.free_points(np.array([start, end])).all() or not len(self._nodes):
            return None
        return self._search(start, end)

    def _free(self, geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
        free = ~shapely.intersects(self.blocked, geometries)
        if self.allowed is not None:
            free &= shapely.covers(self.allowed, geometries)
        return np.asarray(free)

    def _search(self, start: XY, end: XY) -> tuple[XY, ...] | None:
        """A*; the ends are numbered behind the nodes."""
        nodes = self._nodes
        count = len(nodes)
        goal = np.array(end)
        to_goal = np.hypot(*(nodes - goal).T)
        sees_goal = self.free_legs(nodes, np.broadcast_to(goal, nodes.shape))
        best = np.full(count + 1, np.inf)
        came_from: dict[int, int] = {}
        queue = [(math.dist(start, end), -1)]
        lengths = {-1: 0.0}
        closed: set[int] = set()
        while queue:
            _, here = heapq.heappop(queue)
            if here == count:
                return self._traced(came_from, start, end)
            if here in closed:
                continue
            closed.add(here)
            position = np.array(start) if here == -1 else nodes[here]
            for neighbour in self._neighbours(here, position):
                self._reach(int(neighbour), here, lengths, best, came_from, queue, position, to_goal)
            if here != -1 and sees_goal[here]:
                whole = lengths[here] + to_goal[here]
                if whole < best[count]:
                    best[count], came_from[count] = whole, here
                    heapq.heappush(queue, (whole, count))
        return None

    def _reach(
        self,
        node: int,
        here: int,
        lengths: dict[int, float],
        best: Points,
        came_from: dict[int, int],
        queue: list[tuple[float, int]],
        position: Points,
        to_goal: Points,
    ) -> None:
        length = lengths[here] + math.dist(position, self._nodes[node])
        if length < best[node] - 1e-9:
            best[node], lengths[node], came_from[node] = length, length, here
            heapq.heappush(queue, (length + to_goal[node], node))

    def _neighbours(self, here: int, position: Points) -> npt.NDArray[np.intp]:
        """Nodes in sight of a node (remembered) or of the start (-1)."""
        if here in self._visible:
            return self._visible[here]
        sees = self.free_legs(np.broadcast_to(position, self._nodes.shape), self._nodes)
        if here != -1:
            sees[here] = False
        found = np.flatnonzero(sees)
        if here != -1:
            self._visible[here] = found
        return found

    def _traced(self, came_from: dict[int, int], start: XY, end: XY) -> tuple[XY, ...]:
        way = [end]
        here = came_from[len(self._nodes)]
        while here != -1:
            way.append((float(self._nodes[here][0]), float(self._nodes[here][1])))
            here = came_from[here]
        return (*reversed([*way, start]),)

    def _corners(self, no_fly: Sequence[Zone]) -> Points:
        """Corners the shortest way can turn at, a little inside the free space."""
        outer = shapely.union_all([_widened(zone, _NODE_MARGIN_M, "mitre") for zone in no_fly])
        corners = [corner for ring in _rings(outer) for corner in _turning(ring, outwards=True)]
        if self.allowed is not None:
            inner = self.allowed.buffer(-_NODE_MARGIN_M, join_style="mitre")
            corners += [corner for ring in _rings(inner) for corner in _turning(ring, outwards=False)]
        if not corners:
            return np.empty((0, 2))
        nodes = np.unique(np.array(corners), axis=0)
        return nodes[self.free_points(nodes)]


def segments(starts: Points, ends: Points) -> npt.NDArray[np.object_]:
    """Straight lines from n starts to n ends; a point where both are the same."""
    lines = np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)))
    return np.where((starts == ends).all(axis=1), np.asarray(shapely.points(starts)), lines)


def _widened(zone: Zone, margin_m: float = 0.0, join: Literal["round", "mitre"] = "round") -> BaseGeometry:
    radius_m = (zone.clearance_m + _TOLERANCE_M) * _CIRCUMSCRIBED + margin_m
    return zone.area.buffer(radius_m, quad_segs=QUAD_SEGMENTS, join_style=join, mitre_limit=2.0)


def _rings(area: BaseGeometry) -> Iterable[Points]:
    """Rings of an area, walked so that the area is on the left."""
    polygons = area.geoms if isinstance(area, MultiPolygon) else [area]
    for polygon in polygons:
        if isinstance(polygon, Polygon) and not polygon.is_empty:
            oriented = shapely.geometry.polygon.orient(polygon)
            for ring in (oriented.exterior, *oriented.interiors):
                yield np.asarray(ring.coords)[:-1]


def _turning(ring: Points, *, outwards: bool) -> list[XY]:
    """Corners of a ring that point out of its area (or, for the inside of a fence, into it)."""
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    chosen = ring[turn > 0] if outwards else ring[turn < 0]
    return [(float(x), float(y)) for x, y in chosen]
