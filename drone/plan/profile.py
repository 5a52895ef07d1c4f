"""Heights along a flight: so many metres above the ground, with more points where the ground rises or falls.

The height at a point is what the patrol asks above the ground there. Between two points the autopilot flies a straight
line in the air; where that would come more than a little lower or higher over the ground than asked, a point is put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from drone.areas.frame import XY, LocalFrame
from drone.plan.model import PointKind
from drone.plan.stops import Stop
from kernel.geodesy import LatLon
from kernel.terrain import Terrain

LOWER_M = 3.0  # between points the flight may be this much lower over the ground than asked,
HIGHER_M = 1.0  # and this much higher
LOWEST_M = 5.0  # nothing is flown nearer to the ground than this
_MOST_SAMPLES = 20_000
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Node:
    """A point of the way before it has times.

    Attributes:
        agl_m: height above ground asked for.
        ground_m: of the terrain there; NaN where the file does not say.
        is_drawn_leg: the leg that leads here is one a person drew.
    """

    kind: PointKind
    position: XY
    agl_m: float
    stop: Stop | None = None
    is_drawn_leg: bool = False
    place: LatLon = (0.0, 0.0)
    ground_m: float = 0.0

    @property
    def height_m(self) -> float:
        """In the terrain's own datum."""
        return self.ground_m + self.agl_m


def with_heights(nodes: Sequence[Node], frame: LocalFrame, terrain: Terrain) -> list[Node]:
    """The nodes with their places on the earth and heights, and more of them where the ground asks for it."""
    placed = _placed(nodes, frame, terrain)
    if not np.isfinite(terrain.step_m):
        return placed
    whole = [placed[0]]
    for start, end in pairwise(placed):
        # the vehicle goes home on one height; landing is vertical
        whole += [] if end.kind is PointKind.RETURN else _between(start, end, frame, terrain)
        whole.append(end)
    return whole


def _placed(nodes: Sequence[Node], frame: LocalFrame, terrain: Terrain) -> list[Node]:
    places = [frame.to_wgs84(*node.position) for node in nodes]
    grounds = terrain.heights_m(np.array([lat for lat, _ in places]), np.array([lon for _, lon in places]))
    return [
        replace(node, place=place, ground_m=float(ground))
        for node, place, ground in zip(nodes, places, grounds, strict=True)
    ]


def _between(start: Node, end: Node, frame: LocalFrame, terrain: Terrain) -> list[Node]:
    """Points to put in between two nodes."""
    way = np.array(end.position) - np.array(start.position)
    count = int(min(_MOST_SAMPLES, np.hypot(*way) // terrain.step_m))
    if count < 1:
        return []
    shares = np.linspace(0.0, 1.0, count + 2)
    # straight in degrees is straight on the ground to millimetres over one leg; ends are exact
    lats = start.place[0] + shares * (end.place[0] - start.place[0])
    lons = start.place[1] + shares * (end.place[1] - start.place[1])
    grounds = terrain.heights_m(lats, lons)
    agls = start.agl_m + shares * (end.agl_m - start.agl_m)
    chosen = _chosen(shares, grounds + agls)
    kind = PointKind.TRANSIT
    return [
        Node(
            kind,
            (start.position[0] + shares[i] * way[0], start.position[1] + shares[i] * way[1]),
            float(agls[i]),
            is_drawn_leg=end.is_drawn_leg,
            place=(float(lats[i]), float(lons[i])),
            ground_m=float(grounds[i]),
        )
        for i in chosen
    ]


def _chosen(shares: Array, heights: Array) -> list[int]:
    """Samples at which the line has to bend; where the ground is not known, one, so that a check finds it."""
    unknown = np.flatnonzero(~np.isfinite(heights))
    if len(unknown):
        return [int(unknown[0])]
    chosen: list[int] = []
    open_spans = [(0, len(shares) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        inner = slice(first + 1, last)
        line = np.interp(shares[inner], shares[[first, last]], heights[[first, last]])
        excess = np.maximum((heights[inner] - line) / LOWER_M, (line - heights[inner]) / HIGHER_M)
        worst = int(np.argmax(excess))
        if excess[worst] > 1.0:
            middle = first + 1 + worst
            chosen.append(middle)
            open_spans += [(first, middle), (middle, last)]
    return sorted(chosen)
