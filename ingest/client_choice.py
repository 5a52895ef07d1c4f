"""Which RTSP client reads a stream: ours, or FFmpeg's for what ours does not read. Pure.

    ours --NeedsFfmpeg--> FFmpeg's --a reconnect, `FIRST_AGAIN_S` or more later--> ours once more
                             ^--NeedsFfmpeg, or any failure: twice as long as before, at most `LAST_AGAIN_S`--'

Somebody may have changed the camera meanwhile (B-frames off, another codec): then the pictures are a frame interval
younger by ours. A session that stands is never ended for it.
"""

from __future__ import annotations

FIRST_AGAIN_S = 600.0
LAST_AGAIN_S = 86_400.0


class ClientChoice:
    """What is known of one stream.

    Args:
        only_ffmpeg: the configuration wants FFmpeg's client.
    """

    def __init__(self, *, only_ffmpeg: bool = False) -> None:
        self._only_ffmpeg = only_ffmpeg
        self._wait_s = FIRST_AGAIN_S
        self._again_at_s: float | None = None

    def is_ours(self, now_s: float) -> bool:
        """Whether the session that is opened now is for our client; a try after a while is one try."""
        if self._only_ffmpeg:
            return False
        if self._again_at_s is None:
            return True
        if now_s < self._again_at_s:
            return False
        self._put_off(now_s)
        return True

    def left_to_ffmpeg(self, now_s: float) -> None:
        """Our client does not read it."""
        if self._again_at_s is None or now_s >= self._again_at_s:
            self._put_off(now_s)

    def ours_lasted(self) -> None:
        """A session of our client stood: from now on it is ours again."""
        self._wait_s, self._again_at_s = FIRST_AGAIN_S, None

    def _put_off(self, now_s: float) -> None:
        self._again_at_s = now_s + self._wait_s
        self._wait_s = min(2 * self._wait_s, LAST_AGAIN_S)
