"""Whole patrols in real time, with figures (`-s` prints them): one by the schedule under `lookout up`, and two over a
TCP link that is cut for 20 s in flight.

The vehicle is the simulated one, served in a process of its own so that its time is not counted as ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drone.flight.prepare import brief_of, prepared
from drone.weather_source import Observation
from kernel.bus.embedded import EmbeddedServer
from kernel.config.lookout import LookoutConfig
from kernel.drone_events import FlightCause, FlightChanged, FlightOutcome, FlightState
from kernel.events import AlertKind, AlertRaised
from kernel.runtime import RuntimePaths
from scripts.vehicle.faults import Fault, Kind
from tests.integration.airfield import HOME, LONG, config, eventually, flight, flying_vehicle, spot
from tests.integration.supervised import ROOT, free_port, lookout_up
from tests.integration.test_fleet import apart_m, room

pytestmark = pytest.mark.integration
_CUT_S, _SPEEDUP = 20.0, 3.0


@contextmanager
def vehicle_process(link: str, *options: str) -> Iterator[str]:
    """A simulated vehicle; the port it serves."""
    place = f"{HOME[0]},{HOME[1]},1000"
    command = [sys.executable, "-m", "scripts.vehicle", "--link", link, "--home", place, "--settle-s", "4", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            found = re.search(r"link=\w+:127\.0\.0\.1:(\d+)", ready)
            assert found, ready
            yield found[1]
        finally:
            process.terminate()


@pytest.mark.timeout(280)
def test_a_scheduled_patrol_by_config_alone(tmp_path: Path) -> None:
    """Due by cron, planned, checked, uploaded, flown, logged, done in the store; only a config was written."""
    with vehicle_process("udpin:127.0.0.1:0", "--speedup", "10", "--param", "FS_GCS_ENABLE=0") as port:
        drone = {"link_loss": "continue"}
        patrol = {"launch": "auto", "schedule": {"cron": "* * * * *", "late_s": 50.0}}
        weather = tmp_path / "weather.json"
        observed = {"wind_m_s": 2.0, "temperature_c": 12.0, "observed_at": _now().isoformat()}
        weather.write_text(json.dumps(observed), encoding="utf-8")
        told = config(
            tmp_path / "data",
            [f"udp:127.0.0.1:{port}"],
            drone=drone,
            patrol=patrol,
            weather={"source": "file", "file": str(weather), "max_age_s": 3600.0},
            web={"port": free_port()},
        )
        file = tmp_path / "lookout.yaml"
        file.write_text(json.dumps(told.model_dump(mode="json", exclude_unset=True)), encoding="utf-8")
        with lookout_up(file, tmp_path / "data") as running:
            running.ready_line()
            done = ended_flight(tmp_path / "data" / "lookout.db", 200.0)
            running.stop(20.0)
    print(json.dumps(done))
    assert (done["outcome"], done["cause"]) == ("done", "schedule")
    assert done["items_reached"] == done["items_total"] == 3
    assert done["distance_from_home_m"] < 2.0
    assert done["run"] == "launched"
    assert Path(done["flight_log"], "link.tlog").stat().st_size > 10_000


@pytest.mark.timeout(280)
async def test_tcp_cut_for_twenty_seconds_in_flight(tmp_path: Path) -> None:
    """`continue` goes on at the same item, `return` returns; neither starts twice, neither spins."""
    found = await asyncio.gather(*(_cut(tmp_path / policy, policy) for policy in ("continue", "return")))
    print(json.dumps(found))
    for one in found:
        assert one["starts"] == one["arms"] == 1
        assert one["reconnect_s"] <= 2.0
        assert one["cpu"] < 0.10
    kept, returned = found
    assert (kept["mode"], kept["item_after"]) == ("AUTO", kept["item_before"])
    assert returned["mode"] == "RTL"


@pytest.mark.timeout(200)
async def test_of_two_that_come_to_meet_one_holds_and_both_finish(tmp_path: Path) -> None:
    """Launched past the check of their plans, head on at one height; the distance is measured on the vehicles."""
    server = EmbeddedServer(RuntimePaths(tmp_path))
    await asyncio.to_thread(server.start)
    ways = ([spot(250, 0), spot(250, -30), spot(40, -30)], [spot(30, -130), spot(60, -30), spot(300, -30)])
    try:
        async with flying_vehicle(1, speedup=5.0) as (one, link_1), flying_vehicle(2, speedup=5.0) as (two, link_2):
            base = config(tmp_path, [link_1, link_2]).model_dump(mode="json")
            for patrol, way in zip(base["patrols"], ways, strict=True):
                patrol |= {"altitude_m": 30.0, "route": {"kind": "waypoints", "datum": "wgs84", "points": way}}
            loaded = LookoutConfig.model_validate(base)
            async with room(loaded, server) as watched:
                for number, keeper in enumerate(watched.service.keepers.values()):
                    plan = prepared(loaded, loaded.patrols[number], keeper.drone, _now(), Observation(None)).plan
                    assert plan is not None
                    brief = brief_of(
                        keeper.drone, plan, actor="test", cause=FlightCause.OPERATOR, patrol_id=plan.patrol_id
                    )
                    assert keeper.launch(brief, plan) == ()
                apart = []
                while len(watched.outcomes()) < 2:
                    apart.append(apart_m(one, two))
                    await asyncio.sleep(0.05)
                    await watched.read()
    finally:
        await asyncio.to_thread(server.stop)
    told = {change.drone_id: change.least_separation_m for change in watched.of(FlightChanged)}
    outcomes = {drone_id: outcome.value for drone_id, outcome in watched.outcomes().items()}
    held = [change.drone_id for change in watched.of(FlightChanged) if change.actor == "separation"]
    print(json.dumps({"least_m": round(min(apart), 1), "recorded_m": told, "held": held, "outcomes": outcomes}))
    assert 18.0 <= min(apart) < 1000.0
    assert set(held) == {"uav-2"}
    assert set(outcomes.values()) == {"done"}


@pytest.mark.timeout(120)
async def test_an_autopilot_that_restarts_in_flight_is_told_as_that(tmp_path: Path) -> None:
    fault = Fault(kind=Kind.REBOOT, airborne_s=20.0)
    async with (
        flying_vehicle(speedup=5.0, faults=(fault,)) as (_, link),
        flight(config(tmp_path, [link], LONG)) as flown,
    ):
        outcome = await flown.session.run()
    alerts = [one for one in flown.events if isinstance(one, AlertRaised)]
    print(json.dumps({"outcome": outcome.value, "reasons": sorted(flown.codes)}))
    assert outcome is FlightOutcome.FAILED
    assert {"rebooted", "disarmed_high"} <= flown.codes
    assert {one.kind for one in alerts} == {AlertKind.DRONE_FAILED}
    assert flown.steps.count("Arm") == 1


async def _cut(data_dir: Path, policy: str) -> dict[str, Any]:
    """A flight whose link is cut on the way to its first point."""
    enable = 0 if policy == "continue" else 1
    options = ("--speedup", f"{_SPEEDUP:g}", "--param", f"FS_GCS_ENABLE={enable}")
    long_way = ((1200.0, 0.0), (1200.0, 50.0))
    with vehicle_process("tcpin:127.0.0.1:0", *options) as vehicle_port:
        line = Line(int(vehicle_port))
        loaded = config(data_dir, [f"tcp:127.0.0.1:{await line.mend()}"], long_way, drone={"link_loss": policy})
        async with flight(loaded) as flown:
            running = asyncio.create_task(flown.session.run())
            core = flown.session.machine.core
            await flown.until(FlightState.PATROLLING, 60.0)
            await eventually(lambda: core.progress.current == 3, 20.0, "on its way to the first point")
            before, used_s, cut_s = core.progress.current, time.process_time(), time.monotonic()
            line.cut()
            await eventually(lambda: core.lost_since_s is not None, 10.0, "the loss")
            noticed_s = time.monotonic()
            await asyncio.sleep(cut_s + _CUT_S - noticed_s)
            cpu = (time.process_time() - used_s) / (time.monotonic() - cut_s)
            await line.mend()
            mended_s = time.monotonic()
            await eventually(lambda: core.lost_since_s is None, 10.0, "the reconnect")
            heard_s = time.monotonic()
            await flown.until(FlightState.PATROLLING if policy == "continue" else FlightState.RETURNING, 20.0)
            mode, after = core.seen.mode, core.progress.current
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            steps = flown.steps
        line.cut()
    return {
        "link_loss": policy,
        "cut_s": _CUT_S,
        "noticed_s": round(noticed_s - cut_s, 1),
        "reconnect_s": round(heard_s - mended_s, 2),
        "cpu": round(cpu, 3),
        "mode": mode,
        "item_before": before,
        "item_after": after,
        "arms": steps.count("Arm"),
        "starts": steps.count("StartMission"),
    }


class Line:
    """A TCP line to a vehicle that can be cut; while it is cut, connections are refused."""

    def __init__(self, vehicle_port: int) -> None:
        self._vehicle_port, self._port = vehicle_port, 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def mend(self) -> int:
        """Listen (again); the port."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])
        return self._port

    def cut(self) -> None:
        """Close everything, and refuse what comes."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._vehicle_port)
        self._writers += [writer, there_writer]
        await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(4096):
            writer.write(chunk)
    writer.close()


def _now() -> datetime:
    return datetime.now(UTC)


def ended_flight(store: Path, within_s: float) -> dict[str, Any]:
    """The first flight of the store that is over, and what its run was decided to be."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s:
        with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
            row = connection.execute("select body from flights where outcome is not null").fetchone()
            if row is not None:
                body: dict[str, Any] = json.loads(row[0])
                run = connection.execute(
                    "select decision from patrol_runs where run_id = ?", (body["run_id"],)
                ).fetchone()
                kept = ("outcome", "cause", "items_total", "items_reached", "distance_from_home_m", "flight_log")
                return {name: body[name] for name in kept} | {"run": run[0] if run else None}
        time.sleep(1.0)
    raise AssertionError(f"no flight was over within {within_s:g} s")
