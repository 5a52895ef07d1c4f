"""A real Chromium watches the real gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.browser import CHROMIUM, chromium, frames_grow
from tests.integration.live_stack import live_stack, page_server
from tests.integration.media_server import make_clip

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
]


async def test_a_late_joiner_sees_the_first_picture_at_once(tmp_path: Path) -> None:
    clip = make_clip(gop_s=4.0)
    async with live_stack(tmp_path, {"cam-01": clip}) as stack, page_server(stack) as address, chromium() as browser:
        page = await browser.new_page()
        await page.goto(address)
        assert await page.evaluate("watch('a', 'cam-01')") == 201
        await frames_grow(page, "a", by=20)
        first = await page.evaluate("decoded('a')")
        assert await page.evaluate("watch('b', 'cam-01')") == 201
        await frames_grow(page, "b", by=20)
        second = await page.evaluate("decoded('b')")
        print(first, second, await stack.status())
        assert second["first_ms"] < 1500  # the next keyframe is up to 4 s away
        assert len(stack.media.requests) == 1
