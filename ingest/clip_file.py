"""Footage -> one MP4 file that a browser plays from its start: packets as they came, or encoded anew where masked."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from ingest.annexb import VideoCodec
from ingest.decoding import DecodedPicture, PictureDecoder
from ingest.mask import Plane, PrivacyMask
from kernel.disk import require_room
from kernel.errors import LookoutError
from kernel.media import PTS_CLOCK_HZ, AccessUnit

_TIME_BASE = Fraction(1, PTS_CLOCK_HZ)
# The index comes first, so that playing starts before the file is there in full.
_MP4_OPTIONS = {"movflags": "+faststart"}
_X264_OPTIONS = {"preset": "veryfast", "crf": "24"}
_MP4_TAGS = {VideoCodec.HEVC: "hvc1"}  # FFmpeg writes hev1 by itself, which Safari does not play


class ClipError(LookoutError):
    """A clip could not be made of the footage."""


@dataclass(frozen=True)
class ClipFile:
    """A clip that is safely on the disk."""

    sha256: str
    duration_s: float


def write_clip(path: Path, units: Sequence[AccessUnit], codec: VideoCodec, mask: PrivacyMask) -> ClipFile:
    """Write the clip, flush it to the disk, then give it its name: a file of that name is always whole.

    Args:
        path: where it goes; directories are made.
        units: consecutive access units, the first a keyframe with its parameter sets.
        codec: of the units.
        mask: with polygons in it the pictures are decoded, blackened and encoded as H.264.

    Raises:
        ClipError: the units cannot be put into a file.
        OSError: the disk refuses, or is full but for a reserve.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    require_room(path.parent, sum(len(unit.payload) for unit in units))
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("w+b") as file:
            try:
                _write(file, units, codec, mask)
            except (av.error.FFmpegError, ValueError) as error:
                raise ClipError(f"{path.name}: the footage cannot be put into a file ({error})") from error
            file.flush()
            os.fsync(file.fileno())
        sha256 = file_sha256(unfinished)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_directory(path.parent)
    return ClipFile(sha256, duration_s(units))


def duration_s(units: Sequence[AccessUnit]) -> float:
    """Seconds the units show, the last picture as long as the others on average."""
    span = max(unit.pts for unit in units) - units[0].pts
    return span / PTS_CLOCK_HZ * (len(units) / (len(units) - 1) if len(units) > 1 else 1.0)


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_duration_s(path: Path) -> float:
    """Duration of a clip written earlier.

    Raises:
        ClipError: it is no clip.
    """
    try:
        with av.open(str(path)) as container:
            return (container.duration or 0) / av.time_base
    except av.error.FFmpegError as error:
        raise ClipError(f"{path}: not a clip ({error.strerror})") from error


def _write(file: BinaryIO, units: Sequence[AccessUnit], codec: VideoCodec, mask: PrivacyMask) -> None:
    with av.open(file, "w", format="mp4", options=_MP4_OPTIONS) as output:
        if mask:
            _encode(output, units, codec, mask)
        else:
            _copy(output, units, codec)


def _copy(output: OutputContainer, units: Sequence[AccessUnit], codec: VideoCodec) -> None:
    """Put the packets into the container as they are."""
    with av.open(io.BytesIO(units[0].payload), format=codec.value) as elementary:
        stream = output.add_stream_from_template(elementary.streams.video[0], opaque=True)
        if codec in _MP4_TAGS:
            stream.codec_context.codec_tag = _MP4_TAGS[codec]
        stream.time_base = _TIME_BASE
        start = units[0].dts
        for unit in units:
            packet = av.Packet(unit.payload)
            packet.dts = unit.dts - start
            packet.pts = max(unit.pts - start, packet.dts)
            packet.time_base = _TIME_BASE
            packet.is_keyframe = unit.keyframe
            packet.stream = stream
            output.mux(packet)


def _encode(output: OutputContainer, units: Sequence[AccessUnit], codec: VideoCodec, mask: PrivacyMask) -> None:
    """Decode, blacken, encode."""
    decoder = PictureDecoder(codec, None)
    stream: VideoStream | None = None
    start = units[0].pts
    for unit in units:
        try:
            pictures = list(decoder.decode(unit.payload, unit.pts, unit.arrived_at_us))
        except av.error.InvalidDataError:
            continue  # a damaged picture is left out, as on the live view
        for picture in pictures:
            if stream is None:
                stream = output.add_stream("libx264", options=_X264_OPTIONS)
                stream.height, stream.width = picture.y.shape
                stream.pix_fmt = "yuv420p"
                stream.time_base = stream.codec_context.time_base = _TIME_BASE
            frame = _masked_frame(picture, mask)
            frame.pts, frame.time_base = picture.pts - start, _TIME_BASE
            output.mux(stream.encode(frame))
    if stream is None:
        raise ValueError("no picture decodes")
    output.mux(stream.encode(None))


def _masked_frame(picture: DecodedPicture, mask: PrivacyMask) -> av.VideoFrame:
    y, u, v = picture.y.copy(), picture.u.copy(), picture.v.copy()
    mask.blacken(y, u, v, full_range=picture.full_range)
    frame = av.VideoFrame(y.shape[1], y.shape[0], "yuv420p")
    for plane, pixels in zip(frame.planes, (y, u, v), strict=True):
        _plane_view(plane)[:, : pixels.shape[1]] = pixels
    return frame


def _plane_view(plane: av.video.plane.VideoPlane) -> Plane:
    return np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(plane.height, plane.line_size)


def _sync_directory(directory: Path) -> None:
    """Make a rename survive a power cut."""
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
