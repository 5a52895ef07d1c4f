"""Access units to RTP: H.264 by RFC 6184 (single, STAP-A, FU-A), H.265 by RFC 7798 (single, AP, FU); RTCP reports."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.district.video_file import AccessUnit

MAX_PAYLOAD_BYTES = 1400
VIDEO_TYPE = 96
CLOCK_HZ = 90_000
_NTP_OFFSET_S = 2_208_988_800
_SEQUENCE_AND_TIME = struct.Struct(">HI")


def split_annexb(data: bytes) -> list[bytes]:
    """The NAL units of an Annex-B byte stream, without start codes."""
    starts: list[tuple[int, int]] = []
    at = data.find(b"\x00\x00\x01")
    while at >= 0:
        starts.append((at - 1 if at > 0 and data[at - 1] == 0 else at, at + 3))
        at = data.find(b"\x00\x00\x01", at + 3)
    ends = [begin for begin, _ in starts[1:]] + [len(data)]
    return [data[body:end].rstrip(b"\x00") for (_, body), end in zip(starts, ends, strict=True) if end > body]


def h264_payloads(nals: Sequence[bytes], limit: int = MAX_PAYLOAD_BYTES) -> list[bytes]:
    """RTP payloads of one picture: small NAL units together, large ones in fragments."""
    payloads: list[bytes] = []
    pending: list[bytes] = []
    for nal in nals:
        if len(nal) <= limit and sum(len(n) + 2 for n in [*pending, nal]) + 1 <= limit:
            pending.append(nal)
            continue
        payloads += _stap_a(pending)
        pending = []
        if len(nal) <= limit:
            pending.append(nal)
        else:
            payloads += _fu_a(nal, limit)
    return payloads + _stap_a(pending)


def _stap_a(nals: list[bytes]) -> list[bytes]:
    if len(nals) < 2:
        return list(nals)
    importance = max(nal[0] & 0x60 for nal in nals)
    return [bytes([importance | 24]) + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)]


def _fu_a(nal: bytes, limit: int) -> list[bytes]:
    indicator, kind = (nal[0] & 0xE0) | 28, nal[0] & 0x1F
    pieces = [nal[i : i + limit - 2] for i in range(1, len(nal), limit - 2)]
    last = len(pieces) - 1
    return [
        bytes([indicator, kind | (0x80 if i == 0 else 0) | (0x40 if i == last else 0)]) + piece
        for i, piece in enumerate(pieces)
    ]


def h265_payloads(nals: Sequence[bytes], limit: int = MAX_PAYLOAD_BYTES) -> list[bytes]:
    """RTP payloads of one picture: small NAL units together (type 48), large ones in fragments (type 49)."""
    payloads: list[bytes] = []
    pending: list[bytes] = []
    for nal in nals:
        if len(nal) <= limit and sum(len(n) + 2 for n in [*pending, nal]) + 2 <= limit:
            pending.append(nal)
            continue
        payloads += _aggregation(pending)
        pending = []
        if len(nal) <= limit:
            pending.append(nal)
        else:
            payloads += _fu(nal, limit)
    return payloads + _aggregation(pending)


def _aggregation(nals: list[bytes]) -> list[bytes]:
    if len(nals) < 2:
        return list(nals)
    layer_and_id = bytes([(48 << 1) | (nals[0][0] & 0x81), nals[0][1]])
    return [layer_and_id + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)]


def _fu(nal: bytes, limit: int) -> list[bytes]:
    kind = (nal[0] >> 1) & 0x3F
    head = bytes([(nal[0] & 0x81) | (49 << 1), nal[1]])
    pieces = [nal[i : i + limit - 3] for i in range(2, len(nal), limit - 3)]
    last = len(pieces) - 1
    return [
        head + bytes([kind | (0x80 if i == 0 else 0) | (0x40 if i == last else 0)]) + piece
        for i, piece in enumerate(pieces)
    ]


@dataclass(frozen=True)
class PacketizedUnit:
    """One picture as interleaved RTP on channel 0; sequence and time are patched in at the packets' offsets."""

    template: bytes
    offsets: tuple[int, ...]
    keyframe: bool

    def stamped(self, sequence: int, timestamp: int) -> bytearray:
        """The packets from this sequence number on, all with this RTP time."""
        data = bytearray(self.template)
        timestamp &= 0xFFFFFFFF
        for i, offset in enumerate(self.offsets):
            _SEQUENCE_AND_TIME.pack_into(data, offset + 6, (sequence + i) & 0xFFFF, timestamp)
        return data

    def on_channel(self, data: bytearray, channel: int) -> bytearray:
        """The same packets for another interleaved channel."""
        moved = bytearray(data)
        for offset in self.offsets:
            moved[offset + 1] = channel
        return moved

    def datagrams(self, data: bytearray) -> list[bytes]:
        """The packets one by one, without the interleaving header."""
        ends = (*self.offsets[1:], len(data))
        return [bytes(data[start + 4 : end]) for start, end in zip(self.offsets, ends, strict=True)]


def packetized(unit: AccessUnit, codec: str, ssrc: int) -> PacketizedUnit:
    """Prepares a picture for sending; all that is left to do per frame is to stamp it."""
    nals = split_annexb(unit.data)
    payloads = h265_payloads(nals) if codec == "hevc" else h264_payloads(nals)
    template = bytearray()
    offsets = []
    for i, payload in enumerate(payloads):
        offsets.append(len(template))
        marker = 0x80 if i == len(payloads) - 1 else 0
        template += struct.pack(">BBHBBHII", 0x24, 0, len(payload) + 12, 0x80, marker | VIDEO_TYPE, 0, 0, ssrc)
        template += payload
    return PacketizedUnit(bytes(template), tuple(offsets), unit.keyframe)


def rtp_packet(payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes) -> bytes:
    """One RTP packet with the marker clear."""
    return struct.pack(">BBHII", 0x80, payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


def interleaved(channel: int, packet: bytes) -> bytes:
    """A packet framed for the RTSP connection (RFC 2326 section 10.12)."""
    return struct.pack(">BBH", 0x24, channel, len(packet)) + packet


def sender_report(ssrc: int, now_s: float, timestamp: int, packets: int, octets: int) -> bytes:
    """An RTCP sender report with CNAME (RFC 3550 sections 6.4.1, 6.5.1): this RTP time is this wall-clock instant."""
    seconds = int(now_s)
    fraction = int((now_s - seconds) * 2**32) & 0xFFFFFFFF
    report = struct.pack(
        ">BBHIIIIII",
        0x80,
        200,
        6,
        ssrc,
        (seconds + _NTP_OFFSET_S) & 0xFFFFFFFF,
        fraction,
        timestamp & 0xFFFFFFFF,
        packets & 0xFFFFFFFF,
        octets & 0xFFFFFFFF,
    )
    item = b"\x01\x08district\x00\x00"
    return report + struct.pack(">BBHI", 0x81, 202, 1 + len(item) // 4, ssrc) + item


def parameter_sets(unit: AccessUnit, codec: str) -> list[bytes]:
    """SPS and PPS (H.264), or VPS, SPS and PPS (H.265), of a keyframe, in order."""
    if codec == "hevc":
        return [nal for nal in split_annexb(unit.data) if (nal[0] >> 1) & 0x3F in (32, 33, 34)]
    return [nal for nal in split_annexb(unit.data) if nal[0] & 0x1F in (7, 8)]
