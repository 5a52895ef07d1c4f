"""Who moves on the repeating square of ground, on closed rounds, for ever."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from scripts.district.actors import Actor, parked_actor, smooth_path
from scripts.district.scene import Parked, Point
from scripts.district.shape import Figure
from scripts.district.sprite import Pose

_ROUNDS: tuple[tuple[str, tuple[Point, ...], float], ...] = (
    ("person", ((30, -15), (55, -15), (55, 30), (30, 30), (30, -15)), 1.4),
    ("person", ((-40, -40), (-40, 35), (-15, 35), (-15, -40), (-40, -40)), 1.2),
    ("person", ((60, 45), (-50, 45), (-50, 43), (60, 43), (60, 45)), 1.5),
    ("person", ((5, 20), (25, 25), (25, 38), (5, 38), (5, 20)), 1.1),
    ("person", ((-10, -25), (12, -25), (12, -18), (-10, -18), (-10, -25)), 1.3),
    ("person", ((15, 5), (40, 12), (38, 22), (14, 15), (15, 5)), 1.2),
    ("person", ((-30, 5), (-14, 12), (-18, 28), (-34, 20), (-30, 5)), 1.5),
    ("sedan", ((-50, -52), (62, -52), (62, -10), (16, -8), (16, -48), (-50, -48), (-50, -52)), 4.0),
    ("bicycle", ((-55, 47), (65, 47), (65, -50), (-55, -50), (-55, 47)), 4.0),
    ("sedan", ((-82, -240), (-82, 240), (-78, 240), (-78, -240), (-82, -240)), 12.0),
    ("van", ((-78, 230), (-78, -230), (-82, -230), (-82, 230), (-78, 230)), 10.0),
    ("box_truck", ((-82, -200), (-82, 200), (-78, 200), (-78, -200), (-82, -200)), 9.0),
    ("dump_truck", ((-230, 70), (92, 72), (104, -230), (109, -230), (98, 80), (-230, 76), (-230, 70)), 8.0),
    ("tipper", ((230, 76), (100, 76), (110, -230), (104, -230), (95, 82), (230, 71), (230, 76)), 9.0),
)
_PARKED = (
    Parked("suv", 26, -40, 90),
    Parked("sedan", 30, -40, 90),
    Parked("police", 50, -25, 0),
    Parked("box_truck", 40, -30, 90),
    Parked("tipper", -45, 25, 0),
    Parked("van", -45, 18, 0),
)
_CELL_M = 64.0
_EMPTY = (
    (-110.0, -50.0, -260.0, 260.0),
    (80.0, 120.0, -260.0, 260.0),
    (-260.0, 260.0, 60.0, 95.0),
    (125.0, 230.0, -75.0, 45.0),
)
_PARKED_KINDS = ("sedan", "suv", "van", "box_truck")


@dataclass(frozen=True)
class Standing:
    """One actor at an instant, in metres east and north of home."""

    actor: Actor
    pose: Pose
    figure: Figure


class Traffic:
    """The actors and where they are."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 4711])
        self._moving = []
        for number, (kind, points, speed_m_s) in enumerate(_ROUNDS, 1):
            path = smooth_path(points, 0.0, 1.5 if kind in ("person", "bicycle") else 3.0)
            actor = Actor(number, kind, int(rng.integers(1 << 30)), path, 0.0, speed_m_s, worksite=True)
            self._moving.append((actor, float(rng.uniform(0, actor.end_s))))
        spots = list(_PARKED)
        for number, (east_m, north_m) in enumerate(_open_cells(), 100):
            points = _stroll(rng, east_m, north_m)
            path = smooth_path(points, 0.0, 1.5)
            actor = Actor(
                number, "person", int(rng.integers(1 << 30)), path, 0.0, float(rng.uniform(0.9, 1.6)), number % 3 == 0
            )
            self._moving.append((actor, float(rng.uniform(0, actor.end_s))))
            if number % 3 == 0:
                kind = _PARKED_KINDS[int(rng.integers(len(_PARKED_KINDS)))]
                spots.append(Parked(kind, east_m - 24.0, north_m + 24.0, float(rng.uniform(0, 360))))
        self._parked = [parked_actor(1000 + number, spot, seed) for number, spot in enumerate(spots)]

    def at(self, time_s: float, is_near: Callable[[Pose], bool] = lambda _pose: True) -> list[Standing]:
        """Everybody at a time, of those who stand near enough; rounds repeat."""
        moving = [(actor, (time_s + ahead_s) % actor.end_s) for actor, ahead_s in self._moving]
        still = [(actor, 0.0) for actor in self._parked]
        placed = [(actor, actor.pose(when_s), when_s) for actor, when_s in moving + still]
        return [Standing(actor, pose, actor.figure(when_s)) for actor, pose, when_s in placed if is_near(pose)]


def _open_cells() -> Iterator[tuple[float, float]]:
    """Middles of the cells of the square in which somebody strolls: not in the yard, on a road or in the pond."""
    middles = [(cell + 0.5) * _CELL_M - 256.0 for cell in range(8)]
    for east_m, north_m in itertools.product(middles, middles):
        in_yard = -64 < east_m < 75 and -64 < north_m < 52
        if not in_yard and not any(w < east_m < e and s < north_m < n for w, e, s, n in _EMPTY):
            yield east_m, north_m


def _stroll(rng: np.random.Generator, east_m: float, north_m: float) -> tuple[Point, ...]:
    """A closed round of one person within a cell."""
    half_m = rng.uniform(5.0, 20.0, 4)
    corners = [(-half_m[0], -half_m[1]), (half_m[2], -half_m[1]), (half_m[2], half_m[3]), (-half_m[0], half_m[3])]
    return tuple((east_m + float(x), north_m + float(y)) for x, y in [*corners, corners[0]])
