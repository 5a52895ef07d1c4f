"""Which coded pictures are decoded, and when. Pure.

    picture -> held back while nobody looks before the next one comes -> decoded in one go, the newest is shown
            -> passed over until the next keyframe, where decoding does not keep up

Pictures are predicted from those before them, so all have to be decoded for the newest one, but not each when it comes:
several of one camera in a row find their references in the processor's cache, only the last one is copied, and those
before a keyframe that nobody looks at are never decoded. Where the processor is short, pictures would grow old in a
queue; instead the rest of a GOP is left out, so that what is shown is of now.
"""

from __future__ import annotations

from kernel.media import PTS_CLOCK_HZ, AccessUnit

LONGEST_NOTICE_US = 2_000_000  # a wish for later than that is an old one, or a clock was set
MOST_HELD = 8
BEHIND_AFTER_US = 500_000
STILL_SHORT_S = 10.0  # on a short processor each camera's turn to lose a GOP comes every few seconds
_SHORTEST_STEP_US, _LONGEST_STEP_US = 5_000, 1_000_000


class DecodeQueue:
    """The pictures of one session on their way to its decoder.

    Attributes:
        passed_over: pictures left out so far because decoding did not keep up.
    """

    def __init__(self) -> None:
        self._held: list[AccessUnit] = []
        self._step_us = 0
        self._last_pts: int | None = None
        self._kept_up_us: int | None = None
        self._passes_over = False
        self.passed_over = 0

    def take(
        self, unit: AccessUnit, *, begins_anew: bool, waited_for: bool, now_us: int, next_look_us: int
    ) -> list[AccessUnit]:
        """What to decode now, in order; only the last one's picture is looked at.

        Args:
            unit: the newest picture.
            begins_anew: nothing after it refers to what came before.
            waited_for: it was not there yet when it was asked for.
            now_us: the present, microseconds since the epoch.
            next_look_us: nobody looks before.
        """
        self._note_step(unit)
        if begins_anew:
            self._held.clear()
        if unit.keyframe:
            self._passes_over = False
        if waited_for or self._kept_up_us is None or now_us < self._kept_up_us:
            self._kept_up_us = now_us
        elif now_us - self._kept_up_us >= BEHIND_AFTER_US and not unit.keyframe:
            self._passes_over = True
        if self._passes_over:
            self.passed_over += 1 + len(self._held)
            self._held.clear()
            return []
        self._held.append(unit)
        newer_comes_in_time = 0 < self._step_us <= next_look_us - now_us <= LONGEST_NOTICE_US
        if newer_comes_in_time and len(self._held) < MOST_HELD:
            return []
        ready, self._held = self._held, []
        return ready

    def _note_step(self, unit: AccessUnit) -> None:
        """How soon the next picture can be expected."""
        if self._last_pts is not None and unit.pts > self._last_pts and not unit.discontinuity:
            step_us = (unit.pts - self._last_pts) * 1_000_000 // PTS_CLOCK_HZ
            self._step_us = min(max(step_us, _SHORTEST_STEP_US), _LONGEST_STEP_US)
        self._last_pts = unit.pts


class Shortage:
    """Whether the processor is short of time for a session: from pictures passed over until none were for a while."""

    def __init__(self) -> None:
        self._passed_over = 0
        self._told = ""
        self._until_s = 0.0

    def told(self, passed_over: int, now_s: float) -> str:
        """In words for people, empty where it is not short; call it once a second.

        Args:
            passed_over: `DecodeQueue.passed_over`.
            now_s: the present, monotonic.
        """
        count, self._passed_over = passed_over - self._passed_over, passed_over
        if count:
            self._told = f"the processor is short: {count} pictures of the last second were passed over"
            self._until_s = now_s + STILL_SHORT_S
        elif now_s >= self._until_s:
            self._told = ""
        return self._told
