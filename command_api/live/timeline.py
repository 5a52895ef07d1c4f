"""RTP times of one viewer: real spacing while live, 1 ms apart while a cached GOP is replayed, never going back; pure.

A browser plays what is spaced 1 ms apart as fast as it decodes, so a replayed GOP shows its last picture at once and
the live pictures that follow keep their real distances.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernel.media import PTS_CLOCK_HZ, AccessUnit

REPLAY_STEP = PTS_CLOCK_HZ // 1000
_LARGEST_SKEW = PTS_CLOCK_HZ  # camera clock against arrival; beyond it the camera's clock has jumped


class Timeline:
    """Maps camera times to the viewer's own times, in 90 kHz units from 0 on."""

    def __init__(self) -> None:
        self._offset: int | None = None
        self._last_out = -REPLAY_STEP
        self._last_pts = 0
        self._last_arrived_at_us = 0

    def stamp_live(self, unit: AccessUnit) -> int:
        """The viewer's time of a unit that has just arrived."""
        self._anchor(unit, units=1)
        return self._next(unit.pts)

    def stamp_replay(self, units: Sequence[AccessUnit]) -> list[int]:
        """The viewer's times of a GOP: the newest at its own time, those before it 1 ms apart."""
        if not units:
            return []
        newest = units[-1]
        self._anchor(newest, units=len(units))
        return [self._next(newest.pts - (len(units) - 1 - place) * REPLAY_STEP) for place in range(len(units))]

    def _anchor(self, unit: AccessUnit, units: int) -> None:
        """Tie the camera's clock to the viewer's: at the start, after a discontinuity, and when it has jumped."""
        if self._offset is None:
            self._offset = (units - 1) * REPLAY_STEP - unit.pts
        else:
            passed = (unit.arrived_at_us - self._last_arrived_at_us) * PTS_CLOCK_HZ // 1_000_000
            skew = unit.pts - self._last_pts - passed
            if unit.discontinuity or abs(skew) > _LARGEST_SKEW:
                self._offset = self._last_out + max(passed, REPLAY_STEP) - unit.pts
        self._last_pts, self._last_arrived_at_us = unit.pts, unit.arrived_at_us

    def _next(self, pts: int) -> int:
        assert self._offset is not None
        self._last_out = max(pts + self._offset, self._last_out + REPLAY_STEP)
        return self._last_out
