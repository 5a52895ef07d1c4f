"""Camera sessions against the simulated district's RTSP server: slow and late sources, and faults by the clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kernel.events import CameraState, CameraStateChanged, OfflineCause
from scripts.district.faults import Fault
from scripts.district.rtsp_auth import Scheme
from scripts.district.rtsp_media import Quirks
from scripts.district.testing import CREDENTIALS, Running, media_path, running
from tests.integration.watched_session import Watched

pytestmark = pytest.mark.integration


def watched(
    camera: Running, retry_max_s: float = 1.0, read_timeout_s: float = 1.0, *, by_ffmpeg: bool = False
) -> Watched:
    """A session with the right password and a patient opening."""
    return Watched(
        camera.url(),
        CREDENTIALS.username,
        CREDENTIALS.password,
        timeout_s=20.0,
        read_timeout_s=read_timeout_s,
        retry_max_s=retry_max_s,
        by_ffmpeg=by_ffmpeg,
    )


async def first(session: Watched, state: CameraState, after: int = 0) -> CameraStateChanged:
    """The first change to that state from the `after`th on; the server runs on meanwhile."""
    return await asyncio.to_thread(
        session.until, lambda change: change.state is state and session.changes.index(change) >= after, 40.0
    )


@pytest.mark.parametrize(
    "quirks",
    [
        pytest.param(Quirks(describe_delay_s=2.0), id="slow DESCRIBE"),
        pytest.param(Quirks(missing_first=1), id="404 first"),
        pytest.param(Quirks(audio=True), id="with audio"),
        pytest.param(Quirks(scheme=Scheme.BASIC), id="basic"),
        pytest.param(Quirks(scheme=Scheme.DIGEST_SHA256), id="digest SHA-256"),
    ],
)
async def test_sources_that_take_their_time_come_up_without_a_failure(tmp_path: Path, quirks: Quirks) -> None:
    async with running([media_path(quirks=quirks)], tmp_path) as camera:
        session = watched(camera)
        online = await first(session, CameraState.STREAMING)
        await asyncio.to_thread(session.end)
    assert [change.state for change in session.changes] == [CameraState.CONNECTING, CameraState.STREAMING]
    assert (online.codec, online.width_px, online.height_px) == ("h264", 320, 180)


async def test_a_digest_this_ffmpeg_cannot_do_is_told_from_a_wrong_password(tmp_path: Path) -> None:
    async with running([media_path(quirks=Quirks(scheme=Scheme.DIGEST_SHA256))], tmp_path) as camera:
        session = watched(camera, by_ffmpeg=True)
        failed = await first(session, CameraState.BACKOFF)
        await asyncio.to_thread(session.end)
    assert failed.cause is OfflineCause.DIGEST_UNSUPPORTED
    assert "SHA-256" in failed.detail


@pytest.mark.parametrize(
    ("fault", "state", "causes"),
    [
        (Fault.DROP, CameraState.BACKOFF, {OfflineCause.CLOSED_BY_CAMERA}),
        (Fault.STALL, CameraState.STALLED, {OfflineCause.NO_PACKETS}),
    ],
)
async def test_an_outage_is_dated_as_the_camera_sent(
    tmp_path: Path, fault: Fault, state: CameraState, causes: set[OfflineCause]
) -> None:
    """Offline from the last packet, online again from the first one."""
    async with running([media_path()], tmp_path, faulty_camera="cam") as camera:
        session = watched(camera)
        await first(session, CameraState.STREAMING)
        span = camera.server.fail(fault, after_s=1.0, for_s=3.0)
        gone = await first(session, state)
        await first(session, CameraState.STREAMING, after=session.changes.index(gone))
        await asyncio.to_thread(session.end)
        epoch_s = camera.server.epoch_s
    assert gone.cause in causes
    assert gone.changed_at.timestamp() - epoch_s == pytest.approx(span.from_s, abs=0.5)
    back = [change for change in session.changes if change.state is CameraState.STREAMING][-1]
    assert back.changed_at.timestamp() - epoch_s > span.to_s
