"""Stays across a time without pictures: who stood in a zone when ingest or the detector went away and still does.

    frames --none for a gap--> stays wait --first tracks inside, within RETURN_S of the pictures' return--> stay goes on
                                   '--nobody where they stood--> forgotten

Without this every restart would raise a second alert for everybody who is still inside. A gap is GAP_S, or three
frames at the camera's own pace where they come more slowly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from detect.tracking.pace import Pace

GAP_S = 1.5
RETURN_S = 2.0
LONGEST_GAP_S = 60.0
_REACH_HEIGHTS = 1.0
_REACH_HEIGHTS_PER_S = 0.8  # a walk of 1.4 m/s by somebody of 1.75 m


class Stay(NamedTuple):
    """Somebody who stays in a zone: ground-contact point and height in pixels, and when that was.

    `since_s` is when the stay began (None: not known), `has_fired` whether the rule has told of it. `width_px` is 0
    where only the height counts.
    """

    x_px: float
    y_px: float
    height_px: float
    seen_s: float
    since_s: float | None = None
    has_fired: bool = True
    width_px: float = 0.0

    def scaled(self, x: float, y: float) -> Stay:
        """The same stay on a picture that many times as wide and high."""
        return self._replace(
            x_px=self.x_px * x, y_px=self.y_px * y, height_px=self.height_px * y, width_px=self.width_px * x
        )


class Returning:
    """Stays that wait for the pictures to come back."""

    def __init__(self) -> None:
        self._waiting: list[Stay] = []
        self.pace = Pace()
        self._back_s: float | None = None

    @property
    def waiting(self) -> tuple[Stay, ...]:
        """Stays that were not taken yet and still may be."""
        return tuple(self._waiting)

    def expect(self, stays: Iterable[Stay]) -> None:
        """Stays that another run of the detector saw last."""
        self._waiting = list(stays)

    def is_gap(self, now_s: float) -> bool:
        """Note a frame; says whether there were none for so long that stays have to be given to `expect`."""
        limit_s = self.pace.at_least(GAP_S)
        interval_s = self.pace.note(now_s)
        is_gap = interval_s is not None and interval_s > limit_s
        if is_gap or self._back_s is None:
            self._back_s = now_s
        elif now_s - self._back_s > self.pace.at_least(RETURN_S):
            self._waiting.clear()
        return is_gap

    def take(self, x_px: float, y_px: float, height_px: float, now_s: float) -> Stay | None:
        """The stay that a track first seen there carries on, None where nobody stayed; each is taken once."""
        if not self._waiting:
            return None
        distance = {
            stay: math.dist((stay.x_px, stay.y_px), (x_px, y_px)) / max(stay.height_px, height_px, 1.0)
            for stay in self._waiting
        }
        nearest = min(distance, key=distance.__getitem__)
        away_s = max(0.0, now_s - nearest.seen_s)
        if away_s > LONGEST_GAP_S or distance[nearest] > _REACH_HEIGHTS + _REACH_HEIGHTS_PER_S * away_s:
            return None
        self._waiting.remove(nearest)
        return nearest
