"""`python -m command_api` as a process: killed, stopped, out of disk, started wrongly."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from command_api.roles import Role
from kernel.bus.address import bus_address
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import ALERTS
from kernel.runtime import RuntimePaths
from tests.integration.api_room import Room, add_users, alert_of, config_of, next_event, server_sent_events

pytestmark = pytest.mark.integration

USERS = {"li": (Role.OPERATOR, "bureau")}


def config_file(paths: RuntimePaths, **changes: Any) -> Path:
    """The config of `config_of` as a file (JSON is YAML), outside the data directory."""
    whole = config_of(paths.data_dir).model_dump(mode="json", exclude_defaults=True)
    for camera in whole["cameras"]:
        camera["password"] = "camera-secret"
    file = paths.data_dir / "lookout.yaml"
    file.write_text(json.dumps({**whole, **changes}), encoding="utf-8")
    return file


async def start(config: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "command_api", "--config", str(config), stdout=PIPE, stderr=PIPE
    )


async def said(process: Process, words: str) -> str:
    """The rest of the line of the log in which these words come."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while line := (await process.stderr.readline()).decode():
            if words in line:
                return line.partition(words)[2].strip()
    raise AssertionError(f"it ended with {await process.wait()} and never said {words!r}")


@contextlib.asynccontextmanager
async def process_of(paths: RuntimePaths) -> AsyncIterator[tuple[Process, Room]]:
    """A running process; killed at the end where it still lives."""
    config = config_of(paths.data_dir)
    process = await start(config_file(paths))
    try:
        yield process, Room(config, await said(process, "ready url="), bus_address(config, paths))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _all(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    page = (await client.get("/api/alerts", params={"after": 0, "limit": 1000})).json()
    found: list[dict[str, Any]] = page["alerts"]
    return found


async def test_a_kill_in_the_middle_loses_nothing_and_the_sequence_goes_on(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    await add_users(config_of(paths.data_dir), USERS)
    raised = [alert_of() for _ in range(400)]
    async with process_of(paths) as (process, room), await room.signed_in("li") as li:
        await room.append(ALERTS, raised[0])
        async with li.stream("GET", "/api/events", params={"after": 0}) as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "alert", timeout_s=20)
            acknowledged = (await li.post(f"/api/alerts/{raised[0].id}/acknowledge", json={})).json()
            flood = asyncio.create_task(room.append(ALERTS, *raised[1:]))
            await next_event(events, "alert", timeout_s=20)
            await next_event(events, "alert", timeout_s=20)
            process.kill()
        await flood
    async with process_of(paths) as (_process, room), await room.signed_in("li") as li:
        marker = alert_of("cam-02")
        await room.append(ALERTS, marker)
        async with li.stream("GET", "/api/events", params={"after": 0}) as stream:
            events = server_sent_events(stream.aiter_lines())
            while (await next_event(events, "alert", timeout_s=30)).data["id"] != marker.id:
                pass
        stored = await _all(li)
    assert {alert["id"] for alert in stored} == {alert.id for alert in [*raised, marker]}
    sequence = [alert["seq"] for alert in stored]
    assert sequence == sorted(set(sequence)), "each seq is given once"
    assert sequence[-1] > acknowledged["seq"]
    first = next(alert for alert in stored if alert["id"] == raised[0].id)
    assert (first["state"], first["seq"]) == ("acknowledged", acknowledged["seq"])


async def test_sigterm_ends_it_within_three_seconds_with_pages_open(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    await add_users(config_of(paths.data_dir), USERS)
    async with process_of(paths) as (process, room), await room.signed_in("li") as li:
        async with li.stream("GET", "/api/events") as stream, li.stream("GET", "/api/events") as other:
            await next_event(server_sent_events(stream.aiter_lines()), "ping")
            await next_event(server_sent_events(other.aiter_lines()), "ping")
            began_s = time.monotonic()
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                code = await process.wait()
        assert (code, time.monotonic() - began_s < 3.0) == (0, True)
        assert not (paths.data_dir / "run" / "command-api.url").exists()


async def test_a_full_disk_is_told_and_what_came_meanwhile_is_stored_later(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    """The limit on file size stands for the full disk: every write of the database fails, as it would there."""
    await add_users(config_of(paths.data_dir), USERS)
    async with process_of(paths) as (process, room), await room.signed_in("li") as li:
        before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
        raised = alert_of()
        await room.append(ALERTS, raised)
        await said(process, "store does not write")
        health = await li.get("/healthz")
        assert (health.status_code, health.json()["store"]) == (503, "not_writing")
        assert await _all(li) == [], "reading goes on"
        refused = await li.post("/api/session", json={"username": "li", "password": "wrong"})
        assert (refused.status_code, refused.json()["error"]) == (503, "store_unavailable")
        assert "retry-after" in refused.headers
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)
        async with li.stream("GET", "/api/events", params={"after": 0}) as stream:
            told = await next_event(server_sent_events(stream.aiter_lines()), "alert", timeout_s=20)
        assert told.data["id"] == raised.id
        assert (await li.get("/healthz")).json()["store"] == "ok"


async def _refused(config: Path) -> tuple[int, str]:
    """Exit code and the last line of what it says."""
    process = await start(config)
    async with asyncio.timeout(60):
        _out, errors = await process.communicate()
    lines = errors.decode().strip().splitlines()
    assert "Traceback" not in errors.decode()
    assert process.returncode is not None
    return process.returncode, lines[-1]


async def test_a_port_in_use_is_one_line_and_exit_3(paths: RuntimePaths) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, line = await _refused(config_file(paths, web={"port": port}))
    assert code == 3
    assert line == (f"web.port 127.0.0.1:{port}: Address already in use; stop what uses it or set another web.port")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a directory that even root cannot write to")
async def test_a_data_directory_that_cannot_be_made_is_one_line_and_exit_2(paths: RuntimePaths) -> None:
    code, line = await _refused(config_file(paths, data_dir="/proc/lookout"))
    assert code == 2
    assert line.startswith("data_dir /proc/lookout: ")
    assert line.endswith("make it writable or set another data_dir")


async def test_a_database_that_cannot_be_opened_is_one_line_and_exit_2(paths: RuntimePaths) -> None:
    paths.database.mkdir()
    code, line = await _refused(config_file(paths))
    assert code == 2
    remedy = "make the data directory writable or set another data_dir"
    assert line == f"store {paths.database}: unable to open database file; {remedy}"


async def test_a_full_disk_at_the_start_is_one_line_and_exit_3(paths: RuntimePaths) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "command_api",
        "--config",
        str(config_file(paths)),
        stderr=PIPE,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY)),
    )
    async with asyncio.timeout(60):
        _out, errors = await process.communicate()
    assert process.returncode == 3, errors.decode()
    assert errors.decode().strip().splitlines()[-1].startswith(f"store {paths.database}: ")
    assert "Traceback" not in errors.decode()
