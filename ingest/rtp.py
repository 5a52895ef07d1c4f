"""RTP packets of H.264 and H.265 put together to access units. Pure.

A unit is complete with the packet that carries the marker bit, so it goes on at once; FFmpeg's RTSP client, which does
not tell the marker, knows that a picture is complete only when the next one begins, one frame interval later. Where a
camera sets no marker the next time stamp ends the unit here too. What ends too early, because a camera marks every
slice, is joined by `ingest.assembly`. A marker within a NAL unit means nothing: some cameras set it on every packet.

Source: RFC 3550 section 5.1; RFC 6184 sections 5.1, 5.6 to 5.8 (H.264); RFC 7798 sections 4.1 and 4.4 (H.265).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from ingest.annexb import FIRST_PICTURE_TYPES, START_CODE, VideoCodec, nal_type
from kernel.media import LARGEST_ACCESS_UNIT_BYTES

_FIXED = struct.Struct("!BBHI")
_FIXED_BYTES = 12
_SIZE = struct.Struct("!H")
_WRAP = 1 << 32
_STAP_A, _FU_A = 24, 28
_AGGREGATION, _FRAGMENT = 48, 49
# of the byte after the fixed header: which bits tell a fragment, and where its own header lies
_FRAGMENT_SIGN = {VideoCodec.H264: (0x1F, _FU_A, 13), VideoCodec.HEVC: (0x7E, _FRAGMENT << 1, 14)}
_PLAIN = 0x80  # version 2, nothing between the fixed header and what is carried
_KEY_TYPES = {VideoCodec.H264: frozenset({5}), VideoCodec.HEVC: frozenset(range(16, 22))}
_H264_SEI, _RECOVERY_POINT = 6, 6
_LARGEST_REORDER_TICKS = 2 * 90_000


class UnusualRtp(Exception):
    """Packets of a kind that FFmpeg is left to read; the text says which."""


@dataclass(frozen=True, slots=True)
class RtpUnit:
    """One access unit.

    Attributes:
        payload: Annex-B bytes.
        pts: presentation time in ticks of 90 kHz, 0 for the first unit.
        keyframe: a decoder can start here.
        damaged: packets of it are missing.
    """

    payload: bytes
    pts: int
    keyframe: bool
    damaged: bool


class RtpAssembler:
    """Joins the packets of one track of one session.

    Args:
        codec: of the track.
        payload_type: packets of others are passed over.
    """

    def __init__(self, codec: VideoCodec, payload_type: int) -> None:
        self._codec = codec
        self._payload_type = payload_type
        self._sign = _FRAGMENT_SIGN[codec]
        self._next_sequence: int | None = None
        self._timestamp: int | None = None
        self._pts = 0
        self._unit = bytearray()
        self._has_picture = self._keyframe = self._damaged = self._in_fragment = False

    def feed(self, packet: memoryview) -> tuple[RtpUnit, ...]:
        """Give the next packet, get the units that are complete now.

        Raises:
            UnusualRtp: it is of a kind that is not understood here, or pictures are reordered.
        """
        if len(packet) < _FIXED_BYTES or packet[0] >> 6 != 2 or packet[1] & 0x7F != self._payload_type:
            return ()
        flags, kind, sequence, timestamp = _FIXED.unpack_from(packet)
        if self._in_fragment and flags == _PLAIN and sequence == self._next_sequence and timestamp == self._timestamp:
            mask, value, place = self._sign
            if len(packet) > place and packet[_FIXED_BYTES] & mask == value and not packet[place] & 0x80:
                return self._go_on(packet, place, ends=bool(kind & 0x80))  # nine of ten packets
        body = _body(packet, flags)
        self._note_loss(sequence)  # first: what ends without its marker lost it
        if not body:  # padding alone
            return ()
        ended = self._at(timestamp)
        if self._codec is VideoCodec.H264:
            self._take_h264(body)
        else:
            self._take_hevc(body)
        if kind & 0x80 and self._has_picture and not self._in_fragment:
            return (*ended, self._end())
        if len(self._unit) > LARGEST_ACCESS_UNIT_BYTES:
            self._drop()
        return ended

    def _go_on(self, packet: memoryview, place: int, *, ends: bool) -> tuple[RtpUnit, ...]:
        """Take the next part of a NAL unit."""
        self._next_sequence = ((self._next_sequence or 0) + 1) & 0xFFFF
        self._unit += packet[place + 1 :]
        if packet[place] & 0x40:
            self._in_fragment = False
            if ends and self._has_picture:
                return (self._end(),)
        if len(self._unit) > LARGEST_ACCESS_UNIT_BYTES:
            self._drop()
        return ()

    def _drop(self) -> None:
        """No picture is that large: its end was lost, or never comes."""
        self._begin()
        self._damaged = True

    def _at(self, timestamp: int) -> tuple[RtpUnit, ...]:
        """Go on to a time; what is of another time is complete."""
        if timestamp == self._timestamp:
            return ()
        ended = (self._end(),) if self._has_picture else ()
        if self._timestamp is not None:
            step = (timestamp - self._timestamp + _WRAP // 2) % _WRAP - _WRAP // 2
            if -_LARGEST_REORDER_TICKS < step < 0:
                raise UnusualRtp("pictures are sent in another order than shown")
            self._pts += step
        self._timestamp = timestamp
        return ended

    def _note_loss(self, sequence: int) -> None:
        if self._next_sequence is not None and sequence != self._next_sequence:
            self._damaged = True
            self._in_fragment = False
        self._next_sequence = (sequence + 1) & 0xFFFF

    def _end(self) -> RtpUnit:
        unit = RtpUnit(bytes(self._unit), self._pts, self._keyframe, self._damaged)
        self._begin()
        return unit

    def _begin(self) -> None:
        self._unit.clear()
        self._has_picture = self._keyframe = self._damaged = self._in_fragment = False

    def _take_h264(self, body: memoryview) -> None:
        kind = body[0] & 0x1F
        if kind == _FU_A and len(body) > 2:
            self._fragment(body[1], bytes((body[0] & 0xE0 | body[1] & 0x1F,)), body[2:])
        elif kind == _STAP_A:
            self._take_several(body[1:])
        elif 0 < kind < _STAP_A:
            self._begin_nal(bytes(body[:1]), body[1:])
        elif kind not in (0, _FU_A):
            raise UnusualRtp(f"packets of type {kind}")

    def _take_hevc(self, body: memoryview) -> None:
        if len(body) < 3:
            return
        kind = body[0] >> 1 & 0x3F
        if kind == _FRAGMENT:
            head = bytes((body[0] & 0x81 | (body[2] & 0x3F) << 1, body[1]))
            self._fragment(body[2], head, body[3:])
        elif kind == _AGGREGATION:
            self._take_several(body[2:])
        elif kind < _AGGREGATION:
            self._begin_nal(bytes(body[:2]), body[2:])
        else:
            raise UnusualRtp(f"packets of type {kind}")

    def _take_several(self, body: memoryview) -> None:
        """NAL units one after the other, each behind its size."""
        head_bytes = 1 if self._codec is VideoCodec.H264 else 2
        while len(body) > 2:
            end = 2 + _SIZE.unpack_from(body)[0]
            nal = body[2:end]
            if len(nal) < end - 2:
                self._damaged = True
            if len(nal) >= head_bytes:
                self._begin_nal(bytes(nal[:head_bytes]), nal[head_bytes:])
            body = body[end:]

    def _fragment(self, fragment_head: int, nal_head: bytes, body: memoryview) -> None:
        """A part of a NAL unit; the rest of one whose beginning was lost is of no use."""
        if fragment_head & 0x80:
            self._begin_nal(nal_head, body)
            self._in_fragment = True
        elif self._in_fragment:
            self._unit += body
        else:
            self._damaged = True
        if fragment_head & 0x40:
            self._in_fragment = False

    def _begin_nal(self, head: bytes, body: memoryview) -> None:
        kind = nal_type(self._codec, head)
        self._has_picture |= kind in FIRST_PICTURE_TYPES[self._codec]
        self._keyframe |= kind in _KEY_TYPES[self._codec] or (
            self._codec is VideoCodec.H264 and kind == _H264_SEI and _tells_recovery_point(body)
        )
        self._unit += START_CODE
        self._unit += head
        self._unit += body


def _body(packet: memoryview, flags: int) -> memoryview:
    """What a packet carries, without contributors, header extension and padding; empty where they do not fit."""
    start, end = _FIXED_BYTES + 4 * (flags & 0x0F), len(packet)
    if flags & 0x10:
        if start + 4 > end:
            return packet[:0]
        start += 4 + 4 * int(_SIZE.unpack_from(packet, start + 2)[0])
    if flags & 0x20:
        end -= packet[-1]
    return packet[start : max(start, end)]


def _tells_recovery_point(messages: memoryview) -> bool:
    """Whether the first message of an SEI NAL unit says that decoding can start here (H.264 7.3.2.3.1 and D.1.8)."""
    return len(messages) > 0 and messages[0] == _RECOVERY_POINT
