"""A flight flown by a command, told on the bus of a running installation that has its drone: the wall sees it, ingest
opens its camera, the store keeps it. Without such a bus it is flown all the same; the flight never waits for it.

flight -> events -> (kept until the bus is found) -> alerts, flights ; 2 Hz telemetry, 10 Hz pose
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from drone.fleet.aloft import Flier
from drone.flight.pose import pose_of
from drone.flight.session import FlightSession
from drone.flight.translate import telemetry_of
from drone.flight.ways import GroundBelow
from drone.mavlink.state import VehicleState
from drone.reasons import reason
from kernel.bus.address import BUS_ERRORS, bus_address, connect, wait_or_stop
from kernel.bus.names import ALERTS, DRONE_FLEET, FLIGHTS, pose_channel, telemetry_channel
from kernel.bus.publisher import DurablePublisher
from kernel.clock import Clock
from kernel.config.lookout import LookoutConfig
from kernel.event_base import Event
from kernel.events import AlertRaised
from kernel.geodesy import LatLon
from kernel.runtime import RuntimePaths

LOG = logging.getLogger(__name__)
_TURN_S, _TELEMETRY_S, _LOOK_S, _FLUSH_S = 0.1, 0.5, 5.0, 3.0
_KEPT = 2_000
_BUSY = reason("drone_busy", "无人机由命令行控制", "the drone is in the hands of a command")


class BusShare:
    """Tells one drone's flight on the bus, while there is one.

    Args:
        flier: the drone in hand.
        home: its dock, WGS-84.
        ground_m: height of the ground at a place over that at the dock.
    """

    def __init__(self, config: LookoutConfig, flier: Flier, home: LatLon, ground_m: GroundBelow, clock: Clock) -> None:
        self._address = bus_address(config, RuntimePaths.of(config))
        self._flier, self._home, self._ground_m, self._clock = flier, home, ground_m, clock
        self._publisher: DurablePublisher | None = None
        self._events: deque[Event] = deque(maxlen=_KEPT)
        self.session: FlightSession | None = None

    @property
    def is_telling(self) -> bool:
        """Whether a bus was found."""
        return self._publisher is not None

    def emit(self, event: Event) -> None:
        """An event of the flight; what came before the bus was found is told then."""
        if self._publisher is None:
            self._events.append(event)
        else:
            self._append(self._publisher, event)

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop` is set, and how it ended."""
        looking: asyncio.Task[bool] | None = None
        looked_s = told_s = float("-inf")
        try:
            while not stop.is_set():
                now_s = self._clock.monotonic_s()
                if looking is not None and looking.done():
                    if looking.result():
                        self._begin()
                    looking = None
                if self._publisher is None and looking is None and now_s - looked_s >= _LOOK_S:
                    looked_s = now_s
                    looking = asyncio.create_task(asyncio.to_thread(knows, self._address, self._flier.drone.id))
                if now_s - told_s >= _TELEMETRY_S:
                    told_s = now_s
                    self._tell()
                self._tell_pose()
                await wait_or_stop(stop, _TURN_S)
        finally:
            if looking is not None:
                looking.cancel()
            self._tell()
            publisher, self._publisher = self._publisher, None
            if publisher is not None:
                await asyncio.to_thread(publisher.close, _FLUSH_S)

    def _begin(self) -> None:
        LOG.info("told on the bus drone_id=%s", self._flier.drone.id)
        self._publisher = DurablePublisher(self._address, self._clock)
        while self._events:
            self._append(self._publisher, self._events.popleft())

    @staticmethod
    def _append(publisher: DurablePublisher, event: Event) -> None:
        publisher.append(ALERTS if isinstance(event, AlertRaised) else FLIGHTS, event)

    def _tell(self) -> None:
        if self._publisher is None:
            return
        flier, place = self._flier, self._flier.seen.place
        telemetry = telemetry_of(
            flier.drone.id,
            flier.vehicle_state or VehicleState(),
            flier.seen.link_up,
            self._clock.now(),
            self._clock.monotonic_s(),
            home=self._home,
            core=flier.core,
            not_ready=() if flier.core is not None else (_BUSY,),
            ground_m=self._ground_m(place) if place is not None else None,
            nearest=self.session.reporter.nearest if self.session is not None else None,
        )
        self._publisher.publish(telemetry_channel(flier.drone.id), telemetry)

    def _tell_pose(self) -> None:
        """Where its camera is; nothing while the link is lost."""
        flier, state, seen = self._flier, self._flier.vehicle_state, self._flier.seen
        if self._publisher is None or state is None or flier.drone.camera is None or not seen.link_up:
            return
        ground_m = self._ground_m(seen.place) if seen.place is not None else None
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        pose = pose_of(flier.drone.id, flier.drone.camera, state, seen, now, now_s, ground_m)
        if pose is not None:
            self._publisher.publish(pose_channel(pose.camera_id), pose)


def knows(address: str, drone_id: str) -> bool:
    """Whether a bus answers there, of an installation whose drone service has that drone. May take seconds."""
    connection = connect(address)
    try:
        return bool(connection.hexists(DRONE_FLEET, drone_id))
    except BUS_ERRORS:
        return False
    finally:
        connection.close()
