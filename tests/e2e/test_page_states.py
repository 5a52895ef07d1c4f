"""Every state of the page, kept as a picture to be looked at (LOOKOUT_SHOTS names the directory)."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import OpenWall
from tests.e2e.street import CAMERAS

pytestmark = [pytest.mark.e2e, pytest.mark.alone, pytest.mark.timeout(900)]


async def test_every_page_can_be_reached_by_keyboard(open_wall: OpenWall) -> None:
    wall = await open_wall()
    await wall.until_playing(CAMERAS)
    card = wall.page.locator("lookout-alert-rail .cards:not(.handled) lookout-alert-card").first
    await card.wait_for(timeout=60_000)
    await wall.shoot("page-live-hot-spot")
    for key, name, shown in (
        ("?", "keys", "lookout-dialogs [role=dialog]"),
        ("t", "patrol", "lookout-patrol-page lookout-drone-card, lookout-patrol-page aside .none"),
        ("h", "health", "lookout-health-page"),
        ("c", "cameras", "lookout-cameras-page"),
        ("l", "live-again", "lookout-tile"),
    ):
        await wall.page.keyboard.press(key)
        await wall.page.locator(shown).first.wait_for()
        await wall.page.wait_for_timeout(700)  # a picture of what stands, not of what slides in
        await wall.shoot(f"page-{name}")
        await wall.page.keyboard.press("Escape")
    await wall.until_playing(CAMERAS)
    await card.click()
    await wall.page.keyboard.press("Enter")
    await wall.page.locator("lookout-alert-detail [role=dialog]").wait_for()
    await wall.page.wait_for_timeout(1_500)
    await wall.shoot("page-alert-detail")
    await wall.page.keyboard.press("Escape")
    await wall.page.keyboard.press("f")
    await wall.page.locator("lookout-dialogs [data-reasons]").wait_for()
    await wall.shoot("page-false-alarm-reasons")
    await wall.page.keyboard.press("1")
    await wall.page.locator("lookout-dialogs [data-reasons]").wait_for(state="detached")
    toast = wall.page.locator("lookout-wall .toast")
    await toast.filter(has_text="已标记误报：动物").wait_for()
    await wall.page.get_by_text("EN", exact=True).first.click()
    await toast.filter(has_text="Marked as false alarm: Animal").wait_for(timeout=3_000)
    await wall.page.get_by_text("中", exact=True).first.click()
    await wall.shoot("page-false-alarm")
    await wall.page.get_by_text("EN", exact=True).first.click()
    await wall.page.wait_for_timeout(500)
    await wall.shoot("page-english")


async def test_a_small_and_a_large_screen(open_wall: OpenWall) -> None:
    wall = await open_wall()
    await wall.until_playing(CAMERAS)
    for width_px, height_px in ((1366, 768), (3840, 2160)):
        await wall.page.set_viewport_size({"width": width_px, "height": height_px})
        await wall.page.wait_for_timeout(1_500)
        overflow = await wall.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0
        await wall.shoot(f"screen-{width_px}x{height_px}")
