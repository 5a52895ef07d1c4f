"""A real worker process, a real bus, and GStreamer's RTSP server as the cameras."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from ingest.annexb import VideoCodec
from kernel.config.camera import StreamName
from kernel.events import CameraState, ClipRequested, OfflineCause
from kernel.media import AccessUnit
from kernel.runtime import RuntimePaths
from tests.integration.ingest_process import IngestProcess, camera, ingest_process, media_client, wait_for
from tests.integration.rtsp_server import GstServer, footage, gst_server, require_gstreamer, silent, tcp_server

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("bus")]

PASSWORD = "p@ss:/?#%w 中"
MASK = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]


def decoded(codec: str, units: list[AccessUnit]) -> Iterator[av.VideoFrame]:
    """What a decoder that knows nothing but the units makes of them."""
    context = av.VideoCodecContext.create(VideoCodec(codec).value, "r")
    for unit in units:
        yield from context.decode(av.Packet(unit.payload))


def newest_frame_s(worker: IngestProcess, camera_id: str) -> float:
    """Arrival of the newest frame in the ring, seconds since the epoch."""
    view = worker.ring.newest(camera_id, StreamName.MAIN)
    assert view is not None
    return view.captured_at_us / 1e6


async def test_one_session_serves_frames_viewers_and_state(paths: RuntimePaths) -> None:
    mounts: dict[str, dict[str, object]] = {"/a": {"audio": True}, "/b": {"codec": "h265"}}
    login: dict[str, object] = {"username": "vi ewer", "password": PASSWORD}
    patient: dict[str, object] = {**login, "stream": {"read_timeout_s": 20.0}}  # a busy machine encodes H.265 slowly
    with gst_server(mounts, user="vi ewer", password=PASSWORD) as port:
        cameras = [
            camera("cam-h264", f"rtsp://127.0.0.1:{port}/a", **patient),
            camera("cam-h265", f"rtsp://127.0.0.1:{port}/b", **patient),
            camera("cam-off", f"rtsp://127.0.0.1:{port}/b", enabled=False),
        ]
        with ingest_process(paths, cameras) as worker:
            for camera_id, codec in (("cam-h264", "h264"), ("cam-h265", "hevc")):
                online = worker.until_state(camera_id, CameraState.STREAMING)
                assert (online.codec, online.width_px, online.height_px) == (codec, 640, 360)
                views = list(worker.frames(camera_id, 10))
                assert views[-1].y.shape == (360, 640)
                assert views[-1].u.shape == (180, 320)
                assert abs(views[-1].captured_at_us / 1e6 - datetime.now(UTC).timestamp()) < 1.0
                assert all(later.pts > earlier.pts for earlier, later in itertools.pairwise(views))
                async with media_client(paths.media_socket(0), camera_id) as client:
                    assert (client.hello.codec, client.hello.has_b_frames) == (codec, False)
                    units = await client.units(45)
                assert units[0].keyframe
                assert units[0].replayed
                assert not units[-1].replayed
                assert sum(1 for _ in decoded(codec, units)) >= 44
                live = [unit for unit in units if not unit.replayed]
                key = next(unit for unit in live if unit.keyframe)
                assert sum(1 for _ in decoded(codec, live[live.index(key) :])) > 0
            assert worker.until_state("cam-off", CameraState.DISABLED)
            pulse = wait_for(
                lambda: next((p for p in worker.heartbeats()[-1].streams if p.fps > 10), None), 40, "a measured rate"
            )
            assert 13 < pulse.fps < 17
            assert pulse.bitrate_bits_s > 0
            assert pulse.last_packet_at is not None
            assert worker.stop() < 5
        assert worker.process.returncode == 0
        assert not paths.ring_file(0).exists()
        assert not paths.media_socket(0).exists()
        assert PASSWORD not in worker.log
        assert "p%40ss" not in worker.log


async def test_real_footage_arrives_bit_for_bit(paths: RuntimePaths) -> None:
    """Its keyframes have two slices, which this server parts by parameter sets; a decoder must get them as one."""
    path = footage("pedestrians_h264.mp4")
    with av.open(path) as container:
        original = {hashlib.md5(frame.to_ndarray().tobytes()).digest() for frame in container.decode(video=0)}
    with (
        gst_server({"/clip": {"file": path}}) as port,
        ingest_process(paths, [camera("cam-01", f"rtsp://127.0.0.1:{port}/clip")]) as worker,
    ):
        worker.until_state("cam-01", CameraState.STREAMING)
        async with media_client(paths.media_socket(0), "cam-01") as client:
            units = await client.units(50)
        got = [hashlib.md5(frame.to_ndarray().tobytes()).digest() for frame in decoded("h264", units)]
        assert len(got) >= 49
        assert sum(unit.keyframe for unit in units) >= 3
        assert set(got) <= original
        seen = set()
        for view in worker.frames("cam-01", 20):
            pixels = b"".join(plane.tobytes() for plane in (view.y, view.u, view.v))
            if view.is_intact():
                seen.add(hashlib.md5(pixels).digest())
        assert len(seen) > 10
        assert seen <= original


async def test_b_frames_are_announced_and_decode_in_order(paths: RuntimePaths) -> None:
    with (
        gst_server({"/b": {"b_frames": 2}}) as port,
        ingest_process(paths, [camera("cam-01", f"rtsp://127.0.0.1:{port}/b")]) as worker,
    ):
        views = list(worker.frames("cam-01", 20))
        assert all(later.pts > earlier.pts for earlier, later in itertools.pairwise(views))
        async with media_client(paths.media_socket(0), "cam-01") as client:
            units = await client.units(30)
        assert client.hello.has_b_frames
        assert any(later.pts < earlier.pts for earlier, later in itertools.pairwise(units))
        assert all(later.dts > earlier.dts for earlier, later in itertools.pairwise(units))


@pytest.mark.parametrize(("codec", "tag"), [("h264", "avc1"), ("h265", "hvc1")])
def test_a_clip_is_cut_from_what_was_held(paths: RuntimePaths, codec: str, tag: str) -> None:
    with (
        gst_server({"/a": {"codec": codec, "width_px": 320, "height_px": 180}}) as port,
        ingest_process(paths, [camera("cam-01", f"rtsp://127.0.0.1:{port}/a")]) as worker,
    ):
        online = worker.until_state("cam-01", CameraState.STREAMING)
        begin = online.changed_at + timedelta(seconds=2.2)
        request = ClipRequested(
            alert_id="01ALERT",
            camera_id="cam-01",
            from_at=begin,
            to_at=begin + timedelta(seconds=4),
            clip_path="2026/01/01/01ALERT.mp4",
        )
        ready = worker.request_clip(request)
        assert ready.problem == ""
        path = paths.evidence_dir / str(ready.clip_path)
        assert ready.clip_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert ready.duration_s == pytest.approx(4.5, abs=1.5)  # keyframes come once a second
        assert_playable(path, tag, ready.duration_s)
        again = worker.request_clip(request.model_copy(update={"alert_id": "01OTHER"}))
        assert again.clip_sha256 == ready.clip_sha256
        gone = request.model_copy(
            update={
                "alert_id": "01GONE",
                "from_at": begin - timedelta(hours=1),
                "to_at": begin - timedelta(minutes=59),
                "clip_path": "2026/01/01/01GONE.mp4",
            }
        )
        assert worker.request_clip(gone).problem == "no footage of that time is held (any more)"
        outside = request.model_copy(update={"alert_id": "01OUT", "clip_path": "../../01OUT.mp4"})
        assert "outside" in worker.request_clip(outside).problem
        assert [file.name for file in paths.evidence_dir.rglob("*.*")] == ["01ALERT.mp4"]


def assert_playable(path: Path, tag: str, duration_s: float | None) -> None:
    """A browser can start it from its beginning, and every picture decodes."""
    content = path.read_bytes()
    assert content.find(b"moov") < content.find(b"mdat")
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.codec_context.codec_tag == tag
        frames = list(container.decode(video))
    assert frames[0].pts == 0
    assert duration_s is not None
    assert len(frames) == pytest.approx(15 * duration_s, abs=2)


def test_masks_are_in_every_frame_and_clip(paths: RuntimePaths) -> None:
    with (
        gst_server({"/a": {"pattern": "white"}}) as port,
        ingest_process(paths, [camera("cam-01", f"rtsp://127.0.0.1:{port}/a", masks=[MASK])]) as worker,
    ):
        for view in worker.frames("cam-01", 10):
            y = view.y.copy()
            if view.is_intact():
                assert (y[:, :320] == 16).all()
                assert (y[:, 330:] > 200).all()
        now = datetime.now(UTC)
        ready = worker.request_clip(
            ClipRequested(
                alert_id="01ALERT",
                camera_id="cam-01",
                from_at=now - timedelta(seconds=0.2),
                to_at=now + timedelta(seconds=2),
                clip_path="01ALERT.mp4",
            )
        )
        with av.open(str(paths.evidence_dir / str(ready.clip_path))) as container:
            for frame in container.decode(video=0):
                luma = frame.to_ndarray()[:360]
                assert luma[:, :300].max() < 30
                assert luma[:, 340:].min() > 200


async def test_masked_streams_say_so(paths: RuntimePaths) -> None:
    with (
        gst_server({"/a": {}}) as port,
        ingest_process(paths, [camera("cam-01", f"rtsp://127.0.0.1:{port}/a", masks=[MASK])]) as worker,
    ):
        worker.until_state("cam-01", CameraState.STREAMING)
        async with media_client(paths.media_socket(0), "cam-01") as client:
            assert client.hello.masked


async def test_viewers_of_nothing_are_told_why(paths: RuntimePaths) -> None:
    with (
        tcp_server(silent) as port,
        ingest_process(paths, [camera("cam-01", f"rtsp://127.0.0.1:{port}/a")]) as worker,
    ):
        worker.until_state("cam-01", CameraState.CONNECTING)
        async with media_client(paths.media_socket(0), "cam-01") as client:
            assert "camera_offline" in client.answer["problem"]
        async with media_client(paths.media_socket(0), "cam-99") as client:
            assert client.answer == {"problem": "unknown_stream"}


def test_cameras_that_fail_delay_nobody_and_do_not_hold_up_the_end(paths: RuntimePaths) -> None:
    """One never answers, one has no name, one refuses; the healthy one's frames keep coming."""
    with gst_server({"/a": {"width_px": 160, "height_px": 96}}) as port, tcp_server(silent) as hanging:
        cameras = [
            camera("cam-hang", f"rtsp://127.0.0.1:{hanging}/a", stream={"open_timeout_s": 30.0}),
            camera("cam-name", "rtsp://no-such-camera.invalid/a"),
            camera("cam-refused", "rtsp://127.0.0.1:1/a"),
            camera("cam-good", f"rtsp://127.0.0.1:{port}/a"),
        ]
        with ingest_process(paths, cameras) as worker:
            arrivals = [view.captured_at_us / 1e6 for view in worker.frames("cam-good", 90)]
            gaps_s = np.diff(arrivals)
            assert gaps_s.max() < 1 / 15 + 0.25
            assert worker.until_state("cam-name", CameraState.BACKOFF).cause is OfflineCause.NAME_NOT_RESOLVED
            assert worker.until_state("cam-refused", CameraState.BACKOFF).cause is OfflineCause.REFUSED
            assert worker.changes("cam-hang")[-1].state is CameraState.CONNECTING
            beats = [beat.beat_at.timestamp() for beat in worker.heartbeats()]
            assert np.diff(beats).max() < 1.5
            assert worker.stop() < 5
        assert not paths.ring_file(0).exists()


def test_a_camera_that_goes_is_offline_from_its_last_packet_and_comes_back(paths: RuntimePaths) -> None:
    require_gstreamer()
    with GstServer({"/a": {}}) as server:
        cameras = [camera("cam-01", f"rtsp://127.0.0.1:{server.port}/a")]
        with ingest_process(paths, cameras, health={"retry_max_s": 1.0}) as worker:
            worker.until_state("cam-01", CameraState.STREAMING)
            last = list(worker.frames("cam-01", 30))[-1]
            seen = len(worker.changes("cam-01"))
            server.kill()
            gone = worker.until_state("cam-01", CameraState.BACKOFF, after=seen)
            assert gone.changed_at.timestamp() == pytest.approx(newest_frame_s(worker, "cam-01"), abs=0.5)
            assert gone.cause is OfflineCause.CLOSED_BY_CAMERA
            with gst_server({"/a": {}}, port=server.port):
                worker.until_state("cam-01", CameraState.STREAMING, after=seen)
                again = list(worker.frames("cam-01", 3))
                assert again[-1].sequence > last.sequence


def test_full_shared_memory_is_a_state_and_the_other_camera_runs_on(paths: RuntimePaths) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small /dev/shm of its own")
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("mount namespaces are not allowed here")
    small = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=2m none /dev/shm && exec "$@"', "sh")
    mounts = {"/large": {"width_px": 1920, "height_px": 1080}, "/small": {"width_px": 320, "height_px": 180}}
    with gst_server(mounts) as port:
        cameras = [
            camera("cam-large", f"rtsp://127.0.0.1:{port}/large"),
            camera("cam-small", f"rtsp://127.0.0.1:{port}/small"),
        ]
        with ingest_process(paths, cameras, prefix=small) as worker:
            full = worker.until_state("cam-large", CameraState.DEGRADED)
            assert full.cause is OfflineCause.NO_SHARED_MEMORY
            assert "/dev/shm" in full.detail
            assert worker.until_state("cam-small", CameraState.STREAMING)
            assert all(change.state is not CameraState.DEGRADED for change in worker.changes("cam-small"))


def test_a_clip_asked_for_before_a_kill_is_answered_after_the_restart(paths: RuntimePaths) -> None:
    with gst_server({"/a": {}}) as port:
        cameras = [camera("cam-01", f"rtsp://127.0.0.1:{port}/a")]
        now = datetime.now(UTC)
        request = ClipRequested(
            alert_id="01KILLED",
            camera_id="cam-01",
            from_at=now,
            to_at=now + timedelta(seconds=12),
            clip_path="01KILLED.mp4",
        )
        with ingest_process(paths, cameras) as worker:
            worker.until_state("cam-01", CameraState.STREAMING)
            worker.send(request)
            wait_for(lambda: worker.pending_clips() == {"01KILLED"}, 20, "the request noted")
            worker.process.kill()
            worker.process.wait()
        with ingest_process(paths, cameras) as worker:
            answer = worker.answer_to(request)
            assert answer.problem  # begins late, or (after a slow restart) nothing is held at all
            assert worker.pending_clips() == set()
            runs = {change.run_id for change in worker.changes("cam-01")}
            assert len(runs) == 2


def test_udp_transport(paths: RuntimePaths) -> None:
    with (
        gst_server({"/a": {}}) as port,
        ingest_process(paths, [camera("cam-01", f"rtsp://127.0.0.1:{port}/a", stream={"transport": "udp"})]) as worker,
    ):
        views = list(worker.frames("cam-01", 30))
        assert views[-1].sequence >= 30


def test_a_camera_that_stops_sending_is_stalled_from_its_last_packet(paths: RuntimePaths) -> None:
    """Its session stays open and silent: nothing but the missing packets tells."""
    require_gstreamer()
    with (
        GstServer({"/a": {}}) as server,
        ingest_process(paths, [camera("cam-01", f"rtsp://127.0.0.1:{server.port}/a")]) as worker,
    ):
        worker.until_state("cam-01", CameraState.STREAMING)
        list(worker.frames("cam-01", 15))
        seen = len(worker.changes("cam-01"))
        server.pause()
        stalled = worker.until_state("cam-01", CameraState.STALLED, after=seen)
        assert stalled.cause is OfflineCause.NO_PACKETS
        assert stalled.changed_at.timestamp() == pytest.approx(newest_frame_s(worker, "cam-01"), abs=0.5)
        server.resume()
        worker.until_state("cam-01", CameraState.STREAMING, after=seen)


def test_a_wrong_command_line_is_one_line_and_exit_code_2(paths: RuntimePaths) -> None:
    config = paths.data_dir / "lookout.yaml"
    config.write_text("cameras: []\n")
    for shard, text in (("2/2", "--shard 2/2"), ("x", "--shard x")):
        done = subprocess.run(
            [sys.executable, "-m", "ingest", "--config", str(config), "--shard", shard],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 2
        assert text in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_second_worker_of_the_same_shard_is_refused(paths: RuntimePaths) -> None:
    with ingest_process(paths, []) as first:
        wait_for(lambda: first.heartbeats(), 40, "the first one's heartbeat")
        with ingest_process(paths, []) as second:
            assert second.process.wait(60) == 3
            assert "another ingest worker" in second.log
        assert first.process.poll() is None
        assert paths.media_socket(0).exists()
