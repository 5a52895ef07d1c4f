"""Whether a stream that sends packets sends them as it should: frame rate, bit rate, decode errors. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from kernel.events import OfflineCause

WINDOW_S = 5.0
LOW_FPS_SHARE = 0.5
GOOD_FPS_SHARE = 0.8
BAD_ERROR_SHARE = 0.05
GOOD_ERROR_SHARE = 0.01
BASELINE_TIME_CONSTANT_S = 60.0


@dataclass(frozen=True)
class Quality:
    """What the last window showed.

    Attributes:
        problem: one line for a maintainer, empty while all is well.
        cause: NOT_DECODABLE where the problem is pictures that do not decode, else NONE.
        undecodable: packets came through the whole window and not one picture came out.
    """

    fps: float
    bitrate_bits_s: float
    problem: str
    cause: OfflineCause
    undecodable: bool


class StreamMeter:
    """Counts packets and decode errors over a sliding window; the expected frame rate is learnt from the stream.

    A camera that goes slower for the night becomes normal after about a minute; a line that drops every other packet
    shows at once. Hysteresis keeps the answer from flapping.
    """

    def __init__(self, started_s: float) -> None:
        self._started_s = started_s
        self._packets: deque[tuple[float, int, int]] = deque()
        self._bytes = 0
        self._errors = 0
        self._waits_since_s: float | None = None
        self._baseline_fps = 0.0
        self._assessed_s = started_s
        self._degraded = False

    def packet(self, now_s: float, size_bytes: int, *, errors: int) -> None:
        """One access unit arrived; so many are known to be wrong since the one before."""
        self._packets.append((now_s, size_bytes, errors))
        self._bytes += size_bytes
        self._errors += errors

    def decoding(self, now_s: float, pictures: int) -> None:
        """Access units were given to the decoder, which gave so many pictures."""
        if pictures:
            self._waits_since_s = None
        elif self._waits_since_s is None:
            self._waits_since_s = now_s

    def assess(self, now_s: float) -> Quality:
        """The window that ends now. Call about once a second."""
        while self._packets and self._packets[0][0] <= now_s - WINDOW_S:
            _, size_bytes, errors = self._packets.popleft()
            self._bytes -= size_bytes
            self._errors -= errors
        span_s = min(WINDOW_S, max(now_s - self._started_s, 1.0))
        fps = len(self._packets) / span_s
        error_share = self._errors / len(self._packets) if self._packets else 0.0
        settled = now_s - self._started_s >= WINDOW_S
        problem, cause = self._problem(fps, error_share) if settled else ("", OfflineCause.NONE)
        self._degraded = bool(problem)
        if settled:
            self._learn(now_s, fps)
        self._assessed_s = now_s
        waits_s = 0.0 if self._waits_since_s is None else now_s - self._waits_since_s
        undecodable = bool(self._packets) and waits_s >= 2 * WINDOW_S
        return Quality(fps, 8 * self._bytes / span_s, problem, cause, undecodable)

    def _problem(self, fps: float, error_share: float) -> tuple[str, OfflineCause]:
        error_limit = GOOD_ERROR_SHARE if self._degraded else BAD_ERROR_SHARE
        if error_share > error_limit:
            return f"{error_share:.0%} of the pictures do not decode", OfflineCause.NOT_DECODABLE
        fps_limit = self._baseline_fps * (GOOD_FPS_SHARE if self._degraded else LOW_FPS_SHARE)
        if fps < fps_limit:
            return f"{fps:.1f} frames/s instead of about {self._baseline_fps:.0f}", OfflineCause.NONE
        return "", OfflineCause.NONE

    def _learn(self, now_s: float, fps: float) -> None:
        if self._baseline_fps == 0.0:
            self._baseline_fps = fps
            return
        share = min(1.0, (now_s - self._assessed_s) / BASELINE_TIME_CONSTANT_S)
        self._baseline_fps += share * (fps - self._baseline_fps)
