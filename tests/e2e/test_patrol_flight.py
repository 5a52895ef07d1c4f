"""A patrol flown from the page: the real API, the real drone service, simulated vehicles, a browser."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator

from drone.connect import open_vehicle
from drone.fleet.service import FleetService
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import ALERTS
from kernel.clock import SystemClock
from kernel.config.lookout import LookoutConfig
from kernel.events import GeoPoint
from kernel.runtime import RuntimePaths
from tests.e2e.patrol_room import USERS, site_config
from tests.e2e.wall_page import WallPage
from tests.integration.airfield import eventually, flying_vehicle, spot
from tests.integration.api_room import PASSWORD, Room, add_users, alert_of, running
from tests.integration.browser import CHROMIUM

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
]

SPEEDUP = 12.0


@contextlib.asynccontextmanager
async def _drone_service(config: LookoutConfig, bus: str) -> AsyncIterator[FleetService]:
    """The drone service, once it has heard its vehicles and nothing speaks against a launch."""
    clock, stop = SystemClock(), asyncio.Event()
    service = FleetService(config, bus, clock, open_vehicle(config, clock))
    task = asyncio.create_task(service.run(stop))
    try:
        keepers = list(service.keepers.values())
        await eventually(lambda: all(one.seen.heartbeats >= 12 and not one.not_ready for one in keepers), 30.0, "ready")
        yield service
    finally:
        stop.set()
        await task


@pytest.fixture
async def airfield() -> AsyncIterator[Room]:
    """Two vehicles at their docks, the drone service and the API."""
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lookout-")))
        server = EmbeddedServer(RuntimePaths(directory))
        await asyncio.to_thread(server.start)
        stack.push_async_callback(asyncio.to_thread, server.stop)
        links = [(await stack.enter_async_context(flying_vehicle(number, speedup=SPEEDUP)))[1] for number in (1, 2)]
        config = site_config(directory, links)
        await add_users(config, USERS)
        room = await stack.enter_async_context(running(config))
        await stack.enter_async_context(_drone_service(config, room.bus))
        yield room


@pytest.fixture
async def wall(airfield: Room, browser: Browser, shots: Path) -> AsyncIterator[WallPage]:
    """A pilot's wall on its patrol page; afterwards it may not have met an error."""
    context = await browser.new_context(viewport={"width": 1600, "height": 900}, locale="zh-CN")
    opened = WallPage(await context.new_page(), airfield.url, shots)
    await opened.open()
    await opened.sign_in("pilot", PASSWORD)
    await opened.until_signed_in()
    await opened.page.keyboard.press("t")
    yield opened
    assert opened.errors == []
    assert opened.elsewhere == []


def _card(wall: WallPage, state: str = "") -> Locator:
    wanted = f'[data-state="{state}"]' if state else ""
    return wall.page.locator(f'lookout-drone-card[data-drone-id="uav-1"]{wanted}')


async def _start(wall: WallPage) -> None:
    row = wall.page.locator('lookout-patrol-tables tr[data-patrol-id="north-loop"]')
    await row.locator("[data-act=start]").click()
    dialog = wall.page.locator("lookout-order-dialog [role=dialog]")
    await dialog.locator(".ok").wait_for()
    await dialog.locator("[data-send]").click()
    await dialog.wait_for(state="detached")
    await _card(wall, "patrolling").wait_for(timeout=30_000)


async def test_a_patrol_with_an_errand_a_pause_and_a_call_back(airfield: Room, wall: WallPage) -> None:
    await _start(wall)
    await wall.page.locator('lookout-site-map .route.flying[data-patrol-id="north-loop"]').wait_for()
    await _errand(airfield, wall)
    await wall.until(_PASSED, 3, within_s=40)
    assert await wall.page.locator("lookout-site-map .trail polyline").count() >= 1
    await wall.shoot("flight-patrolling")
    await _card(wall).locator("[data-order=pause]").click()
    await _card(wall, "paused").wait_for()
    await wall.shoot("flight-paused")
    await _card(wall).locator("[data-order=resume]").click()
    await _card(wall, "patrolling").wait_for()
    await _card(wall).locator("[data-order=return] button").focus()
    await wall.page.keyboard.down("Enter")
    await _card(wall, "returning").wait_for(timeout=15_000)
    await wall.page.keyboard.up("Enter")
    await wall.shoot("flight-returning")
    await wall.page.locator("lookout-patrol-tables [data-tab=flights]").click()
    await wall.page.locator("lookout-patrol-tables tr[data-outcome=returned]").wait_for(timeout=40_000)
    await _card(wall, "idle").wait_for(timeout=15_000)
    await wall.shoot("flight-returned")


async def _errand(airfield: Room, wall: WallPage) -> None:
    """From its patrol to an alert's place, and on with the patrol; all of it told on the alert."""
    lat, lon = spot(-70.0, 130.0)
    alert = alert_of(place=GeoPoint(lat=lat, lon=lon))
    await airfield.append(ALERTS, alert)
    await wall.page.locator(f'lookout-alert-card[data-alert-id="{alert.id}"]').click()
    await wall.page.keyboard.press("d")
    await wall.page.locator("lookout-alert-detail [data-tab=map]").click()
    ready = wall.page.locator('lookout-dispatch-panel li[data-drone-id="uav-1"] [data-act=dispatch]')
    await ready.wait_for()
    await wall.shoot("flight-offer")
    await ready.click()
    await wall.page.locator("lookout-order-dialog [data-send]").click()
    detail = wall.page.locator("lookout-alert-detail")
    await detail.locator("[data-stage=on_place]").wait_for(timeout=40_000)
    await wall.shoot("flight-on-place")
    await detail.locator("[data-stage=resumed]").wait_for(timeout=40_000)
    await wall.shoot("flight-resumed")
    await wall.page.keyboard.press("Escape")
    await _card(wall, "patrolling").wait_for()


# Points that the flown part of the route has, with the take-off.
_PASSED = """(more) => {
  const map = document.querySelector('lookout-wall').shadowRoot.querySelector('lookout-patrol-page')
    .shadowRoot.querySelector('lookout-site-map');
  return Number(map.shadowRoot.querySelector('.route.flying')?.dataset.passed ?? 0) > more;
}"""
