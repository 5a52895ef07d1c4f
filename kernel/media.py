"""Framing of access units on an ingest worker's media socket; pure, no I/O.

client -> worker   one JSON line   {"camera_id": "cam-01", "stream": "sub"}
worker -> client   one JSON line   MediaHello, or {"problem": "..."} and the connection ends
worker -> client   records         the cached GOP first (replayed=1), then live access units as they arrive

A record is a fixed header (network byte order) and the payload, an Annex-B access unit with SPS/PPS(/VPS) repeated
before each IDR. Times are in the 90 kHz clock of RTP (RFC 6184 section 5.1), arrival in microseconds since the epoch.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict

from kernel.config.camera import StreamName
from kernel.errors import LookoutError

PTS_CLOCK_HZ = 90_000
LARGEST_ACCESS_UNIT_BYTES = 8 << 20
LONGEST_LINE_BYTES = 4096

_MAGIC = 0x4C4B  # "LK"
_HEADER = struct.Struct("!HBBqqqI")
HEADER_BYTES = _HEADER.size

_KEYFRAME = 1
_REPLAYED = 2
_DISCONTINUITY = 4


class MediaProtocolError(LookoutError):
    """The peer on a media socket sent something that is no record."""


class MediaRequest(BaseModel):
    """Which stream a client wants."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    camera_id: str
    stream: StreamName


class MediaHello(BaseModel):
    """What the stream is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    camera_id: str
    stream: StreamName
    codec: str  # "h264" or "hevc", as FFmpeg names them
    width_px: int
    height_px: int
    has_b_frames: bool
    masked: bool = False  # the camera has privacy masks: show it only transcoded, with the masks burnt in


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture.

    Attributes:
        payload: Annex-B bytes.
        pts: presentation time, 90 kHz, never going back within a run without `discontinuity`.
        dts: decoding time, 90 kHz.
        arrived_at_us: arrival at ingest, microseconds since the epoch.
        keyframe: starts a GOP.
        replayed: from the cached GOP, older than now.
        discontinuity: first unit after a reconnect; times start anew.
    """

    payload: bytes
    pts: int
    dts: int
    arrived_at_us: int
    keyframe: bool
    replayed: bool = False
    discontinuity: bool = False

    def to_record(self) -> bytes:
        """Header and payload as they travel."""
        flags = self.keyframe * _KEYFRAME | self.replayed * _REPLAYED | self.discontinuity * _DISCONTINUITY
        return _HEADER.pack(_MAGIC, 1, flags, self.pts, self.dts, self.arrived_at_us, len(self.payload)) + self.payload

    @classmethod
    def from_parts(cls, header: RecordHeader, payload: bytes) -> Self:
        """The unit of a parsed header and its payload."""
        return cls(
            payload,
            header.pts,
            header.dts,
            header.arrived_at_us,
            bool(header.flags & _KEYFRAME),
            bool(header.flags & _REPLAYED),
            bool(header.flags & _DISCONTINUITY),
        )


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """A record's header, parsed."""

    flags: int
    pts: int
    dts: int
    arrived_at_us: int
    payload_bytes: int


def parse_header(raw: bytes) -> RecordHeader:
    """Parse HEADER_BYTES bytes.

    Raises:
        MediaProtocolError: wrong magic or version, or a length beyond LARGEST_ACCESS_UNIT_BYTES.
    """
    magic, version, flags, pts, dts, arrived_at_us, payload_bytes = _HEADER.unpack(raw)
    if magic != _MAGIC or version != 1:
        raise MediaProtocolError(f"media socket: not a version 1 record (magic {magic:#06x}, version {version})")
    if payload_bytes > LARGEST_ACCESS_UNIT_BYTES:
        raise MediaProtocolError(f"media socket: access unit of {payload_bytes} bytes is larger than allowed")
    return RecordHeader(flags, pts, dts, arrived_at_us, payload_bytes)
