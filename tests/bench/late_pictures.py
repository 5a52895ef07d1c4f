"""How soon a tile says that its picture is late: `python -m tests.bench.late_pictures [--seconds 60]`.

A whole room with the simulated street. The gateway's transcode of the H.265 camera gets only the processor time that
nobody else wants (SCHED_IDLE) while burners of the lowest niceness want all that is left. Ten times a second it is
noted what the tile says, the age it tells of its picture, and how late the newest picture left the transcoder. That is
measured without anything the wall goes by: the gateway's own `/status` tells it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from playwright.async_api import Browser

from command_api.service import live_client
from kernel.config import load_config
from kernel.runtime import RuntimePaths
from tests.e2e.conftest import ADMIN_PASSWORD, OPERATOR_PASSWORD, new_operator, signed_in
from tests.e2e.room import Room, running_room
from tests.e2e.street import CAMERAS, H265_CAMERA, street
from tests.e2e.wall_page import WallPage
from tests.integration.browser import chromium

LATE_MS = 2_500
"""What wall/src/model/whep.ts calls late."""
NOTED_EVERY_S = 0.1
BURNERS_PER_CORE = 4


@contextmanager
def starved(gateway_pid: int) -> Iterator[None]:
    """The gateway's threads but the first at idle priority, and a burner for every core."""
    first = str(gateway_pid)
    for task in Path(f"/proc/{gateway_pid}/task").iterdir():
        if task.name != first:
            os.sched_setscheduler(int(task.name), os.SCHED_IDLE, os.sched_param(0))
    busy = ["nice", "-n", "19", sys.executable, "-c", "while True: pass"]
    burners = [subprocess.Popen(busy) for _ in range(BURNERS_PER_CORE * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


async def note(wall: WallPage, live: httpx.AsyncClient, seconds: float) -> list[dict[str, Any]]:
    """What the tile says and what the gateway measures, from moment to moment."""
    notes: list[dict[str, Any]] = []
    began_s = time.monotonic()
    while (now_s := time.monotonic() - began_s) < seconds:
        sources = (await live.get("/status")).json()["sources"]
        lag_ms = next(source["lag_ms"] for source in sources if source["camera_id"] == H265_CAMERA)
        tile = (await wall.tiles())[H265_CAMERA]
        told_ms = int(tile["pictureAgeMs"]) if "pictureAgeMs" in tile else None
        notes.append({"at_s": now_s, "state": tile["tileState"], "told_ms": told_ms, "lag_ms": lag_ms})
        await asyncio.sleep(NOTED_EVERY_S)
    return notes


def report(name: str, notes: list[dict[str, Any]]) -> None:
    """One line of words over the notes."""
    states = {state: sum(one["state"] == state for one in notes) for state in sorted({one["state"] for one in notes})}
    wrong = [one for one in notes if one["state"] == "live" and one["lag_ms"] > LATE_MS]
    runs, last_s = [0.0], None
    for one in notes:
        is_wrong = one in wrong
        last_s = (last_s if last_s is not None else one["at_s"]) if is_wrong else None
        if last_s is not None:
            runs.append(one["at_s"] - last_s)
    errors = [one["told_ms"] - one["lag_ms"] for one in notes if one["told_ms"] is not None]
    print(
        f"{name}: {len(notes)} notes, states {states}, lag ms p50 {median(one['lag_ms'] for one in notes):.0f}"
        f" max {max(one['lag_ms'] for one in notes)}, told minus measured ms p50 {median(errors or [0]):.0f},"
        f" live while more than {LATE_MS} ms late: {len(wrong)} notes, longest {max(runs):.1f} s",
        flush=True,
    )


async def open_wall(browser: Browser, room: Room, shots: Path, language: str) -> WallPage:
    """A wall with four tiles that play, in this language."""
    page = await (await browser.new_context(viewport={"width": 1600, "height": 900}, locale="zh-CN")).new_page()
    wall = WallPage(page, room.url, shots)
    name, password = new_operator(room)
    await wall.open()
    await wall.sign_in(name, password)
    await wall.replace_password(OPERATOR_PASSWORD)
    await wall.until_signed_in()
    if language == "en":
        await wall.page.get_by_text("EN", exact=True).first.click()
    await wall.page.keyboard.press("4")
    await wall.until_playing(CAMERAS, within_s=60.0)
    return wall


async def measure(room: Room, config: Path, shots: Path, seconds: float) -> None:
    """As it is first, then starved, then whether it comes back."""
    paths = RuntimePaths.of(load_config(config))
    async with chromium() as browser, live_client(paths.live_socket, 5.0) as live:
        english = await open_wall(browser, room, shots, "en")
        wall = await open_wall(browser, room, shots, "zh")
        report("as it is", await note(wall, live, 10.0))
        gateway = room.pid_of("command_api.live")
        assert gateway is not None
        with starved(gateway):
            noting = asyncio.create_task(note(wall, live, seconds))
            for language, shown in (("zh", wall), ("en", english)):
                await shown.until_tiles("late", [H265_CAMERA], seconds, {H265_CAMERA: "late"})
                await shown.shoot(f"late-{language}")
            report("starved", await noting)
        print(f"live again after {await wall.until_playing(CAMERAS, within_s=90.0):.1f} s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to starve the transcode")
    parser.add_argument("--shots", type=Path, default=Path("var/shots"), help="where pictures of the page go")
    arguments = parser.parse_args()
    arguments.shots.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="lookout-late-") as directory,
        street(Path(directory)) as cameras,
        running_room(cameras.config, cameras.data_dir) as room,
    ):
        with signed_in(room) as client:
            change = {"old": room.password, "new": ADMIN_PASSWORD}
            client.post("/api/session/password", json=change).raise_for_status()
        room.password = ADMIN_PASSWORD
        asyncio.run(measure(room, cameras.config, arguments.shots, arguments.seconds))


if __name__ == "__main__":
    main()
