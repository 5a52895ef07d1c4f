"""Alerts from the bus to the page and back: stored, pushed, acknowledged, taken back, delivered twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from command_api.roles import Role
from kernel.bus.address import connect_async
from kernel.bus.consumer import subscribe
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import ALERT_CHANGES, ALERTS, COMMANDS
from kernel.clock import ManualClock
from kernel.config.rules import Level
from kernel.events import AlertRaised, ClipReady, ClipRequested
from kernel.runtime import RuntimePaths
from tests.integration.api_room import (
    START,
    Room,
    ServerSentEvent,
    add_users,
    alert_of,
    config_of,
    next_event,
    running,
    server_sent_events,
)

pytestmark = pytest.mark.integration

USERS = {
    "li": (Role.OPERATOR, "bureau"),
    "wang": (Role.OPERATOR, "bureau/kuangshanlu"),
    "zhao": (Role.VIEWER, "bureau"),
    "baiyun": (Role.OPERATOR, "bureau/baiyun"),
}


async def _until_stored(client: httpx.AsyncClient, alert_id: str) -> dict[str, Any]:
    """The alert, once it is stored."""
    async with asyncio.timeout(20), client.stream("GET", "/api/events", params={"after": 0}) as answer:
        async for event in server_sent_events(answer.aiter_lines()):
            if event.name == "alert" and event.data["id"] == alert_id:
                found: dict[str, Any] = event.data
                return found
    raise AssertionError("the stream ended")


async def test_an_alert_is_stored_listed_and_pushed(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room:
        raised = alert_of()
        async with await room.signed_in("li") as client, client.stream("GET", "/api/events") as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            await room.append(ALERTS, raised)
            pushed = await next_event(events, "alert")
            listed = (await client.get("/api/alerts")).json()
        assert pushed.id == "1"
        assert pushed.data["id"] == raised.id
        assert pushed.data["camera_name"] == "北门"
        assert pushed.data["rule_name"] == "闯入料场"
        assert pushed.data["state"] == "new"
        assert pushed.data["occurred_at"] == raised.occurred_at.isoformat().replace("+00:00", "Z")
        assert listed["last_seq"] == pushed.data["seq"]
        assert [alert["id"] for alert in listed["alerts"]] == [raised.id]


async def test_a_commit_reaches_the_page_within_50_ms(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    """The answer to an acknowledgement leaves once it is committed; the push must not come much after it."""
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    raised = [alert_of() for _ in range(20)]
    async with running(config) as room:
        delays_s = []
        async with await room.signed_in("li") as client, client.stream("GET", "/api/events") as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            await room.append(ALERTS, *raised)
            for _ in raised:
                await next_event(events, "alert")
            for alert in raised:
                pushed = asyncio.create_task(_arrival_s(events))
                await client.post(f"/api/alerts/{alert.id}/acknowledge", json={})
                committed_s = time.perf_counter()
                delays_s.append(await pushed - committed_s)
    assert sorted(delays_s)[len(delays_s) // 2] < 0.05


async def _arrival_s(events: AsyncIterator[ServerSentEvent]) -> float:
    await next_event(events, "alert")
    return time.perf_counter()


async def test_an_acknowledgement_goes_to_every_page_and_the_bus(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li, await room.signed_in("wang") as wang:
        raised = alert_of()
        changes = subscribe(room.bus, ALERT_CHANGES)
        on_bus = asyncio.create_task(_state_on_bus(changes, raised.id, "acknowledged"))
        await room.append(ALERTS, raised)
        stored = await _until_stored(wang, raised.id)
        async with wang.stream("GET", "/api/events") as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            answer = await li.post(f"/api/alerts/{raised.id}/acknowledge", json={})
            seen = await next_event(events, "alert")
        assert answer.status_code == 200
        assert answer.json() == seen.data
        assert seen.data["state"] == "acknowledged"
        assert seen.data["acknowledged_by"] == "li"
        assert seen.data["seq"] > stored["seq"]
        async with asyncio.timeout(20):
            await on_bus
        again = await wang.post(f"/api/alerts/{raised.id}/acknowledge", json={})
        assert again.json() == answer.json(), "acknowledging twice changes nothing"
        steps = (await li.get(f"/api/alerts/{raised.id}")).json()["steps"]
        assert [(step["actor"], step["action"]) for step in steps] == [("li", "acknowledge")]


async def _state_on_bus(changes: Any, alert_id: str, state: str) -> None:
    async for _channel, payload in changes:
        if f'"id":"{alert_id}"'.encode() in payload and f'"state":"{state}"'.encode() in payload:
            return


async def test_undo_is_for_the_same_person_within_five_seconds(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    clock = ManualClock(START)
    async with running(config, clock) as room, await room.signed_in("li") as li, await room.signed_in("wang") as wang:
        raised = alert_of()
        await room.append(ALERTS, raised)
        await _until_stored(li, raised.id)
        where = f"/api/alerts/{raised.id}"
        await li.post(f"{where}/acknowledge", json={})
        not_theirs = await wang.post(f"{where}/undo", json={})
        assert (not_theirs.status_code, not_theirs.json()["error"]) == (409, "undo_not_yours")
        clock.advance(4.9)
        taken_back = await li.post(f"{where}/undo", json={})
        assert (taken_back.status_code, taken_back.json()["state"]) == (200, "new")
        await li.post(f"{where}/acknowledge", json={})
        clock.advance(5.1)
        too_late = await li.post(f"{where}/undo", json={})
        assert (too_late.status_code, too_late.json()["error"]) == (409, "undo_expired")
        false = await li.post(f"{where}/false_alarm", json={"reason": "animal", "note": "一只狗"})
        assert (false.json()["state"], false.json()["false_alarm_reason"]) == ("false_alarm", "animal")
        refused = await li.post(f"{where}/acknowledge", json={})
        assert (refused.status_code, refused.json()["error"]) == (409, "invalid_transition")
        steps = (await li.get(where)).json()["steps"]
        assert [step["action"] for step in steps] == ["acknowledge", "undo", "acknowledge", "false_alarm"]
        assert steps[-1]["note"] == "一只狗"


async def test_what_is_delivered_twice_or_in_disorder_is_one_alert(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li:
        raised = alert_of()
        later = raised.model_copy(update={"last_seen_at": raised.last_seen_at + timedelta(seconds=3), "triggers": 4})
        over = later.model_copy(update={"ended_at": raised.last_seen_at + timedelta(seconds=13)})
        await room.append(ALERTS, later, raised, raised)
        await _until_stored(li, raised.id)
        acknowledged = await li.post(f"/api/alerts/{raised.id}/acknowledge", json={})
        last = alert_of("cam-02")
        await room.append(ALERTS, over, later, raised, last)
        await _until_stored(li, last.id)
        stored = (await li.get(f"/api/alerts/{raised.id}")).json()
        everything = (await li.get("/api/alerts")).json()["alerts"]
    assert stored["state"] == "acknowledged", "an update from the detector does not lose an acknowledgement"
    assert stored["triggers"] == 4
    assert datetime.fromisoformat(stored["ended_at"]) == over.ended_at
    assert stored["seq"] > acknowledged.json()["seq"]
    assert {alert["id"] for alert in everything} == {raised.id, last.id}


async def test_a_stream_goes_on_after_the_last_event_id(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li:
        first, second, third = alert_of(), alert_of("cam-02"), alert_of("cam-03")
        await room.append(ALERTS, first, second)
        seen = await _until_stored(li, first.id)
        await _until_stored(li, second.id)
        headers = {"Last-Event-ID": str(seen["seq"])}
        async with li.stream("GET", "/api/events", headers=headers) as stream:
            events = server_sent_events(stream.aiter_lines())
            replayed = await next_event(events, "alert")
            await room.append(ALERTS, third)
            live = await next_event(events, "alert")
        assert (replayed.data["id"], live.data["id"]) == (second.id, third.id)
        after = (await li.get("/api/alerts", params={"after": seen["seq"]})).json()
        assert [alert["id"] for alert in after["alerts"]] == [second.id, third.id]
        older = (await li.get("/api/alerts", params={"before": live.data["seq"], "limit": 1})).json()
        assert [alert["id"] for alert in older["alerts"]] == [second.id]


async def test_users_see_their_unit_only(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("wang") as wang, await room.signed_in("baiyun") as other:
        mine, theirs = alert_of("cam-01"), alert_of("cam-03", level=Level.BLUE)
        async with other.stream("GET", "/api/events") as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            await room.append(ALERTS, mine, theirs)
            pushed = await next_event(events, "alert")
        assert pushed.data["id"] == theirs.id, "the alert of another unit came first and was not pushed"
        await _until_stored(wang, mine.id)
        assert [alert["id"] for alert in (await wang.get("/api/alerts")).json()["alerts"]] == [mine.id]
        for method, path in (
            ("GET", ""),
            ("GET", "/snapshot"),
            ("GET", "/clip"),
            ("POST", "/acknowledge"),
            ("POST", "/undo"),
        ):
            answer = await other.request(method, f"/api/alerts/{mine.id}{path}")
            assert answer.status_code == 404, path
        cameras = (await other.get("/api/cameras")).json()["cameras"]
        assert [camera["id"] for camera in cameras] == ["cam-03"]


async def test_a_viewer_reads_and_does_not_handle(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("zhao") as zhao:
        raised = alert_of()
        await room.append(ALERTS, raised)
        await _until_stored(zhao, raised.id)
        for step in ("acknowledge", "undo", "false_alarm"):
            answer = await zhao.post(f"/api/alerts/{raised.id}/{step}", json={"reason": "test"})
            assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
        assert (await zhao.get(f"/api/alerts/{raised.id}")).json()["state"] == "new"


async def test_a_clip_is_asked_for_and_served_with_ranges(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li:
        raised = alert_of(snapshot_path="2026/03/01/one.jpg", snapshot_sha256="0" * 64)
        _write(room, "2026/03/01/one.jpg", b"\xff\xd8 picture")
        await room.append(ALERTS, raised)
        request = await _clip_request(room)
        assert request.alert_id == raised.id
        assert request.from_at == raised.occurred_at - timedelta(seconds=5)
        assert request.to_at == raised.occurred_at + timedelta(seconds=10)
        pending = await li.get(f"/api/alerts/{raised.id}/clip")
        assert (pending.status_code, pending.json()["error"]) == (409, "clip_pending")
        _write(room, request.clip_path, bytes(range(200)))
        ready = ClipReady(alert_id=raised.id, clip_path=request.clip_path, clip_sha256="1" * 64, duration_s=15.0)
        async with li.stream("GET", "/api/events") as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            await room.append(ALERTS, ready, ready)
            told = await next_event(events, "alert")
        assert told.data["clip"] == {"state": "ready", "duration_s": 15.0, "problem": ""}
        part = await li.get(f"/api/alerts/{raised.id}/clip", headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
        assert part.headers["content-type"] == "video/mp4"
        picture = await li.get(f"/api/alerts/{raised.id}/snapshot")
        assert picture.content == b"\xff\xd8 picture"
        assert "immutable" in picture.headers["cache-control"]


async def test_evidence_outside_the_directory_is_not_served(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("li") as li:
        raised: AlertRaised = alert_of(snapshot_path="../lookout.db", snapshot_sha256="0" * 64)
        await room.append(ALERTS, raised)
        await _until_stored(li, raised.id)
        assert (await li.get(f"/api/alerts/{raised.id}/snapshot")).status_code == 404


async def _clip_request(room: Room) -> ClipRequested:
    connection = connect_async(room.bus)
    try:
        found: Any = None
        async with asyncio.timeout(20):
            while not found:
                found = await connection.xread({COMMANDS: "0"}, block=4000)
    finally:
        await connection.aclose()
    return ClipRequested.model_validate_json(found[0][1][0][1][b"event"])


def _write(room: Room, path: str, content: bytes) -> None:
    file: Path = room.paths.evidence_dir / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
