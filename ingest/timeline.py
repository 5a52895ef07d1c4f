"""Presentation times of a stream's packets on one 90 kHz clock per session. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kernel.media import PTS_CLOCK_HZ

LARGEST_STEP = 10 * PTS_CLOCK_HZ
LARGEST_STEP_BACK = 2 * PTS_CLOCK_HZ  # further than B-frames reorder: the camera's clock was set back
STEPS_BACK_OF_B_FRAMES = 3
_FALLBACK_FPS = 15


@dataclass(frozen=True, slots=True)
class Stamp:
    """Times of one packet in the 90 kHz clock."""

    pts: int
    dts: int
    discontinuity: bool


class Timeline:
    """Makes times usable whatever a camera sends: missing ones are filled in, jumps are marked and start anew.

    The decoding time rises with every packet. It is the packet's own where it has one; FFmpeg tells it once it knows
    how far B-frames reorder.
    """

    def __init__(self) -> None:
        self._first = True
        self._last_pts = 0
        self._last_dts = 0
        self._step = PTS_CLOCK_HZ // _FALLBACK_FPS
        self._steps_back = 0
        self._time_base: Fraction | None = None
        self._scale: Fraction | int = 1

    @property
    def has_b_frames(self) -> bool:
        """Whether presentation times go back again and again (once or twice is a camera's clock being set)."""
        return self._steps_back >= STEPS_BACK_OF_B_FRAMES

    def stamp(self, pts: int | None, dts: int | None, time_base: Fraction) -> Stamp:
        """The times of the next packet, given in units of `time_base` where the camera told them."""
        if time_base is not self._time_base:
            self._time_base, ticks = time_base, time_base * PTS_CLOCK_HZ
            self._scale = int(ticks) if ticks.denominator == 1 else ticks  # fractions take their time
        scale = self._scale
        at = round(pts * scale) if pts is not None else None
        decode_at = round(dts * scale) if dts is not None else None
        if self._first:
            return self._begin(at, decode_at)
        if at is None:
            at = self._last_pts + self._step
        if not -LARGEST_STEP_BACK <= at - self._last_pts <= LARGEST_STEP:
            return self._begin(at, decode_at)
        if at > self._last_pts:
            self._step = min(at - self._last_pts, PTS_CLOCK_HZ)
        elif at < self._last_pts:
            self._steps_back += 1
        if decode_at is None:
            decode_at = at if not self._steps_back else self._last_dts + 1
        decode_at = max(decode_at, self._last_dts + 1)
        self._last_pts, self._last_dts = at, decode_at
        return Stamp(max(at, decode_at) if not self._steps_back else at, decode_at, discontinuity=False)

    def _begin(self, pts: int | None, dts: int | None) -> Stamp:
        self._first = False
        self._last_pts = pts or 0
        self._last_dts = dts if dts is not None else self._last_pts
        return Stamp(self._last_pts, self._last_dts, discontinuity=True)
