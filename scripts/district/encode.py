"""Encodes rendered frames as a surveillance camera would: constant GOP, no B-frames, headers before each keyframe."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from scripts.district.video_file import AccessUnit, VideoHeader

GOP_FRAMES = 15
BT601_LIMITED = (5, 1)


class LoopEncoder:
    """Takes B, G, R frames in order and gives one access unit each."""

    def __init__(self, codec: str, width_px: int, height_px: int, fps: int, bitrate: int) -> None:
        name = {"h264": "libx264", "hevc": "libx265"}[codec]
        context = av.CodecContext.create(name, "w")
        if not isinstance(context, VideoCodecContext):
            raise TypeError(f"{name} is no video encoder")
        context.width, context.height = width_px, height_px
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, fps)
        context.framerate = Fraction(fps)
        context.gop_size = GOP_FRAMES
        context.bit_rate = bitrate
        context.max_b_frames = 0
        context.thread_count = 1
        context.colorspace, context.color_range = BT601_LIMITED
        steady = {"maxrate": str(int(bitrate * 1.3)), "bufsize": str(bitrate)}
        context.options = _X264 | steady if codec == "h264" else _X265
        self.codec, self.fps = codec, fps
        self._context = context
        self._count = 0
        self.units: list[AccessUnit] = []

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Encodes the next frame (H, W, 3)."""
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = self._count
        frame.time_base = Fraction(1, self.fps)
        self._count += 1
        self._take(self._context.encode(frame))

    def finish(self) -> VideoHeader:
        """Flushes; the units are then complete."""
        self._take(self._context.encode(None))
        return VideoHeader(self.codec, self._context.width, self._context.height, self.fps, len(self.units))

    def _take(self, packets: list[av.Packet[av.VideoStream]]) -> None:
        self.units += [AccessUnit(bytes(packet), packet.is_keyframe) for packet in packets]


_X264 = {
    "preset": "superfast",
    "tune": "zerolatency",
    "profile": "main",
    "x264-params": (
        f"keyint={GOP_FRAMES}:min-keyint={GOP_FRAMES}:scenecut=0:repeat-headers=1:annexb=1:slices=1:threads=1"
    ),
}
_X265 = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "x265-params": (
        f"keyint={GOP_FRAMES}:min-keyint={GOP_FRAMES}:scenecut=0:bframes=0:repeat-headers=1:annexb=1:slices=1"
        ":rd=1:early-skip=1:ctu=32:pools=none:frame-threads=1:log-level=error:info=0"
    ),
}
