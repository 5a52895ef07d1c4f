"""Short-hands that scene data is written with: rectangles, crossings, rows of trees and lamps, parking bays."""

from __future__ import annotations

from scripts.district.scene import Fence, Ground, Parked, Point, Pole, Stripe, Tree


def rectangle(x0: float, x1: float, y0: float, y1: float) -> tuple[Point, ...]:
    """Corners of an axis-aligned rectangle, counter-clockwise."""
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def patch(material: str, x0: float, x1: float, y0: float, y1: float) -> Ground:
    return Ground(material, rectangle(x0, x1, y0, y1))


def zebra(x0: float, x1: float, y0: float, y1: float, bars_along: str) -> tuple[Ground, ...]:
    """A pedestrian crossing; its bars run along "x" or "y"."""
    bars = []
    low, high = (y0, y1) if bars_along == "x" else (x0, x1)
    at = low
    while at + 0.45 <= high + 1e-6:
        side = (x0, x1, at, at + 0.45) if bars_along == "x" else (at, at + 0.45, y0, y1)
        bars.append(patch("white", *side))
        at += 0.95
    return tuple(bars)


def hatching(x0: float, x1: float, y0: float, y1: float, step_m: float = 1.2) -> tuple[Stripe, ...]:
    """Yellow keep-clear hatching with its border."""
    stripes = [Stripe((*rectangle(x0, x1, y0, y1), (x0, y0)), 0.15, "yellow")]
    width, height = x1 - x0, y1 - y0
    offset = step_m
    while offset < width + height:
        start = (x0 + offset, y0) if offset <= width else (x1, y0 + offset - width)
        end = (x0, y0 + offset) if offset <= height else (x0 + offset - height, y1)
        stripes.append(Stripe((start, end), 0.12, "yellow"))
        offset += step_m
    return tuple(stripes)


def bays(x0: float, count: int, pitch_m: float, y0: float, y1: float) -> tuple[Stripe, ...]:
    """Lines between parking bays that are entered along Y."""
    return tuple(Stripe(((x0 + i * pitch_m, y0), (x0 + i * pitch_m, y1)), 0.1) for i in range(count + 1))


def trees(kind: str, height_m: float, crown_m: float, *places: Point) -> tuple[Tree, ...]:
    """Trees of one kind whose sizes differ a little by their place."""
    return tuple(
        Tree(x, y, height_m * (0.88 + 0.05 * ((i * 7) % 5)), crown_m * (0.85 + 0.07 * ((i * 3) % 5)), kind)
        for i, (x, y) in enumerate(places)
    )


def lamps(height_m: float, arm_m: float, *places: Point) -> tuple[Pole, ...]:
    """Street lamps; the arm points to X = 0 from either side."""
    return tuple(Pole(x, y, height_m, -arm_m if x > 0 else arm_m, True) for x, y in places)


def parked(heading_deg: float, y: float, *kinds_at: tuple[str, float]) -> tuple[Parked, ...]:
    return tuple(Parked(kind, x, y, heading_deg) for kind, x in kinds_at)


def fence(style: str, height_m: float, *points: Point) -> Fence:
    return Fence(points, height_m, style)
