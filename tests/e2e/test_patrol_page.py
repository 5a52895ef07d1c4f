"""The patrol page in every state a drone can be in, over the real API; each state kept as a picture to be looked at."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator

from drone.plan.model import PointKind
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import ALERTS, FLIGHTS
from kernel.events import (
    DispatchCandidate,
    DispatchChanged,
    DispatchOffered,
    DispatchStage,
    DroneAction,
    FlightChanged,
    FlightOutcome,
    FlightState,
    GeoPoint,
    LinkState,
    ReasonText,
    RunDecision,
)
from kernel.runtime import RuntimePaths
from tests.e2e.patrol_room import PatrolRoom, patrol_room, plan_of, sights_of, tell_sights
from tests.e2e.wall_page import WallPage
from tests.integration.api_room import PASSWORD, alert_of
from tests.integration.browser import CHROMIUM
from tests.integration.drone_room import WINDY, answer_next, flight_of, next_order, run_of

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
]

LOW_BATTERY = ReasonText(code="battery", message_zh="电量 18% 低于起飞要求 40%", message_en="battery 18% is below 40%")
OUT_OF_RANGE = ReasonText(
    code="too_far", message_zh="剩余电量不足以往返", message_en="not enough battery to go there and back"
)
PLACE = GeoPoint(lat=41.7690, lon=109.9730)


@pytest.fixture
async def patrols() -> AsyncIterator[PatrolRoom]:
    """The API with two drones at their docks."""
    with tempfile.TemporaryDirectory(prefix="lookout-") as directory:
        server = EmbeddedServer(RuntimePaths(Path(directory)))
        await asyncio.to_thread(server.start)
        try:
            async with patrol_room(Path(directory)) as room:
                yield room
        finally:
            await asyncio.to_thread(server.stop)


@pytest.fixture
async def wall(patrols: PatrolRoom, browser: Browser, shots: Path) -> AsyncIterator[WallPage]:
    """A pilot's wall on its patrol page; afterwards it may not have met an error."""
    opened = await _open(patrols, browser, shots, "pilot")
    yield opened
    assert opened.errors == []
    assert opened.elsewhere == []


async def _open(patrols: PatrolRoom, browser: Browser, shots: Path, user: str) -> WallPage:
    context = await browser.new_context(viewport={"width": 1600, "height": 900}, locale="zh-CN")
    opened = WallPage(await context.new_page(), patrols.room.url, shots)
    await opened.open()
    await opened.sign_in(user, PASSWORD)
    await opened.until_signed_in()
    await opened.page.keyboard.press("t")
    await opened.page.locator("lookout-site-map .drone").first.wait_for()
    return opened


def _card(wall: WallPage, drone_id: str = "uav-1") -> Locator:
    return wall.page.locator(f'lookout-drone-card[data-drone-id="{drone_id}"]')


def _row(wall: WallPage, patrol_id: str = "north-loop") -> Locator:
    return wall.page.locator(f'lookout-patrol-tables tr[data-patrol-id="{patrol_id}"]')


def _aloft(patrols: PatrolRoom, reached: int = 3, **fields: object) -> FlightChanged:
    plan = plan_of(patrols.config, "north-loop", "uav-1")
    total = sum(point.kind in (PointKind.TRANSIT, PointKind.WORK) for point in plan.points)
    flight = flight_of(change=5, state=FlightState.PATROLLING, items_total=total, items_reached=reached)
    return flight.model_copy(update=fields)


async def _fly(patrols: PatrolRoom, flight: FlightChanged, along: float = 0.45, **telemetry: object) -> None:
    await patrols.room.append(FLIGHTS, flight)
    patrols.fly("uav-1", flight, along, **telemetry)


async def test_a_start_refused_a_run_confirmed_and_the_history(patrols: PatrolRoom, wall: WallPage) -> None:
    await _row(wall).locator("[data-act=start]").wait_for()
    assert await _card(wall).locator("[data-order]").count() == 0, "nothing to call back while it stands"
    await wall.shoot("patrol-idle")
    await _row(wall).locator("[data-act=start]").focus()
    await wall.page.keyboard.press("Enter")
    dialog = wall.page.locator("lookout-order-dialog [role=dialog]")
    await dialog.locator("dl").wait_for()
    await wall.shoot("patrol-start-dialog")
    refusal = asyncio.create_task(answer_next(patrols.room, WINDY, LOW_BATTERY))
    await wall.page.keyboard.press("Tab")
    await wall.page.keyboard.press("Enter")
    order = await refusal
    assert (order.action, order.patrol_id) == (DroneAction.START, "north-loop")
    await dialog.locator("[data-failure=refused]").wait_for()
    assert await dialog.locator("[data-reason]").count() == 2
    await wall.shoot("patrol-refused")
    await wall.page.get_by_text("EN", exact=True).first.dispatch_event("click")
    await dialog.get_by_text("wind 12 m/s is above the limit").wait_for()
    await wall.page.get_by_text("中", exact=True).first.dispatch_event("click")
    await wall.page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await _confirm(patrols, wall)
    await _history(patrols, wall)


async def _confirm(patrols: PatrolRoom, wall: WallPage) -> None:
    """A run that waits for a person is confirmed."""
    until = datetime.now(UTC) + timedelta(minutes=4, seconds=40)
    await patrols.room.append(FLIGHTS, run_of("r1", RunDecision.AWAITING, confirm_until=until))
    await _row(wall).locator("[data-act=confirm]").wait_for()
    await wall.shoot("patrol-awaiting")
    await _row(wall).locator("[data-act=confirm]").click()
    taken = asyncio.create_task(answer_next(patrols.room, flight_id="F"))
    await wall.page.locator("lookout-order-dialog [data-send]").click()
    order = await taken
    assert (order.action, order.run_id, order.actor) == (DroneAction.CONFIRM, "r1", "pilot")
    await wall.page.locator("lookout-wall .toast", has_text="命令已接受").wait_for()


async def test_airborne_paused_and_called_back_by_holding(patrols: PatrolRoom, wall: WallPage) -> None:
    flight = _aloft(patrols, least_separation_m=24.68, nearest_drone_id="uav-2")
    await _fly(patrols, flight)
    await _card(wall).locator("[data-order=return]").wait_for()
    await _card(wall).get_by_text("与巡逻二号最近相距 24.6 m").wait_for()
    passed = wall.page.locator('lookout-site-map .route.flying[data-patrol-id="north-loop"]')
    await passed.wait_for()
    assert int(await passed.get_attribute("data-passed") or 0) >= 3, "take-off and two points lie behind it"
    for step in range(4):
        patrols.fly("uav-1", flight, 0.45 + step * 0.012)
        await wall.page.wait_for_timeout(500)  # the trail is drawn as it is told, twice a second
    assert await wall.page.locator("lookout-site-map .trail polyline").count() == 1
    await wall.shoot("patrol-airborne")
    await _sights(patrols, wall)
    paused = asyncio.create_task(answer_next(patrols.room))
    await _card(wall).locator("[data-order=pause]").click()
    order = await paused
    assert (order.action, order.flight_id) == (DroneAction.PAUSE, flight.flight_id)
    flight = flight.model_copy(update={"change": 6, "state": FlightState.PAUSED})
    await _fly(patrols, flight, mode="BRAKE")
    await _card(wall).locator("[data-order=resume]").wait_for()
    await wall.shoot("patrol-paused")
    await _hold_return(patrols, wall)
    await _land(patrols, wall)
    await _screens(wall)


async def _sights(patrols: PatrolRoom, wall: WallPage) -> None:
    """What its camera sees stands on the map with its error; once nothing more is told it no longer looks live."""
    walker = wall.page.locator('lookout-site-map .sight[data-sight="cam-02/1"]')
    for told in range(3):
        await tell_sights(patrols.room, sights_of(patrols.telling["uav-1"]["position"], told))
        await wall.page.wait_for_timeout(460)
    await walker.and_(wall.page.locator('[data-live="true"]')).wait_for()
    assert await wall.page.locator("lookout-site-map .sights .error.live").count() == 5
    assert await wall.page.locator("lookout-site-map polygon.footprint").count() == 1
    await wall.page.locator("lookout-site-map .legend", has_text="95% 误差范围").wait_for()
    await _card(wall).locator('[data-seen="person"]', has_text="人员 3").wait_for()
    await _card(wall).locator('[data-seen="unplaced"]', has_text="视线过于接近水平").wait_for()
    await wall.shoot("patrol-sights")
    await walker.and_(wall.page.locator('[data-live="false"]')).wait_for(timeout=4_000)
    assert await wall.page.locator("lookout-site-map polygon.footprint, lookout-site-map .error.live").count() == 0
    await wall.shoot("patrol-sights-old")


async def _hold_return(patrols: PatrolRoom, wall: WallPage) -> None:
    """A press does nothing; a second of holding calls it back. By keyboard."""
    button = _card(wall).locator("lookout-hold-button button")
    await button.focus()
    ordered = asyncio.create_task(next_order(patrols.room))
    await wall.page.keyboard.press("Enter", delay=200)
    await wall.page.wait_for_timeout(1_200)
    assert not ordered.done(), "let go at once, it was sent all the same"
    await wall.page.keyboard.down(" ")
    assert (await ordered).action is DroneAction.RETURN
    await wall.page.keyboard.up(" ")
    dialog = wall.page.locator("lookout-order-dialog [role=dialog]")
    await dialog.locator("[data-failure=no_answer]").wait_for(timeout=8_000)
    await wall.shoot("patrol-no-answer")
    again = asyncio.create_task(answer_next(patrols.room))
    await wall.page.keyboard.press("Tab")
    await wall.page.keyboard.down("Enter")
    assert (await again).action is DroneAction.RETURN, "it can be called again without closing the dialog"
    await wall.page.keyboard.up("Enter")
    await dialog.wait_for(state="detached")


async def _land(patrols: PatrolRoom, wall: WallPage) -> None:
    """Landing on the spot is asked twice."""
    await _card(wall).locator("[data-order=land]").click()
    dialog = wall.page.locator("lookout-order-dialog [role=dialog]")
    await dialog.wait_for()
    focused = await wall.page.evaluate(
        "document.querySelector('lookout-wall').shadowRoot.querySelector('lookout-order-dialog')"
        ".shadowRoot.activeElement.hasAttribute('data-first')"
    )
    assert focused, "the way out has the focus, not the landing"
    await wall.shoot("patrol-land-dialog")
    landed = asyncio.create_task(answer_next(patrols.room))
    await dialog.locator("[data-send]").click()
    assert (await landed).action is DroneAction.LAND


async def test_a_lost_drone_never_looks_live(patrols: PatrolRoom, wall: WallPage) -> None:
    flight = _aloft(patrols)
    await _fly(patrols, flight)
    shown = wall.page.locator('lookout-site-map .drone[data-drone-id="uav-1"]')
    await shown.and_(wall.page.locator('[data-current="true"]')).wait_for()
    heard_at = datetime.now(UTC) - timedelta(seconds=8)
    patrols.telling["uav-1"] |= {"link": LinkState.LOST, "heard_at": heard_at}
    await shown.and_(wall.page.locator('[data-link="lost"]')).wait_for()
    assert await shown.get_attribute("data-current") == "false"
    await _card(wall).get_by_text("失联").first.wait_for()
    await wall.page.locator("lookout-top-bar .notice", has_text="巡逻一号 失联").wait_for()
    assert await _card(wall).locator("[data-order=return]").count() == 1, "RETURN stays while it is lost"
    await wall.shoot("patrol-link-lost")
    del patrols.telling["uav-1"], patrols.telling["uav-2"]  # the drone service is gone: nothing is told any more
    await wall.page.locator('lookout-site-map .drone[data-drone-id="uav-2"][data-link="silent"]').wait_for(
        timeout=10_000
    )
    await wall.shoot("patrol-service-silent")


async def _history(patrols: PatrolRoom, wall: WallPage) -> None:
    """Flights and runs tell how they ended and why, in both languages."""
    now = datetime.now(UTC)
    plan = plan_of(patrols.config, "north-loop", "uav-1")
    done = _aloft(patrols, reached=6, state=FlightState.LANDED, outcome=FlightOutcome.DONE, ended_at=now)
    done = done.model_copy(update={"started_at": now - timedelta(minutes=9), "distance_flown_m": plan.distance_m})
    early = _aloft(
        patrols, state=FlightState.LANDED, outcome=FlightOutcome.RETURNED, ended_at=now, reasons=(LOW_BATTERY,)
    )
    held = run_of("r2", RunDecision.REFUSED, reasons=(WINDY, LOW_BATTERY))
    await patrols.room.append(FLIGHTS, done, early, held)
    await _row(wall).get_by_text("拒绝").first.wait_for()
    await wall.shoot("patrol-last-result")
    await wall.page.locator("lookout-patrol-tables [data-tab=flights]").click()
    await wall.page.locator("tr[data-outcome=returned] [data-reason=battery]").wait_for()
    await wall.shoot("patrol-flights")
    await wall.page.locator("lookout-patrol-tables [data-tab=runs]").click()
    await wall.page.locator("tr[data-decision=refused]").wait_for()
    await wall.shoot("patrol-runs")
    await wall.page.get_by_text("EN", exact=True).first.click()
    await wall.page.locator("lookout-patrol-tables [data-tab=patrols]").click()
    await _row(wall).get_by_text("battery 18% is below 40%").wait_for()
    await wall.shoot("patrol-english")


async def test_a_drone_is_offered_and_sent_to_an_alert(patrols: PatrolRoom, wall: WallPage) -> None:
    alert = alert_of(place=PLACE, place_error_m=18.4)
    await patrols.room.append(ALERTS, alert)
    card = wall.page.locator(f'lookout-alert-card[data-alert-id="{alert.id}"]')
    await card.click()
    await wall.page.keyboard.press("Enter")
    await wall.page.locator("lookout-alert-detail [data-tab=map]").click()
    await wall.page.locator("lookout-alert-detail lookout-site-map .camera.chosen").wait_for()
    asked = asyncio.create_task(next_order(patrols.room))
    await wall.page.keyboard.press("d")
    assert (await asked).action is DroneAction.OFFER
    now = datetime.now(UTC)
    candidates = (
        DispatchCandidate(drone_id="uav-1", is_ready=True, arrival_s=48.0, distance_m=270.0),
        DispatchCandidate(drone_id="uav-2", is_ready=False, arrival_s=None, reasons=(OUT_OF_RANGE,)),
    )
    expires = now + timedelta(minutes=2)
    offer = DispatchOffered(
        alert_id=alert.id, place=PLACE, place_error_m=18.4, at=now, expires_at=expires, candidates=candidates
    )
    await patrols.room.append(FLIGHTS, offer)
    panel = wall.page.locator("lookout-dispatch-panel")
    await panel.locator('[data-ready="true"]').wait_for()
    await panel.get_by_text("位置精度：±19 m（95%）").wait_for()
    assert await wall.page.locator("lookout-alert-detail lookout-site-map .place .error").count() == 1
    await wall.shoot("alert-dispatch-offer")
    await panel.locator("[data-act=dispatch]").click()
    await wall.page.locator("lookout-order-dialog [data-send]").wait_for()
    await wall.shoot("alert-dispatch-dialog")
    sent = asyncio.create_task(answer_next(patrols.room))
    await wall.page.locator("lookout-order-dialog [data-send]").click()
    order = await sent
    assert (order.action, order.drone_id, order.alert_id) == (DroneAction.DISPATCH, "uav-1", alert.id)
    await _steps(patrols, alert.id)
    await wall.page.locator("lookout-alert-detail [data-stage=looked]").wait_for()
    await wall.shoot("alert-dispatch-outcome")
    await _nowhere(patrols, wall)


async def _nowhere(patrols: PatrolRoom, wall: WallPage) -> None:
    """What a drone saw without a place: no button, but the reason; and the key sends nothing."""
    unplaced = alert_of("cam-02", unplaced="grazing")
    await patrols.room.append(ALERTS, unplaced)
    await wall.page.locator(f'lookout-alert-card[data-alert-id="{unplaced.id}"]').click()
    await wall.page.keyboard.press("Enter")
    await wall.page.locator("lookout-dispatch-panel [data-nowhere]", has_text="视线过于接近水平").wait_for()
    assert await wall.page.locator("lookout-dispatch-panel [data-act]").count() == 0
    await wall.page.keyboard.press("d")
    await wall.page.locator("lookout-wall .toast", has_text="不能派无人机").wait_for()
    await wall.shoot("alert-without-place")


async def _steps(patrols: PatrolRoom, alert_id: str) -> None:
    at = datetime.now(UTC)
    told: list[tuple[DispatchStage, dict[str, Any]]] = [
        (DispatchStage.ACCEPTED, {"actor": "pilot"}),
        (DispatchStage.EN_ROUTE, {"actor": "controller"}),
        (DispatchStage.ON_PLACE, {"actor": "controller", "distance_m": 1.1}),
        (DispatchStage.LOOKED, {"actor": "controller", "drift_m": 0.4, "held_s": 62.0}),
    ]
    for after_s, (stage, fields) in enumerate(told):
        changed = DispatchChanged(
            alert_id=alert_id,
            drone_id="uav-1",
            flight_id=None,
            stage=stage,
            at=at + timedelta(milliseconds=after_s),
            place=PLACE,
            **fields,
        )
        await patrols.room.append(FLIGHTS, changed)


async def test_a_viewer_sees_the_flight_and_no_button(patrols: PatrolRoom, browser: Browser, shots: Path) -> None:
    await _fly(patrols, _aloft(patrols))
    viewer = await _open(patrols, browser, shots, "viewer")
    await _card(viewer).and_(viewer.page.locator('[data-airborne="true"]')).wait_for()
    await _row(viewer).wait_for()
    assert await viewer.page.locator("[data-order], [data-act]").count() == 0
    await viewer.shoot("patrol-viewer")
    await viewer.page.keyboard.press("l")
    await viewer.page.locator('lookout-tile[data-camera-id="cam-02"] .drone').wait_for()
    await viewer.shoot("tile-drone")
    assert viewer.errors == []


async def _screens(wall: WallPage) -> None:
    """A small and a large screen show all of it."""
    for width_px, height_px in ((1366, 768), (3840, 2160)):
        await wall.page.set_viewport_size({"width": width_px, "height": height_px})
        await wall.page.wait_for_timeout(1_200)
        overflow = await wall.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0
        await wall.shoot(f"patrol-{width_px}x{height_px}")
