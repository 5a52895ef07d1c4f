"""Packets of a session put together to whole pictures. Pure.

FFmpeg's parser ends a picture where parameter sets come, and some servers (gst-rtsp-server with config-interval=-1) put
them before every slice: a keyframe of several slices then arrives as several packets, and a decoder given the first
alone shows a torn picture until the next keyframe. So a packet whose first slice does not start a picture is joined to
the one before. Waiting for that costs one frame of delay, hence:

    TRIAL  (start) keyframes wait for the next packet        -- 3 keyframes in one piece --> DIRECT
    DIRECT nothing waits                                      -- a later piece turns up   --> JOINING
    JOINING everything waits for the next packet, to the end of the session
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from ingest.annexb import VideoCodec, starts_picture
from kernel.media import LARGEST_ACCESS_UNIT_BYTES

TRIAL_KEYFRAMES = 3


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One access unit as the camera sent it.

    Attributes:
        payload: Annex-B bytes.
        pts, dts: in the stream's time base, None where the camera told none.
        keyframe: a decoder can start here.
        damaged: the transport says that something is missing.
        arrived_at_us: arrival of its last packet, microseconds since the epoch.
        waited_for: it was not there yet when it was asked for: whoever takes the pictures keeps up.
    """

    payload: bytes
    pts: int | None
    dts: int | None
    keyframe: bool
    damaged: bool
    arrived_at_us: int
    waited_for: bool = True


class _Mode(Enum):
    TRIAL = auto()
    DIRECT = auto()
    JOINING = auto()


class PictureAssembler:
    """Joins the pieces of pictures of one session."""

    def __init__(self, codec: VideoCodec) -> None:
        self._codec = codec
        self._mode = _Mode.TRIAL
        self._whole_keyframes = 0
        self._waiting: CodedPicture | None = None

    @property
    def joins(self) -> bool:
        """Whether this session's pictures come in pieces."""
        return self._mode is _Mode.JOINING

    def feed(self, piece: CodedPicture) -> Iterator[CodedPicture]:
        """Give the next packet, get the pictures that are complete now."""
        if not starts_picture(self._codec, piece.payload):
            yield from self._continue(piece)
            return
        if self._waiting is not None:
            whole, self._waiting = self._waiting, None
            if whole.keyframe and self._mode is _Mode.TRIAL:
                self._whole_keyframes += 1
                if self._whole_keyframes == TRIAL_KEYFRAMES:
                    self._mode = _Mode.DIRECT
            yield whole
        if self._mode is _Mode.JOINING or (self._mode is _Mode.TRIAL and piece.keyframe):
            self._waiting = piece
        else:
            yield piece

    def _continue(self, piece: CodedPicture) -> Iterator[CodedPicture]:
        self._mode = _Mode.JOINING
        if self._waiting is None:  # its beginning was passed on already, or never came
            yield replace(piece, damaged=True)
            return
        begin = self._waiting
        if len(begin.payload) + len(piece.payload) > LARGEST_ACCESS_UNIT_BYTES:
            self._waiting = None  # no picture is that large: its end was lost, or never comes
            yield replace(begin, damaged=True)
            return
        self._waiting = replace(
            begin,
            payload=begin.payload + piece.payload,
            pts=begin.pts if begin.pts is not None else piece.pts,
            dts=begin.dts if begin.dts is not None else piece.dts,
            damaged=begin.damaged or piece.damaged,
            arrived_at_us=piece.arrived_at_us,
        )
