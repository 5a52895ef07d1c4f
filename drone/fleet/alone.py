"""One drone flown by a command, without the fleet's service: kept apart from everybody else's all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drone.fleet.air import Air
from drone.fleet.bus_share import BusShare
from drone.fleet.heights import dock_heights, home_of
from drone.fleet.traffic import Traffic
from drone.flight.brief import Brief
from drone.flight.core import Core
from drone.flight.guard import Levels, ground_below, levels_of
from drone.flight.orders import OFF_PLAN, Order, keeps_plan
from drone.flight.prepare import Prepared, brief_of, prepared
from drone.flight.session import FlightSession
from drone.flight.snapshot import Snapshot
from drone.flight.translate import snapshot_of
from drone.kept import kept
from drone.mavlink.interface import Vehicle
from drone.mavlink.state import VehicleState
from drone.plan.model import FlightPlan
from drone.plan.separation import LAYERS_MAX
from drone.weather_source import observe
from kernel.bus.address import wait_or_stop
from kernel.clock import Clock
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import PatrolConfig
from kernel.drone_events import FlightCause, ReasonText
from kernel.terrain import load_terrain, terrain_of

_APART_S = 0.5


class Alone:
    """The drone in hand, as the separation watch wants to see it."""

    def __init__(self, drone: DroneConfig, clock: Clock, levels: Levels) -> None:
        self.drone, self._clock, self._levels = drone, clock, levels
        self.vehicle: Vehicle | None = None
        self.session: FlightSession | None = None
        self._plan: FlightPlan | None = None

    def begin(self, session: FlightSession, plan: FlightPlan | None) -> None:
        """A flight of it begins, or is taken up (then without a plan)."""
        self.session, self._plan = session, plan

    def end(self) -> None:
        """It is over."""
        self.session = self._plan = None

    @property
    def plan(self) -> FlightPlan | None:
        """Its plan, for as long as it flies like that."""
        return self._plan if self.core is None or keeps_plan(self.core) else None

    @property
    def core(self) -> Core | None:
        """State of the flight in hand."""
        return self.session.machine.core if self.session is not None else None

    @property
    def brief(self) -> Brief | None:
        """What is being flown."""
        return self.session.brief if self.session is not None else None

    @property
    def seen(self) -> Snapshot:
        """The vehicle as last heard."""
        if self.vehicle is None:
            return Snapshot()
        return snapshot_of(self.vehicle.state, self.vehicle.is_alive, self._clock.monotonic_s())

    @property
    def vehicle_state(self) -> VehicleState | None:
        """Everything the link knows; None without a link."""
        return self.vehicle.state if self.vehicle is not None else None

    @property
    def ordered_by(self) -> str | None:
        """Who gave the flight its last order."""
        return self.session.driver.actor if self.session is not None else None

    @property
    def levels_m(self) -> tuple[float, float] | None:
        """Heights above home that it may take where it is, lowest and highest; None where that is not known."""
        return self._levels(self.seen)

    def order(self, order: Order) -> tuple[ReasonText, ...]:
        """Give the flight an order; the reasons say why it is refused."""
        if self.session is None:
            return ()
        refusal = self.session.driver.order(order)
        if not refusal and order.action in OFF_PLAN:
            self._plan = None
        return refusal

    def note_nearest(self, drone_id: str, apart_m: float) -> None:
        """Another drone is in the air too, so far away."""
        if self.session is not None:
            self.session.reporter.note_nearest(drone_id, apart_m)

    def warn(self, why: ReasonText) -> None:
        """Raise an alert about the flight in hand, if any."""
        if self.session is not None:
            self.session.driver.warn(why)

    def calm(self) -> None:
        """What that was about is over."""
        if self.session is not None:
            self.session.driver.calm()


class AirWatch:
    """Plans a flight around those of other controllers, and watches over the distances while it lasts."""

    def __init__(self, config: LookoutConfig, drone: DroneConfig, clock: Clock) -> None:
        self._config, self._drone, self._clock = config, drone, clock
        home = home_of(drone)
        below = ground_below(load_terrain(terrain_of(config, drone)), home)
        self.flier = Alone(drone, clock, levels_of(config, drone, home, below, clock))
        fliers = {drone.id: self.flier}
        self.bus = BusShare(config, self.flier, home, below, clock)
        self._air = Air(config.data_dir, clock, fliers, lambda: self.bus.is_telling)
        self._traffic = Traffic(fliers, dock_heights(config), home)

    def decide(self, patrol: PatrolConfig, actor: str) -> tuple[Prepared, Brief | None]:
        """Plan and check, before anything is sent; the flight, where it may begin. Blocks for a second or more."""

        def planned(others: tuple[FlightPlan, ...]) -> Prepared:
            now, weather = self._clock.now(), observe(self._config)
            return prepared(self._config, patrol, self._drone, now, weather, others=others, layers=LAYERS_MAX)

        def briefed(plan: FlightPlan) -> Brief:
            return brief_of(self._drone, plan, actor=actor, cause=FlightCause.COMMAND_LINE, patrol_id=patrol.id)

        return self._air.decide(self._drone.id, planned, briefed)

    def leave(self) -> None:
        """The flight is over, or did not begin."""
        self._air.leave(self._drone.id)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Tell, hear and keep apart until the block ends; what goes wrong in it does not touch the flight."""
        stop = asyncio.Event()
        parts = [
            asyncio.create_task(kept(self._keep_told, "presence", stop)),
            asyncio.create_task(kept(self._keep_apart, "separation", stop)),
            asyncio.create_task(kept(self.bus.run, "bus", stop)),
        ]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*parts)

    async def _keep_told(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._air.exchange()
            await wait_or_stop(stop, _APART_S)

    async def _keep_apart(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._traffic.look(self._clock.monotonic_s(), self._air.heard, self._air.boot, self._air.open)
            await wait_or_stop(stop, _APART_S)
