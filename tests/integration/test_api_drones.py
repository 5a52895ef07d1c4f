"""Drones over the real API and a real Redis: board, flights, runs, orders and their answers, dispatch, units."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from command_api.roles import Role
from kernel.bus.address import connect_async
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import ALERTS, DRONE_ZONES, FLIGHTS, PATROL_PLANS, PATROL_RUNS_NEXT
from kernel.config.airspace import AirspaceKind
from kernel.drone_tables import NextRuns, PlanPicture, ZonePicture, plan_field
from kernel.events import (
    AlertKind,
    DispatchCandidate,
    DispatchChanged,
    DispatchOffered,
    DispatchStage,
    DroneAction,
    FlightChanged,
    FlightOutcome,
    FlightState,
    PatrolRunDecided,
    RunDecision,
)
from kernel.runtime import RuntimePaths
from tests.integration.api_room import Room, add_users, alert_of, next_event, running, server_sent_events
from tests.integration.drone_room import (
    PLACE,
    WINDY,
    answer_next,
    drone_config,
    flight_of,
    run_of,
    say,
    telemetry_of,
)

pytestmark = pytest.mark.integration

USERS = {
    "pilot": (Role.PILOT, "bureau"),
    "mine": (Role.PILOT, "bureau/kuangshanlu"),
    "baiyun": (Role.PILOT, "bureau/baiyun"),
    "li": (Role.OPERATOR, "bureau"),
    "audit": (Role.AUDITOR, "bureau"),
}


async def _tables(room: Room) -> None:
    """What the drone service leaves to be drawn."""
    zone = ZonePicture(
        id="magazine",
        name="民爆库",
        kind=AirspaceKind.NO_FLY,
        points=((41.7, 109.9), (41.7, 110), (41.8, 110)),
        active_now=True,
    )
    plan = PlanPicture(patrol_id="north-loop", drone_id="uav-1", problems=(WINDY,), planned_at=datetime.now(UTC))
    due = NextRuns(next=(datetime(2026, 3, 1, 8, tzinfo=UTC),))
    connection = connect_async(room.bus)
    try:
        for table, field, row in (
            (DRONE_ZONES, zone.id, zone),
            (PATROL_PLANS, plan_field("north-loop", "uav-1"), plan),
            (PATROL_RUNS_NEXT, "north-loop", due),
        ):
            await connection.hset(table, field, row.model_dump_json())
        await connection.hset(PATROL_PLANS, "broken", "{}")
    finally:
        await connection.aclose()


async def _ids(client: httpx.AsyncClient, path: str, key: str, name: str = "id") -> list[str]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return [one[name] for one in answer.json()[key]]


async def test_a_flown_patrol_is_shown_kept_and_counted(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = drone_config(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("pilot") as pilot, await room.signed_in("baiyun") as other:
        await _tables(room)
        nothing_yet = (await pilot.get("/api/drones")).json()["drones"]
        assert [(one["telemetry"], one["is_stale"]) for one in nothing_yet] == [(None, True)] * 2
        first = flight_of(run_id="r1")
        aloft = first.model_copy(update={"change": 2, "state": FlightState.PATROLLING, "items_total": 1})
        async with pilot.stream("GET", "/api/events") as stream, other.stream("GET", "/api/events") as other_stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            foreign = server_sent_events(other_stream.aiter_lines())
            await next_event(foreign, "ping")
            awaits = run_of("r1", RunDecision.AWAITING, confirm_until=datetime.now(UTC) + timedelta(minutes=5))
            await room.append(FLIGHTS, awaits)
            assert (await next_event(events, "run")).data["decision"] == "awaiting"
            waiting = (await pilot.get("/api/patrols")).json()["patrols"][0]
            launched = run_of("r1", RunDecision.LAUNCHED, flight_id=first.flight_id)
            await room.append(FLIGHTS, launched, aloft, first, awaits)
            told = await next_event(events, "flight")
            await say(room, telemetry_of("uav-1", flight_state=FlightState.PATROLLING, flight_id=first.flight_id))
            drone = (await next_event(events, "drone")).data
            await say(room, telemetry_of("uav-2"))
            seen_by_other = (await next_event(foreign, "drone")).data
        assert seen_by_other["id"] == "uav-2", "the drone of another unit came first and was not pushed"
        assert (waiting["awaiting"]["run_id"], waiting["schedule"]) == ("r1", "0 */2 * * *")
        assert waiting["next_runs"] == ["2026-03-01T08:00:00Z"]
        assert waiting["plans"][0]["problems"][0]["code"] == "wind"
        assert (told.data["change"], told.data["drone_name"], told.data["patrol_name"]) == (2, "巡逻一号", "北环巡逻")
        assert told.id is None
        assert (drone["is_stale"], drone["flight"]["state"]) == (False, "patrolling")
        assert "link" not in drone
        figures = (await pilot.get("/metrics")).text
        assert "lookout_drones_airborne 1.0" in figures
        over = aloft.model_copy(
            update={"change": 3, "state": FlightState.LANDED, "outcome": FlightOutcome.DONE, "ended_at": aloft.at}
        )
        async with pilot.stream("GET", "/api/events") as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            await room.append(FLIGHTS, aloft, over)
            assert (await next_event(events, "flight")).data["outcome"] == "done"
        patrol = (await pilot.get("/api/patrols")).json()["patrols"][0]
        assert patrol["awaiting"] is None
        assert patrol["last_flight"]["flight_id"] == first.flight_id
        assert (patrol["completion"]["due"], patrol["completion"]["done"], patrol["completion"]["rate"]) == (1, 1, 1.0)
        record = (await pilot.get(f"/api/flights/{first.flight_id}")).json()
        assert [change["change"] for change in record["changes"]] == [1, 2, 3]
        assert await _ids(pilot, "/api/flights?drone=uav-1&patrol=north-loop", "flights", "flight_id") == [
            first.flight_id
        ]
        assert await _ids(pilot, f"/api/flights?before={first.flight_id}", "flights", "flight_id") == []
        assert await _ids(pilot, "/api/patrols/runs", "runs", "run_id") == ["r1"]
        assert 'lookout_flights{outcome="done"} 1.0' in (await pilot.get("/metrics")).text
        assert (await pilot.get("/api/drones")).json()["drones"][0]["flight"] is None
        shown = (await pilot.get("/api/map")).json()
        assert (shown["zones_known"], shown["zones"][0]["name"]) == (True, "民爆库")
        assert [home["drone_id"] for home in shown["homes"]] == ["uav-1", "uav-2"]


async def test_orders_are_taken_refused_or_not_answered_and_all_on_record(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config = drone_config(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("mine") as mine, await room.signed_in("audit") as audit:
        flight = flight_of()
        asked, order = await asyncio.gather(
            mine.post("/api/patrols/north-loop/start", json={}), answer_next(room, flight_id=flight.flight_id)
        )
        assert asked.json() == {"accepted": True, "command_id": order.id, "flight_id": flight.flight_id}
        assert (order.actor, order.patrol_id, order.drone_id) == ("mine", "north-loop", None)
        assert order.expires_at - order.issued_at == timedelta(seconds=15)
        refused, order = await asyncio.gather(mine.post("/api/drones/uav-1/resume"), answer_next(room, WINDY))
        assert (refused.status_code, refused.json()["error"]) == (409, "refused")
        assert refused.json()["reasons"] == [WINDY.model_dump()]
        assert refused.json()["message_en"] == WINDY.message_en
        waits = run_of("r1", RunDecision.AWAITING, confirm_until=datetime.now(UTC) + timedelta(minutes=5))
        await _stored(room, mine, waits)
        confirmed, order = await asyncio.gather(mine.post("/api/patrols/runs/r1/confirm"), answer_next(room))
        assert (confirmed.status_code, order.run_id) == (200, "r1")
        unanswered = await mine.post("/api/drones/uav-1/return", json={"flight_id": flight.flight_id})
        assert (unanswered.status_code, unanswered.json()["error"]) == (504, "no_answer")
        records = [one for one in (await audit.get("/api/audit")).json()["records"] if "drone_order" in one["action"]]
        assert [(one["action"], one["subject"], one["detail"].split()[0]) for one in records] == [
            ("drone_order", "north-loop", "start"),
            ("drone_order_answered", "north-loop", "start"),
            ("drone_order", "uav-1", "resume"),
            ("drone_order_answered", "uav-1", "resume"),
            ("drone_order", "uav-1", "confirm"),
            ("drone_order_answered", "uav-1", "confirm"),
            ("drone_order", "uav-1", "return"),
            ("drone_order_unanswered", "uav-1", "return"),
        ]
        assert {one["actor"] for one in records} == {"mine"}
        assert (await audit.get("/api/audit")).json()["is_intact"] is True


async def _stored(room: Room, client: httpx.AsyncClient, *events: PatrolRunDecided | FlightChanged) -> None:
    """Append events and wait until they are stored, which pages are told of."""
    async with client.stream("GET", "/api/events") as stream:
        told = server_sent_events(stream.aiter_lines())
        await next_event(told, "ping")
        await room.append(FLIGHTS, *events)
        for event in events:
            await next_event(told, "run" if isinstance(event, PatrolRunDecided) else "flight")


async def test_nobody_orders_or_sees_drones_of_another_unit(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = drone_config(paths.data_dir)
    await add_users(config, USERS)
    async with (
        running(config) as room,
        await room.signed_in("baiyun") as other,
        await room.signed_in("mine") as mine,
        await room.signed_in("li") as operator,
    ):
        flight = flight_of()
        await _stored(room, mine, run_of("r1", RunDecision.REFUSED, reasons=(WINDY,)), flight)
        assert await _ids(other, "/api/drones", "drones") == ["uav-2"]
        assert await _ids(other, "/api/patrols", "patrols") == ["both"]
        assert await _ids(other, "/api/flights", "flights", "flight_id") == []
        assert await _ids(other, "/api/patrols/runs", "runs", "run_id") == []
        assert await _ids(mine, "/api/patrols/runs?patrol=north-loop", "runs", "run_id") == ["r1"]
        for path in (
            "/api/drones/uav-1/return",
            "/api/drones/uav-9/return",
            "/api/patrols/north-loop/start",
            "/api/patrols/runs/r1/confirm",
            "/api/patrols/runs/r9/confirm",
        ):
            assert (await other.post(path)).status_code == 404, path
        assert (await other.get(f"/api/flights/{flight.flight_id}")).status_code == 404
        left_open = await mine.post("/api/patrols/both/start")
        assert (left_open.status_code, left_open.json()["error"]) == (422, "drone_needed")
        assert (await mine.post("/api/patrols/both/start", json={"drone_id": "uav-2"})).status_code == 404
        assert (await operator.post("/api/drones/uav-1/return")).status_code == 403
        assert (await mine.post("/api/drones/uav-1/explode")).status_code == 422


async def test_an_alert_gets_a_drone_and_tells_what_became_of_it(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = drone_config(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("mine") as mine, await room.signed_in("pilot") as pilot:
        raised, nowhere = alert_of(place=PLACE, place_error_m=8.2), alert_of("cam-02", unplaced="grazing")
        async with mine.stream("GET", "/api/events") as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            await room.append(ALERTS, nowhere, raised)
            for _ in range(2):
                await next_event(events, "alert")
            where = (await mine.get(f"/api/alerts/{raised.id}")).json()
            assert (where["place"], where["place_error_m"], where["unplaced"]) == (PLACE.model_dump(), 8.2, "")
            for path, body in (("dispatch/offer", {}), ("dispatch", {"drone_id": "uav-1"})):
                refused = await mine.post(f"/api/alerts/{nowhere.id}/{path}", json=body)
                assert (refused.status_code, refused.json()["error"]) == (409, "no_place")
                [why] = refused.json()["reasons"]
                assert "视线过于接近水平" in why["message_zh"]
                assert "too nearly level" in why["message_en"]
            asked = await mine.post(f"/api/alerts/{raised.id}/dispatch/offer")
            assert (asked.status_code, asked.json()["action"]) == (202, "offer")
            ranked = (
                DispatchCandidate(drone_id="uav-2", is_ready=True, arrival_s=30.0),
                DispatchCandidate(drone_id="uav-1", is_ready=False, arrival_s=None, reasons=(WINDY,)),
            )
            now = datetime.now(UTC)
            offer = DispatchOffered(
                alert_id=raised.id, place=PLACE, at=now, expires_at=now + timedelta(minutes=2), candidates=ranked
            )
            await room.append(FLIGHTS, offer)
            offered = (await next_event(events, "dispatch")).data
            assert [one["drone_id"] for one in offered["candidates"]] == ["uav-1"], "uav-2 is of another unit"
            path = f"/api/alerts/{raised.id}/dispatch"
            assert (await mine.post(path, json={"drone_id": "uav-2"})).status_code == 404
            ranked_for = await answer_next(room)  # the first order at all: what was refused went nowhere
            assert (ranked_for.action, ranked_for.place_error_m) == (DroneAction.OFFER, 8.2)
            sent, order = await asyncio.gather(mine.post(path, json={"drone_id": "uav-1"}), answer_next(room))
            assert (sent.status_code, order.place, order.alert_id) == (200, PLACE, raised.id)
            assert order.place_error_m == 8.2
            there = DispatchChanged(
                alert_id=raised.id,
                drone_id="uav-1",
                flight_id=None,
                stage=DispatchStage.ON_PLACE,
                at=now + timedelta(seconds=30),
                actor="vehicle",
                place=PLACE,
                distance_m=1.2,
            )
            await room.append(FLIGHTS, there, offer, there)
            assert (await next_event(events, "dispatch")).data["stage"] == "on_place"
        history = (await pilot.get(f"/api/alerts/{raised.id}")).json()["dispatch"]
        assert [step["type"] for step in history] == ["dispatch_offered", "dispatch_changed"]
        assert [one["drone_id"] for one in history[0]["candidates"]] == ["uav-2", "uav-1"]
        own = (await mine.get(f"/api/alerts/{raised.id}")).json()["dispatch"]
        assert [one["drone_id"] for one in own[0]["candidates"]] == ["uav-1"]


async def test_alerts_of_a_drone_without_a_camera_go_to_its_unit(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = drone_config(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("mine") as mine, await room.signed_in("baiyun") as other:
        lost = alert_of("uav-2", rule_id="drone", kind=AlertKind.DRONE_LINK_LOST, class_name="drone")
        taken = alert_of("cam-02", rule_id="drone", kind=AlertKind.DRONE_TAKEN_OVER, class_name="drone")
        async with mine.stream("GET", "/api/events") as stream:
            events = server_sent_events(stream.aiter_lines())
            await next_event(events, "ping")
            await room.append(ALERTS, lost, taken)
            pushed = (await next_event(events, "alert")).data
        assert (pushed["id"], pushed["camera_name"], pushed["rule_name"]) == (taken.id, "南门", "无人机被接管")
        listed = (await other.get("/api/alerts")).json()["alerts"]
        assert [(one["camera_name"], one["rule_name"]) for one in listed] == [("uav-2", "无人机失联")]
        assert listed[0]["clip"]["state"] == "unavailable"
        assert (await other.post(f"/api/alerts/{lost.id}/acknowledge")).status_code == 403, "a pilot watches alerts"
        assert (await mine.get(f"/api/alerts/{lost.id}")).status_code == 404


async def test_after_a_restart_the_flight_in_the_air_is_shown_and_nothing_is_told_twice(
    paths: RuntimePaths, bus: EmbeddedServer
) -> None:
    config = drone_config(paths.data_dir)
    await add_users(config, USERS)
    aloft = flight_of(state=FlightState.PATROLLING, change=4)
    async with running(config) as room, await room.signed_in("pilot") as pilot:
        await _stored(room, pilot, aloft)
    async with running(config) as room, await room.signed_in("pilot") as pilot:
        drone = (await pilot.get("/api/drones")).json()["drones"][0]
        assert (drone["flight"]["flight_id"], drone["is_stale"]) == (aloft.flight_id, True)
        async with pilot.stream("GET", "/api/events") as stream:
            told = server_sent_events(stream.aiter_lines())
            await next_event(told, "ping")
            later = aloft.model_copy(update={"change": 5, "state": FlightState.RETURNING})
            await room.append(FLIGHTS, aloft, later)
            assert (await next_event(told, "flight")).data["change"] == 5, "the change that was known came first"


async def test_the_schema_tells_of_every_order_and_its_refusal(paths: RuntimePaths, bus: EmbeddedServer) -> None:
    config = drone_config(paths.data_dir)
    await add_users(config, USERS)
    async with running(config) as room, await room.signed_in("pilot") as pilot:
        schema = (await pilot.get("/openapi.json")).json()
    for path in ("/api/drones/{drone_id}/{order}", "/api/patrols/{patrol_id}/start", "/api/alerts/{alert_id}/dispatch"):
        operation = schema["paths"][path]["post"]
        assert operation["security"] == [{"cookie": []}, {"bearer": []}]
        assert operation["responses"]["409"]["content"]["application/json"]["schema"]["$ref"].endswith("/RefusedBody")
        assert "504" in operation["responses"]
    telemetry = schema["components"]["schemas"]["Drone"]["properties"]["telemetry"]
    assert telemetry["anyOf"][0]["$ref"].endswith("/DroneTelemetry")
