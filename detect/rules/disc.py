"""How much of a disc lies in a polygon; pure.

The polygon is taken apart into the triangles between the disc's middle and each edge, with sign; of each, what lies
within the disc is a triangle where the edge runs inside, and a sector where it runs outside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]


def share_inside(polygon: Sequence[Point], middle: Point, radius: float) -> float:
    """Share of the disc's area in the polygon, 0-1; of a disc without size 1 where its middle is inside, else 0.

    Args:
        polygon: corners in order, either way round; edges do not cross.
    """
    corners = [(x - middle[0], y - middle[1]) for x, y in polygon]
    edges = list(zip(corners, corners[1:] + corners[:1], strict=True))
    if radius <= 0.0:
        return float(_holds_origin(edges))
    area = abs(math.fsum(_within(a, b, radius) for a, b in edges))
    return min(1.0, area / (math.pi * radius * radius))


def _within(a: Point, b: Point, radius: float) -> float:
    """Signed area of the triangle between the origin and an edge, as far as it lies within the circle."""
    cuts = [a, *_cuts(a, b, radius), b]
    return math.fsum(_piece(start, end, radius) for start, end in pairwise(cuts))


def _piece(a: Point, b: Point, radius: float) -> float:
    """The same for a piece that lies all inside or all outside the circle."""
    across = a[0] * b[1] - a[1] * b[0]
    if math.hypot((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) <= radius:
        return across / 2
    return radius * radius * math.atan2(across, a[0] * b[0] + a[1] * b[1]) / 2


def _cuts(a: Point, b: Point, radius: float) -> list[Point]:
    """Where an edge cuts the circle, in order."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length_2 = dx * dx + dy * dy
    if length_2 == 0.0:
        return []
    half, rest = (a[0] * dx + a[1] * dy) / length_2, (a[0] * a[0] + a[1] * a[1] - radius * radius) / length_2
    under = half * half - rest
    if under <= 0.0:
        return []
    root = math.sqrt(under)
    return [(a[0] + t * dx, a[1] + t * dy) for t in (-half - root, -half + root) if 0.0 < t < 1.0]


def _holds_origin(edges: Sequence[tuple[Point, Point]]) -> bool:
    """Whether the origin is inside: a ray to the right is crossed by an odd number of edges."""
    is_inside = False
    for (ax, ay), (bx, by) in edges:
        if (ay > 0.0) != (by > 0.0) and ax + (bx - ax) * ay / (ay - by) > 0.0:
            is_inside = not is_inside
    return is_inside
