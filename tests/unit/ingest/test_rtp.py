"""RTP to access units: whole at the marker, or at the next time without one; losses are told."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.annexb import START_CODE, VideoCodec, nal_units
from ingest.rtp import RtpAssembler, RtpUnit, UnusualRtp
from scripts.district.rtp_packets import h264_payloads, h265_payloads

TYPE = 96
SPS, PPS, IDR, SLICE = b"\x67sps", b"\x68pps", b"\x65\x88" + b"i" * 40, b"\x41\x9a" + b"p" * 30


def packet(payload: bytes, sequence: int, timestamp: int, *, marker: bool = False, kind: int = TYPE) -> bytes:
    head = struct.pack("!BBHII", 0x80, marker << 7 | kind, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 7)
    return head + payload


def fed(assembler: RtpAssembler, *packets: bytes) -> list[RtpUnit]:
    return [unit for one in packets for unit in assembler.feed(memoryview(one))]


def annexb(*nals: bytes) -> bytes:
    return b"".join(START_CODE + nal for nal in nals)


def picture(nals: list[bytes], sequence: int, timestamp: int, *, limit: int = 20, marked: bool = True) -> list[bytes]:
    """An H.264 picture as the simulated district sends it."""
    payloads = h264_payloads(nals, limit)
    last = len(payloads) - 1
    return [packet(one, sequence + i, timestamp, marker=marked and i == last) for i, one in enumerate(payloads)]


def test_a_picture_is_whole_with_its_last_packet() -> None:
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    packets = picture([SPS, PPS, IDR], 65_534, 5_000)
    assert len(packets) > 3
    assert fed(assembler, *packets[:-1]) == []
    assert fed(assembler, packets[-1]) == [RtpUnit(annexb(SPS, PPS, IDR), 0, keyframe=True, damaged=False)]
    following = packet(SLICE, 65_534 + len(packets), 8_600, marker=True)
    assert fed(assembler, following) == [RtpUnit(annexb(SLICE), 3_600, keyframe=False, damaged=False)]


def test_without_markers_the_next_time_ends_a_picture() -> None:
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    first, second = picture([IDR], 0, 0, marked=False), picture([SLICE], 10, 3_600, marked=False)
    assert fed(assembler, *first) == []
    assert [unit.payload for unit in fed(assembler, *second)] == [annexb(IDR)]


@pytest.mark.parametrize(("payloads", "key"), [(h264_payloads, IDR), (h265_payloads, b"\x26\x01" + b"h" * 90)])
def test_a_marker_on_every_packet_tears_no_picture(
    payloads: Callable[[list[bytes], int], list[bytes]], key: bytes
) -> None:
    codec = VideoCodec.H264 if payloads is h264_payloads else VideoCodec.HEVC
    pieces = payloads([key], 20)
    units = fed(RtpAssembler(codec, TYPE), *(packet(one, n, 0, marker=True) for n, one in enumerate(pieces)))
    assert units == [RtpUnit(annexb(key), 0, keyframe=True, damaged=False)]


@pytest.mark.parametrize("filling", [b"", b"\x00\x00\x03"])
def test_packets_that_carry_nothing_are_no_loss(filling: bytes) -> None:
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    empty = bytearray(packet(filling, 1, 0))
    empty[0] |= 0x20 if filling else 0
    (_, second) = fed(assembler, packet(SLICE, 0, 0, marker=True), bytes(empty), packet(SLICE, 2, 3_600, marker=True))
    assert not second.damaged


def test_a_stream_that_begins_anew_goes_on() -> None:
    """Another SSRC, other numbers, another clock: one picture is told to be damaged, the times jump."""
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    before, after = packet(SLICE, 9, 90_000, marker=True), bytearray(packet(IDR, 40_000, 4_000_000, marker=True))
    after[8:12] = b"anew"
    units = fed(assembler, before, bytes(after), packet(SLICE, 40_001, 4_003_600, marker=True))
    assert [(unit.pts, unit.damaged) for unit in units] == [(0, False), (3_910_000, True), (3_913_600, False)]


def test_parameter_sets_sent_as_a_picture_of_their_own_go_with_the_next_one() -> None:
    """Some cameras set the marker behind them, and some give them a time of their own."""
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    assert fed(assembler, packet(SPS, 0, 0, marker=True), packet(PPS, 1, 10, marker=True)) == []
    (unit,) = fed(assembler, packet(IDR, 2, 10, marker=True))
    assert unit == RtpUnit(annexb(SPS, PPS, IDR), 10, keyframe=True, damaged=False)


def test_times_go_on_across_the_wrap_of_the_clock() -> None:
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    times = [(1 << 32) - 3_600, 0, 3_600]
    units = fed(assembler, *(packet(SLICE, n, time, marker=True) for n, time in enumerate(times)))
    assert [unit.pts for unit in units] == [0, 3_600, 7_200]


def test_a_lost_packet_is_told_and_its_rest_left_out() -> None:
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    packets = picture([IDR], 0, 0)
    (torn,) = fed(assembler, *packets[:1], *packets[2:])
    assert torn.damaged
    assert torn.payload == annexb(IDR[:19])
    beginning = len(packets)
    (clean,) = fed(assembler, packet(SLICE, beginning, 3_600, marker=True))
    assert not clean.damaged
    begin_lost = picture([IDR], beginning + 1, 7_200)[1:]
    assert fed(assembler, *begin_lost) == []
    (after,) = fed(assembler, packet(SLICE, beginning + 1 + len(packets), 10_800, marker=True))
    assert after.damaged


def test_a_lost_end_is_told_of_the_picture_that_lost_it() -> None:
    packets = picture([IDR], 0, 0)
    following = packet(SLICE, len(packets), 3_600, marker=True)
    units = fed(RtpAssembler(VideoCodec.H264, TYPE), *packets[:-1], following)
    assert [unit.damaged for unit in units] == [True, False]


def test_a_recovery_point_is_a_keyframe() -> None:
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    units = fed(assembler, *picture([b"\x06\x06\x01\xc4\x80", SLICE], 0, 0), *picture([b"\x06\x05\x01x", SLICE], 9, 9))
    assert [unit.keyframe for unit in units] == [True, False]


def test_packets_of_other_kinds_and_shreds_are_passed_over() -> None:
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    shreds = [b"", b"\x80", packet(b"", 0, 0), packet(IDR, 0, 0, kind=8), b"\x00" + packet(IDR, 0, 0)[1:]]
    assert fed(assembler, *shreds) == []
    contributors, extension, padding = b"\x00" * 8, b"\xbe\xde\x00\x01abcd", b"\x00\x00\x03"
    head = bytearray(packet(b"", 0, 0, marker=True))
    head[0] |= 0x30 | 2
    (unit,) = fed(assembler, bytes(head) + contributors + extension + SLICE + padding)
    assert unit.payload == annexb(SLICE)


@pytest.mark.parametrize("kind", [25, 29, 30])
def test_what_is_not_understood_is_left_to_ffmpeg(kind: int) -> None:
    with pytest.raises(UnusualRtp, match=str(kind)):
        fed(RtpAssembler(VideoCodec.H264, TYPE), packet(bytes([kind, 1, 2, 3]), 0, 0))


def test_reordered_pictures_are_left_to_ffmpeg() -> None:
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    with pytest.raises(UnusualRtp, match="order"):
        fed(assembler, *(packet(SLICE, n, time, marker=True) for n, time in enumerate((0, 10_800, 3_600))))


def test_a_picture_without_an_end_takes_no_room_without_end() -> None:
    assembler = RtpAssembler(VideoCodec.H264, TYPE)
    for number in range(400):
        assert fed(assembler, packet(SLICE + bytes(60_000), number, 0)) == []
        assert len(assembler._unit) <= 9 << 20


def nal(kind: int, size: int) -> bytes:
    return bytes([kind << 1, 1]) + b"h" * size


@given(st.lists(st.integers(1, 90), min_size=1, max_size=6), st.integers(12, 60))
def test_hevc_arrives_as_it_was_sent(sizes: list[int], limit: int) -> None:
    nals = [nal(32, 5), *(nal(19 if number == 0 else 1, size) for number, size in enumerate(sizes))]
    payloads = h265_payloads(nals, limit)
    packets = [packet(one, n, 0, marker=n == len(payloads) - 1) for n, one in enumerate(payloads)]
    (unit,) = fed(RtpAssembler(VideoCodec.HEVC, TYPE), *packets)
    assert list(nal_units(unit.payload)) == nals
    assert unit.keyframe


@given(st.lists(st.binary(max_size=60), max_size=30))
def test_noise_does_no_harm(bodies: list[bytes]) -> None:
    for codec in VideoCodec:
        assembler = RtpAssembler(codec, TYPE)
        for number, body in enumerate(bodies):
            try:
                fed(assembler, packet(body, number, number, marker=number % 3 == 0))
            except UnusualRtp:
                assembler = RtpAssembler(codec, TYPE)
