"""A real Chromium watches the real gateway."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.browser import CHROMIUM, chromium, frames_grow
from tests.integration.live_stack import live_stack, make_camera, page_server
from tests.integration.media_server import make_clip

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
]
LOOPBACK_FLAGS = ("--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns")


async def test_a_late_joiner_sees_the_first_picture_at_once(tmp_path: Path) -> None:
    clip = make_clip(gop_s=4.0)
    async with live_stack(tmp_path, {"cam-01": clip}) as stack, page_server(stack) as address, chromium() as browser:
        page = await browser.new_page()
        await page.goto(address)
        assert await page.evaluate("watch('a', 'cam-01')") == 201
        await frames_grow(page, "a", by=20)
        assert await page.evaluate("watch('b', 'cam-01')") == 201
        await frames_grow(page, "b", by=20)
        second = await page.evaluate("decoded('b')")
        print("late joiner:", second)
        assert second["first_ms"] < 1500  # the next keyframe is up to 4 s away
        assert len(stack.media.requests) == 1


async def test_sixteen_tiles_opened_at_once_all_play(tmp_path: Path) -> None:
    clip = make_clip(width_px=320, height_px=180, gop_s=2.0)
    clips = {f"cam-{index:02}": clip for index in range(1, 17)}
    async with live_stack(tmp_path, clips) as stack, page_server(stack) as address, chromium() as browser:
        page = await browser.new_page()
        await page.goto(address)
        statuses = await page.evaluate("(names) => Promise.all(names.map((name) => watch(name, name)))", list(clips))
        assert statuses == [201] * 16
        await asyncio.gather(*(frames_grow(page, name, by=10) for name in clips))
        seen = [await page.evaluate("(name) => decoded(name)", name) for name in clips]
        print("first pictures, ms:", sorted(round(one["first_ms"]) for one in seen))
        assert sum(one["lost"] for one in seen) == 0


@pytest.mark.parametrize(("codec", "b_frames"), [("hevc", 0), ("h264", 2)])
async def test_what_the_browser_cannot_play_is_transcoded_once_for_all(
    tmp_path: Path, codec: str, b_frames: int
) -> None:
    clip = make_clip(codec, b_frames=b_frames)
    async with (
        live_stack(tmp_path, {"cam-01": clip}, linger_s=0.5) as stack,
        page_server(stack) as address,
        chromium() as browser,
    ):
        page = await browser.new_page()
        await page.goto(address)
        assert await page.evaluate("watch('a', 'cam-01')") == 201
        assert await page.evaluate("watch('b', 'cam-01')") == 201
        await frames_grow(page, "a", by=20)
        await frames_grow(page, "b", by=20)
        sources = (await stack.status())["sources"]
        assert [source["transcode"]["reason"] for source in sources] == ["codec" if codec == "hevc" else "b_frames"]
        print(codec, await page.evaluate("decoded('a')"), sources)


async def test_the_picture_comes_back_on_the_same_connection_after_ingest_was_killed(tmp_path: Path) -> None:
    clip = make_clip(gop_s=1.0)
    async with live_stack(tmp_path, {"cam-01": clip}) as stack, page_server(stack) as address, chromium() as browser:
        page = await browser.new_page()
        await page.goto(address)
        assert await page.evaluate("watch('a', 'cam-01')") == 201
        await frames_grow(page, "a", by=20)
        for _round in range(2):
            await stack.media.stop()
            await stack.media.start()  # camera times begin anew
            await frames_grow(page, "a", by=30)
        assert (await page.evaluate("decoded('a')"))["state"] == "connected"
        assert len((await stack.status())["viewers"]) == 1


async def test_a_camera_that_stops_shows_no_new_pictures(tmp_path: Path) -> None:
    """Without pictures Chromium asks for a keyframe; answered with old ones, a stopped camera counted as live."""
    clip = make_clip(gop_s=1.0)
    async with live_stack(tmp_path, {"cam-01": clip}) as stack, page_server(stack) as address, chromium() as browser:
        page = await browser.new_page()
        await page.goto(address)
        assert await page.evaluate("watch('a', 'cam-01')") == 201
        await frames_grow(page, "a", by=20)
        stack.media.stalled = True
        asked = (await stack.status())["viewers"][0]["picture_losses"]
        await page.wait_for_timeout(500)  # what was on its way has been decoded
        before = (await page.evaluate("decoded('a')"))["frames"]
        async with asyncio.timeout(20):
            while (await stack.status())["viewers"][0]["picture_losses"] == asked:
                await page.wait_for_timeout(50)
        await page.wait_for_timeout(500)
        assert (await page.evaluate("decoded('a')"))["frames"] == before
        stack.media.stalled = False
        await frames_grow(page, "a", by=20)


async def test_alerts_reach_the_page_over_the_data_channel_by_unit(tmp_path: Path) -> None:
    cameras = (make_camera("gate", unit="north"), make_camera("pit", unit="mine"))
    async with (
        live_stack(tmp_path, {}, cameras) as stack,
        page_server(stack, units=("north",)) as address,
        chromium() as browser,
    ):
        page = await browser.new_page()
        await page.goto(address)
        assert await page.evaluate("subscribe()") == 201
        await page.wait_for_function("window.messages.some((message) => message.type === 'ping')")
        for sequence, camera_id in enumerate(["pit", "gate"], start=1):
            await stack.alerts.put(json.dumps({"id": f"a{sequence}", "seq": sequence, "camera_id": camera_id}).encode())
        await page.wait_for_function("window.messages.some((message) => message.type === 'alert')")
        alerts = await page.evaluate("window.messages.filter((message) => message.type === 'alert')")
        assert [alert["alert"]["camera_id"] for alert in alerts] == ["gate"]
        await page.evaluate("window.channel.send('acknowledge a2')")
        await page.wait_for_function("window.messages.filter((message) => message.type === 'ping').length >= 3")
        subscribers = (await stack.status())["subscribers"]
        assert [subscriber["ignored"] for subscriber in subscribers] == [1]
        await page.evaluate("window.channelPeer.close()")


@pytest.mark.skipif(os.getuid() != 0, reason="a network namespace needs root")
@pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare (util-linux) is not installed")
def test_pictures_play_with_every_interface_but_loopback_down(tmp_path: Path) -> None:
    """Chromium offers no loopback address by itself: the flags are what an operator at the machine has to use."""
    scenario = [sys.executable, "-m", "tests.integration.loopback_scenario", str(tmp_path), *LOOPBACK_FLAGS]
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *scenario],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["frames"] >= 10
