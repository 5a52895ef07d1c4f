"""A headless Chromium for tests."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@contextlib.asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """A browser with a profile of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*ARGUMENTS, *more], headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()


async def frames_grow(page: Page, name: str, by: int = 10, timeout_ms: float = 15_000) -> None:
    """Wait until this peer of the test page has decoded `by` more pictures."""
    await page.evaluate("([name, by, timeout_ms]) => grow(name, by, timeout_ms)", [name, by, timeout_ms])
