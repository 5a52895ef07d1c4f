"""A stream that is drawn and encoded while it is sent, in the shape the district's RTSP server plays its loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scripts.district.encode import LoopEncoder
from scripts.district.rtp_packets import PacketizedUnit, packetized
from scripts.district.rtsp_media import Loop
from scripts.district.video_file import AccessUnit, VideoHeader
from scripts.vehicle.eye.view import HEIGHT_PX, WIDTH_PX

FPS = 5
_BITRATE = 900_000
_A_DAY_FRAMES = FPS * 24 * 3600


class LiveLoop(Loop):
    """Encodes one picture for each frame that is asked for; draws nothing while nobody watches.

    Whoever watches first begins with a keyframe.
    """

    def __init__(self, draw: Callable[[], NDArray[np.uint8]], ssrc: int) -> None:
        self._draw = draw
        self._encoder = _encoder()
        self.is_watched: Callable[[], bool] = lambda: False
        self._was_watched = False
        self.drawn = 0
        first = self._encode()
        super().__init__(VideoHeader("h264", WIDTH_PX, HEIGHT_PX, FPS, _A_DAY_FRAMES), [first], ssrc)
        self._frame, self._unit = 0, self.units[0]

    def unit(self, frame: int) -> PacketizedUnit:
        """The unit of this frame; asked again for the same frame, the same unit."""
        if frame == self._frame:
            return self._unit
        self._frame, is_watched = frame, self.is_watched()
        if is_watched:
            if not self._was_watched:
                self._encoder = _encoder()
            self._unit = packetized(self._encode(), "h264", self.ssrc)
        self._was_watched = is_watched
        return self._unit

    def _encode(self) -> AccessUnit:
        self._encoder.add(self._draw())
        self.drawn += 1
        return self._encoder.units.pop()


def _encoder() -> LoopEncoder:
    return LoopEncoder("h264", WIDTH_PX, HEIGHT_PX, FPS, _BITRATE)
