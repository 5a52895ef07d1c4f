"""Coded pictures -> I420 planes in the frame ring. No threads of its own: decoding runs in the camera's thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import av
import cv2
import numpy as np
from av.codec.hwaccel import HWAccel
from av.video.frame import VideoFrame

from ingest.annexb import VideoCodec
from ingest.mask import Plane, PrivacyMask
from kernel.ring import FrameTooLarge, NoSharedMemory, StreamSlots

_I420_FORMATS = {"yuv420p": False, "yuvj420p": True}
_NV12 = "nv12"  # what hardware decoders give
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
_RETRY_AFTER_PICTURES = 50
_LARGEST_REORDER = 64


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """One decoded picture, still in the decoder's memory.

    Attributes:
        y, u, v: I420 planes, uint8, any stride; read-only, they may be references of later pictures.
        full_range: black is luma 0.
        pts: 90 kHz.
        arrived_at_us: arrival of its coded picture.
    """

    y: Plane
    u: Plane
    v: Plane
    full_range: bool
    pts: int
    arrived_at_us: int


class PictureDecoder:
    """A single-threaded decoder of one session: no frame threads, so no frames of delay.

    Args:
        codec: of the stream.
        extradata: its parameter sets, where the session told them.
        accelerator: hardware to decode with; streams that it does not take are decoded by the CPU.
        loop_filter: smooth the edges of blocks as the standard says. Without it the CPU needs a quarter less, and
            pictures are a little wrong until the next keyframe.

    Attributes:
        in_hardware: whether hardware decoded the last picture.

    Raises:
        av.error.FFmpegError: the hardware cannot be opened.
    """

    def __init__(
        self,
        codec: VideoCodec,
        extradata: bytes | None,
        accelerator: HWAccel | None = None,
        *,
        loop_filter: bool = True,
    ) -> None:
        context = av.VideoCodecContext.create(codec.value, "r", accelerator)
        context.extradata = extradata
        context.thread_count = 1
        if not loop_filter:
            context.options = {"skip_loop_filter": "all"}
        self._context = context
        self._arrivals: dict[int, int] = {}
        self._chroma: tuple[Plane, Plane] | None = None
        self.in_hardware = False

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height, (0, 0) before the first picture."""
        return self._context.width, self._context.height

    @property
    def accelerated(self) -> bool:
        """Whether hardware is asked first."""
        return bool(self._context.is_hwaccel)

    @property
    def has_b_frames(self) -> bool:
        """Whether the stream's parameter sets announce reordering."""
        return bool(self._context.has_b_frames)

    def decode(self, payload: bytes, pts: int, arrived_at_us: int) -> Iterator[DecodedPicture]:
        """The pictures that come out once this one is in.

        Raises:
            av.error.FFmpegError: the picture does not decode; the next ones may.
        """
        for frame in self._frames(payload, pts, arrived_at_us):
            yield self.picture_of(frame, pts, arrived_at_us)

    def decode_unseen(self, payload: bytes, pts: int, arrived_at_us: int) -> int:
        """How many pictures come out once this one is in; nobody looks at them, the next ones are predicted from them.

        Raises:
            av.error.FFmpegError: the picture does not decode; the next ones may.
        """
        return sum(self._arrivals.pop(frame.pts or pts, 1) > 0 for frame in self._frames(payload, pts, arrived_at_us))

    def _frames(self, payload: bytes, pts: int, arrived_at_us: int) -> Iterator[VideoFrame]:
        packet = av.Packet(payload)
        packet.pts = pts
        self._arrivals[pts] = arrived_at_us
        while len(self._arrivals) > _LARGEST_REORDER:
            del self._arrivals[next(iter(self._arrivals))]
        for frame in self._context.decode(packet):
            if frame.is_corrupt:
                raise av.error.InvalidDataError(0, "the picture is damaged", "decoder")
            yield frame

    def picture_of(self, frame: VideoFrame, pts: int, arrived_at_us: int) -> DecodedPicture:
        """A decoded frame of any format as I420."""
        if frame.pts is not None:
            pts = frame.pts
            arrived_at_us = self._arrivals.pop(pts, arrived_at_us)
        self.in_hardware = frame.format.name == _NV12 and self._context.is_hwaccel
        if frame.format.name == _NV12:
            y, u, v = self._from_nv12(frame)
            return DecodedPicture(y, u, v, self._context.color_range == _FULL_RANGE, pts, arrived_at_us)
        if frame.format.name not in _I420_FORMATS:
            frame = frame.reformat(format="yuv420p")
        y, u, v = (_plane(frame, index)[:, : plane.width] for index, plane in enumerate(frame.planes))
        return DecodedPicture(y, u, v, _I420_FORMATS[frame.format.name], pts, arrived_at_us)

    def _from_nv12(self, frame: VideoFrame) -> tuple[Plane, Plane, Plane]:
        """I420 planes; chroma lies in memory that the next picture overwrites."""
        chroma = ((frame.height + 1) // 2, (frame.width + 1) // 2)
        if self._chroma is None or self._chroma[0].shape != chroma:
            self._chroma = np.empty(chroma, np.uint8), np.empty(chroma, np.uint8)
        pairs = _plane(frame, 1)[:, : 2 * chroma[1]]
        cv2.split(pairs.reshape(*chroma, 2), self._chroma)
        return _plane(frame, 0)[:, : frame.width], *self._chroma


def _plane(frame: VideoFrame, index: int) -> Plane:
    """One plane's rows as they lie in memory, with what pads them."""
    plane = frame.planes[index]
    return np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(plane.height, plane.line_size)


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """What parameter sets say; a size of (0, 0) where the keyframe did not decode."""

    size_px: tuple[int, int] = (0, 0)
    has_b_frames: bool = False


def format_of(codec: VideoCodec, keyframe: bytes) -> PictureFormat:
    """The format of a keyframe that carries its parameter sets."""
    decoder = PictureDecoder(codec, None)
    try:
        for _ in decoder.decode(keyframe, 0, 0):
            break
    except av.error.FFmpegError:
        return PictureFormat()
    return PictureFormat(decoder.size_px, decoder.has_b_frames)


class FrameSink:
    """Writes decoded pictures to the ring, masks burnt in first. A full ring is reported, and tried again later.

    Attributes:
        problem: why pictures do not reach the ring, empty while they do.
    """

    def __init__(self, mask: PrivacyMask) -> None:
        self._slots: StreamSlots | None = None
        self._mask = mask
        self._pause = 0
        self.problem = ""

    def attach(self, slots: StreamSlots) -> None:
        """There is a ring to write to (called once, from another thread than `write`)."""
        self.problem = ""
        self._slots = slots

    @property
    def next_look_us(self) -> int:
        """Nobody looks before that instant, microseconds since the epoch; 0 where nobody said so."""
        return 0 if self._slots is None else self._slots.next_look_us

    def write(self, picture: DecodedPicture) -> None:
        """Make the picture the newest of its stream, unless there is a `problem`."""
        if self._slots is None:
            return
        if self._pause:
            self._pause -= 1
            return
        y, u, v = picture.y, picture.u, picture.v
        if self._mask:
            y, u, v = y.copy(), u.copy(), v.copy()  # the decoder still refers to its own
            self._mask.blacken(y, u, v, full_range=picture.full_range)
        try:
            self._slots.write(y, u, v, picture.pts, picture.arrived_at_us)
        except (NoSharedMemory, FrameTooLarge) as error:
            self.problem = str(error)
            self._pause = _RETRY_AFTER_PICTURES
        else:
            self.problem = ""
