"""One patrol flown now, from the command line: plan, check, lock, fly, report. No bus, no other service.

Ctrl-C: the aircraft returns home. Ctrl-C again: this program ends, and the aircraft goes on without it.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from drone.fleet.alone import AirWatch
from drone.flight import reasons
from drone.flight.brief import Brief
from drone.flight.driver import Guard, Watch
from drone.flight.guard import ground_below, guard_of
from drone.flight.lock import COMMAND_LINE, drone_lock
from drone.flight.orders import Order
from drone.flight.prepare import Prepared
from drone.flight.progress_lines import ProgressLines
from drone.flight.record import Unfinished, unfinished
from drone.flight.reporter import Emit
from drone.flight.session import FlightSession
from drone.flight.ways import GroundBelow, Ways
from drone.mavlink.interface import Vehicle
from drone.plan.model import FlightPlan
from kernel.clock import Clock
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import PatrolConfig
from kernel.drone_events import DroneAction, FlightOutcome, ReasonText
from kernel.errors import ExitCode
from kernel.event_base import Event
from kernel.geodesy import LatLon, to_wgs84
from kernel.terrain import load_terrain

LEFT = "left"
Say = Callable[[str], None]
Decided = tuple[Prepared, Brief | None]
OpenVehicle = Callable[[DroneConfig], Vehicle]
_EXIT_CODES = {FlightOutcome.DONE.value: ExitCode.OK, LEFT: ExitCode.CANNOT_TELL}


@dataclass(frozen=True, slots=True)
class FlightReport:
    """How it went, as `lookout patrol fly --json` prints it."""

    outcome: str
    patrol_id: str | None
    drone_id: str
    reasons: tuple[ReasonText, ...] = ()
    items_total: int = 0
    items_reached: int = 0
    distance_from_home_m: float | None = None
    flight_log: str = ""
    flight_id: str | None = None
    distance_flown_m: float = 0.0

    @property
    def exit_code(self) -> ExitCode:
        """0: done; 1: not; 4: nobody saw the end of it."""
        return _EXIT_CODES.get(self.outcome, ExitCode.ANSWER_IS_NO)

    def to_json(self) -> dict[str, Any]:
        """The object on stdout."""
        return {
            "outcome": self.outcome,
            "reasons": [one.model_dump() for one in self.reasons],
            "items_total": self.items_total,
            "items_reached": self.items_reached,
            "distance_from_home_m": self.distance_from_home_m,
            "flight_log": self.flight_log,
            "flight_id": self.flight_id,
            "patrol": self.patrol_id,
            "drone": self.drone_id,
            "distance_flown_m": self.distance_flown_m,
        }


class OneFlight:
    """Flies one patrol with one drone and tells of it line by line.

    Args:
        open_vehicle: makes the link of a drone.
        say: takes the lines for the person at the terminal.
    """

    def __init__(
        self,
        config: LookoutConfig,
        patrol: PatrolConfig,
        drone: DroneConfig,
        clock: Clock,
        open_vehicle: OpenVehicle,
        say: Say,
        actor: str,
    ) -> None:
        self._config, self._patrol, self._drone = config, patrol, drone
        self._clock, self._open, self._say, self._actor = clock, open_vehicle, say, actor
        self._air = AirWatch(config, drone, clock)
        self._session: FlightSession | None = None
        self._flying: asyncio.Task[FlightOutcome] | None = None
        self._signals = 0
        self._is_taking_up = False

    def run(self) -> FlightReport:
        """Fly to the end.

        Raises:
            DroneLocked: somebody else controls the drone.
            LinkUnusable: its address cannot be opened.
        """
        with drone_lock(self._config.data_dir, self._drone.id, COMMAND_LINE):
            left = unfinished(self._config.data_dir, self._drone.id)
            self._is_taking_up = left is not None
            if left is not None:
                return asyncio.run(self._fly(None, left))
            decided = self._air.decide(self._patrol, self._actor)
            if decided[1] is None:
                return self._refused(decided[0].reasons)
            return asyncio.run(self._fly(decided, None))

    def interrupted(self) -> FlightReport:
        """Broken off by a signal before there was a flight of this run: nothing was sent to the motors.

        An aircraft that an earlier run left may be in the air: then nobody saw the end of that.
        """
        outcome = LEFT if self._is_taking_up else FlightOutcome.ABORTED.value
        return FlightReport(outcome, self._patrol.id, self._drone.id, (reasons.ORDERED_ABORT,))

    def _refused(self, why: tuple[ReasonText, ...]) -> FlightReport:
        for one in why:
            self._say(f"refused {one.code}: {one.message_en} / {one.message_zh}")
        return FlightReport(FlightOutcome.REFUSED.value, self._patrol.id, self._drone.id, why)

    async def _fly(self, decided: Decided | None, left: Unfinished | None) -> FlightReport:
        vehicle = self._open(self._drone)
        await vehicle.connect()
        watch = Watch(vehicle, self._clock)
        self._air.flier.vehicle = vehicle
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, self._on_signal)
        try:
            async with self._air.watching():
                if left is not None:
                    taken_up = await self._take_up(left, vehicle, watch)
                    if taken_up is not None:
                        return taken_up
                if decided is None:
                    decided = await asyncio.to_thread(self._air.decide, self._patrol, self._actor)
                return await self._begin(*decided, vehicle, watch)
        finally:
            for signum in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(signum)
            await watch.close()
            await vehicle.close()

    async def _begin(self, found: Prepared, brief: Brief | None, vehicle: Vehicle, watch: Watch) -> FlightReport:
        if brief is None:
            return self._refused(found.reasons)
        session = FlightSession(
            brief, self._drone, self._config.data_dir, vehicle, self._clock, self._telling(), watch, guard=self._guard()
        )
        return await self._to_the_end(session, found.plan)

    async def _take_up(self, left: Unfinished, vehicle: Vehicle, watch: Watch) -> FlightReport | None:
        """See to the flight that an earlier run left; None where it is over and a new one may begin."""
        self._say(f"an earlier run left flight {left.brief.flight_id}: looking at the aircraft first")
        session = FlightSession(
            left.brief,
            self._drone,
            self._config.data_dir,
            vehicle,
            self._clock,
            self._telling(),
            watch,
            left,
            self._guard(),
        )
        if not await self._hears(vehicle, watch, left.brief.limits.contact_s):
            self._say(f"refused {reasons.NO_HEARTBEAT.code}: {reasons.NO_HEARTBEAT.message_en}")
            return self._report(session, FlightOutcome.REFUSED.value, (reasons.NO_HEARTBEAT,))
        was_flying = bool(vehicle.state.armed)
        report = await self._to_the_end(session)
        self._is_taking_up = False
        return report if was_flying else None

    def _telling(self) -> Emit:
        """To the person at the terminal, and to the room where one is up."""
        lines = ProgressLines(self._say)

        def tell(event: Event) -> None:
            lines.tell(event)
            self._air.bus.emit(event)

        return tell

    def _guard(self) -> Guard:
        return guard_of(self._config, self._dock, self._ground_m, self._clock)

    @cached_property
    def _dock(self) -> LatLon:
        return to_wgs84(self._drone.home.lat, self._drone.home.lon, self._drone.home.datum)

    @cached_property
    def _ground_m(self) -> GroundBelow:
        return ground_below(load_terrain(self._patrol.terrain), self._dock)

    async def _hears(self, vehicle: Vehicle, watch: Watch, timeout_s: float) -> bool:
        until_s = self._clock.monotonic_s() + timeout_s
        while self._clock.monotonic_s() < until_s:
            if watch.look().link_up:
                return True
            vehicle.changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await vehicle.changed.wait()
        return False

    async def _to_the_end(self, session: FlightSession, plan: FlightPlan | None = None) -> FlightReport:
        self._session = session
        self._air.flier.begin(session, plan)
        self._air.bus.session = session
        self._say(f"flight log {session.record.folder}")
        self._flying = asyncio.create_task(session.run())
        try:
            outcome = (await self._flying).value
            self._air.flier.end()
            await asyncio.to_thread(self._air.leave)
        except asyncio.CancelledError:
            if self._signals < 2:
                raise
            outcome = LEFT
        finally:
            self._session = self._flying = None
        return self._report(session, outcome, tuple(session.machine.core.why))

    def _report(self, session: FlightSession, outcome: str, why: tuple[ReasonText, ...]) -> FlightReport:
        core, last = session.machine.core, session.reporter.last
        return FlightReport(
            outcome=outcome,
            patrol_id=session.brief.patrol_id,
            drone_id=self._drone.id,
            reasons=why,
            items_total=core.progress.total,
            items_reached=core.progress.reached,
            distance_from_home_m=last.distance_from_home_m if last is not None else None,
            flight_log=str(session.record.folder),
            flight_id=session.brief.flight_id,
            distance_flown_m=last.distance_flown_m if last is not None else 0.0,
        )

    def _on_signal(self) -> None:
        """First: home. Second: leave."""
        self._signals += 1
        session, flying = self._session, self._flying
        if session is None or flying is None:
            raise KeyboardInterrupt
        core = session.machine.core
        if self._signals == 1:
            action = DroneAction.RETURN if core.was_airborne else DroneAction.ABORT
            path = Ways(self._config, core.home).home(core.seen, core.home, self._clock.now(), self._ground_m)
            refusal = session.driver.order(Order(action, self._actor, path=path))
            if refusal:
                self._say(f"cannot order it home: {refusal[0].message_en}; Ctrl-C again leaves the aircraft as it is")
            elif core.was_airborne:
                self._say("returning home; Ctrl-C again ends this program and leaves the aircraft to itself")
            else:
                self._say("aborted before the take-off")
        elif self._signals == 2 or core.doing is None:
            self._say(
                f"WARNING: leaving the aircraft in the air ({core.state.value}, mode {core.seen.mode}); "
                "`lookout patrol fly` again, or `lookout up`, takes it up"
            )
            flying.cancel()
