"""Points against polygons and lines on the picture, in pixels, y down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

PointPx = tuple[float, float]


def scaled(points: Sequence[tuple[float, float]], width_px: float, height_px: float) -> tuple[PointPx, ...]:
    """Points given as fractions 0-1 of the picture, in pixels."""
    return tuple((x * width_px, y * height_px) for x, y in points)


def signed_distance_px(point: PointPx, polygon: Sequence[PointPx]) -> float:
    """Distance from a point to a polygon's edge: positive inside, negative outside, either winding, concave too."""
    x, y = point
    nearest_squared = math.inf
    is_inside = False
    ax, ay = polygon[-1]
    for bx, by in polygon:
        nearest_squared = min(nearest_squared, _distance_squared(x, y, ax, ay, bx, by))
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            is_inside = not is_inside
        ax, ay = bx, by
    distance = math.sqrt(nearest_squared)
    return distance if is_inside else -distance


def _distance_squared(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    dx, dy = bx - ax, by - ay
    length_squared = dx * dx + dy * dy
    along = 0.0 if length_squared == 0 else max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / length_squared))
    return (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2


@dataclass(frozen=True, slots=True)
class Segment:
    """A line on the picture; seen when walking from `start` to `end`, left is left."""

    start: PointPx
    end: PointPx

    def offset_px(self, point: PointPx) -> float:
        """Distance to the infinite line through the segment: positive on its right, negative on its left."""
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        cross = dx * (point[1] - self.start[1]) - dy * (point[0] - self.start[0])
        return cross / math.hypot(dx, dy)

    def is_crossed_by(self, before: PointPx, after: PointPx, slack_px: float = 0.0) -> bool:
        """Whether the way from `before` to `after` meets this segment, its ends included.

        A way along the line itself crosses nothing. `slack_px` lengthens the segment at both ends.
        """
        offset_before, offset_after = self.offset_px(before), self.offset_px(after)
        if offset_before == offset_after or (offset_before > 0) == (offset_after > 0):
            return False
        share = offset_before / (offset_before - offset_after)
        x = before[0] + share * (after[0] - before[0])
        y = before[1] + share * (after[1] - before[1])
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        along = (x - self.start[0]) * dx + (y - self.start[1]) * dy
        slack = slack_px * math.hypot(dx, dy)
        return -slack <= along <= dx * dx + dy * dy + slack
