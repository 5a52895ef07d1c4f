"""Decoding, masking, scaling and encoding of single pictures for the live transcode."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from kernel.media import PTS_CLOCK_HZ, AccessUnit

LARGEST_HEIGHT_PX = 720
KEYFRAME_EVERY_S = 1.5
_BITS_PER_PIXEL = 2.2  # bitrate bound: 720p gets about 2 Mbit/s
_MASK_LUMA = 16
_MASK_CHROMA = 128


class PictureTranscoder:
    """Access units of one codec in, baseline H.264 access units of at most 720 lines out.

    Attributes:
        width_px, height_px: size of what comes out; 0 before the first picture.
    """

    def __init__(self, codec: str, masks: Sequence[Sequence[tuple[float, float]]]) -> None:
        self._decoder = cast(VideoCodecContext, av.CodecContext.create(codec, "r"))
        self._decoder.thread_type = "SLICE"
        self._masks = masks
        self._encoder: VideoCodecContext | None = None
        self._last_pts = -1
        self._keyframe_pts: int | None = None
        self._arrivals: dict[int, int] = {}
        self.width_px = 0
        self.height_px = 0

    def transcode(self, unit: AccessUnit, encode: bool) -> list[AccessUnit]:
        """Decode one unit and encode the pictures that come out of it.

        Args:
            unit: the next unit in decoding order.
            encode: False while catching up with a replayed GOP: the decoder needs it, the viewers do not.

        Raises:
            av.error.FFmpegError: the unit cannot be decoded.
        """
        if unit.discontinuity:
            self._decoder.flush_buffers()
            self._arrivals.clear()
            self._last_pts, self._keyframe_pts = -1, None
        packet = av.Packet(unit.payload)
        packet.pts, packet.dts, packet.time_base = unit.pts, unit.dts, Fraction(1, PTS_CLOCK_HZ)
        self._remember_arrival(unit)
        frames = self._decoder.decode(packet)
        if not encode:
            return []
        made: list[AccessUnit] = []
        for frame in frames:
            arrived_at_us = self._arrivals.pop(frame.pts or 0, unit.arrived_at_us)
            made.extend(self._encode(frame, arrived_at_us, discontinuity=unit.discontinuity))
        return made

    def _remember_arrival(self, unit: AccessUnit) -> None:
        self._arrivals[unit.pts] = unit.arrived_at_us
        while len(self._arrivals) > 64:
            del self._arrivals[next(iter(self._arrivals))]

    def _encode(self, frame: VideoFrame, arrived_at_us: int, discontinuity: bool) -> list[AccessUnit]:
        if frame.pts is None or frame.pts <= self._last_pts:
            return []
        self._last_pts = frame.pts
        height_px = min(frame.height, LARGEST_HEIGHT_PX) & ~1
        width_px = round(frame.width * height_px / frame.height) & ~1
        picture = self._masked(frame.reformat(width=width_px, height=height_px, format="yuv420p"))
        picture.pts, picture.time_base = frame.pts, Fraction(1, PTS_CLOCK_HZ)
        encoder = self._encoder_for(width_px, height_px)
        picture.pict_type = PictureType.I if self._keyframe_is_due(frame.pts) else PictureType.NONE
        return [
            AccessUnit(
                payload=bytes(packet),
                pts=packet.pts if packet.pts is not None else frame.pts,
                dts=packet.pts if packet.pts is not None else frame.pts,
                arrived_at_us=arrived_at_us,
                keyframe=packet.is_keyframe,
                discontinuity=discontinuity,
            )
            for packet in encoder.encode(picture)
        ]

    def _keyframe_is_due(self, pts: int) -> bool:
        due = self._keyframe_pts is None or pts - self._keyframe_pts >= KEYFRAME_EVERY_S * PTS_CLOCK_HZ
        if due:
            self._keyframe_pts = pts
        return due

    def _encoder_for(self, width_px: int, height_px: int) -> VideoCodecContext:
        if self._encoder is None or (self.width_px, self.height_px) != (width_px, height_px):
            self.width_px, self.height_px = width_px, height_px
            self._encoder = _make_encoder(width_px, height_px)
            self._keyframe_pts = None
        return self._encoder

    def _masked(self, picture: VideoFrame) -> VideoFrame:
        if not self._masks:
            return picture
        planes = cast("npt.NDArray[np.uint8]", picture.to_ndarray())  # (height * 3 / 2, width), uint8, I420
        height_px, width_px = picture.height, picture.width
        _fill(planes[:height_px], self._masks, _MASK_LUMA)
        chroma = planes[height_px:].reshape(2, height_px // 2, width_px // 2)
        for plane in chroma:
            _fill(plane, self._masks, _MASK_CHROMA)
        return VideoFrame.from_ndarray(planes, format="yuv420p")


def _fill(plane: npt.NDArray[np.uint8], masks: Sequence[Sequence[tuple[float, float]]], value: int) -> None:
    height_px, width_px = plane.shape
    scale = np.array([width_px, height_px], dtype=np.float64)
    polygons = [np.rint(np.asarray(mask, dtype=np.float64) * scale).astype(np.int32) for mask in masks]
    for polygon in polygons:
        cv2.fillPoly(plane, [polygon], (value,))


def _make_encoder(width_px: int, height_px: int) -> VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, "yuv420p"
    encoder.time_base = Fraction(1, PTS_CLOCK_HZ)
    encoder.framerate = Fraction(25, 1)
    encoder.thread_count = 1
    bit_rate = int(width_px * height_px * _BITS_PER_PIXEL)
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "crf": "24",
        "maxrate": str(bit_rate),
        "bufsize": str(bit_rate),
        "x264-params": "repeat-headers=1:annexb=1:scenecut=0:keyint=250:force-cfr=0",
        "forced-idr": "1",
    }
    return encoder
