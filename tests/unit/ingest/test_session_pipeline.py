"""What a session does with its pictures: parameter sets that come in band alone, and another size in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from ingest.annexb import VideoCodec, nal_type, nal_units
from ingest.assembly import CodedPicture
from ingest.decoding import FrameSink, PictureDecoder
from ingest.gop_ring import GopRing
from ingest.live import LiveStream
from ingest.loop_filter import LoopFilterChoice
from ingest.mask import PrivacyMask
from ingest.monitor import StreamMonitor
from ingest.session import StreamPlan, _Pipeline
from kernel.clock import ManualClock
from kernel.config.camera import CameraConfig, StreamName
from kernel.media import AccessUnit
from kernel.ring import RingReader, RingWriter
from tests.unit.ingest.test_decoding import coded, rough

CAMERA = CameraConfig.model_validate(
    {"id": "cam-01", "name": "gate", "unit": "bureau", "streams": {"main": {"url": "rtsp://127.0.0.1:9/live"}}}
)


class InBand:
    """A session whose description told no parameter sets."""

    codec = VideoCodec.H264
    extradata = None
    time_base = Fraction(1, 90_000)
    size_px = (0, 0)
    has_b_frames = False

    def packets(self) -> Iterator[CodedPicture]:
        raise AssertionError("the test hands the pictures on")

    def close(self) -> None:
        raise AssertionError("the test opened nothing")


class Viewer:
    """Notes what a viewer gets."""

    def __init__(self) -> None:
        self.units: list[AccessUnit] = []
        self.has_ended = False

    def offer(self, unit: AccessUnit) -> None:
        self.units.append(unit)

    def end(self) -> None:
        self.has_ended = True


def is_key(payload: bytes) -> bool:
    return any(nal_type(VideoCodec.H264, nal) == 5 for nal in nal_units(payload))


def test_another_size_in_the_middle_of_a_session_reaches_viewers_and_detector(tmp_path: Path) -> None:
    """A camera whose resolution somebody changes may go on in the same session, with other parameter sets."""
    clock, live, early, late = ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), LiveStream(GopRing()), Viewer(), Viewer()
    monitor = StreamMonitor("cam-01", StreamName.MAIN, "ingest-0", "run", clock, lambda change: None)
    writer, sink = RingWriter(tmp_path / "ring", [("cam-01", StreamName.MAIN)]), FrameSink(PrivacyMask([]))
    sink.attach(writer.slot_for("cam-01", StreamName.MAIN))
    plan = StreamPlan(CAMERA, StreamName.MAIN, CAMERA.streams.main, sink)
    pipeline = _Pipeline(plan, InBand(), monitor, live, clock)

    def take(payload: bytes, pts: int) -> None:
        pipeline.take(CodedPicture(payload, pts, None, is_key(payload), False, 1_000_000 + pts))

    def size() -> tuple[int, int]:
        assert live.hello is not None
        return live.hello.width_px, live.hello.height_px

    small, large = coded(size=(64, 48)), coded(size=(96, 64))
    take(small.payloads[1], 0)
    assert live.hello is None, "nobody can decode that yet"
    for payload, pts in zip(small.payloads, small.pts, strict=True):
        take(payload, 9_000 + pts)
    assert size() == (64, 48)
    live.subscribe(early, early.units.extend)
    for payload, pts in zip(large.payloads, large.pts, strict=True):
        take(payload, 117_000 + pts)
    assert size() == (96, 64)
    live.subscribe(late, late.units.extend)
    assert (early.has_ended, late.has_ended) == (True, False)
    assert late.units[0].keyframe
    with RingReader(tmp_path / "ring") as reader:
        view = reader.newest("cam-01", StreamName.MAIN)
        assert view is not None
        assert (view.width_px, view.height_px, view.pts) == (96, 64, late.units[-1].pts)
    writer.close()


def test_the_loop_filter_is_given_up_at_a_keyframe_and_no_picture_is_lost(tmp_path: Path) -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    monitor = StreamMonitor("cam-01", StreamName.MAIN, "ingest-0", "run", clock, lambda change: None)
    writer, sink = RingWriter(tmp_path / "ring", [("cam-01", StreamName.MAIN)]), FrameSink(PrivacyMask([]))
    sink.attach(writer.slot_for("cam-01", StreamName.MAIN))
    choice = LoopFilterChoice()
    plan = StreamPlan(CAMERA, StreamName.MAIN, CAMERA.streams.main, sink, loop_filter=choice)
    pipeline = _Pipeline(plan, InBand(), monitor, LiveStream(GopRing()), clock)
    payloads, seen = rough(count=12, gop=4), []
    with RingReader(tmp_path / "ring") as reader:
        for number, payload in enumerate(payloads):
            choice.is_on = not 2 <= number < 6  # wished in the middle of a GOP each time
            pipeline.take(CodedPicture(payload, 9000 * number, None, is_key(payload), False, number))
            view = reader.newest("cam-01", StreamName.MAIN)
            assert view is not None
            seen.append((view.pts, view.y.copy()))
    writer.close()
    assert [pts for pts, _ in seen] == [9000 * number for number in range(12)]
    for loop_filter, numbers in ((True, (0, 1, 2, 3, 8, 9, 10, 11)), (False, (4, 5, 6, 7))):
        decoder = PictureDecoder(VideoCodec.H264, None, loop_filter=loop_filter)
        for number in numbers:
            (expected,) = decoder.decode(payloads[number], number, number)
            assert np.array_equal(seen[number][1], expected.y), number
