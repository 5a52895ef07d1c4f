"""What the detector tells about itself once a second: per camera how often, how old, and why not; pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np

from kernel.events import AnalysisPulse

_WINDOW_S = 5.0
_SILENT_AFTER_S = 3.0


class NotAnalysed(StrEnum):
    """Why a camera is not analysed: never the same as nothing being found on it."""

    NO_RING = "no_ring"  # its ingest worker is not running
    NO_FRAMES = "no_frames"  # the camera delivers none
    ENGINE_FAILED = "engine_failed"
    MODEL_UNUSABLE = "model_unusable"


@dataclass(slots=True)
class CameraPulse:
    """Recent analyses of one camera.

    Attributes:
        recent: when each analysis of the last seconds ended (monotonic) and how old its frame was by then.
        last_captured_at: of the newest analysed frame.
        analysed: frames so far.
    """

    recent: deque[tuple[float, float]] = field(default_factory=deque)
    last_captured_at: datetime | None = None
    analysed: int = 0

    def note(self, now_s: float, captured_at: datetime, age_s: float) -> None:
        """A frame was analysed."""
        self.recent.append((now_s, age_s))
        self.last_captured_at = captured_at
        self.analysed += 1
        self._forget(now_s)

    def is_silent(self, now_s: float, period_s: float) -> bool:
        """Whether nothing was analysed for longer than a hiccup of a camera whose turn comes every `period_s`."""
        return not self.recent or now_s - self.recent[-1][0] > max(_SILENT_AFTER_S, 2 * period_s)

    def is_awaited(self, running_s: float, period_s: float) -> bool:
        """Whether it was never analysed, but has had no more time for it than would make it silent later."""
        return self.analysed == 0 and running_s <= max(_SILENT_AFTER_S, 2 * period_s)

    def report(
        self,
        camera_id: str,
        now_s: float,
        running_s: float,
        wanted_fps: float,
        dropped: int,
        cause: str,
        is_urgent: bool = False,
    ) -> AnalysisPulse:
        """The figures of the last five seconds.

        Args:
            camera_id: whose.
            now_s: the present, monotonic.
            running_s: how long the detector has been analysing.
            wanted_fps: what the config asks for.
            dropped: turns passed over so far.
            cause: why it is not analysed, empty while it is.
            is_urgent: goes before others, because it is in alert or on a drone.
        """
        self._forget(now_s)
        ages_ms = [age_s * 1000 for _, age_s in self.recent]
        p50_ms, p95_ms = np.percentile(ages_ms, (50, 95)) if ages_ms else (0.0, 0.0)
        return AnalysisPulse(
            camera_id=camera_id,
            analysed_fps=round(len(self.recent) / max(1.0, min(_WINDOW_S, running_s)), 2),
            wanted_fps=wanted_fps,
            last_analysed_at=self.last_captured_at,
            dropped=dropped,
            age_p50_ms=round(float(p50_ms), 1),
            age_p95_ms=round(float(p95_ms), 1),
            cause=cause,
            is_urgent=is_urgent,
        )

    def _forget(self, now_s: float) -> None:
        while self.recent and now_s - self.recent[0][0] > _WINDOW_S:
            self.recent.popleft()


def cause_of(is_silent: bool, has_ring: bool, lane_problem: NotAnalysed | None) -> str:
    """Why a camera is not analysed, empty while it is."""
    if lane_problem is not None:
        return lane_problem.value
    if not is_silent:
        return ""
    return NotAnalysed.NO_FRAMES.value if has_ring else NotAnalysed.NO_RING.value
