"""Packets can be put together again, and say when they are from."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.district.rtp_packets import (
    h264_payloads,
    h265_payloads,
    interleaved,
    packetized,
    sender_report,
    split_annexb,
)
from scripts.district.video_file import AccessUnit

BODY = st.binary(min_size=1, max_size=4000).map(lambda data: data.replace(b"\x00", b"\x01"))
H264_NAL = st.tuples(st.sampled_from([0x67, 0x68, 0x06, 0x65, 0x41]), BODY).map(lambda t: bytes([t[0]]) + t[1])
H265_NAL = st.tuples(st.sampled_from([32, 33, 34, 39, 19, 1]), BODY).map(lambda t: bytes([t[0] << 1, 1]) + t[1])


def h264_back(payloads: list[bytes]) -> list[bytes]:
    nals: list[bytes] = []
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == 28:
            if payload[1] & 0x80:
                nals.append(bytes([(payload[0] & 0xE0) | (payload[1] & 0x1F)]))
            nals[-1] += payload[2:]
        elif kind == 24:
            nals += _aggregated(payload[1:])
        else:
            nals.append(payload)
    return nals


def h265_back(payloads: list[bytes]) -> list[bytes]:
    nals: list[bytes] = []
    for payload in payloads:
        kind = (payload[0] >> 1) & 0x3F
        if kind == 49:
            if payload[2] & 0x80:
                nals.append(bytes([(payload[0] & 0x81) | ((payload[2] & 0x3F) << 1), payload[1]]))
            nals[-1] += payload[3:]
        elif kind == 48:
            nals += _aggregated(payload[2:])
        else:
            nals.append(payload)
    return nals


def _aggregated(data: bytes) -> list[bytes]:
    nals = []
    while data:
        length = int.from_bytes(data[:2], "big")
        nals.append(data[2 : 2 + length])
        data = data[2 + length :]
    return nals


@given(nals=st.lists(H264_NAL, min_size=1, max_size=8), limit=st.integers(100, 1400))
def test_h264_comes_back_whole(nals: list[bytes], limit: int) -> None:
    payloads = h264_payloads(nals, limit)
    assert max(map(len, payloads)) <= limit
    assert h264_back(payloads) == nals


@given(nals=st.lists(H265_NAL, min_size=1, max_size=8), limit=st.integers(100, 1400))
def test_h265_comes_back_whole(nals: list[bytes], limit: int) -> None:
    payloads = h265_payloads(nals, limit)
    assert max(map(len, payloads)) <= limit
    assert h265_back(payloads) == nals


@given(nals=st.lists(H264_NAL, min_size=1, max_size=5), long_codes=st.booleans())
def test_start_codes_of_either_length_divide(nals: list[bytes], long_codes: bool) -> None:
    code = b"\x00\x00\x00\x01" if long_codes else b"\x00\x00\x01"
    assert split_annexb(b"".join(code + nal for nal in nals)) == nals


@given(sequence=st.integers(0, 65535), timestamp=st.integers(0, 2**34))
def test_a_stamped_picture(sequence: int, timestamp: int) -> None:
    unit = AccessUnit(b"\x00\x00\x01\x67abc\x00\x00\x01\x68de\x00\x00\x01\x65" + b"x" * 5000, True)
    packets = packetized(unit, "h264", 0xABCD)
    data = packets.stamped(sequence, timestamp)
    datagrams = packets.datagrams(data)
    assert len(datagrams) == len(packets.offsets) > 3
    for i, datagram in enumerate(datagrams):
        first, kind, number, time, ssrc = struct.unpack(">BBHII", datagram[:12])
        assert (first, kind & 0x7F, ssrc) == (0x80, 96, 0xABCD)
        assert number == (sequence + i) % 65536
        assert time == timestamp % 2**32
        assert bool(kind & 0x80) == (i == len(datagrams) - 1), "the marker is on the last packet alone"
    assert bytes(data) == b"".join(interleaved(0, datagram) for datagram in datagrams)
    moved = packets.on_channel(data, 6)
    assert bytes(moved) == b"".join(interleaved(6, datagram) for datagram in datagrams)


def test_a_sender_report_ties_rtp_time_to_the_wall_clock() -> None:
    report = sender_report(7, 1_700_000_000.25, 90_000, 11, 2200)
    head, kind, words, ssrc, seconds, fraction, time, packets, octets = struct.unpack(">BBHIIIIII", report[:28])
    assert (head, kind, words, ssrc) == (0x80, 200, 6, 7)
    assert seconds - 2_208_988_800 == 1_700_000_000
    assert fraction / 2**32 == pytest.approx(0.25)
    assert (time, packets, octets) == (90_000, 11, 2200)
    assert report[28:30] == b"\x81\xca"
    assert len(report) == 28 + (int.from_bytes(report[30:32], "big") + 1) * 4
