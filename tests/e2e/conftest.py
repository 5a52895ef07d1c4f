"""One room for all browser tests, with people in it; a browser for each test."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from tests.e2e.room import ROOT, Room, running_room
from tests.e2e.street import street
from tests.e2e.wall_page import WallPage
from tests.integration.browser import CHROMIUM, chromium

ADMIN_PASSWORD = "a-long-password-7"
OPERATOR_PASSWORD = "another-password-8"
_numbers = count(1)

OpenWall = Callable[[], Awaitable[WallPage]]


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where pictures of the page go: the directory that LOOKOUT_SHOTS names, else var/shots of the checkout."""
    directory = Path(os.environ.get("LOOKOUT_SHOTS") or ROOT / "var" / "shots")
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def room() -> Iterator[Room]:
    """A running installation whose administrator has a password already."""
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with (
        tempfile.TemporaryDirectory(prefix="lookout-e2e-") as directory,
        street(Path(directory)) as cameras,
        running_room(cameras.config, cameras.data_dir) as running,
    ):
        running.cameras_pid = cameras.server_pid
        with signed_in(running) as client:
            change = {"old": running.password, "new": ADMIN_PASSWORD}
            client.post("/api/session/password", json=change).raise_for_status()
        running.password = ADMIN_PASSWORD
        yield running


@contextlib.contextmanager
def signed_in(room: Room) -> Iterator[httpx.Client]:
    """A client of the API for the administrator."""
    with httpx.Client(base_url=room.url, headers={"X-Lookout": "1"}, timeout=20) as client:
        session = client.post("/api/session", json={"username": room.user, "password": room.password})
        client.headers["Authorization"] = f"Bearer {session.raise_for_status().json()['token']}"
        yield client


def new_operator(room: Room) -> tuple[str, str]:
    """Somebody who may handle alerts of every camera; returns the name and the one-time password."""
    name = f"operator-{next(_numbers)}"
    with signed_in(room) as client:
        person = {"name": name, "display_name": "值班员", "role": "operator", "unit": "bureau"}
        made = client.post("/api/users", json=person).raise_for_status().json()
    return name, str(made["one_time_password"])


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium."""
    async with chromium() as started:
        yield started


@pytest.fixture
async def open_wall(room: Room, browser: Browser, shots: Path) -> AsyncIterator[OpenWall]:
    """Opens walls, each signed in as an operator of its own; afterwards none may have met an error."""
    walls: list[WallPage] = []

    async def open_one() -> WallPage:
        context = await browser.new_context(viewport={"width": 1600, "height": 900}, locale="zh-CN")
        wall = WallPage(await context.new_page(), room.url, shots)
        walls.append(wall)
        name, password = new_operator(room)
        await wall.open()
        await wall.sign_in(name, password)
        await wall.replace_password(OPERATOR_PASSWORD)
        await wall.until_signed_in()
        return wall

    yield open_one
    for wall in walls:
        assert wall.errors == []
        assert wall.elsewhere == []
