"""How far apart the frames of a camera usually are; pure.

Limits in seconds that mean "this camera was away" have to grow with the time between its frames: a slow camera, a low
`detect.fps` or an engine that is asked for too much leave seconds between two of them.
"""

from __future__ import annotations

from collections import deque
from statistics import median

_REMEMBERED = 5
_ENOUGH = 3
FRAMES_OF_A_GAP = 3.0


class Pace:
    """The median of the last five intervals, so that one outage among them changes nothing."""

    def __init__(self) -> None:
        self._intervals_s: deque[float] = deque(maxlen=_REMEMBERED)
        self._previous_s: float | None = None

    def note(self, now_s: float) -> float | None:
        """A frame was taken; seconds since the one before (0 where the clock was set back), None for the first."""
        previous_s, self._previous_s = self._previous_s, now_s
        if previous_s is None:
            return None
        interval_s = max(0.0, now_s - previous_s)
        self._intervals_s.append(interval_s)
        return interval_s

    def at_least(self, limit_s: float) -> float:
        """A limit that three frames at this camera's pace do not exceed."""
        if len(self._intervals_s) < _ENOUGH:
            return limit_s
        return max(limit_s, FRAMES_OF_A_GAP * median(self._intervals_s))
