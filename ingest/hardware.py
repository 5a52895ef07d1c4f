"""Whether this machine's hardware decodes pictures: found out by decoding, never by asking what is installed.

wanted -> device opens -> clip decoded on it and on the CPU -> same pictures? -> auto only: no dearer? -> accelerator

Decoded pictures come back to the processor's memory as NV12 and go on into the frame ring, so hardware saves the
decoding and costs a download; which of the two is more is measured on this machine.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.codec.hwaccel import HWAccel, hwdevices_available

from ingest.annexb import VideoCodec
from ingest.decoding import PictureDecoder
from kernel.config.camera import DecodeWith

_LOG = logging.getLogger(__name__)
_KINDS = (DecodeWith.CUDA, DecodeWith.VAAPI)
_OPTIONS: dict[DecodeWith, dict[str, object]] = {DecodeWith.CUDA: {"primary_ctx": "1"}}  # one context for all cameras
_CLIP_SIZE_PX = (1280, 720)
_CLIP_PICTURES = 24
_LARGEST_DIFFERENCE = 2

Pictures = list[list[npt.NDArray[np.uint8]]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a kind of hardware did with the clip.

    Attributes:
        problem: why it cannot be used at all, empty where it can.
        cpu_ms: processor time it cost a picture, planes copied out; 0 where it cannot be used.
        cpu_only_ms: the same without hardware.
    """

    problem: str
    cpu_ms: float = 0.0
    cpu_only_ms: float = 0.0

    @property
    def too_dear(self) -> str:
        """Why the processor had better decode itself, empty where it had not."""
        if self.cpu_ms <= self.cpu_only_ms:
            return ""
        return f"costs {self.cpu_ms:.2f} ms of processor time a picture, the CPU alone {self.cpu_only_ms:.2f}"


class HardwareDecoding:
    """What a worker's cameras decode with; each kind is tried once, when a camera first wants it."""

    def __init__(self) -> None:
        self._trials: dict[DecodeWith, Trial] = {}
        self._answers: dict[DecodeWith, HWAccel | None] = {DecodeWith.CPU: None}

    def accelerator(self, wanted: DecodeWith) -> HWAccel | None:
        """What to hand to `PictureDecoder`, None for the CPU; says once in the log what was taken and why."""
        if wanted not in self._answers:
            self._answers[wanted] = self._found_out(wanted)
        return self._answers[wanted]

    def _found_out(self, wanted: DecodeWith) -> HWAccel | None:
        reasons = []
        for kind in _KINDS if wanted is DecodeWith.AUTO else (wanted,):
            if kind not in self._trials:
                self._trials[kind] = try_out(kind)
            trial = self._trials[kind]
            reason = trial.problem or (trial.too_dear if wanted is DecodeWith.AUTO else "")
            if not reason:
                _LOG.info("decode=%s: %s, %.2f ms a picture", wanted.value, kind.value, trial.cpu_ms)
                return accelerator_of(kind)
            reasons.append(f"{kind.value} {reason}")
        level = logging.INFO if wanted is DecodeWith.AUTO else logging.WARNING
        _LOG.log(level, "decode=%s: the CPU decodes (%s)", wanted.value, "; ".join(reasons))
        return None


def accelerator_of(kind: DecodeWith) -> HWAccel:
    """How FFmpeg is asked for that hardware; streams it does not take are decoded by the CPU."""
    return HWAccel(kind.value, allow_software_fallback=True, options=_OPTIONS.get(kind))


def try_out(kind: DecodeWith) -> Trial:
    """Decode a clip with that hardware and without, and compare."""
    if kind.value not in hwdevices_available():
        return Trial("is not built into this FFmpeg")
    try:
        decoder = PictureDecoder(VideoCodec.H264, None, accelerator_of(kind))
    except av.error.FFmpegError as error:
        return Trial(f"cannot be opened ({error.strerror})")
    try:
        clip = probe_clip()
        expected, cpu_only_ms = _timed(PictureDecoder(VideoCodec.H264, None), clip)
        pictures, cpu_ms = _timed(decoder, clip)
    except av.error.FFmpegError as error:
        return Trial(f"fails while decoding ({error.strerror})")
    except ValueError as error:  # PyAV's word for an unknown codec
        return Trial(f"cannot be tried: this FFmpeg makes no H.264 clip ({error})")
    if not decoder.in_hardware:
        return Trial("does not take H.264")
    difference = largest_difference(expected, pictures)
    if difference is None or difference > _LARGEST_DIFFERENCE:
        return Trial("decodes other pictures than the CPU")
    return Trial("", cpu_ms, cpu_only_ms)


def probe_clip() -> list[bytes]:
    """A 720p H.264 clip of a moving texture, one coded picture each, Annex-B.

    Raises:
        ValueError, av.error.FFmpegError: there is no encoder.
    """
    width_px, height_px = _CLIP_SIZE_PX
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width_px, height_px, "yuv420p"
    context.time_base, context.framerate, context.gop_size = Fraction(1, 25), Fraction(25, 1), _CLIP_PICTURES
    context.options = {"preset": "ultrafast", "tune": "zerolatency"}
    coarse = np.random.default_rng(0).integers(16, 235, (height_px // 16, width_px // 16), np.uint8)
    packed = np.full((height_px * 3 // 2, width_px), 128, np.uint8)
    texture = cv2.resize(coarse, _CLIP_SIZE_PX, interpolation=cv2.INTER_CUBIC)
    payloads: list[bytes] = []
    for number in range(_CLIP_PICTURES):
        packed[:height_px] = np.roll(texture, 5 * number, axis=1)
        frame = av.VideoFrame.from_ndarray(packed, format="yuv420p")
        frame.pts = number
        payloads += [bytes(packet) for packet in context.encode(frame)]
    return payloads + [bytes(packet) for packet in context.encode(None)]


def largest_difference(expected: Pictures, found: Pictures) -> int | None:
    """The most any sample differs, None where number or size of the pictures does."""
    if [[plane.shape for plane in picture] for picture in expected] != [[p.shape for p in one] for one in found]:
        return None
    pairs = ((a, b) for one, other in zip(expected, found, strict=True) for a, b in zip(one, other, strict=True))
    return max((int(np.abs(a.astype(np.int16) - b).max()) for a, b in pairs), default=0)


def _timed(decoder: PictureDecoder, clip: Iterable[bytes]) -> tuple[Pictures, float]:
    """The clip's pictures, and processor time in ms for each when it is decoded a second time."""
    payloads = list(clip)
    _decoded(decoder, payloads)  # opens what opens late
    started_s = time.process_time()
    pictures = _decoded(decoder, payloads)
    return pictures, (time.process_time() - started_s) * 1000 / max(1, len(pictures))


def _decoded(decoder: PictureDecoder, payloads: Iterable[bytes]) -> Pictures:
    return [
        [picture.y.copy(), picture.u.copy(), picture.v.copy()]
        for number, payload in enumerate(payloads)
        for picture in decoder.decode(payload, number, number)
    ]
