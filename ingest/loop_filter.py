"""Whether a camera's pictures are decoded with the loop filter, by how often somebody looks at them. Pure.

The filter takes a quarter of the decoding. Where the processor is so short that the detector does not come to a camera
as often as is wanted, that quarter analyses more pictures than their edges are worth (docs/performance.md).
"""

from __future__ import annotations

from kernel.config.camera import LoopFilter

WINDOW_S = 4.0
SHORT_WINDOWS = 3
SHORT_BELOW = 0.9
ENOUGH_FROM = 0.97
"""So much that what the filter takes leaves more than SHORT_BELOW: otherwise it came and went every minute."""
ENOUGH_FOR_S = 60.0


class LoopFilterChoice:
    """One camera's; counts looks in windows of four seconds.

    `auto` gives the filter up after three windows below 0.9 of the rate that could be, and takes it back after a minute
    without such a window that had 0.97 of it. Windows in which nobody looked count as nothing: there is no detector, or
    it is busy with a new model.

    Args:
        wanted: what the config says.
        wanted_fps: looks a second the detector is asked for.

    Attributes:
        is_on: whether pictures should be decoded with the filter from the next keyframe on.
        share: looks of the last window over those that there could have been.
    """

    def __init__(self, wanted: LoopFilter = LoopFilter.ALWAYS, wanted_fps: float = 0.0) -> None:
        self.is_on = wanted is not LoopFilter.NEVER
        self.share = 1.0
        self._follows = wanted is LoopFilter.AUTO
        self._wanted_fps = wanted_fps
        self._window_from_s: float | None = None
        self._pictures = self._looks = self._short_windows = 0
        self._next_look_us = 0
        self._not_short_since_s = 0.0
        self._looks_since = self._could_since = 0.0

    def picture(self, next_look_us: int, now_s: float) -> None:
        """A picture came.

        Args:
            next_look_us: nobody looks before; another value than before means that somebody looked.
            now_s: the present, monotonic.
        """
        if not self._follows:
            return
        if self._window_from_s is None:
            self._window_from_s, self._next_look_us = now_s, next_look_us
            self._count_from(now_s)
            return
        self._pictures += 1
        self._looks += next_look_us != self._next_look_us
        self._next_look_us = next_look_us
        spent_s = now_s - self._window_from_s
        if spent_s >= WINDOW_S:
            if self._looks:
                self._judge(min(self._wanted_fps * spent_s, self._pictures), now_s)
            self._window_from_s, self._pictures, self._looks = now_s, 0, 0

    def _judge(self, could: float, now_s: float) -> None:
        """A window is over in which so many looks could have been."""
        self.share = self._looks / could
        self._short_windows = self._short_windows + 1 if self.share < SHORT_BELOW else 0
        if self._short_windows >= SHORT_WINDOWS:
            self.is_on = False
        if self._short_windows:
            self._count_from(now_s)
            return
        self._looks_since += self._looks
        self._could_since += could
        if now_s - self._not_short_since_s >= ENOUGH_FOR_S:
            self.is_on = self.is_on or self._looks_since >= ENOUGH_FROM * self._could_since
            self._count_from(now_s)

    def _count_from(self, now_s: float) -> None:
        self._not_short_since_s = now_s
        self._looks_since = self._could_since = 0.0
