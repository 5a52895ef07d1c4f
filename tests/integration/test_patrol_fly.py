"""`lookout patrol fly` and `abort` as processes: what they print, how they end, what a signal does."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.integration.airfield import eventually, flying_vehicle

ROOT = Path(__file__).parents[2]
CONFIG = """
data_dir: data
fleet:
  - id: uav-1
    link: {link}
    home: {{lat: 41.77, lon: 109.97, datum: wgs84}}
patrols:
  - id: loop
    drones: [uav-1]
    terrain: flat
    altitude_m: 30
    route: {{kind: waypoints, datum: wgs84, points: [[41.7830, 109.97], [41.7830, 109.9712]]}}
  - id: high
    drones: [uav-1]
    terrain: flat
    altitude_m: 500
    route: {{kind: waypoints, datum: wgs84, points: [[41.7720, 109.97]]}}
weather: {{source: none}}
"""
FAR_OUT_M = 900.0  # minutes from home: it is still in the air when the next run has started, on a busy machine too


class Fly:
    """A `lookout patrol` process and what it says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.said.append(line.decode().rstrip())

    async def says(self, part: str) -> None:
        await eventually(lambda: any(part in line for line in self.said), 30.0, f"{part!r} in {self.said}")

    async def end(self) -> tuple[int, dict[str, Any]]:
        """Exit code, and the object that standard output ends with."""
        assert self.process.stdout is not None
        out = (await self.process.stdout.read()).decode()
        code = await self.process.wait()
        await self._reading
        return code, json.loads(out.strip().splitlines()[-1]) if out.strip() else {}


@asynccontextmanager
async def lookout(*words: str) -> AsyncIterator[Fly]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "supervisor", "patrol", *words, cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Fly(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def config_file(folder: Path, link: str) -> str:
    file = folder / "room.yaml"
    file.write_text(CONFIG.format(link=link), encoding="utf-8")
    return str(file)


async def test_ctrl_c_brings_it_home_and_abort_finds_the_flight(tmp_path: Path) -> None:
    """A second controller is kept out; abort reaches the flying process; it returns, and says so."""
    async with flying_vehicle(speedup=20.0) as (server, link):
        file = config_file(tmp_path, link)
        async with lookout("fly", file, "loop", "--json") as flying:
            await flying.says("patrolling 0/2")
            async with lookout("fly", file, "loop", "--json") as second:
                kept_out = await second.end()
            async with lookout("abort", file) as abort:
                told = await abort.process.wait()
            code, report = await flying.end()
        up_m = server.vehicle.body.position.up

    assert (kept_out[0], kept_out[1]["outcome"], kept_out[1]["flight_log"]) == (3, "refused", "")
    assert [one["code"] for one in kept_out[1]["reasons"]] == ["cannot_run"]
    assert any("controlled by command line" in line for line in second.said)
    assert (told, code) == (0, 1)
    assert report["outcome"] == "returned"
    assert [one["code"] for one in report["reasons"]][:1] == ["ordered_return"]
    assert report["items_total"] == 2
    assert report["distance_from_home_m"] < 2.0
    assert up_m < 0.5
    assert (Path(report["flight_log"]) / "link.tlog").stat().st_size > 1_000


async def test_the_second_ctrl_c_leaves_it_and_the_next_run_takes_it_up(tmp_path: Path) -> None:
    async with flying_vehicle(speedup=20.0) as (server, link):
        file = config_file(tmp_path, link)
        async with lookout("fly", file, "loop", "--json") as flying:
            await flying.says("patrolling 0/2")
            await eventually(lambda: server.vehicle.body.position.north > FAR_OUT_M, 60.0, "far out")
            flying.process.send_signal(signal.SIGINT)
            await flying.says("returning home")
            await eventually(lambda: server.vehicle.autopilot.mode.name == "RTL", 10.0, "RTL")
            flying.process.send_signal(signal.SIGINT)
            code, report = await flying.end()
        is_flying = server.vehicle.body.position.up > 1.0
        async with lookout("fly", file, "loop", "--json") as again:
            after = await again.end()

    assert (code, report["outcome"], is_flying) == (4, "left", True)
    assert any("WARNING: leaving the aircraft in the air" in line for line in flying.said)
    assert any("an earlier run left flight" in line for line in again.said)
    assert after[1]["flight_id"] == report["flight_id"]
    assert after[1]["outcome"] == "returned"


async def test_what_may_not_be_flown_is_refused_without_asking_the_vehicle(tmp_path: Path) -> None:
    async with lookout("fly", config_file(tmp_path, "udp:127.0.0.1:9"), "high", "--json") as flying:
        code, report = await flying.end()
    async with lookout("fly", config_file(tmp_path, "udp:127.0.0.1:9"), "no-such", "--json") as unknown:
        bad = await unknown.end()

    assert (code, report["outcome"]) == (1, "refused")
    assert "ceiling" in {one["code"] for one in report["reasons"]}
    assert (bad[0], bad[1]["outcome"], bad[1]["patrol"]) == (2, "refused", "no-such")
    assert "not in the config, which has: loop, high" in bad[1]["reasons"][0]["message_en"]
    assert any("patrol no-such: not in the config, which has: loop, high" in line for line in unknown.said)
