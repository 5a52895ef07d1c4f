"""One link brought to life: bytes to messages to cores, cores to bytes, and time.

link ──bytes──► codec ──messages──► telemetry, exchanges ──answers──► codec ──► link
                                        ▲
                                   tick (only while something waits)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drone.mavlink.codec import Codec
from drone.mavlink.dialect import Message, Target
from drone.mavlink.exchange import Exchange
from drone.mavlink.link import Peer
from drone.mavlink.link_address import LinkAddress
from drone.mavlink.links import link_for
from drone.mavlink.liveness import is_alive, is_autopilot_heartbeat
from drone.mavlink.signing import SigningKey, TimestampReservation
from drone.mavlink.state import VehicleState
from drone.mavlink.telemetry import Telemetry
from drone.mavlink.tlog import FlightLog
from kernel.clock import Clock

_LOG = logging.getLogger(__name__)
_TICK_S = 0.02
_BEATS_OF_A_VEHICLE = 4
_MOST_PEERS = 32


@dataclass(slots=True)
class _Waiter:
    condition: Callable[[VehicleState], bool]
    until_s: float
    told: asyncio.Future[bool]


class Session:
    """The vehicle `sysid` at the far end of `address`."""

    def __init__(
        self, address: LinkAddress, sysid: int, gcs_sysid: int, clock: Clock, signing: SigningKey | None
    ) -> None:
        self.telemetry = Telemetry()
        self.changed = asyncio.Event()
        self.other_sysids: set[int] = set()
        self.clock = clock
        self.link = link_for(address, self._on_bytes)
        self._sysid = sysid
        self._gcs_sysid = gcs_sysid
        timestamps = None if signing is None else TimestampReservation(signing.timestamps, clock.now())
        secret, link_id = (None, 0) if signing is None else (signing.secret, signing.link_id)
        self._codec = Codec(gcs_sysid, secret=secret, timestamps=timestamps, link_id=link_id)
        self._exchanges: list[tuple[Exchange, asyncio.Future[None]]] = []
        self._waiters: list[_Waiter] = []
        self._log: FlightLog | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._has_work = asyncio.Event()
        self._beats_from: dict[Peer, deque[float]] = {}
        self._is_closed = False

    @property
    def target(self) -> Target:
        """The vehicle's autopilot, by the component that its heartbeats come from."""
        return Target(self._sysid, self.telemetry.component)

    @property
    def is_alive(self) -> bool:
        """Whether heartbeats come."""
        return is_alive(self.telemetry.state, self.clock.monotonic_s())

    async def open(self) -> None:
        """Open the link.

        Raises:
            LinkUnusable: it cannot be opened.
        """
        await self.link.open()
        self._ticker = asyncio.create_task(self._tick_for_ever(), name="vehicle session")

    async def close(self) -> None:
        """End everything under way as cancelled, then the link."""
        self._is_closed = True
        for exchange, _ in self._exchanges:
            exchange.cancel()
        self._settle()
        for waiter in self._waiters:
            _tell(waiter.told, waiter.condition(self.telemetry.state))
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
        await self.link.close()
        self.stop_log()

    async def play(self, exchange: Exchange) -> None:
        """Carry an exchange to its end. A closed session cancels it; so does cancelling the caller."""
        if self._is_closed:
            exchange.cancel()
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._exchanges.append((exchange, done))
        self._has_work.set()
        self.send(exchange.start(self.clock.monotonic_s()))
        self._settle()
        try:
            await done
        finally:
            exchange.cancel()
            self._exchanges = [entry for entry in self._exchanges if entry[0] is not exchange]

    async def wait_until(self, condition: Callable[[VehicleState], bool], timeout_s: float) -> bool:
        """Wait until the state fulfils `condition`; False after `timeout_s` on the session's clock."""
        if condition(self.telemetry.state) or self._is_closed:
            return condition(self.telemetry.state)
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(condition, self.clock.monotonic_s() + timeout_s, told)
        self._waiters.append(waiter)
        self._has_work.set()
        try:
            return await told
        finally:
            self._waiters.remove(waiter)

    def send(self, messages: list[Message]) -> None:
        """Send now; dropped while the link is down."""
        for message in messages:
            now = self.clock.now()
            raw = self._codec.pack(message, now)
            self._record(raw)
            self.link.send(raw)

    def start_log(self, path: Path) -> None:
        """Record every frame from now on.

        Raises:
            CannotRunError: the file cannot be written.
        """
        self.stop_log()
        self._log = FlightLog(path)

    def flush_log(self) -> None:
        """Hand the log's last frames to the system."""
        if self._log is not None:
            try:
                self._log.flush()
            except OSError as error:
                self._give_up_log(error)

    def stop_log(self) -> None:
        """End the record."""
        log, self._log = self._log, None
        if log is not None:
            try:
                log.close()
            except OSError as error:
                _LOG.error("flight log incomplete path=%s error=%s", log.path, error.strerror)

    def notify(self) -> None:
        """Tell everybody that the state changed."""
        self.changed.set()
        for waiter in self._waiters:
            if waiter.condition(self.telemetry.state):
                _tell(waiter.told, True)

    def _on_bytes(self, chunk: bytes, peer: Peer) -> None:
        has_changed = False
        for received in self._codec.feed(chunk, self.link.is_datagram):
            self._record(received.raw)
            if received.message.get_srcSystem() == self._sysid:
                has_changed |= self._take_in(received.message, peer)
            elif is_autopilot_heartbeat(received.message):
                self.other_sysids.add(received.message.get_srcSystem())
        if has_changed:
            self.notify()

    def _take_in(self, message: Message, peer: Peer) -> bool:
        now_s = self.clock.monotonic_s()
        was_alive = self.is_alive
        has_changed = self.telemetry.fold(message, now_s)
        if is_autopilot_heartbeat(message):
            self.link.answer_to(peer)
            self._compare_peers(peer, now_s)
            if not was_alive:
                _LOG.info("vehicle heard sysid=%d mode=%s", self._sysid, self.telemetry.state.mode)
        if message.get_type() == "COMMAND_ACK" and message.target_system not in (0, self._gcs_sysid):
            return has_changed  # the answer to another ground station
        for exchange, _ in list(self._exchanges):
            self.send(exchange.receive(message, now_s))
        self._settle()
        return has_changed

    def _compare_peers(self, peer: Peer, now_s: float) -> None:
        """Two addresses whose heartbeats of one sysid interleave are two vehicles, or might be. One that comes from
        another address from now on is one vehicle, started anew or behind a router."""
        if peer is None:
            return
        if peer not in self._beats_from and len(self._beats_from) >= _MOST_PEERS:
            self._beats_from.clear()
        ours = self._beats_from.setdefault(peer, deque(maxlen=_BEATS_OF_A_VEHICLE))
        ours.append(now_s)
        for beats in self._beats_from.values():
            is_full = len(ours) == len(beats) == _BEATS_OF_A_VEHICLE
            if beats is not ours and is_full and max(ours[0], beats[0]) < min(ours[-1], beats[-1]):
                why = f"two vehicles share sysid {self._sysid}: it is heard from two addresses"
                self.telemetry.report_duplicate(why)

    def _settle(self) -> None:
        for exchange, done in self._exchanges:
            if exchange.is_done and not done.done():
                done.set_result(None)

    async def _tick_for_ever(self) -> None:
        while True:
            await self._has_work.wait()
            await asyncio.sleep(_TICK_S)
            now_s = self.clock.monotonic_s()
            for exchange, _ in list(self._exchanges):
                self.send(exchange.tick(now_s))
            self._settle()
            for waiter in self._waiters:
                if now_s >= waiter.until_s:
                    _tell(waiter.told, waiter.condition(self.telemetry.state))
            if self.telemetry.tick(now_s):
                self.notify()
            if not self._exchanges and not self._waiters:
                self._has_work.clear()

    def _record(self, raw: bytes) -> None:
        if self._log is not None:
            try:
                self._log.add(raw, self.clock.now())
            except OSError as error:
                self._give_up_log(error)

    def _give_up_log(self, error: OSError) -> None:
        """A full disk ends the record, never the flight."""
        assert self._log is not None
        _LOG.error("flight log ended early path=%s error=%s", self._log.path, error.strerror)
        self._log = None


def _tell(told: asyncio.Future[bool], answer: bool) -> None:
    if not told.done():
        told.set_result(answer)
