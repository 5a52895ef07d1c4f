"""The vehicle's own geofence: ceiling, circle round home, polygons; legacy points or mission_type items."""

from __future__ import annotations

from dataclasses import dataclass

from shapely import Point, Polygon

from scripts.vehicle.fence_items import CIRCLE_IN, CIRCLE_OUT, POLYGON_IN, POLYGON_OUT
from scripts.vehicle.helm import Helm
from scripts.vehicle.mission_items import StoredItem

ALTITUDE, CIRCLE, POLYGON = 1, 2, 4  # FENCE_TYPE bits
BREACH_NONE, BREACH_MAXALT, BREACH_BOUNDARY = 0, 2, 3  # FENCE_BREACH


@dataclass(frozen=True)
class FenceStatus:
    """What FENCE_STATUS says."""

    breached: int = 0
    breach_count: int = 0
    breach_type: int = BREACH_NONE
    breached_at_ms: int = 0


class Fence:
    """Watches the position against what FENCE_* and the uploaded shapes allow."""

    def __init__(self, helm: Helm) -> None:
        self._helm = helm
        self._inside: list[Polygon] = []
        self._outside: list[Polygon] = []
        self._over: set[int] = set()
        self.status = FenceStatus()

    def load_points(self, points: list[tuple[float, float]]) -> None:
        """Legacy FENCE_POINTs: the first is the return point, the others one polygon to stay in."""
        corners = [self._helm.frame.to_local(lat, lon) for lat, lon in points[1:]]
        self._inside = [Polygon(corners)] if len(corners) >= 3 else []
        self._outside = []

    def load_items(self, items: list[StoredItem]) -> None:
        """Fence items of ArduCopter 4: runs of vertices with their count in param1, and circles."""
        self._inside, self._outside = [], []
        at = 0
        while at < len(items):
            item = items[at]
            north, east = self._helm.frame.to_local(item.lat_e7 / 1e7, item.lon_e7 / 1e7)
            count = 1
            if item.command in (CIRCLE_IN, CIRCLE_OUT):
                shape = Point(north, east).buffer(item.params[0], quad_segs=32)
                (self._inside if item.command == CIRCLE_IN else self._outside).append(shape)
            elif item.command in (POLYGON_IN, POLYGON_OUT):
                count = max(1, int(item.params[0]))
                vertices = items[at : at + count]
                corners = [self._helm.frame.to_local(v.lat_e7 / 1e7, v.lon_e7 / 1e7) for v in vertices]
                if len(corners) >= 3:
                    (self._inside if item.command == POLYGON_IN else self._outside).append(Polygon(corners))
            at += count

    def breach(self, boot_ms: int) -> bool:
        """Whether a boundary has just been crossed; a standing breach is told once."""
        over = self._crossed() if self._helm.parameters["FENCE_ENABLE"] else set()
        fresh = over - self._over
        self._over = over
        if not over:
            self.status = FenceStatus(0, self.status.breach_count, BREACH_NONE, self.status.breached_at_ms)
        if not fresh:
            return False
        kind = BREACH_MAXALT if ALTITUDE in fresh else BREACH_BOUNDARY
        self.status = FenceStatus(1, self.status.breach_count + 1, kind, boot_ms)
        return True

    @property
    def violated(self) -> bool:
        """The vehicle is outside right now; it will not arm there."""
        return bool(self._helm.parameters["FENCE_ENABLE"]) and bool(self._crossed())

    def _crossed(self) -> set[int]:
        kinds, here = int(self._helm.parameters["FENCE_TYPE"]), self._helm.position
        from_home = here.minus(self._helm.home_local)
        over = set()
        if kinds & ALTITUDE and from_home.up > self._helm.parameters["FENCE_ALT_MAX"]:
            over.add(ALTITUDE)
        if kinds & CIRCLE and from_home.horizontal > self._helm.parameters["FENCE_RADIUS"]:
            over.add(CIRCLE)
        point = Point(here.north, here.east)
        outside = any(not shape.covers(point) for shape in self._inside)
        if kinds & POLYGON and (outside or any(shape.contains(point) for shape in self._outside)):
            over.add(POLYGON)
        return over
