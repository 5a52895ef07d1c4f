"""When the picture that was sent last was captured, told to a viewer who asks; pure.

A browser knows the RTP time of each picture it paints (`requestVideoFrameCallback`). One pair of RTP time and capture
instant, the gateway's clock and the time the question took give it the age of every one of them: RTP times run as the
arrivals at ingest do (timeline.py), through a transcode too.
"""

from __future__ import annotations

import json
import re

CHANNEL_LABEL = "capture"
_ASKED = re.compile(r"\d{1,12}(\.\d{1,6})?")
_RTP_RANGE = 1 << 32


class CaptureTimes:
    """Follows what is handed to one viewer's sender."""

    def __init__(self) -> None:
        self._origin: int | None = None
        self._handed_pts: int | None = None
        self._newest: tuple[int, int] | None = None

    def hand_over(self, pts: int, captured_at_us: int | None) -> None:
        """A picture goes to the sender.

        Args:
            pts: the viewer's own time of it, 90 kHz.
            captured_at_us: arrival at ingest, microseconds since the epoch; None within a replayed GOP, whose pictures
                stand 1 ms apart and say nothing of those that follow.
        """
        self._handed_pts = pts
        if captured_at_us is not None:
            self._newest = (pts, captured_at_us)

    def sent(self, rtp_time: int | None) -> None:
        """The sender asks for the next picture; `rtp_time` is of the last packet it sent, None before the first."""
        if self._origin is None and self._handed_pts is not None and rtp_time is not None:
            self._origin = (rtp_time - self._handed_pts) % _RTP_RANGE

    def answer(self, question: str | bytes, now_us: int) -> str | None:
        """What a page is told that sends its own clock's reading; None where the question is none.

        Returns:
            JSON of `asked` (the question), `now_ms` (our clock, since the epoch), `rtp` and `captured_ms` of the newest
            picture; both null before one was sent.
        """
        if not isinstance(question, str) or _ASKED.fullmatch(question) is None:
            return None
        rtp, captured_ms = None, None
        if self._origin is not None and self._newest is not None:
            rtp = (self._origin + self._newest[0]) % _RTP_RANGE
            captured_ms = self._newest[1] / 1000
        return json.dumps(
            {"asked": float(question), "now_ms": now_us / 1000, "rtp": rtp, "captured_ms": captured_ms},
            separators=(",", ":"),
        )
