"""The district's RTSP server against clients that are not ours: FFmpeg (through PyAV) and GStreamer."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from scripts.district.faults import Fault, FaultSpan
from scripts.district.rtsp_auth import Credentials, Scheme
from scripts.district.rtsp_media import Quirks
from scripts.district.sent_log import read_sent
from scripts.district.testing import CREDENTIALS, bar_video, frame_number, media_path, running, silent_camera

pytestmark = pytest.mark.integration
OPTIONS = {"rtsp_transport": "tcp", "analyzeduration": "500000"}  # half a second; FFmpeg looks five for what it misses


def watch(url: str, frames: int, transport: str = "tcp") -> tuple[list[int], list[float], list[float]]:
    """(frame numbers shown, their time stamps (FFmpeg leaves the first one out), widths) of the first pictures."""
    numbers, times, widths = [], [], []
    with av.open(url, options=OPTIONS | {"rtsp_transport": transport}, timeout=(20.0, 20.0)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            numbers.append(frame_number(frame.to_ndarray(format="gray")))
            if frame.pts is not None and frame.time_base is not None:
                times.append(float(frame.pts * frame.time_base))
            widths.append(float(frame.width))
            if len(numbers) == frames:
                break
    return numbers, times, widths


@pytest.mark.parametrize("codec", ["h264", "hevc"])
async def test_pictures_run_on_over_the_seam(tmp_path: Path, codec: str) -> None:
    async with running([media_path(codec=codec, frames=30)], tmp_path) as camera:
        numbers, times, widths = await asyncio.to_thread(watch, camera.url(credentials=CREDENTIALS), 50)
    assert set(widths) == {320.0}
    assert numbers[0] % 15 == 0, "the first picture is a keyframe"
    assert numbers == [(numbers[0] + i) % 30 for i in range(50)]
    assert len(times) >= 49
    assert np.diff(times) == pytest.approx(1 / 15, abs=0.002)


@pytest.mark.parametrize("scheme", [Scheme.NONE, Scheme.BASIC, Scheme.DIGEST])
async def test_every_scheme_lets_the_right_password_in(tmp_path: Path, scheme: Scheme) -> None:
    async with running([media_path(quirks=Quirks(scheme=scheme))], tmp_path) as camera:
        numbers, _, _ = await asyncio.to_thread(watch, camera.url(credentials=CREDENTIALS), 3)
    assert len(numbers) == 3


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    async with running([media_path()], tmp_path) as camera:
        url = camera.url(credentials=Credentials(CREDENTIALS.username, "wrong"))
        with pytest.raises(av.error.HTTPUnauthorizedError):
            await asyncio.to_thread(watch, url, 1)


async def test_udp_brings_the_same_pictures(tmp_path: Path) -> None:
    async with running([media_path()], tmp_path) as camera:
        numbers, _, _ = await asyncio.to_thread(watch, camera.url(credentials=CREDENTIALS), 20, "udp")
    assert numbers == [(numbers[0] + i) % 45 for i in range(20)]


async def test_sessions_of_one_camera_see_the_same_pictures_at_the_same_time(tmp_path: Path) -> None:
    async with running([media_path()], tmp_path) as camera:
        url = camera.url(credentials=CREDENTIALS)
        first, second = await asyncio.gather(asyncio.to_thread(watch, url, 30), asyncio.to_thread(watch, url, 30))
        sent = read_sent(camera.sent_file)
    assert set(first[0]) & set(second[0])
    assert len({run.session for run in sent.runs}) == 2


async def test_the_log_holds_what_was_sent_and_when(tmp_path: Path) -> None:
    async with running([media_path()], tmp_path) as camera:
        started_s = camera.server.wall_s()
        await asyncio.to_thread(watch, camera.url(credentials=CREDENTIALS), 30)
        ended_s = camera.server.wall_s()
    (run,) = read_sent(camera.sent_file).runs
    assert run.camera_id == "cam"
    assert run.user_agent.startswith("Lavf")
    assert started_s < run.first_s < run.last_s <= ended_s + 0.5
    assert run.last_s - run.first_s >= 1.5


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.DROP, av.error.FFmpegError),
        (Fault.REFUSE, av.error.FFmpegError),
        (Fault.MISSING, av.error.HTTPNotFoundError),
        (Fault.PASSWORD, av.error.HTTPUnauthorizedError),
    ],
)
async def test_during_a_fault_nobody_gets_in(tmp_path: Path, fault: Fault, error: type[av.error.FFmpegError]) -> None:
    spans = (FaultSpan(fault, 0.0, 3600.0),)
    async with running([media_path()], tmp_path, faulty_camera="cam", spans=spans) as camera:
        with pytest.raises(error):
            await asyncio.to_thread(watch, camera.url(credentials=CREDENTIALS), 1)
        assert not read_sent(camera.sent_file).runs


async def test_a_stalled_camera_answers_and_sends_nothing(tmp_path: Path) -> None:
    spans = (FaultSpan(Fault.STALL, 0.0, 3600.0),)
    async with running([media_path()], tmp_path, faulty_camera="cam", spans=spans) as camera:
        with pytest.raises(av.error.FFmpegError):
            await asyncio.to_thread(_first_packet, camera.url(credentials=CREDENTIALS))
        assert not read_sent(camera.sent_file).runs


async def test_odd_cameras_answer_as_told(tmp_path: Path) -> None:
    paths = [
        media_path("late", quirks=Quirks(describe_delay_s=1.0)),
        media_path("second", quirks=Quirks(missing_first=1)),
        media_path("sound", quirks=Quirks(audio=True)),
        media_path("radio", quirks=Quirks(sdp="audio", scheme=Scheme.NONE)),
        media_path("noise", quirks=Quirks(sdp="garbage", scheme=Scheme.NONE)),
    ]
    async with running(paths, tmp_path) as camera:
        assert len((await asyncio.to_thread(watch, camera.url("late", CREDENTIALS), 2))[0]) == 2
        with pytest.raises(av.error.HTTPNotFoundError):
            await asyncio.to_thread(watch, camera.url("second", CREDENTIALS), 2)
        assert len((await asyncio.to_thread(watch, camera.url("second", CREDENTIALS), 2))[0]) == 2
        assert len((await asyncio.to_thread(watch, camera.url("sound", CREDENTIALS), 20))[0]) == 20
        with pytest.raises(av.error.FFmpegError):
            await asyncio.to_thread(watch, camera.url("noise"), 1)
        assert await asyncio.to_thread(_kinds, camera.url("radio"), 2.0) == ["audio"]  # it is described and never sent
        assert await asyncio.to_thread(_kinds, camera.url("sound", CREDENTIALS)) == ["audio", "video"]


def _kinds(url: str, within_s: float = 20.0) -> list[str]:
    with av.open(url, options=OPTIONS, timeout=(within_s, within_s)) as container:
        return sorted(stream.type for stream in container.streams)


async def test_a_redirect_leads_to_the_other_path(tmp_path: Path) -> None:
    old = media_path("old", quirks=Quirks(scheme=Scheme.NONE))
    async with running([media_path("new", quirks=Quirks(scheme=Scheme.NONE))], tmp_path) as there:
        old.quirks = Quirks(scheme=Scheme.NONE, redirect_to=there.url("new"))
        async with running([old], tmp_path / "old") as camera:
            assert len((await asyncio.to_thread(watch, camera.url("old"), 2))[0]) == 2


async def test_a_silent_camera_lets_the_client_wait(tmp_path: Path) -> None:
    async with silent_camera() as port:
        with pytest.raises(av.error.FFmpegError):
            await asyncio.to_thread(_first_packet, f"rtsp://127.0.0.1:{port}/cam")


def _first_packet(url: str) -> None:
    with av.open(url, options=OPTIONS, timeout=(3.0, 1.0)) as container:
        next(container.demux(video=0))


@pytest.mark.skipif(shutil.which("gst-launch-1.0") is None, reason="GStreamer's command line is not installed")
@pytest.mark.parametrize("codec", ["h264", "hevc"])
async def test_gstreamer_plays_it(tmp_path: Path, codec: str) -> None:
    depay, media = {"h264": ("rtph264depay", "video/x-h264"), "hevc": ("rtph265depay", "video/x-h265")}[codec]
    out = tmp_path / "stream.bin"
    async with running([media_path(codec=codec, quirks=Quirks(scheme=Scheme.NONE))], tmp_path) as camera:
        pipeline = (
            f"rtspsrc location={camera.url()} protocols=tcp ! {depay} ! {media},stream-format=byte-stream,alignment=au"
            f" ! identity eos-after=20 ! filesink location={out}"
        )
        process = await asyncio.create_subprocess_exec(
            "gst-launch-1.0", "-q", *pipeline.split(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(60):
            await process.communicate()
    with av.open(str(out), format=codec) as container:
        frames = list(container.decode(video=0))
    header, _ = bar_video(codec)
    assert len(frames) >= 15
    assert (frames[0].width, frames[0].height) == (header.width_px, header.height_px)
