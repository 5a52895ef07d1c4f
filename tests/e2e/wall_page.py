"""The wall in a real browser, as a person meets it: signing in, tiles, cards, keys, pictures of every state."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.async_api import Page

# Notes when each card first stood in the rail, by the machine's own clock, so that it compares with created_at.
_NOTE_CARDS = """
window.notedCards = {};
window.unreloaded = false;
setInterval(() => {
  const rail = document.querySelector('lookout-wall')?.shadowRoot?.querySelector('lookout-alert-rail');
  for (const card of rail?.shadowRoot?.querySelectorAll('lookout-alert-card') ?? [])
    window.notedCards[card.dataset.alertId] ??= Date.now();
}, 20);
"""

# Counts how often one box came to stand elsewhere within a second, at most, over the tiles that are there now.
_NOTE_BOX_MOVES = """() => {
  const overlays = (root) => [...root.querySelectorAll('*')].flatMap((element) => [
    ...(element.localName === 'lookout-picture-overlay' ? [element] : []),
    ...(element.shadowRoot === null ? [] : overlays(element.shadowRoot)),
  ]);
  window.boxMoves = {most: 0};
  const known = overlays(document).map((overlay) => [overlay, new Map()]);
  setInterval(() => {
    for (const [overlay, places] of known) {
      for (const box of overlay.shadowRoot.querySelectorAll('.box')) {
        const [id, place] = [box.dataset.trackId, box.getAttribute('x')];
        const before = places.get(id) ?? {place, times: []};
        const times = before.times.filter((time) => performance.now() - time < 1000);
        if (place !== before.place) times.push(performance.now());
        places.set(id, {place, times});
        window.boxMoves.most = Math.max(window.boxMoves.most, times.length);
      }
    }
  }, 20);
}"""


class WallPage:
    """One browser page on the wall.

    Attributes:
        page: Playwright's page.
        errors: uncaught exceptions of the page's scripts.
        elsewhere: addresses asked for that are not the room's own.
    """

    def __init__(self, page: Page, url: str, shots: Path) -> None:
        self.page = page
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self._url = url
        self._shots = shots
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._note_request(request.url))

    def _note_request(self, address: str) -> None:
        if not address.startswith((self._url, "blob:", "data:")):
            self.elsewhere.append(address)

    async def open(self) -> None:
        """Load the page; it shows the sign-in."""
        await self.page.add_init_script(_NOTE_CARDS)
        await self.page.goto(self._url)
        await self.page.wait_for_selector("input[name=username]")

    async def sign_in(self, user: str, password: str) -> None:
        """Type and press Enter, as a person does."""
        await self.page.fill("input[name=username]", user)
        await self.page.fill("input[name=password]", password)
        await self.page.keyboard.press("Enter")

    async def replace_password(self, password: str) -> None:
        """Take a password of one's own in place of the one-time one."""
        await self.page.fill("input[name=new]", password)
        await self.page.fill("input[name=repeat]", password)
        await self.page.keyboard.press("Enter")

    async def until_signed_in(self) -> None:
        """The tiles are there; a later reload of the page would be noticed."""
        await self.page.wait_for_selector("lookout-tile")
        await self.page.evaluate("window.unreloaded = true")

    async def is_the_same_page(self) -> bool:
        """Whether nobody has reloaded it since `until_signed_in`."""
        return bool(await self.page.evaluate("window.unreloaded"))

    async def tiles(self) -> dict[str, dict[str, str]]:
        """What the tiles say of themselves, by camera."""
        found = await self.page.locator("lookout-tile").evaluate_all("tiles => tiles.map(tile => ({...tile.dataset}))")
        return {tile["cameraId"]: tile for tile in found}

    async def until_tile_count(self, count: int, within_s: float = 5.0) -> None:
        """Wait until the grid has so many tiles."""
        deadline_s = time.monotonic() + within_s
        while len(await self.tiles()) != count:
            assert time.monotonic() < deadline_s, f"not {count} tiles within {within_s} s"
            await self.page.wait_for_timeout(20)

    async def until_no_tile(self, state: str, within_s: float) -> float:
        """Wait until no tile is in this state; returns the seconds it took."""
        began_s = time.monotonic()
        while any(tile.get("tileState") == state for tile in (await self.tiles()).values()):
            assert time.monotonic() - began_s < within_s, f"a tile is {state} after {within_s} s: {await self.tiles()}"
            await self.page.wait_for_timeout(50)
        return time.monotonic() - began_s

    async def until_tiles(self, what: str, cameras: list[str], within_s: float, wanted: dict[str, int | str]) -> float:
        """Wait until every one of these cameras' tiles is in a state, or has decoded more pictures than given.

        Args:
            what: words for the failure.
            cameras: their ids.
            within_s: longest wait.
            wanted: by camera, a tile state or a number of pictures to exceed.

        Returns:
            Seconds it took.
        """
        began_s = time.monotonic()
        while True:
            tiles = await self.tiles()
            if all(camera in tiles and _fits(tiles[camera], wanted[camera]) for camera in cameras):
                return time.monotonic() - began_s
            if time.monotonic() - began_s > within_s:
                await self.shoot(f"failed-{what.replace(' ', '-')}")
                raise AssertionError(f"not within {within_s} s: {what}; tiles: {tiles}")
            await self.page.wait_for_timeout(50)

    async def until_playing(self, cameras: list[str], within_s: float = 20.0, by: int = 10) -> float:
        """Wait until each of these tiles has decoded `by` more pictures; returns the seconds it took."""
        last = await self._decoded()
        began_s = time.monotonic()
        await self.until_tiles("live", cameras, within_s, dict.fromkeys(cameras, "live"))
        more = dict.fromkeys(cameras, 0)
        while min(more.values()) < by:
            if time.monotonic() - began_s > within_s:
                await self.shoot("failed-pictures")
                raise AssertionError(f"not {by} pictures within {within_s} s: {more}; tiles: {await self.tiles()}")
            await self.page.wait_for_timeout(50)
            now = await self._decoded()
            for camera in cameras:  # a new connection counts from nothing
                grown = now.get(camera, 0) - last.get(camera, 0)
                more[camera] += grown if grown >= 0 else now.get(camera, 0)
            last = now
        return time.monotonic() - began_s

    async def picture_ages_ms(self, cameras: list[str], within_s: float = 20.0) -> dict[str, int]:
        """How long ago each live tile's picture was captured, as soon as all of them were told."""
        deadline_s = time.monotonic() + within_s
        while True:
            tiles = await self.tiles()
            shown = {name: tiles[name] for name in cameras if tiles.get(name, {}).get("tileState") == "live"}
            if len(shown) == len(cameras) and all("pictureAgeMs" in tile for tile in shown.values()):
                return {name: int(tile["pictureAgeMs"]) for name, tile in shown.items()}
            assert time.monotonic() < deadline_s, f"the age of the pictures is not told: {tiles}"
            await self.page.wait_for_timeout(50)

    async def _decoded(self) -> dict[str, int]:
        return {camera: int(tile.get("framesDecoded", 0)) for camera, tile in (await self.tiles()).items()}

    async def until_reconnected(self, decoded: dict[str, int], within_s: float) -> float:
        """Wait until each tile has pictures of another connection, which counts from nothing.

        Args:
            decoded: pictures decoded so far, by camera.
            within_s: longest wait.

        Returns:
            Seconds it took until the last one had some.
        """
        began_s = time.monotonic()
        waiting, begun_anew = set(decoded), set[str]()
        while waiting:
            assert time.monotonic() - began_s < within_s, f"not within {within_s} s: pictures of {sorted(waiting)}"
            await self.page.wait_for_timeout(20)
            for camera, tile in (await self.tiles()).items():
                count = int(tile.get("framesDecoded", 0))
                if count < decoded[camera]:
                    begun_anew.add(camera)
                if camera in begun_anew and count > 0:
                    waiting.discard(camera)
        return time.monotonic() - began_s

    async def note_box_moves(self) -> None:
        """From now on `window.boxMoves.most` tells how often a box moved within a second, at most."""
        await self.page.evaluate(_NOTE_BOX_MOVES)

    async def until(self, expression: str, argument: Any = None, within_s: float = 10.0) -> Any:
        """The first true value of an expression in the page; its content policy forbids Playwright's own waiting.

        Raises:
            AssertionError: none within the time.
        """
        deadline_s = time.monotonic() + within_s
        while not (value := await self.page.evaluate(expression, argument)):
            assert time.monotonic() < deadline_s, f"not within {within_s} s: {expression} {argument}"
            await self.page.wait_for_timeout(20)
        return value

    async def until_analysed(self, cameras: list[str], within_s: float = 40.0) -> None:
        """Wait until the room says that each of these cameras is analysed; it may be restarting meanwhile."""
        analysed = (
            "(wanted) => fetch('/api/cameras').then((reply) => reply.json()).then(({cameras}) => wanted.every("
            "(id) => cameras.some((camera) => camera.id === id && camera.analysed.state === 'analysed')"
            ")).catch(() => false)"
        )
        await self.until(analysed, cameras, within_s)

    async def cards(self) -> list[dict[str, str]]:
        """What the cards waiting in the rail say of themselves."""
        cards = self.page.locator("lookout-alert-rail .cards:not(.handled) lookout-alert-card")
        found: list[dict[str, str]] = await cards.evaluate_all("cards => cards.map(card => ({...card.dataset}))")
        return found

    async def first_seen_ms(self, alert_id: str) -> float | None:
        """When this card first stood in the rail, milliseconds since the epoch; None while it has not."""
        seen: float | None = await self.page.evaluate("(id) => window.notedCards[id] ?? null", alert_id)
        return seen

    async def get(self, path: str) -> Any:
        """Ask the API with the page's own session."""
        return await self.page.evaluate("(path) => fetch(path).then((reply) => reply.json())", path)

    async def shoot(self, name: str) -> None:
        """Keep a picture of the page."""
        await self.page.screenshot(path=self._shots / f"{name}.png")


def _fits(tile: dict[str, str], wanted: int | str) -> bool:
    if isinstance(wanted, str):
        return tile.get("tileState") == wanted
    return int(tile.get("framesDecoded", 0)) > wanted
