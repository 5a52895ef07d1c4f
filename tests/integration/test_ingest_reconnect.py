"""A camera that joins in the middle of a GOP after a reconnect, as most real ones do."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from fractions import Fraction

import av
import numpy as np
import pytest

from ingest.annexb import VideoCodec, nal_type, nal_units
from ingest.backoff import RetryPolicy
from ingest.bench_camera import interleaved
from ingest.client_choice import FIRST_AGAIN_S
from kernel.clock import SystemClock
from kernel.events import CameraState, OfflineCause
from kernel.media import LARGEST_ACCESS_UNIT_BYTES, AccessUnit
from tests.integration.rtsp_server import tcp_server
from tests.integration.watched_session import Watched

pytestmark = pytest.mark.integration

GOP = 6


def pictures(count: int) -> list[list[bytes]]:
    """NAL units of small pictures, a keyframe with its parameter sets every GOP."""
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = 64, 48, "yuv420p"
    context.time_base, context.framerate, context.gop_size = Fraction(1, 10), Fraction(10, 1), GOP
    context.options = {"preset": "ultrafast", "tune": "zerolatency"}
    packets = []
    for number in range(count):
        shade = np.full((48, 64, 3), 20 + 4 * number, np.uint8)
        frame = av.VideoFrame.from_ndarray(shade, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        packets += context.encode(frame)
    return [list(nal_units(bytes(packet))) for packet in packets]


PICTURES = pictures(48)
TOO_LARGE = len(PICTURES)
PICTURES.append([*PICTURES[0][:-1], PICTURES[0][-1] + bytes([0x55]) * LARGEST_ACCESS_UNIT_BYTES])


def description() -> str:
    sets = [nal for nal in PICTURES[0] if nal_type(VideoCodec.H264, nal) in (7, 8)]
    props = ",".join(base64.b64encode(nal).decode() for nal in sets)
    return (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=c\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n"
        f"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets={props}\r\na=control:v\r\n"
    )


def answer(method: str, cseq: str, sdp: str) -> bytes:
    headers, body = ["RTSP/1.0 200 OK", cseq], ""
    if method == "DESCRIBE":
        body = sdp
        headers += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
    elif method == "SETUP":
        headers += ["Session: s", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"]
    elif method == "OPTIONS":
        headers.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY")
    return "\r\n".join([*headers, "", body]).encode()


class Camera:
    """Each connection shows the pictures of its script, (first, end); between two parts it waits to be told."""

    def __init__(self, *sessions: list[tuple[int, int]]) -> None:
        self._sessions = list(sessions)
        self.connections = 0
        self.readers: list[str] = []
        """Who asked for the pictures of each session, by the beginning of its User-Agent."""
        self.descriptions: list[str] = []
        """For the next times that somebody asks; afterwards it is always `description()`."""
        self.go_on = threading.Event()

    def serve(self, connection: socket.socket) -> None:
        self.connections += 1
        with closing(connection.makefile("rb")) as requests:
            head, method = list[str](), ""
            for line in requests:
                if line.strip():
                    head.append(line.decode("latin-1").strip())
                    continue
                method = head[0].split(" ")[0]
                cseq = next(text for text in head if text.lower().startswith("cseq"))
                agent = next((text for text in head if text.lower().startswith("user-agent")), "")
                sdp = self.descriptions.pop(0) if method == "DESCRIBE" and self.descriptions else description()
                connection.sendall(answer(method, cseq, sdp))
                head = []
                if method == "PLAY":
                    break
            if method == "PLAY":
                self.readers.append(agent.partition(" ")[2][:4])
            if self._sessions and method == "PLAY":
                self._play(connection, self._sessions.pop(0))

    def _play(self, connection: socket.socket, script: list[tuple[int, int]]) -> None:
        sequence = 0
        for part, (first, end) in enumerate(script):
            if part:
                assert self.go_on.wait(30)
            for number in range(first, end):
                packets, sequence = interleaved(PICTURES[number], sequence, number * 9000)
                connection.sendall(packets)


class Viewer:
    """A subscriber that keeps what it gets."""

    def __init__(self) -> None:
        self.replayed: tuple[AccessUnit, ...] = ()
        self.live: list[AccessUnit] = []
        self._changed = threading.Condition()

    def replay(self, units: tuple[AccessUnit, ...]) -> None:
        self.replayed = units

    def offer(self, unit: AccessUnit) -> None:
        with self._changed:
            self.live.append(unit)
            self._changed.notify_all()

    def end(self) -> None:
        raise AssertionError("the stream stays the same")

    def until(self, is_so: Callable[[list[AccessUnit]], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: is_so(self.live), 30)


def streaming_again(watched: Watched) -> None:
    """Wait until the stream was lost and packets come again."""
    watched.until(lambda change: change.state is CameraState.BACKOFF, 30)
    watched.until(
        lambda change: (
            change.state is CameraState.STREAMING
            and any(before.state is CameraState.BACKOFF for before in watched.changes[: watched.changes.index(change)])
        ),
        30,
    )


def test_reconnect_in_the_middle_of_a_gop_shows_no_old_picture_and_says_that_times_begin_anew() -> None:
    """The viewer got the GOP from before the outage as if it were the newest, and clips ran on over the outage."""
    camera = Camera([(0, 14)], [(26, 29), (29, 45)])
    with tcp_server(camera.serve) as port:
        watched = Watched(f"rtsp://127.0.0.1:{port}/", timeout_s=20.0)
        streaming_again(watched)
        viewer = Viewer()
        assert watched.session.live.subscribe(viewer, viewer.replay) is not None
        replayed = viewer.replayed
        camera.go_on.set()
        viewer.until(lambda units: len(units) > GOP)
        watched.end()
    assert replayed == ()
    assert viewer.live[0].keyframe
    assert viewer.live[0].discontinuity
    assert not any(unit.discontinuity for unit in viewer.live[1:])


def test_a_picture_too_large_to_hand_on_is_one_line_and_a_new_session() -> None:
    """Whoever watched got it, was cut off over it, came back, and got it again from the cached GOP."""
    camera = Camera([(0, 6), (TOO_LARGE, TOO_LARGE + 1), (6, 12)], [(12, 30)])
    camera.go_on.set()
    with tcp_server(camera.serve) as port:
        watched = Watched(f"rtsp://127.0.0.1:{port}/", timeout_s=20.0)
        streaming_again(watched)
        watched.end()
    failed = next(change for change in watched.changes if change.state is CameraState.BACKOFF)
    assert failed.cause is OfflineCause.NOT_DECODABLE
    assert failed.detail == (
        "a coded picture of 8.0 MiB, larger than 8 MiB; lower bit rate or resolution at the camera"
    )


class Hasty(RetryPolicy):
    """Waits for nothing, and notes after how many failures it was asked."""

    noted: list[int]
    enough: threading.Event

    @classmethod
    def of(cls) -> Hasty:
        policy = cls(60.0, 600.0)
        object.__setattr__(policy, "noted", [])
        object.__setattr__(policy, "enough", threading.Event())
        return policy

    def wait_s(self, failures: int, cause: OfflineCause, random: Callable[[], float]) -> float:
        self.noted.append(failures)
        if len(self.noted) >= 4:
            self.enough.set()
        return 0.0


def test_camera_that_hangs_up_after_its_first_pictures_is_one_that_fails() -> None:
    """Each first picture ended the back-off, so such a camera was asked several times a second, for ever."""
    camera, policy = Camera(*[[(0, GOP + 2)]] * 20), Hasty.of()
    with tcp_server(camera.serve) as port:
        watched = Watched(f"rtsp://127.0.0.1:{port}/", timeout_s=20.0, policy=policy)
        watched.until(lambda change: change.state is CameraState.STREAMING, 30)
        assert policy.enough.wait(30)
        watched.end()
    assert policy.noted[:4] == [1, 2, 3, 4]
    assert camera.connections - len(camera.readers) <= 1, "a try is one connection; the last may not have come far"


class LeapingClock(SystemClock):
    """Ten minutes pass whenever it is told so."""

    leapt_s = 0.0

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.leapt_s


class Leaps(RetryPolicy):
    """Waits for nothing; ten minutes pass before the second try."""

    clock: LeapingClock

    def wait_s(self, failures: int, cause: OfflineCause, random: Callable[[], float]) -> float:
        if failures == 2:
            self.clock.leapt_s += FIRST_AGAIN_S
        return 0.0


def test_a_stream_left_to_ffmpeg_is_ours_again_after_a_while() -> None:
    """Regression: FFmpeg's client kept it, a frame interval late, until the worker was restarted."""
    camera, policy = Camera(*[[(0, GOP + 2)]] * 20), Leaps(60.0, 600.0)
    camera.descriptions = [description().replace("packetization-mode=1", "packetization-mode=2")] * 2
    clock = LeapingClock()
    object.__setattr__(policy, "clock", clock)
    with tcp_server(camera.serve) as port:
        watched = Watched(f"rtsp://127.0.0.1:{port}/", timeout_s=20.0, policy=policy, clock=clock)
        watched.until(lambda _change: len(camera.readers) >= 4, 30)
        watched.end()
    assert camera.readers[:4] == ["Lavf", "Lavf", "Look", "Lavf"], "one try"
    assert sum(change.state is CameraState.STREAMING for change in watched.changes) >= 4
