"""Frames of a video file as the ring carries them, and as everybody else sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from detect.pictures.frames import FrameCopy

Bytes = npt.NDArray[np.uint8]


def keyframes_of(path: Path) -> Iterator[tuple[FrameCopy, Bytes]]:
    """Each keyframe as I420 planes and as FFmpeg's own BGR picture."""
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.skip_frame = "NONKEY"
        for frame in container.decode(video=0):
            yield planes_of(frame), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def planes_of(frame: av.VideoFrame) -> FrameCopy:
    """The planes of a yuv420p frame."""
    packed = np.asarray(frame.reformat(format="yuv420p").to_ndarray(), np.uint8)
    luma_px = frame.width * frame.height
    flat = packed.reshape(-1)
    chroma = (frame.height // 2, frame.width // 2)
    return FrameCopy(
        packed[: frame.height],
        flat[luma_px : luma_px * 5 // 4].reshape(chroma),
        flat[luma_px * 5 // 4 :].reshape(chroma),
    )


def planes_of_picture(picture_bgr: Bytes) -> FrameCopy:
    """The planes of a BGR picture of even size."""
    return planes_of(av.VideoFrame.from_ndarray(picture_bgr, format="bgr24"))
