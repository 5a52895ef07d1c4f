"""From GStreamer's RTSP server through a real ingest worker and the gateway to Chromium."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kernel.bus.embedded import EmbeddedServer
from kernel.config import load_config
from kernel.events import CameraState
from kernel.runtime import RuntimePaths
from tests.integration.browser import CHROMIUM, chromium, frames_grow
from tests.integration.ingest_process import camera, ingest_process
from tests.integration.live_stack import gateway_over, page_server
from tests.integration.media_server import MediaServer
from tests.integration.rtsp_server import GstServer, require_gstreamer

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
]
CAMERAS: dict[str, dict[str, object]] = {
    "h264": {"codec": "h264"},
    "h265": {"codec": "h265"},
    "b-frames": {"codec": "h264", "b_frames": 2},
}


async def test_every_kind_of_camera_plays_and_comes_back_after_ingest_was_killed(
    bus: EmbeddedServer, paths: RuntimePaths
) -> None:
    require_gstreamer()
    assert bus.is_running
    rtsp = GstServer({f"/{name}": mount for name, mount in CAMERAS.items()})
    cameras = [camera(name, f"rtsp://127.0.0.1:{rtsp.port}/{name}") for name in CAMERAS]
    nobody = MediaServer({}, Path("unused"))
    try:
        with ingest_process(paths, cameras) as worker:
            for name in CAMERAS:
                worker.until_state(name, CameraState.STREAMING)
            config = load_config(paths.data_dir / "lookout.yaml")
            async with gateway_over(config, nobody) as stack, page_server(stack) as address, chromium() as browser:
                page = await browser.new_page()
                await page.goto(address)
                for name in CAMERAS:
                    assert await page.evaluate("(name) => watch(name, name)", name) == 201
                for name in CAMERAS:
                    await frames_grow(page, name, by=30)
                    print(name, await page.evaluate("(name) => decoded(name)", name))
                sources = {source["camera_id"]: source["transcode"] for source in (await stack.status())["sources"]}
                assert sources["h264"] is None
                assert sources["h265"]["reason"] == "codec"
                assert sources["b-frames"]["reason"] == "b_frames"
                before = {name: len(worker.changes(name)) for name in CAMERAS}
                worker.process.kill()
                worker.process.wait()
                with ingest_process(paths, cameras) as again:
                    for name in CAMERAS:
                        await asyncio.to_thread(again.until_state, name, CameraState.STREAMING, after=before[name])
                        await frames_grow(page, name, by=30)
                        assert (await page.evaluate("(name) => decoded(name)", name))["state"] == "connected"
    finally:
        rtsp.kill()
