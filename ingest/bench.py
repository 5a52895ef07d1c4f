"""`lookout bench ingest`: what taking pictures in costs, against cv2.VideoCapture on the same pictures in the same run.

Two measurements: frames per second of one core from packets to the ring, and over RTSP processor time per camera and
the delay from arrival to the ring.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from av.bitstream import BitStreamFilterContext

from ingest.annexb import VideoCodec
from ingest.backoff import RetryPolicy
from ingest.decoding import DecodedPicture, FrameSink, PictureDecoder
from ingest.gop_ring import GopRing
from ingest.live import LiveStream
from ingest.logins import Logins
from ingest.mask import PrivacyMask
from ingest.monitor import StreamMonitor
from ingest.session import CameraSession, StreamPlan
from kernel.clock import SystemClock
from kernel.config.camera import CameraConfig, StreamName
from kernel.errors import CannotRunError, ExitCode
from kernel.ring import RingWriter

_RING_DIRECTORY = Path("/dev/shm")
_SIZE_PX = (1280, 720)
_FPS = 15
_ROUNDS = 3
_START_TIMEOUT_S = 20.0
_ANNEXB_FILTERS = {VideoCodec.H264: "h264_mp4toannexb", VideoCodec.HEVC: "hevc_mp4toannexb"}


@dataclass(frozen=True)
class Throughput:
    """Frames per second of one core, packets to pictures; ours also writes each into the frame ring."""

    clip: str
    ours_frames_s: float
    opencv_frames_s: float
    ratio: float


@dataclass(frozen=True)
class LiveCost:
    """Running streams, read for a while by each side. `ratio` is ours to theirs in processor time per frame."""

    cameras: int
    seconds_s: float
    ours_cpu_ms_per_s_camera: float
    opencv_cpu_ms_per_s_camera: float
    ratio: float
    ours_fps: float
    opencv_fps: float
    arrival_to_ring_p50_ms: float
    arrival_to_ring_p95_ms: float


def run(
    as_json: bool, urls: Sequence[str] = (), cameras: int = 4, seconds_s: float = 10.0, clip_frames: int = 300
) -> int:
    """Measure and print; the command `lookout bench ingest`.

    Args:
        as_json: one JSON object instead of lines.
        urls: running streams to read; without any, `cameras` sessions with a camera of our own that shows a
            synthetic 720p clip at 15 frames a second.
        cameras: how many.
        seconds_s: how long each side reads the streams.
        clip_frames: length of the synthetic clip.

    Returns:
        The exit code.

    Raises:
        CannotRunError: a stream does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as directory:
        path = Path(directory) / "synthetic-720p.mp4"
        write_synthetic_clip(path, clip_frames)
        through = measure_throughput(path)
        if urls:
            live = measure_live(urls, seconds_s)
        else:
            with bench_camera(path) as url:
                live = measure_live([url] * cameras, seconds_s)
    if as_json:
        print(json.dumps({"throughput": asdict(through), "live": asdict(live)}))
        return int(ExitCode.OK)
    print(f"packets to ring      {through.ours_frames_s:8.0f} frames/s a core   ({through.clip})")
    print(f"cv2.VideoCapture     {through.opencv_frames_s:8.0f} frames/s a core   ours/theirs {through.ratio:.2f}")
    print(f"{live.cameras} cameras, {live.seconds_s:g} s each")
    print(
        f"ingest               {live.ours_cpu_ms_per_s_camera:8.1f} ms CPU a second and camera, {live.ours_fps:.1f} fps"
    )
    print(f"cv2.VideoCapture     {live.opencv_cpu_ms_per_s_camera:8.1f} ms   ours/theirs {live.ratio:.2f}")
    print(f"arrival to ring      {live.arrival_to_ring_p50_ms:8.2f} ms p50, {live.arrival_to_ring_p95_ms:.2f} ms p95")
    return int(ExitCode.OK)


@contextmanager
def bench_camera(clip: Path) -> Iterator[str]:
    """A camera that shows the clip, in a process of its own; yields its address.

    Raises:
        CannotRunError: it does not start.
    """
    argv = [sys.executable, "-m", "ingest.bench_camera", str(clip)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            raise CannotRunError("bench ingest: the camera of the bench does not start; see its message above")
        try:
            yield f"rtsp://127.0.0.1:{ready[1]}/bench"
        finally:
            process.terminate()


def write_synthetic_clip(path: Path, frames: int) -> None:
    """A 720p H.264 clip of moving shapes over sensor noise, without B-frames, as a camera sends it."""
    width_px, height_px = _SIZE_PX
    random = np.random.default_rng(7)
    ground = cv2.resize(random.integers(60, 180, (45, 80, 3), dtype=np.uint8), _SIZE_PX).astype(np.uint8)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=_FPS, options={"preset": "veryfast", "tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width_px, height_px, "yuv420p", 3_000_000
        stream.codec_context.gop_size = 2 * _FPS
        for number in range(frames):
            picture = ground + random.integers(0, 8, ground.shape, dtype=np.uint8)
            for shape in range(6):
                left = (number * (3 + shape) + 200 * shape) % width_px
                cv2.rectangle(picture, (left, 80 + 90 * shape), (left + 60, 200 + 90 * shape), (40 * shape,) * 3, -1)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="bgr24")))
        output.mux(stream.encode(None))


def measure_throughput(path: Path) -> Throughput:
    """Best of several rounds for both sides, in processor time of one thread.

    Raises:
        CannotRunError: the clip cannot be read.
    """
    try:
        codec, packets = _packets(path)
    except (av.error.FFmpegError, ValueError) as error:
        raise CannotRunError(f"{path}: not an H.264 or H.265 clip ({error})") from error
    ours = max(_our_frames_s(codec, packets) for _ in range(_ROUNDS))
    theirs = max(_opencv_frames_s(path) for _ in range(_ROUNDS))
    return Throughput(path.name, ours, theirs, ours / theirs)


def _packets(path: Path) -> tuple[VideoCodec, list[bytes]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = VideoCodec(stream.codec_context.name)
        to_annexb = BitStreamFilterContext(_ANNEXB_FILTERS[codec], stream)
        filtered = (part for packet in container.demux(stream) for part in to_annexb.filter(packet))
        return codec, [bytes(part) for part in filtered if part.size]


def _our_frames_s(codec: VideoCodec, packets: Sequence[bytes]) -> float:
    with closing(_bench_ring(["bench"])) as ring:
        sink = FrameSink(PrivacyMask(()))
        sink.attach(ring.slot_for("bench", StreamName.MAIN))
        decoder = PictureDecoder(codec, None)
        frames = 0
        started_s = time.thread_time()
        for number, payload in enumerate(packets):
            for picture in decoder.decode(payload, number * 3600, number):
                sink.write(picture)
                frames += 1
        return frames / (time.thread_time() - started_s)


def _opencv_frames_s(path: Path) -> float:
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    frames = 0
    started_s = time.process_time()
    while capture.read()[0]:
        frames += 1
    spent_s = time.process_time() - started_s
    capture.release()
    return frames / spent_s


class _TimedSink(FrameSink):
    """Notes how long after its arrival each picture was in the ring."""

    def __init__(self) -> None:
        super().__init__(PrivacyMask(()))
        self.delays_ms: list[float] = []

    def write(self, picture: DecodedPicture) -> None:
        super().write(picture)
        self.delays_ms.append(time.time() * 1e3 - picture.arrived_at_us / 1e3)


def measure_live(urls: Sequence[str], seconds_s: float, start_timeout_s: float = _START_TIMEOUT_S) -> LiveCost:
    """Read the streams with our sessions, then with a thread and a cv2.VideoCapture each.

    Raises:
        CannotRunError: a stream does not come up.
    """
    ours_cpu_s, delays_ms = _our_live(urls, seconds_s, start_timeout_s)
    theirs_cpu_s, their_frames = _opencv_live(urls, seconds_s, start_timeout_s)
    per_camera = 1e3 / (len(urls) * seconds_s)
    ordered = sorted(delays_ms)
    return LiveCost(
        cameras=len(urls),
        seconds_s=seconds_s,
        ours_cpu_ms_per_s_camera=ours_cpu_s * per_camera,
        opencv_cpu_ms_per_s_camera=theirs_cpu_s * per_camera,
        ratio=ours_cpu_s / len(delays_ms) / (theirs_cpu_s / their_frames),
        ours_fps=len(delays_ms) / len(urls) / seconds_s,
        opencv_fps=their_frames / len(urls) / seconds_s,
        arrival_to_ring_p50_ms=statistics.median(ordered),
        arrival_to_ring_p95_ms=ordered[int(0.95 * len(ordered))],
    )


def _our_live(urls: Sequence[str], seconds_s: float, start_timeout_s: float) -> tuple[float, list[float]]:
    """Processor seconds, and the delay of each frame."""
    clock = SystemClock()
    names = [f"bench-{number}" for number in range(len(urls))]
    sinks = [_TimedSink() for _ in urls]
    with closing(_bench_ring(names)) as ring:
        sessions = []
        for name, url, sink in zip(names, urls, sinks, strict=True):
            sink.attach(ring.slot_for(name, StreamName.MAIN))
            camera = CameraConfig.model_validate(
                {"id": name, "name": name, "unit": "bench", "streams": {"main": {"url": url}}}
            )
            monitor = StreamMonitor(name, StreamName.MAIN, "bench", "bench", clock, lambda change: None)
            plan = StreamPlan(camera, StreamName.MAIN, camera.streams.main, sink)
            live, policy = LiveStream(GopRing()), RetryPolicy(60, 600)
            sessions.append(CameraSession(plan, monitor, live, policy, clock, Logins(clock, 600)))
        for session in sessions:
            session.start()
        try:
            _until(lambda: all(sink.delays_ms for sink in sinks), start_timeout_s, "a stream does not come up")
            for sink in sinks:
                sink.delays_ms.clear()
            started_s = time.process_time()
            time.sleep(seconds_s)
            spent_s = time.process_time() - started_s
            delays_ms = [delay for sink in sinks for delay in list(sink.delays_ms)]
            if not delays_ms:
                raise CannotRunError("bench ingest: no frame came within the time; is the machine overloaded?")
            return spent_s, delays_ms
        finally:
            for session in sessions:
                session.stop()
            for session in sessions:
                session.join(5)


def _opencv_live(urls: Sequence[str], seconds_s: float, start_timeout_s: float) -> tuple[float, int]:
    """Processor seconds and frames read."""
    stop = threading.Event()
    counts = [0] * len(urls)

    def read(number: int) -> None:
        capture = cv2.VideoCapture(urls[number], cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        while not stop.is_set() and capture.read()[0]:
            counts[number] += 1
        capture.release()

    threads = [threading.Thread(target=read, args=(number,), daemon=True) for number in range(len(urls))]
    for thread in threads:
        thread.start()
    try:
        _until(lambda: all(counts), start_timeout_s, "cv2.VideoCapture does not open a stream")
        before = sum(counts)
        started_s = time.process_time()
        time.sleep(seconds_s)
        spent_s, frames = time.process_time() - started_s, sum(counts) - before
        if not frames:
            raise CannotRunError("bench ingest: cv2.VideoCapture read no frame; is the machine overloaded?")
        return spent_s, frames
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)


def _bench_ring(names: Sequence[str]) -> RingWriter:
    return RingWriter(
        _RING_DIRECTORY / f"lookout-bench-{os.getpid()}.ring", [(name, StreamName.MAIN) for name in names]
    )


def _until(is_so: Callable[[], bool], timeout_s: float, otherwise: str) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline_s:
            raise CannotRunError(f"bench ingest: {otherwise} within {timeout_s:g} s")
        time.sleep(0.05)
