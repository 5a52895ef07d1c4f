from __future__ import annotations

import pytest

from ingest.annexb import START_CODE, ParameterSets, VideoCodec, begins_anew, nal_units, starts_picture

SPS, PPS, AUD = b"\x67sps", b"\x68pps", b"\x09\xf0"
IDR, IDR_REST, SLICE = b"\x65\x88idr", b"\x65\x40rest", b"\x41\x9aslice"
H265_VPS, H265_SPS, H265_PPS, H265_AUD = b"\x40\x01vps", b"\x42\x01sps", b"\x44\x01pps", b"\x46\x01\x50"
H265_IDR, H265_IDR_REST = b"\x26\x01\xaf", b"\x26\x01\x2f"


def annexb(*nals: bytes) -> bytes:
    return b"".join(START_CODE + nal for nal in nals)


def test_nal_units_of_long_and_short_start_codes() -> None:
    assert list(nal_units(b"\0\0\0\1" + SPS + b"\0\0\1" + PPS + b"\0\0\0\1" + IDR)) == [SPS, PPS, IDR]
    assert list(nal_units(b"")) == []
    assert list(nal_units(b"no start code")) == []


@pytest.mark.parametrize(
    ("codec", "payload", "expected"),
    [
        (VideoCodec.H264, annexb(IDR), annexb(SPS, PPS, IDR)),
        (VideoCodec.H264, annexb(AUD, IDR, IDR_REST), annexb(AUD, SPS, PPS, IDR, IDR_REST)),
        (VideoCodec.H264, annexb(SPS, PPS, IDR), annexb(SPS, PPS, IDR)),
        (VideoCodec.HEVC, annexb(H265_AUD, H265_IDR), annexb(H265_AUD, H265_VPS, H265_SPS, H265_PPS, H265_IDR)),
    ],
)
def test_parameter_sets_come_before_every_keyframe(codec: VideoCodec, payload: bytes, expected: bytes) -> None:
    sets = ParameterSets(codec)
    sets.learn(annexb(SPS, PPS) if codec is VideoCodec.H264 else annexb(H265_VPS, H265_SPS, H265_PPS))
    assert sets.before(payload) == expected


def test_parameter_sets_in_band_replace_the_described_ones() -> None:
    sets = ParameterSets(VideoCodec.H264)
    sets.learn(annexb(SPS, PPS))
    new_sps, new_pps = b"\x67new", b"\x68new"
    sets.before(annexb(new_sps, new_pps, IDR))
    assert sets.before(annexb(IDR)) == annexb(new_sps, new_pps, IDR)


def test_a_keyframe_with_half_of_the_sets_gets_the_other_half() -> None:
    sets = ParameterSets(VideoCodec.H264)
    sets.learn(annexb(SPS, PPS))
    new_sps = b"\x67new"
    assert sets.before(annexb(AUD, new_sps, IDR)) == annexb(AUD, new_sps, PPS, IDR)


@pytest.mark.parametrize(
    ("codec", "payload", "starts"),
    [
        (VideoCodec.H264, annexb(SPS, PPS, IDR), True),
        (VideoCodec.H264, annexb(SPS, PPS, IDR_REST), False),
        (VideoCodec.H264, annexb(SLICE), True),
        (VideoCodec.HEVC, annexb(H265_VPS, H265_IDR), True),
        (VideoCodec.HEVC, annexb(H265_IDR_REST), False),
        (VideoCodec.H264, annexb(SPS), True),
        (VideoCodec.H264, START_CODE + b"\x65", True),
    ],
)
def test_the_first_slice_tells_whether_a_picture_begins(codec: VideoCodec, payload: bytes, starts: bool) -> None:
    assert starts_picture(codec, payload) is starts


@pytest.mark.parametrize(
    ("codec", "payload", "expected"),
    [
        (VideoCodec.H264, annexb(AUD, SPS, PPS, IDR), True),
        (VideoCodec.H264, annexb(b"\x06\x06\x01\xc4\x80", SLICE), False),  # a recovery point is no new beginning
        (VideoCodec.H264, annexb(SPS, PPS), False),
        (VideoCodec.HEVC, annexb(H265_VPS, H265_SPS, H265_PPS, H265_IDR), True),
        (VideoCodec.HEVC, annexb(b"\x2a\x01\xaf"), False),  # CRA: pictures after it may refer to what came before
        (VideoCodec.HEVC, START_CODE, False),
    ],
)
def test_where_nothing_refers_to_what_came_before(codec: VideoCodec, payload: bytes, expected: bool) -> None:
    assert begins_anew(codec, payload) is expected
