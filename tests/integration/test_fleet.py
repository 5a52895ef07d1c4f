"""The drone service with real links and a real bus: several drones, orders, dispatch, the schedule, a restart."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ulid import ULID

from drone.connect import open_vehicle
from drone.fleet.service import FleetService
from drone.flight.errand import drift_m
from drone.flight.prepare import brief_of, prepared
from drone.weather_source import Observation
from kernel.bus.address import connect_async
from kernel.bus.consumer import subscribe
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import ALERTS, COMMANDS, FLIGHTS, telemetry_channel
from kernel.clock import SystemClock
from kernel.config.lookout import LookoutConfig
from kernel.config.rules import Level
from kernel.drone_events import (
    FLIGHT_EVENTS,
    CommandAnswered,
    DispatchChanged,
    DispatchOffered,
    DispatchStage,
    DroneAction,
    DroneCommand,
    DroneTelemetry,
    FlightCause,
    FlightChanged,
    FlightOutcome,
    FlightState,
    PatrolRunDecided,
    RunDecision,
)
from kernel.event_base import GeoPoint
from kernel.events import ALERT_EVENTS, AlertKind, AlertRaised
from kernel.geodesy import distance_m
from kernel.runtime import RuntimePaths
from tests.integration.airfield import LONG, config, eventually, flying_vehicle, spot


@dataclass
class Room:
    """A running service, and what it told."""

    service: FleetService
    address: str
    events: list[Any] = field(default_factory=list)
    _seen: str = "0"

    async def order(self, action: DroneAction, expires_s: float = 30.0, **fields: Any) -> CommandAnswered:
        """Give an order and wait for its answer."""
        now = SystemClock().now()
        command = DroneCommand(
            id=str(ULID()),
            action=action,
            actor="值班员",
            issued_at=now - timedelta(seconds=60),
            expires_at=now + timedelta(seconds=expires_s),
            **fields,
        )
        await self.send(command)
        await self.until(lambda: self.answers(command.id), f"an answer to {action}")
        return self.answers(command.id)[0]

    async def send(self, command: DroneCommand) -> None:
        bus = connect_async(self.address)
        await bus.xadd(COMMANDS, {"event": command.to_wire()})
        await bus.aclose()

    async def raise_alert(self, level: Level, place: GeoPoint | None, **fields: Any) -> AlertRaised:
        """An alert as the detector raises it, once the service listens for alerts."""
        bus = connect_async(self.address)
        for _ in range(800):
            if await bus.exists(ALERTS) and await bus.xinfo_groups(ALERTS):
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError("the service does not listen for alerts")
        now = SystemClock().now()
        alert = AlertRaised(
            id=str(ULID()),
            camera_id=fields.pop("camera_id", "cam-01"),
            rule_id="gate",
            kind=AlertKind.ZONE_INTRUSION,
            level=level,
            class_name="person",
            occurred_at=now,
            created_at=now,
            last_seen_at=now,
            place=place,
            **fields,
        )
        await bus.xadd(ALERTS, {"event": alert.to_wire()})
        await bus.aclose()
        return alert

    async def alerts(self) -> list[AlertRaised]:
        """Every alert that was raised so far."""
        bus = connect_async(self.address)
        entries: Any = await bus.xrange(ALERTS)
        await bus.aclose()
        return [
            one for _, fields in entries if isinstance(one := ALERT_EVENTS.validate_json(fields[b"event"]), AlertRaised)
        ]

    def answers(self, command_id: str) -> list[CommandAnswered]:
        return [one for one in self.of(CommandAnswered) if one.command_id == command_id]

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.events if isinstance(one, kind)]

    def outcomes(self) -> dict[str, FlightOutcome]:
        return {one.drone_id: one.outcome for one in self.of(FlightChanged) if one.outcome is not None}

    def states(self, drone_id: str) -> list[FlightState]:
        return [one.state for one in self.of(FlightChanged) if one.drone_id == drone_id]

    async def read(self) -> None:
        bus = connect_async(self.address)
        entries: Any = await bus.xrange(FLIGHTS, min=f"({self._seen}" if self._seen != "0" else "-")
        await bus.aclose()
        for entry_id, fields in entries:
            self._seen = entry_id.decode()
            self.events.append(FLIGHT_EVENTS.validate_json(fields[b"event"]))

    async def until(self, condition: Any, what: str, timeout_s: float = 60.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                await asyncio.sleep(0.05)
                await self.read()


async def next_telemetry(address: str, drone_id: str) -> DroneTelemetry:
    """What is told of a drone next."""
    heard = subscribe(address, telemetry_channel(drone_id))
    try:
        return DroneTelemetry.model_validate_json((await anext(heard))[1])
    finally:
        await heard.aclose()


@asynccontextmanager
async def room(loaded: LookoutConfig, bus: EmbeddedServer) -> AsyncIterator[Room]:
    """The service, until the block ends."""
    clock, stop = SystemClock(), asyncio.Event()
    service = FleetService(loaded, bus.address, clock, open_vehicle(loaded, clock))
    running = asyncio.create_task(service.run(stop))
    try:
        heard = list(service.keepers.values())
        await eventually(lambda: all(one.seen.heartbeats >= 12 for one in heard), 40.0, "every vehicle heard")
        await eventually(
            lambda: all(not one.not_ready for one in heard if not one.is_busy), 20.0, "every vehicle ready"
        )
        yield Room(service, bus.address)
    finally:
        stop.set()
        await running


async def test_three_drones_and_one_that_dies_in_the_air(bus: EmbeddedServer, paths: RuntimePaths) -> None:
    """Each flies its patrol; the second's link dies for good: the others finish, and nobody waits for it."""
    async with flying_vehicle(1) as one, flying_vehicle(2) as two, flying_vehicle(3) as three:
        links = [one[1], two[1], three[1]]
        async with room(config(paths.data_dir, links, LONG), bus) as watched:
            for number in (1, 2, 3):
                answer = await watched.order(DroneAction.START, patrol_id=f"loop-{number}")
                assert answer.accepted, answer.reasons
            await watched.until(lambda: FlightState.PATROLLING in watched.states("uav-2"), "the second in the air")
            await two[0].stop()
            await watched.until(lambda: {"uav-1", "uav-3"} <= set(watched.outcomes()), "two landed")

            assert watched.outcomes() == {"uav-1": FlightOutcome.DONE, "uav-3": FlightOutcome.DONE}
            second = watched.service.keepers["uav-2"]
            assert second.is_busy


async def test_orders_are_carried_out_once_and_refused_when_late(bus: EmbeddedServer, paths: RuntimePaths) -> None:
    async with flying_vehicle() as (_, link), room(config(paths.data_dir, [link], LONG), bus) as watched:
        now = SystemClock().now()
        twice = DroneCommand(
            id=str(ULID()),
            action=DroneAction.PAUSE,
            drone_id="uav-1",
            actor="值班员",
            issued_at=now,
            expires_at=now + timedelta(seconds=30),
        )
        await watched.send(twice)
        await watched.send(twice)
        late = await watched.order(DroneAction.START, patrol_id="loop-1", expires_s=-1.0)
        none = await watched.order(DroneAction.PAUSE, drone_id="uav-1")
        unknown = await watched.order(DroneAction.START, patrol_id="no-such")
        taken = await watched.order(DroneAction.START, patrol_id="loop-1")
        again = await watched.order(DroneAction.START, patrol_id="loop-1")
        await watched.until(lambda: FlightState.PATROLLING in watched.states("uav-1"), "in the air")
        home = await watched.order(DroneAction.RETURN, drone_id="uav-1", flight_id=taken.flight_id)
        await watched.until(watched.outcomes, "landed")

    assert [one.reasons[0].code for one in (late, none, unknown, again)] == [
        "expired",
        "no_flight",
        "unknown_patrol",
        "drone_busy",
    ]
    assert (taken.accepted, home.accepted) == (True, True)
    assert len(watched.answers(twice.id)) == 1
    assert watched.outcomes() == {"uav-1": FlightOutcome.RETURNED}


async def test_a_restarted_service_takes_up_the_flight(bus: EmbeddedServer, paths: RuntimePaths) -> None:
    async with flying_vehicle(speedup=35.0) as (_, link):
        loaded = config(paths.data_dir, [link], LONG)
        async with room(loaded, bus) as before:
            await before.order(DroneAction.START, patrol_id="loop-1")
            await before.until(lambda: FlightState.PATROLLING in before.states("uav-1"), "in the air")
        async with room(loaded, bus) as after:
            await after.until(after.outcomes, "landed", 40.0)

    flights = {one.flight_id for one in after.of(FlightChanged)}
    changes = [one.change for one in after.of(FlightChanged)]
    assert after.outcomes() == {"uav-1": FlightOutcome.DONE}
    assert len(flights) == 1
    assert changes == sorted(set(changes))
    log = (paths.data_dir / "flights" / flights.pop() / "decisions.jsonl").read_text(encoding="utf-8")
    steps = [line["step"] for line in map(json.loads, log.splitlines()) if line["what"] == "step"]
    assert steps.count("Arm") == steps.count("StartMission") == steps.count("CompareMission") == 1


async def test_a_drone_is_sent_from_its_patrol_to_an_alert_and_back(bus: EmbeddedServer, paths: RuntimePaths) -> None:
    there = spot(120.0, 150.0)
    place = GeoPoint(lat=there[0], lon=there[1])
    policy = {"hold_s": 1.5, "altitude_m": 35.0}
    async with flying_vehicle(speedup=35.0) as (server, link):
        loaded = config(paths.data_dir, [link], LONG, dispatch=policy)
        async with room(loaded, bus) as watched:
            await watched.order(DroneAction.OFFER, alert_id="01A", place=place)
            await watched.order(DroneAction.START, patrol_id="loop-1")
            core = await in_the_air(watched, "uav-1")
            await eventually(lambda: core.progress.reached >= 1, 20.0, "the first point")
            sent = await watched.order(DroneAction.DISPATCH, drone_id="uav-1", alert_id="01A", place=place)
            assert sent.accepted, sent.reasons
            reached = core.progress.told | core.progress.concluded
            item = next(seq for seq in core.brief.mission.counted if seq not in reached)
            await watched.until(lambda: stage(watched, DispatchStage.ON_PLACE), "on the place")
            held = []
            while not stage(watched, DispatchStage.LOOKED):
                held.append(spot_of(server))
                await asyncio.sleep(0.02)
                await watched.read()
            await watched.until(lambda: stage(watched, DispatchStage.RESUMED), "resumed")
            resumed = core.progress.current
            await watched.until(watched.outcomes, "landed")

    offer = watched.of(DispatchOffered)[0]
    assert [(one.drone_id, one.is_ready) for one in offer.candidates] == [("uav-1", True)]
    assert 0 < offer.candidates[0].arrival_s < 60.0
    arrived, looked = stage(watched, DispatchStage.ON_PLACE)[0], stage(watched, DispatchStage.LOOKED)[0]
    assert arrived.alert_id == looked.alert_id == "01A"
    assert arrived.distance_m is not None
    assert arrived.distance_m < 3.0
    assert looked.drift_m is not None
    assert looked.drift_m < 3.0
    assert max(distance_m(*one, *there) for one in held) < 3.5
    second_half = held[len(held) // 2 :]
    assert (drift_m(second_half) or 0.0) < 1.0
    assert resumed == item
    assert watched.outcomes() == {"uav-1": FlightOutcome.DONE}


async def test_a_drone_is_sent_to_an_alert_by_policy_and_circles_on_request(
    bus: EmbeddedServer, paths: RuntimePaths
) -> None:
    there = spot(150.0, 60.0)
    place = GeoPoint(lat=there[0], lon=there[1])
    async with flying_vehicle(speedup=35.0) as (server, link):
        policy = {"launch": "auto", "hold_s": 2.0, "altitude_m": 30.0, "orbit_radius_m": 20.0}
        dock = {"lat": there[0], "lon": there[1], "datum": "wgs84"}
        camera = {"id": "eye", "name": "机载", "unit": "b", "place": dock, "streams": {"main": {"url": "rtsp://a/1"}}}
        loaded = config(paths.data_dir, [link], drone={"camera": "eye"}, cameras=[camera], dispatch=policy)
        async with room(loaded, bus) as watched:
            await watched.raise_alert(Level.YELLOW, place)
            await watched.raise_alert(Level.RED, None, camera_id="eye", unplaced="grazing")
            alert = await watched.raise_alert(Level.RED, place, place_error_m=8.2)
            await watched.until(lambda: stage(watched, DispatchStage.ON_PLACE), "on the place")
            circled = await watched.order(DroneAction.ORBIT, drone_id="uav-1")
            assert circled.accepted, circled.reasons
            ranges = []
            while len(stage(watched, DispatchStage.ON_PLACE)) < 2:
                ranges.append(distance_m(*spot_of(server), *there))
                await asyncio.sleep(0.02)
                await watched.read()
            await watched.until(watched.outcomes, "landed")

    assert 15.0 < max(ranges) < 26.0
    assert watched.outcomes() == {"uav-1": FlightOutcome.DONE}
    assert [(one.alert_id, one.place_error_m) for one in watched.of(DispatchOffered)] == [(alert.id, 8.2)]
    assert {one.alert_id for one in watched.of(DispatchChanged)} == {alert.id}
    assert [one.actor for one in stage(watched, DispatchStage.ACCEPTED)] == ["policy"]
    assert len(stage(watched, DispatchStage.LOOKED)) == 1


async def test_two_drones_that_cross_stay_apart(bus: EmbeddedServer, paths: RuntimePaths) -> None:
    """The same height asked for, crossing ways: the second is planned a layer higher; measured on the vehicles."""
    async with flying_vehicle(1, speedup=20.0) as (one, link_1), flying_vehicle(2, speedup=20.0) as (two, link_2):
        base = config(paths.data_dir, [link_1, link_2], drone={"separation_m": 20.0})
        across = {"kind": "waypoints", "datum": "wgs84"}
        patrols = [
            base.patrols[0].model_dump(mode="json")
            | {"altitude_m": 30.0, "route": {**across, "points": [spot(120, -40)]}},
            base.patrols[1].model_dump(mode="json")
            | {"altitude_m": 30.0, "route": {**across, "points": [spot(120, 10)]}},
        ]
        loaded = LookoutConfig.model_validate(base.model_dump(mode="json") | {"patrols": patrols})
        async with room(loaded, bus) as watched:
            for number in (1, 2):
                answer = await watched.order(DroneAction.START, patrol_id=f"loop-{number}")
                assert answer.accepted, answer.reasons
            apart = []
            while len(watched.outcomes()) < 2:
                apart.append(apart_m(one, two))
                await asyncio.sleep(0.02)
                await watched.read()

    assert watched.outcomes() == {"uav-1": FlightOutcome.DONE, "uav-2": FlightOutcome.DONE}
    assert 20.0 <= min(apart) < 200.0  # apart, and in the air at the same time


async def test_of_two_drones_that_come_to_meet_the_later_is_told_to_hold(
    bus: EmbeddedServer, paths: RuntimePaths
) -> None:
    """Launched past the check of their plans, head on at one height: as after a gale, or a mistake of ours."""
    async with flying_vehicle(1, speedup=10.0) as (one, link_1), flying_vehicle(2, speedup=10.0) as (two, link_2):
        base = config(paths.data_dir, [link_1, link_2], drone={"separation_m": 20.0}).model_dump(mode="json")
        ways = ([spot(250, 0), spot(250, -30), spot(40, -30)], [spot(30, -130), spot(60, -30), spot(300, -30)])
        base["patrols"] = [
            patrol | {"altitude_m": 30.0, "route": {"kind": "waypoints", "datum": "wgs84", "points": way}}
            for patrol, way in zip(base["patrols"], ways, strict=True)
        ]
        loaded = LookoutConfig.model_validate(base)
        async with room(loaded, bus) as watched:
            for number, keeper in enumerate(watched.service.keepers.values()):
                plan = prepared(loaded, loaded.patrols[number], keeper.drone, SystemClock().now(), Observation(None))
                assert plan.plan is not None
                brief = brief_of(
                    keeper.drone, plan.plan, actor="test", cause=FlightCause.OPERATOR, patrol_id=plan.plan.patrol_id
                )
                assert keeper.launch(brief, plan.plan) == ()
            await watched.until(lambda: FlightState.PAUSED in watched.states("uav-2"), "told to hold")
            await eventually(lambda: two.vehicle.body.velocity.length < 0.5, 5.0, "standing")
            apart, alerts = apart_m(one, two), await watched.alerts()
            told = await next_telemetry(bus.address, "uav-2")

    assert 18.0 <= apart < 400.0
    assert {one.kind for one in alerts} == {AlertKind.DRONE_FAILED}
    assert all("应保持 20 米" in one.detail for one in alerts)
    assert all("20 m" in one.detail_en for one in alerts)
    paused = [one for one in watched.of(FlightChanged) if one.state is FlightState.PAUSED]
    assert {(one.drone_id, one.actor, one.nearest_drone_id) for one in paused} == {("uav-2", "separation", "uav-1")}
    assert all("too_near" in {why.code for why in one.reasons} for one in paused)
    assert (told.flight_state, told.nearest_drone_id) == (FlightState.PAUSED, "uav-1")
    assert told.least_separation_m is not None
    assert 18.0 <= told.least_separation_m < apart + 5.0


async def test_a_run_that_is_due_waits_for_a_person_and_is_flown(bus: EmbeddedServer, paths: RuntimePaths) -> None:
    async with flying_vehicle() as (_, link):
        loaded = config(paths.data_dir, [link], patrol={"schedule": {"cron": "* * * * *"}})
        flights = paths.data_dir / "flights"
        flights.mkdir(parents=True)
        minute_ago = SystemClock().now() - timedelta(seconds=61)
        (flights / "schedule.json").write_text(f'{{"looked_at": "{minute_ago.isoformat()}"}}', encoding="utf-8")
        async with room(loaded, bus) as watched:
            await watched.until(lambda: watched.of(PatrolRunDecided), "a run is due")
            due = watched.of(PatrolRunDecided)[-1]
            assert due.decision is RunDecision.AWAITING
            answer = await watched.order(DroneAction.CONFIRM, run_id=due.run_id)
            assert answer.accepted, answer.reasons
            await watched.until(watched.outcomes, "landed")

    launched = [one for one in watched.of(PatrolRunDecided) if one.decision is RunDecision.LAUNCHED]
    assert [one.run_id for one in launched] == [due.run_id]
    assert launched[0].actor == "值班员"
    assert {one.run_id for one in watched.of(FlightChanged)} == {due.run_id}


async def in_the_air(watched: Room, drone_id: str) -> Any:
    await watched.until(lambda: FlightState.PATROLLING in watched.states(drone_id), "in the air")
    return watched.service.keepers[drone_id].core


def stage(watched: Room, wanted: DispatchStage) -> list[DispatchChanged]:
    return [one for one in watched.of(DispatchChanged) if one.stage is wanted]


def spot_of(server: Any) -> tuple[float, float]:
    """Where the simulated vehicle truly is."""
    body = server.vehicle.body.position
    found: tuple[float, float] = server.vehicle.helm.frame.to_global(body.north, body.east)
    return found


def apart_m(one: Any, two: Any) -> float:
    """Metres between two vehicles that are both off the ground; far where one is not."""
    high, low = one.vehicle.body.position.up, two.vehicle.body.position.up
    if min(high, low) < 1.0:
        return 1e6
    return math.hypot(distance_m(*spot_of(one), *spot_of(two)), high - low)
