"""Pictures go on over a network that loses packets."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from aiortc.rtcdtlstransport import RTCDtlsTransport

from command_api.live.bench_feed import FPS, HEIGHT_PX, WIDTH_PX, make_units
from tests.integration.browser import CHROMIUM, chromium, frames_grow
from tests.integration.live_stack import live_stack, page_server
from tests.integration.media_server import Clip

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
]


async def test_five_percent_loss_costs_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With aiortc's own history of 128 packets keyframes could not be repaired: 4 pictures/s were left at 2 % loss.

    The loss is made where packets leave, since not every kernel has netem.
    """
    send = RTCDtlsTransport._send_rtp
    chance = random.Random(7)

    async def lossy(transport: RTCDtlsTransport, packet: bytes) -> None:
        if chance.random() >= 0.05:
            await send(transport, packet)

    clip = Clip(make_units(), "h264", WIDTH_PX, HEIGHT_PX, FPS, False)
    async with live_stack(tmp_path, {"cam-01": clip}) as stack, page_server(stack) as address, chromium() as browser:
        page = await browser.new_page()
        await page.goto(address)
        assert await page.evaluate("watch('a', 'cam-01')") == 201
        await frames_grow(page, "a", by=10)
        monkeypatch.setattr(RTCDtlsTransport, "_send_rtp", lossy)
        before = await page.evaluate("decoded('a')")
        await frames_grow(page, "a", by=150, timeout_ms=9_000)  # 6 s of pictures
        after = await page.evaluate("decoded('a')")
        print("lossy:", before, after)
        assert after["lost"] > 20
        assert after["losses"] - before["losses"] <= 2
