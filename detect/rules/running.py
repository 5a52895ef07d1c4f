"""Running: somebody goes faster over the ground than people walk.

    slower --min_speed_m_s over WINDOW_S, for hold_s--> told of (fires once) --slower for CALM_S--> slower

Speed is that of the ground-contact point through the camera's homography, by the straight line that fits the last
WINDOW_S of it best: a box that wavers by a few pixels far away is metres off on one frame, not on all. Where the points
lie around the line by more than the way it covers, there is no speed to speak of.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from detect.rules.ground import GroundMap, PointM
from detect.rules.sighting import Picture, Sighting, Trigger
from detect.tracking.pace import Pace
from kernel.config.rules import RunningRule
from kernel.events import AlertKind

WINDOW_S = 1.2
CALM_S = 1.0
_LEAST_POINTS = 4
_SCATTER_OF_WAY = 0.35
_FORGET_AFTER_S = 3.0


@dataclass(slots=True)
class _Way:
    """The last places of one track on the ground, and since when it is fast."""

    places: deque[tuple[float, PointM]] = field(default_factory=deque)
    fast_since_s: float | None = None
    fast_at_s: float = -math.inf
    has_fired: bool = False
    seen_s: float = 0.0


class Running:
    """One rule about running of one camera."""

    def __init__(self, camera_id: str, rule: RunningRule, ground: GroundMap) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._ground = ground
        self._pace = Pace()
        self._ways: dict[int, _Way] = {}

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """Triggers of this frame.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        self._pace.note(now_s)
        triggers = []
        for seen in sightings:
            place = self._ground.to_ground(seen.contact, picture) if seen.contact_is_known else None
            if place is not None and self._fires(seen, place, now_s):
                triggers.append(Trigger.of(self._camera_id, self._rule, AlertKind.RUNNING, seen, picture, now_s))
        after_s = self._pace.at_least(_FORGET_AFTER_S)
        self._ways = {key: way for key, way in self._ways.items() if now_s - way.seen_s <= after_s}
        return triggers

    def _fires(self, seen: Sighting, place: PointM, now_s: float) -> bool:
        way = self._ways.setdefault(seen.track.track_id, _Way())
        way.seen_s = now_s
        way.places.append((now_s, place))
        while now_s - way.places[0][0] > self._pace.at_least(WINDOW_S):
            way.places.popleft()
        if speed_m_s(way.places) >= self._rule.min_speed_m_s:
            way.fast_at_s = now_s
            way.fast_since_s = now_s if way.fast_since_s is None else way.fast_since_s
        elif now_s - way.fast_at_s > CALM_S:
            way.fast_since_s, way.has_fired = None, False
        is_ripe = way.fast_since_s is not None and now_s - way.fast_since_s >= self._rule.hold_s
        if not is_ripe or way.has_fired or not seen.counts_for(self._rule):
            return False
        way.has_fired = True
        return True


def speed_m_s(places: deque[tuple[float, PointM]]) -> float:
    """Speed along the straight line that fits places (seconds, metres) best; 0 where they tell none."""
    if len(places) < _LEAST_POINTS:
        return 0.0
    times_s = np.array([at_s for at_s, _ in places])
    metres = np.array([place for _, place in places])
    elapsed_s = times_s - times_s.mean()
    spread = float(elapsed_s @ elapsed_s)
    if spread <= 0.0:
        return 0.0
    velocity_m_s = elapsed_s @ metres / spread
    speed = float(np.hypot(*velocity_m_s))
    off_m = metres - metres.mean(axis=0) - elapsed_s[:, None] * velocity_m_s
    scatter_m = float(np.sqrt((off_m**2).sum(axis=1).mean()))
    way_m = speed * float(times_s[-1] - times_s[0])
    return speed if scatter_m <= _SCATTER_OF_WAY * way_m else 0.0
