"""One drone of the fleet: its link, its telemetry, its flight. A task of its own; its troubles stop no other drone.

lock -> link -> (flight that an earlier run left) -> idle <-> flight
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from drone.flight.brief import Brief, Limits
from drone.flight.core import Core
from drone.flight.driver import Guard, Watch
from drone.flight.gate import look_over
from drone.flight.guard import Levels
from drone.flight.lock import SERVICE, drone_lock
from drone.flight.orders import OFF_PLAN, Order, keeps_plan
from drone.flight.pose import pose_of
from drone.flight.record import unfinished
from drone.flight.reporter import Emit
from drone.flight.session import FlightSession
from drone.flight.snapshot import Snapshot
from drone.flight.translate import snapshot_of, telemetry_of
from drone.mavlink.interface import Vehicle
from drone.mavlink.state import VehicleState
from drone.mission.items import Mission
from drone.plan.model import FlightPlan
from drone.reasons import reason
from kernel.bus.address import wait_or_stop
from kernel.clock import Clock
from kernel.config.fleet import DroneConfig, LinkLoss, Untested
from kernel.drone_events import AirPose, DroneTelemetry, FlightOutcome, ReasonText
from kernel.errors import LookoutError
from kernel.geodesy import LatLon

LOG = logging.getLogger(__name__)
_TURN_S = 0.1
_TELEMETRY_S = 0.5
_AGAIN_S = 5.0
BUSY = reason("drone_busy", "无人机正在执行飞行", "the drone is flying")
NO_FLIGHT = reason("no_flight", "无人机没有正在执行的飞行", "the drone has no flight")

OpenVehicle = Callable[[DroneConfig], Vehicle]
NextRun = Callable[[str], tuple[datetime, str] | None]
GroundBelow = Callable[[LatLon], float | None]
Landed = Callable[[Brief, FlightOutcome, tuple[ReasonText, ...]], None]


class DroneKeeper:
    """Keeps one drone.

    Args:
        home: its dock, WGS-84.
        emit: takes events for the durable streams.
        publish: takes telemetry, and poses of drones with a camera.
        next_run: tells when the drone flies next, and which patrol.
        landed: told of every end of a flight.
        ground_m: height of the ground at a place over that at the dock; None where it is not known.
        guard: looks in flight whether the aircraft is where it may be.
        levels: heights that it may take where it is.
    """

    def __init__(
        self,
        drone: DroneConfig,
        home: LatLon,
        data_dir: Path,
        clock: Clock,
        open_vehicle: OpenVehicle,
        emit: Emit,
        publish: Callable[[DroneTelemetry | AirPose], None],
        next_run: NextRun,
        landed: Landed,
        ground_m: GroundBelow,
        guard: Guard | None = None,
        levels: Levels | None = None,
    ) -> None:
        self.drone, self.home = drone, home
        self._data_dir, self._clock, self._open = data_dir, clock, open_vehicle
        self._emit, self._publish, self._next_run, self._landed = emit, publish, next_run, landed
        self._ground_m, self._guard, self._levels = ground_m, guard, levels
        self._vehicle: Vehicle | None = None
        self._session: FlightSession | None = None
        self._flight: asyncio.Task[FlightOutcome] | None = None
        self._watch: Watch | None = None
        self._told_s = float("-inf")
        self._problem: ReasonText | None = None
        self._plan: FlightPlan | None = None
        self.on_turn: Callable[[DroneKeeper], None] | None = None
        self.is_told_elsewhere: Callable[[], bool] | None = None

    @property
    def core(self) -> Core | None:
        """State of the flight in hand."""
        return self._session.machine.core if self._session is not None else None

    @property
    def brief(self) -> Brief | None:
        """What is being flown."""
        return self._session.brief if self._session is not None else None

    @property
    def plan(self) -> FlightPlan | None:
        """Its plan, for as long as it flies like that."""
        return self._plan if self.core is None or keeps_plan(self.core) else None

    @property
    def is_busy(self) -> bool:
        """Whether it has a flight."""
        return self._session is not None

    @property
    def seen(self) -> Snapshot:
        """The vehicle as last heard."""
        if self._vehicle is None:
            return Snapshot()
        vehicle, now_s = self._vehicle, self._clock.monotonic_s()
        return snapshot_of(vehicle.state, vehicle.is_alive, now_s, vehicle.other_sysids)

    @property
    def vehicle_state(self) -> VehicleState | None:
        """Everything the link knows; None without a link."""
        return self._vehicle.state if self._vehicle is not None else None

    @property
    def ordered_by(self) -> str | None:
        """Who gave the flight its last order."""
        return self._session.driver.actor if self._session is not None else None

    @property
    def levels_m(self) -> tuple[float, float] | None:
        """Heights above home that it may take where it is, lowest and highest; None where that is not known."""
        return self._levels(self.seen) if self._levels is not None else None

    def note_nearest(self, drone_id: str, apart_m: float) -> None:
        """Another drone is in the air too, so far away."""
        if self._session is not None:
            self._session.reporter.note_nearest(drone_id, apart_m)

    def warn(self, why: ReasonText) -> None:
        """Raise an alert about the flight in hand, if any."""
        if self._session is not None:
            self._session.driver.warn(why)

    def calm(self) -> None:
        """What that was about is over."""
        if self._session is not None:
            self._session.driver.calm()

    @property
    def not_ready(self) -> tuple[ReasonText, ...]:
        """Everything known that speaks against a launch now."""
        if self._problem is not None:
            return (self._problem,)
        if self.is_busy:
            return (BUSY,)
        return look_over(_idle_brief(self.drone, self.home), self.seen).all

    def launch(self, brief: Brief, plan: FlightPlan) -> tuple[ReasonText, ...]:
        """Begin a flight; the reasons say why not."""
        if self._vehicle is None or self._problem is not None:
            return self.not_ready
        if self.is_busy:
            return (BUSY,)
        session = FlightSession(
            brief, self.drone, self._data_dir, self._vehicle, self._clock, self._emit, self._watch, guard=self._guard
        )
        self._begin(session, plan)
        return ()

    def order(self, order: Order, flight_id: str | None = None) -> tuple[ReasonText, ...]:
        """Give the flight an order; the reasons say why it is refused."""
        if self._session is None or (flight_id is not None and self._session.brief.flight_id != flight_id):
            return (self._problem or NO_FLIGHT,)
        refusal = self._session.driver.order(order)
        if not refusal and order.action in OFF_PLAN:
            self._plan = None  # it is not where its plan says any more
        return refusal

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the drone until `stop` is set; a link that cannot be had is tried again."""
        while not stop.is_set():
            try:
                with drone_lock(self._data_dir, self.drone.id, SERVICE):
                    await self._serve(stop)
            except LookoutError as error:
                if self._problem is None:
                    LOG.error("drone not served drone_id=%s reason=%s", self.drone.id, error)
                self._problem = reason("not_served", f"控制服务无法连接该机：{error}", str(error))
                if self.is_told_elsewhere is None or not self.is_told_elsewhere():
                    self._tell()
                await wait_or_stop(stop, _AGAIN_S)

    async def _serve(self, stop: asyncio.Event) -> None:
        vehicle = self._open(self.drone)
        left = unfinished(self._data_dir, self.drone.id)
        await vehicle.connect()
        self._vehicle, self._watch, self._problem = vehicle, Watch(vehicle, self._clock), None
        LOG.info("drone served drone_id=%s link=%s", self.drone.id, self.drone.link)
        try:
            if left is not None:
                LOG.warning("taking up a flight drone_id=%s flight_id=%s", self.drone.id, left.brief.flight_id)
                self._begin(
                    FlightSession(
                        left.brief,
                        self.drone,
                        self._data_dir,
                        vehicle,
                        self._clock,
                        self._emit,
                        self._watch,
                        left,
                        self._guard,
                    ),
                    None,
                )
            while not stop.is_set():
                await self._turn()
        finally:
            await self._leave()

    async def _turn(self) -> None:
        if self._flight is not None and self._flight.done():
            self._end_flight(self._flight)
        if self._flight is None and self._watch is not None:
            self._watch.look()
        if self.on_turn is not None:
            self.on_turn(self)
        if self._clock.monotonic_s() - self._told_s >= _TELEMETRY_S:
            self._tell()
        self._tell_pose()
        await asyncio.sleep(_TURN_S)

    def _begin(self, session: FlightSession, plan: FlightPlan | None) -> None:
        self._session, self._plan = session, plan
        self._flight = asyncio.create_task(session.run(), name=f"flight {session.brief.flight_id}")

    def _end_flight(self, flight: asyncio.Task[FlightOutcome]) -> None:
        session, self._session, self._flight, self._plan = self._session, None, None, None
        outcome = flight.result()
        if session is not None:
            self._landed(session.brief, outcome, tuple(session.machine.core.why))

    def _tell(self) -> None:
        self._told_s = self._clock.monotonic_s()
        now = self._clock.now()
        if self._vehicle is None:
            state, is_alive = VehicleState(), False
        else:
            state, is_alive = self._vehicle.state, self._vehicle.is_alive
        self._publish(
            telemetry_of(
                self.drone.id,
                state,
                is_alive,
                now,
                self._told_s,
                home=self.home,
                core=self.core,
                not_ready=() if self.is_busy else self.not_ready,
                next_run=self._next_run(self.drone.id),
                ground_m=self._ground_m(place) if (place := self.seen.place) is not None else None,
                nearest=self._session.reporter.nearest if self._session is not None else None,
            )
        )

    def _tell_pose(self) -> None:
        """Where its camera is, for those who place what it sees; nothing while the link is lost."""
        vehicle, camera_id = self._vehicle, self.drone.camera
        if vehicle is None or camera_id is None or not vehicle.is_alive:
            return
        seen = self.seen
        ground_m = self._ground_m(seen.place) if seen.place is not None else None
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        pose = pose_of(self.drone.id, camera_id, vehicle.state, seen, now, now_s, ground_m)
        if pose is not None:
            self._publish(pose)

    async def _leave(self) -> None:
        """The link goes; a flight goes on without us, and its record stays open."""
        flight, vehicle = self._flight, self._vehicle
        if flight is not None:
            LOG.warning("leaving a flight drone_id=%s: it goes on by itself until taken up again", self.drone.id)
            flight.cancel()
            with suppress(asyncio.CancelledError):
                await flight
        self._session = self._flight = self._plan = None
        if self._watch is not None:
            await self._watch.close()
        if vehicle is not None:
            await vehicle.close()
        self._vehicle = self._watch = None


def _idle_brief(drone: DroneConfig, home: LatLon) -> Brief:
    """What a drone without a flight is looked over by."""
    return Brief(
        flight_id="",
        drone_id=drone.id,
        patrol_id=None,
        mission=Mission(()),
        home=home,
        autopilot=drone.autopilot.value,
        allows_untested=drone.untested_autopilot is Untested.ALLOW,
        returns_on_loss=drone.link_loss is LinkLoss.RETURN,
        limits=Limits(home_m=drone.home_tolerance_m),
    )
