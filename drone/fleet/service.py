"""The drone service of an installation: a task per drone, the schedule, orders and alerts from the bus."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from ulid import ULID

from drone.fleet.alert_place import FirstPlaces
from drone.fleet.desk import Desk
from drone.fleet.dispatch import Dispatcher
from drone.fleet.heights import dock_heights, home_of
from drone.fleet.keeper import DroneKeeper, OpenVehicle
from drone.fleet.launcher import Launcher
from drone.fleet.runs import Runs
from drone.fleet.schedule import Timetable
from drone.fleet.tables import Tables, timetable_of
from drone.fleet.traffic import Traffic
from drone.flight.brief import Brief
from drone.flight.guard import ground_below, guard_of, levels_of
from drone.kept import kept
from drone.weather_source import observe
from kernel.bus.address import wait_or_stop
from kernel.bus.consumer import consume
from kernel.bus.names import ALERTS, COMMANDS, FLIGHTS, pose_channel, telemetry_channel
from kernel.bus.publisher import DurablePublisher
from kernel.clock import Clock
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import Launch
from kernel.drone_events import (
    AirPose,
    DispatchOffered,
    DroneAction,
    DroneCommand,
    DroneTelemetry,
    FlightOutcome,
    ReasonText,
)
from kernel.event_base import Event
from kernel.events import ALERT_EVENTS, COMMAND_EVENTS, AlertRaised, ClipReady
from kernel.geodesy import LatLon
from kernel.terrain import load_terrain, terrain_of

LOG = logging.getLogger(__name__)
GROUP = "drone"
_LOOK_S = 1.0
_APART_S = 0.5
_TABLES_S = 30.0
_PLANS_S = 600.0
_FLUSH_S = 3.0


class FleetService:
    """Everything of the drone service.

    Args:
        address: of the bus.
        open_vehicle: makes the link of a drone.
    """

    def __init__(self, config: LookoutConfig, address: str, clock: Clock, open_vehicle: OpenVehicle) -> None:
        self._config, self._address, self._clock = config, address, clock
        self._publisher = DurablePublisher(address, clock)
        self._next_of_drone: dict[str, tuple[datetime, str]] = {}
        self.keepers = {drone.id: self._keeper(drone.id, open_vehicle) for drone in config.fleet}
        self._launcher = Launcher(config, self.keepers, clock)
        flights = config.data_dir / "flights"
        flights.mkdir(parents=True, exist_ok=True)
        book = flights / "schedule.json"
        self.runs = Runs(config, self._timetables(), self.keepers, self._launcher, clock, book, self.emit)
        self.dispatcher = Dispatcher(config, self.keepers, self._launcher, clock)
        orders = flights / "orders.taken"
        self.desk = Desk(config, self.keepers, self._launcher, self.runs, self.dispatcher, clock, orders, self.emit)
        self._places = FirstPlaces(config)
        self._tables = Tables(config, self._publisher.keep)
        for keeper in self.keepers.values():
            keeper.on_turn = self.dispatcher.see_to
            keeper.is_told_elsewhere = partial(self._launcher.air.is_told_elsewhere, keeper.drone.id)
        middle = next((keeper.home for keeper in self.keepers.values()), (0.0, 0.0))
        self.traffic = Traffic(self.keepers, dock_heights(config), middle)

    def emit(self, event: Event) -> None:
        """An event onto its stream: alerts about drones go where alerts go."""
        self._publisher.append(ALERTS if isinstance(event, AlertRaised) else FLIGHTS, event)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set. Aircraft in the air go on by themselves and are taken up at the next start."""
        tasks = [
            asyncio.create_task(kept(keeper.run, f"drone {keeper.drone.id}", stop)) for keeper in self.keepers.values()
        ]
        tasks += [
            asyncio.create_task(kept(self._keep_schedule, "schedule", stop)),
            asyncio.create_task(kept(self._keep_tables, "tables", stop)),
            asyncio.create_task(kept(self._keep_apart, "separation", stop)),
            asyncio.create_task(kept(self._keep_told, "presence", stop)),
            asyncio.create_task(kept(self._take_orders, "orders", stop)),
            asyncio.create_task(kept(self._take_alerts, "alerts", stop)),
        ]
        await asyncio.gather(*tasks)
        await self.desk.close()
        await asyncio.to_thread(self._publisher.close, _FLUSH_S)

    async def _keep_schedule(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.runs.look()
            await wait_or_stop(stop, _LOOK_S)

    async def _keep_apart(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            air = self._launcher.air
            self.traffic.look(self._clock.monotonic_s(), air.heard, air.boot, air.open)
            await asyncio.sleep(_APART_S)

    async def _keep_told(self, stop: asyncio.Event) -> None:
        """Apart from the watch itself, so that a disk that hangs does not stop it."""
        while not stop.is_set():
            await self._launcher.air.exchange()
            await wait_or_stop(stop, _APART_S)

    async def _keep_tables(self, stop: asyncio.Event) -> None:
        planned_s = float("-inf")
        while not stop.is_set():
            now, now_s = self._clock.now(), self._clock.monotonic_s()
            self._tables.fleet()
            self._tables.zones(now)
            self._tables.next_runs(self.runs.next_of_patrol)
            following = {patrol.id: self.runs.next_of_patrol(patrol.id, 1) for patrol in self._config.patrols}
            self._next_of_drone = timetable_of(following, {one.id: one.drones for one in self._config.patrols})
            if now_s - planned_s >= _PLANS_S:
                planned_s = now_s
                weather = await asyncio.to_thread(observe, self._config)
                await asyncio.to_thread(self._tables.plans, now, weather)
            await wait_or_stop(stop, _TABLES_S)

    async def _take_orders(self, stop: asyncio.Event) -> None:
        await consume(self._address, COMMANDS, GROUP, GROUP, COMMAND_EVENTS, self.desk.handle, stop)

    async def _take_alerts(self, stop: asyncio.Event) -> None:
        await consume(self._address, ALERTS, GROUP, GROUP, ALERT_EVENTS, self._alerts, stop, first="$")

    async def _alerts(self, batch: list[tuple[str, AlertRaised | ClipReady]]) -> None:
        """Propose a drone for every alert that is bad enough and has a place, now or with a later update; where the
        policy says so, send it."""
        policy = self._config.dispatch
        for _, alert in batch:
            if not isinstance(alert, AlertRaised):
                continue
            age_s = (self._clock.now() - alert.created_at).total_seconds()
            if alert.level not in policy.levels or age_s > policy.confirm_s:
                continue
            place = self._places.of(alert)
            if place is None and alert.triggers == 1 and alert.ended_at is None:
                LOG.info("no drone for an alert without a place alert_id=%s why=%s", alert.id, alert.unplaced or "none")
            if place is None:
                continue
            offer = await asyncio.to_thread(self.dispatcher.offer, alert.id, place.point, place.error_m)
            self.emit(offer)
            best = offer.candidates[0] if offer.candidates else None
            if policy.launch is Launch.AUTO and best is not None and best.is_ready:
                await self._send(offer, best.drone_id)

    async def _send(self, offer: DispatchOffered, drone_id: str) -> None:
        now = self._clock.now()
        order = DroneCommand(
            id=str(ULID()),
            action=DroneAction.DISPATCH,
            drone_id=drone_id,
            alert_id=offer.alert_id,
            place=offer.place,
            place_error_m=offer.place_error_m,
            actor="policy",
            issued_at=now,
            expires_at=offer.expires_at,
        )
        await self.desk.handle([("", order)])

    def _keeper(self, drone_id: str, open_vehicle: OpenVehicle) -> DroneKeeper:
        drone = self._config.drone(drone_id)
        home, below = home_of(drone), self._ground_below(drone)
        return DroneKeeper(
            drone,
            home,
            self._config.data_dir,
            self._clock,
            open_vehicle,
            self.emit,
            self._publish,
            partial(_of, self._next_of_drone_now),
            self._landed,
            below,
            guard_of(self._config, home, below, self._clock),
            levels_of(self._config, drone, home, below, self._clock),
        )

    def _ground_below(self, drone: DroneConfig) -> Callable[[LatLon], float | None]:
        """Heights of the ground over that at the dock, from the terrain of the first patrol the drone flies."""
        return ground_below(load_terrain(terrain_of(self._config, drone)), home_of(drone))

    def _next_of_drone_now(self) -> dict[str, tuple[datetime, str]]:
        return self._next_of_drone

    def _publish(self, event: DroneTelemetry | AirPose) -> None:
        if isinstance(event, AirPose):
            self._publisher.publish(pose_channel(event.camera_id), event)
        else:
            self._publisher.publish(telemetry_channel(event.drone_id), event)

    def _landed(self, brief: Brief, outcome: FlightOutcome, why: tuple[ReasonText, ...]) -> None:
        self.runs.landed(brief, outcome, why)

    def _timetables(self) -> dict[str, Timetable]:
        zone = ZoneInfo(self._config.site.timezone)
        found = {}
        for patrol in self._config.patrols:
            if patrol.schedule is not None:
                place = home_of(self._config.drone(patrol.drones[0]))
                found[patrol.id] = Timetable(patrol, patrol.schedule, place, zone)
        return found


def _of(table: Any, drone_id: str) -> tuple[datetime, str] | None:
    found: dict[str, tuple[datetime, str]] = table()
    return found.get(drone_id)
