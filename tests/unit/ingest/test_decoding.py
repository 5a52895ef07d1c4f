from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from ingest.annexb import VideoCodec
from ingest.decoding import FrameSink, PictureDecoder, PictureFormat, format_of
from ingest.mask import PrivacyMask
from kernel.config.camera import StreamName
from kernel.ring import RingReader, RingWriter

WIDTH_PX, HEIGHT_PX = 66, 50


@dataclass(frozen=True)
class Coded:
    """A small stream: Annex-B pictures, their times, and the size of the first plane's brightness steps."""

    payloads: list[bytes]
    pts: list[int]


def coded(
    pixel_format: str = "yuv420p", b_frames: int = 0, count: int = 12, size: tuple[int, int] = (WIDTH_PX, HEIGHT_PX)
) -> Coded:
    """Pictures that get brighter by 10 each, from 20."""
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = *size, pixel_format
    context.time_base, context.framerate = Fraction(1, 10), Fraction(10, 1)
    context.gop_size, context.max_b_frames = 6, b_frames
    context.options = {"preset": "ultrafast" if not b_frames else "veryfast", "x264-params": "b-adapt=0:qp=4"}
    packets = []
    for number in range(count):
        shade = np.full((size[1], size[0], 3), 20 + 10 * number, np.uint8)
        frame = av.VideoFrame.from_ndarray(shade, format="rgb24").reformat(format=pixel_format)
        frame.pts = number
        packets += context.encode(frame)
    packets += context.encode(None)
    return Coded([bytes(packet) for packet in packets], [9000 * (packet.pts or 0) for packet in packets])


def shades(decoder: PictureDecoder, stream: Coded) -> list[tuple[int, int, int]]:
    """pts, arrival and mean brightness of every picture that comes out."""
    got = []
    for payload, pts in zip(stream.payloads, stream.pts, strict=True):
        for picture in decoder.decode(payload, pts, arrived_at_us=pts + 1):
            got.append((picture.pts, picture.arrived_at_us, round(float(picture.y.mean()))))
    return got


def test_each_picture_comes_out_at_once_with_its_own_times() -> None:
    stream = coded()
    decoder = PictureDecoder(VideoCodec.H264, None)
    for payload, pts in zip(stream.payloads, stream.pts, strict=True):
        (picture,) = decoder.decode(payload, pts, arrived_at_us=pts + 1)
        assert (picture.pts, picture.arrived_at_us) == (pts, pts + 1)
        assert picture.y.shape == (HEIGHT_PX, WIDTH_PX)
        assert picture.u.shape == picture.v.shape == ((HEIGHT_PX + 1) // 2, (WIDTH_PX + 1) // 2)
    assert decoder.size_px == (WIDTH_PX, HEIGHT_PX)


def test_b_frames_come_out_in_order_each_with_its_own_arrival() -> None:
    got = shades(PictureDecoder(VideoCodec.H264, None), coded(b_frames=2))
    assert len(got) >= 9
    assert [pts for pts, _, _ in got] == sorted(pts for pts, _, _ in got)
    assert all(arrived_at_us == pts + 1 for pts, arrived_at_us, _ in got)
    assert [shade for _, _, shade in got] == sorted(shade for _, _, shade in got)


@pytest.mark.parametrize("pixel_format", ["yuvj420p", "yuv422p", "yuv444p"])
def test_other_pixel_formats_become_i420(pixel_format: str) -> None:
    decoder = PictureDecoder(VideoCodec.H264, None)
    stream = coded(pixel_format, count=2)
    (picture,) = decoder.decode(stream.payloads[0], 0, 0)
    assert picture.y.shape == (HEIGHT_PX, WIDTH_PX)
    assert picture.u.shape == ((HEIGHT_PX + 1) // 2, (WIDTH_PX + 1) // 2)
    assert picture.full_range is (pixel_format == "yuvj420p")


@pytest.mark.parametrize("size", [(66, 50), (67, 51), (160, 90)])
def test_what_hardware_gives_becomes_the_same_i420(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format="yuv420p")
    decoder = PictureDecoder(VideoCodec.H264, None)
    expected = decoder.picture_of(frame, 1, 2)
    found = decoder.picture_of(frame.reformat(format="nv12"), 1, 2)
    for plane, other in zip((expected.y, expected.u, expected.v), (found.y, found.u, found.v), strict=True):
        np.testing.assert_array_equal(plane, other)
    assert not found.full_range
    assert not decoder.in_hardware


def test_pictures_that_nobody_sees_are_decoded_for_the_next_ones() -> None:
    stream = coded()
    plain = shades(PictureDecoder(VideoCodec.H264, None), stream)
    decoder = PictureDecoder(VideoCodec.H264, None)
    seen = []
    for number, (payload, pts) in enumerate(zip(stream.payloads, stream.pts, strict=True)):
        if number % 4 < 3:
            assert decoder.decode_unseen(payload, pts, arrived_at_us=pts + 1) == 1
        else:
            shown = decoder.decode(payload, pts, pts + 1)
            seen += [(one.pts, one.arrived_at_us, round(float(one.y.mean()))) for one in shown]
    assert seen == plain[3::4]


def test_what_never_comes_out_of_the_decoder_is_not_remembered() -> None:
    decoder = PictureDecoder(VideoCodec.H264, None)
    for number in range(500):
        with suppress(av.error.FFmpegError):
            list(decoder.decode(b"\x00\x00\x00\x01\x41\x9a", number, number))
    assert len(decoder._arrivals) <= 64


def rough(count: int = 8, gop: int = 250) -> list[bytes]:
    """Coded so badly that the loop filter has much to do."""
    noise = np.random.default_rng(5).integers(60, 180, (6, 8, 3), np.uint8).repeat(9, axis=0).repeat(9, axis=1)
    frames = [av.VideoFrame.from_ndarray(np.roll(noise, 3 * number, axis=1), format="rgb24") for number in range(count)]
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = noise.shape[1], noise.shape[0], "yuv420p"
    context.time_base, context.gop_size = Fraction(1, 10), gop
    context.options = {"tune": "zerolatency", "x264-params": "qp=40:bframes=0"}
    payloads = []
    for number, frame in enumerate(frames):
        picture = frame.reformat(format="yuv420p")
        picture.pts = number
        payloads += [bytes(packet) for packet in context.encode(picture)]
    return payloads


def test_without_the_loop_filter_pictures_are_nearly_the_same() -> None:
    sides = [PictureDecoder(VideoCodec.H264, None, loop_filter=wanted) for wanted in (True, False)]
    differences = []
    for number, payload in enumerate(rough()):
        (exact,), (unsmoothed,) = (list(side.decode(payload, number, number)) for side in sides)
        differences.append(float(np.abs(exact.y.astype(int) - unsmoothed.y).mean()))
    assert max(differences) > 0
    assert max(differences) < 8


def damaged(payloads: Sequence[bytes]) -> list[bytes]:
    """Every third one cut, every fourth one with bytes turned over, one of noise, one empty of slices."""
    random = np.random.default_rng(3)
    broken = []
    for number, payload in enumerate(payloads):
        turned = bytearray(payload)
        for place in random.integers(6, len(payload), 8):
            turned[place] ^= 0xFF
        broken.append({2: payload[: len(payload) // 2], 3: bytes(turned)}.get(number % 5, payload))
    broken[7] = random.integers(0, 256, 500, dtype=np.uint8).tobytes()
    broken[8] = b"\x00\x00\x00\x01"
    return broken


def test_damage_is_an_error_of_one_picture_and_the_next_keyframe_is_clean() -> None:
    stream = coded(count=24)
    clean = shades(PictureDecoder(VideoCodec.H264, None), stream)
    decoder = PictureDecoder(VideoCodec.H264, None)
    errors = 0
    for payload in damaged(stream.payloads):
        try:
            list(decoder.decode(payload, 0, 0))
        except av.error.FFmpegError:
            errors += 1
    assert errors >= 3
    assert shades(decoder, stream) == clean


def test_frames_reach_the_ring_with_masks_burnt_in_and_the_decoders_own_pictures_stay_whole(tmp_path: Path) -> None:
    """A mask painted into the decoder's own picture would be dragged into the pictures predicted from it."""
    stream = coded()
    plain = shades(PictureDecoder(VideoCodec.H264, None), stream)
    writer = RingWriter(tmp_path / "ring", [("cam-01", StreamName.MAIN)])
    sink = FrameSink(PrivacyMask([((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))]))
    sink.attach(writer.slot_for("cam-01", StreamName.MAIN))
    decoder = PictureDecoder(VideoCodec.H264, None)
    with RingReader(tmp_path / "ring") as reader:
        for number, (payload, pts) in enumerate(zip(stream.payloads, stream.pts, strict=True)):
            for picture in decoder.decode(payload, pts, pts):
                sink.write(picture)
                assert round(float(picture.y.mean())) == plain[number][2]
            view = reader.newest("cam-01", StreamName.MAIN)
            assert view is not None
            assert view.pts == pts
            assert (view.y[:, : WIDTH_PX // 2] == 16).all()
            assert abs(float(view.y[:, WIDTH_PX // 2 + 4 :].mean()) - plain[number][2]) <= 1
    writer.close()
    assert sink.problem == ""


def test_a_picture_no_slot_holds_is_a_problem_in_words(tmp_path: Path) -> None:
    stream = coded(count=1, size=(4112, 2320))
    writer = RingWriter(tmp_path / "ring", [("cam-01", StreamName.MAIN)])
    sink = FrameSink(PrivacyMask(()))
    sink.attach(writer.slot_for("cam-01", StreamName.MAIN))
    for picture in PictureDecoder(VideoCodec.H264, None).decode(stream.payloads[0], 0, 0):
        sink.write(picture)
    writer.close()
    assert "4112x2320" in sink.problem


def test_a_keyframe_tells_its_format_without_being_shown() -> None:
    stream = coded(count=1, b_frames=2)
    assert format_of(VideoCodec.H264, stream.payloads[0]) == PictureFormat((WIDTH_PX, HEIGHT_PX), has_b_frames=True)
    plain = coded(count=1)
    assert format_of(VideoCodec.H264, plain.payloads[0]) == PictureFormat((WIDTH_PX, HEIGHT_PX), has_b_frames=False)
    assert format_of(VideoCodec.H264, b"\x00\x00\x00\x01\x65noise") == PictureFormat()
