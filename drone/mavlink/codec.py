"""Bytes to messages and back: MAVLink 2 out, 1 and 2 in.

Framing is our own: on a bad checksum pymavlink skips as many bytes as the broken header claims, real messages among
them, and a stray start byte would make it wait for up to 280 bytes. Here a frame counts when its checksum is right; a
header that cannot be one is passed over at once, and one still incomplete does not hold up whole frames behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from drone.mavlink.dialect import GROUND_STATION_COMPONENT, Message, mavlink
from drone.mavlink.signing import TimestampReservation

_V1, _V2 = 0xFE, 0xFD
_V1_OVERHEAD, _V2_OVERHEAD = 8, 12
_SIGNATURE_BYTES = 13
_SIGNED = 0x01
_MOST_WAITING_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Received:
    """A message with the bytes it came in."""

    message: Message
    raw: bytes


@dataclass(slots=True)
class CodecStatistics:
    """What came in."""

    frames: int = 0
    junk_bytes: int = 0
    rejected_frames: int = 0  # right checksum, but not signed as they must be, or not readable


class Codec:
    """One end of one link."""

    def __init__(
        self,
        system: int,
        component: int = GROUND_STATION_COMPONENT,
        secret: bytes | None = None,
        timestamps: TimestampReservation | None = None,
        link_id: int = 0,
    ) -> None:
        """Args: secret, timestamps: sign every packet, and reject what is not signed with the same key."""
        self.statistics = CodecStatistics()
        self._mav = mavlink.MAVLink(None, srcSystem=system, srcComponent=component)
        self._timestamps = timestamps
        self._waiting = bytearray()
        if secret is not None:
            self._mav.signing.secret_key = secret
            self._mav.signing.sign_outgoing = True
            self._mav.signing.link_id = link_id
            if timestamps is not None:
                self._mav.signing.timestamp = timestamps.latest  # what is a minute older is refused from the start

    def pack(self, message: Message, now: datetime) -> bytes:
        """The message as bytes; every call counts as one packet sent."""
        if self._timestamps is not None:
            self._timestamps.raise_to(self._mav.signing.timestamp)
            self._mav.signing.timestamp = self._timestamps.take(now)
        raw = bytes(message.pack(self._mav))
        self._mav.seq = (self._mav.seq + 1) % 256
        return raw

    def feed(self, chunk: bytes, is_datagram: bool = False) -> list[Received]:
        """The messages that are complete now. A datagram that begins with a whole frame ends whatever waited."""
        if is_datagram and self._waiting and self._judge(chunk, 0) > 0:
            self.statistics.junk_bytes += len(self._waiting)
            self._waiting.clear()
        self._waiting += chunk
        return list(self._drain())

    def _drain(self) -> Iterator[Received]:
        waiting = self._waiting
        start, first_incomplete = 0, None
        position = 0
        while position < len(waiting):
            length = self._judge(waiting, position)
            if length > 0:
                self.statistics.junk_bytes += position - start
                received = self._decoded(bytes(waiting[position : position + length]))
                position += length
                start, first_incomplete = position, None
                if received is not None:
                    yield received
            else:
                if length < 0 and first_incomplete is None:
                    first_incomplete = position
                position += 1
        keep = len(waiting) if first_incomplete is None else first_incomplete
        keep = max(keep, len(waiting) - _MOST_WAITING_BYTES)
        self.statistics.junk_bytes += keep - start
        del waiting[:keep]

    def _judge(self, data: bytes | bytearray, at: int) -> int:
        """Length of the frame that begins here; 0 when none does, -1 when more bytes must come to tell."""
        magic = data[at]
        if magic == _V2:
            return self._judge_v2(data, at)
        if magic == _V1:
            return self._judge_v1(data, at)
        return 0

    def _judge_v2(self, data: bytes | bytearray, at: int) -> int:
        if len(data) - at < 10:
            return -1
        payload, flags = data[at + 1], data[at + 2]
        kind = mavlink.mavlink_map.get(data[at + 7] | data[at + 8] << 8 | data[at + 9] << 16)
        if kind is None or flags & ~_SIGNED:
            return 0  # (a payload longer than we know has extension fields of a later dialect)
        checked = payload + _V2_OVERHEAD
        length = checked + (_SIGNATURE_BYTES if flags & _SIGNED else 0)
        if len(data) - at < length:
            return -1
        return length if _is_sound(data[at : at + checked], kind.crc_extra) else 0

    def _judge_v1(self, data: bytes | bytearray, at: int) -> int:
        if len(data) - at < 6:
            return -1
        payload = data[at + 1]
        kind = mavlink.mavlink_map.get(data[at + 5])
        if kind is None or payload > kind.unpacker.size:
            return 0
        length = payload + _V1_OVERHEAD
        if len(data) - at < length:
            return -1
        return length if _is_sound(data[at : at + length], kind.crc_extra) else 0

    def _decoded(self, raw: bytes) -> Received | None:
        try:
            message = self._mav.decode(bytearray(raw))
        except mavlink.MAVError:
            self.statistics.rejected_frames += 1
            return None
        self.statistics.frames += 1
        return Received(message, raw)


def _is_sound(frame: bytes | bytearray, crc_extra: int) -> bool:
    checksum = mavlink.x25crc(bytes(frame[1:-2]) + bytes((crc_extra,))).crc
    return bool(checksum == frame[-2] | frame[-1] << 8)
