"""Actors in time: who they are, the path they follow, and where they are at an instant."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scripts.district.figures import Look, cyclist, dog, dressed, litter, person
from scripts.district.geometry import Floats
from scripts.district.scene import Parked, Point
from scripts.district.shape import Figure
from scripts.district.sprite import Pose
from scripts.district.vehicles import vehicle

KIND_CLASS: dict[str, str] = {
    "person": "person",
    "bicycle": "bicycle",
    "sedan": "car",
    "suv": "car",
    "van": "car",
    "police": "car",
    "box_truck": "truck",
    "tipper": "truck",
    "dump_truck": "truck",
}


@dataclass(frozen=True)
class Path:
    """A smooth polyline on the ground; `points` (N, 2) metres, densely sampled."""

    points: Floats

    @cached_property
    def lengths_m(self) -> Floats:
        steps = np.hypot(*np.diff(self.points, axis=0).T)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length_m(self) -> float:
        return float(self.lengths_m[-1])

    def at(self, distance_m: float) -> Pose:
        points, lengths = self._lists
        last = len(points) - 1
        d = min(max(distance_m, 0.0), lengths[-1])
        i = min(max(bisect.bisect_left(lengths, d), 1), last)
        (ax, ay), (bx, by) = points[i - 1], points[i]
        share = (d - lengths[i - 1]) / max(lengths[i] - lengths[i - 1], 1e-12)
        (px, py), (qx, qy) = points[max(i - 2, 0)], points[min(i + 1, last)]
        return Pose(ax + (bx - ax) * share, ay + (by - ay) * share, math.atan2(qy - py, qx - px))

    @cached_property
    def _lists(self) -> tuple[list[tuple[float, float]], list[float]]:
        """The points and their distances as plain numbers: quicker than arrays one at a time."""
        return [(float(x), float(y)) for x, y in self.points], [float(d) for d in self.lengths_m]


def smooth_path(points: tuple[Point, ...], offset_m: float, corner_m: float) -> Path:
    """The route shifted sideways, with its corners rounded over `corner_m`."""
    corners = [np.array(p, dtype=np.float64) for p in points]
    rounded = [corners[0]]
    for before, here, after in zip(corners, corners[1:], corners[2:], strict=False):
        reach_in = min(corner_m, float(np.linalg.norm(here - before)) / 2)
        reach_out = min(corner_m, float(np.linalg.norm(after - here)) / 2)
        a = here + (before - here) / max(float(np.linalg.norm(before - here)), 1e-9) * reach_in
        b = here + (after - here) / max(float(np.linalg.norm(after - here)), 1e-9) * reach_out
        for t in np.linspace(0, 1, 9):
            rounded.append((1 - t) ** 2 * a + 2 * t * (1 - t) * here + t * t * b)
    rounded.append(corners[-1])
    line = np.array(rounded)
    steps = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    even = np.linspace(0, steps[-1], max(int(steps[-1] / 0.4), 4))
    line = np.stack([np.interp(even, steps, line[:, 0]), np.interp(even, steps, line[:, 1])], axis=1)
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    return Path(line + np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) * offset_m)


@dataclass(frozen=True)
class Actor:
    """Somebody or something that moves along a path from `start_s` on at a steady speed; loop time in seconds."""

    id: int
    kind: str
    seed: int
    path: Path
    start_s: float
    speed_m_s: float
    worksite: bool = False
    rain: bool = False
    triggers: str = ""

    @property
    def class_name(self) -> str | None:
        """The class it counts as, None for a distractor such as a dog."""
        return KIND_CLASS.get(self.kind)

    @property
    def end_s(self) -> float:
        return self.start_s + self.path.length_m / self.speed_m_s

    @cached_property
    def look(self) -> Look:
        return dressed(np.random.default_rng(self.seed), self.worksite, self.rain)

    def travelled_m(self, time_s: float) -> float:
        return (time_s - self.start_s) * self.speed_m_s

    def pose(self, time_s: float) -> Pose:
        return self.path.at(self.travelled_m(time_s))

    def present(self, time_s: float) -> bool:
        return self.start_s <= time_s <= self.end_s

    def figure(self, time_s: float) -> Figure:
        distance = self.travelled_m(time_s)
        if self.kind == "person":
            return person(self.look, distance, self.speed_m_s)
        if self.kind == "bicycle":
            return cyclist(self.look, distance)
        if self.kind == "dog":
            return dog(self.seed, distance)
        if self.kind == "litter":
            return litter(self.seed, distance)
        return vehicle(self.kind, self.seed)


def parked_actor(number: int, spot: Parked, seed: int) -> Actor:
    """A parked vehicle as an actor that never moves (speed 0 over a point-like path)."""
    heading = math.radians(spot.heading_deg)
    step = np.array([math.cos(heading), math.sin(heading)]) * 1e-3
    here = np.array([spot.x_m, spot.y_m])
    return Actor(
        number, spot.kind, seed * 131 + number, Path(np.array([here, here + step, here + 2 * step])), 0.0, 1e-9
    )
