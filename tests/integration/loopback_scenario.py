"""Run inside a network namespace with nothing but `lo`: a Chromium watches the gateway; prints one JSON line.

`python -m tests.integration.loopback_scenario DIRECTORY [chromium arguments]`; exit 0 when pictures came.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Error as PlaywrightError

from tests.integration.browser import chromium, frames_grow
from tests.integration.live_stack import live_stack, page_server
from tests.integration.media_server import make_clip


async def play(directory: Path, *browser_arguments: str) -> dict[str, Any]:
    """What a browser with these arguments sees."""
    clip = make_clip(width_px=320, height_px=180)
    async with (
        live_stack(directory, {"cam-01": clip}) as stack,
        page_server(stack) as address,
        chromium(*browser_arguments) as browser,
    ):
        page = await browser.new_page()
        await page.goto(address)
        status = await page.evaluate("watch('a', 'cam-01')")
        problem = ""
        try:
            await frames_grow(page, "a", by=10, timeout_ms=8_000)
        except PlaywrightError as error:
            problem = str(error).splitlines()[0]
        seen = await page.evaluate("decoded('a')")
        return {"status": status, "problem": problem, **seen}


def main() -> int:
    """Play and print."""
    seen = asyncio.run(play(Path(sys.argv[1]), *sys.argv[2:]))
    print(json.dumps(seen))
    return 1 if seen["problem"] else 0


if __name__ == "__main__":
    sys.exit(main())
