"""The sending end of the bus, for threads: what is durable waits for Redis, what is passing does not."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis

from kernel.bus.address import BUS_ERRORS, connect, waits_s
from kernel.bus.names import DEFAULT_STREAM_LENGTH, STREAM_LENGTHS
from kernel.clock import Clock
from kernel.events import AnalysisHeartbeat, Event, ObserverHeartbeat

logger = logging.getLogger(__name__)

_BATCH = 100
_HEARTBEATS_KEPT = 1_000
_PASSING_KEPT = 1_000
_LONG_QUEUE = 10_000

Command = Callable[["redis.client.Pipeline"], object]


@dataclass(frozen=True, slots=True)
class PublisherStatistics:
    """What a publisher did so far.

    Attributes:
        queued: durable entries that Redis did not take yet.
        oldest_queued_s: how long the first of them has waited.
        appended: durable entries Redis took.
        published: passing messages sent.
        heartbeats_dropped: heartbeats given up because the bus was away for long.
        passing_dropped: passing messages given up.
        failures: tries that Redis did not take.
        refused: entries that it never will.
        is_connected: whether the last try went well.
    """

    queued: int
    oldest_queued_s: float
    appended: int
    published: int
    heartbeats_dropped: int
    passing_dropped: int
    failures: int
    refused: int
    is_connected: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """One durable change, waiting."""

    command: Command
    is_heartbeat: bool
    queued_at_s: float


class DurablePublisher:
    """Sends from a thread of its own, so that no caller ever waits for Redis.

    Durable changes (`append`, `put`, `delete`) reach Redis in the order of the calls, at least once: a batch is one
    MULTI/EXEC, repeated until Redis took it. Nothing durable is given up but heartbeats beyond the newest 1,000, and an
    entry that Redis refuses for ever (its key is of another type: somebody else's Redis), which is logged. What only
    its newest value matters of (`keep`) goes out once everything queued before it did, and takes no more room the
    longer the bus is away.
    """

    def __init__(self, address: str, clock: Clock) -> None:
        self._address = address
        self._clock = clock
        self._connection = connect(address)
        self._changed = threading.Condition()
        self._durable: deque[_Entry] = deque()
        self._newest: dict[tuple[str, str], str] = {}
        self._passing: deque[tuple[str, bytes]] = deque()
        self._heartbeats_queued = self._in_flight = 0
        self._appended = self._published = self._failures = self._refused = 0
        self._heartbeats_dropped = self._passing_dropped = 0
        self._is_connected = False
        self._is_closing = False
        self._gives_up = False
        self._thread = threading.Thread(target=self._run, name="bus-publisher", daemon=True)
        self._thread.start()

    def append(self, stream: str, event: Event) -> None:
        """Queue an event for a stream."""
        fields: dict[Any, Any] = {"event": event.to_wire()}
        length = STREAM_LENGTHS.get(stream, DEFAULT_STREAM_LENGTH)
        self._queue(
            lambda pipeline: pipeline.xadd(stream, fields, maxlen=length, approximate=True),
            is_heartbeat=isinstance(event, ObserverHeartbeat | AnalysisHeartbeat),
        )

    def put(self, table: str, field: str, value: str) -> None:
        """Queue a field of a hash, in order with the events around it."""
        self._queue(lambda pipeline: pipeline.hset(table, field, value))

    def keep(self, table: str, field: str, value: str) -> None:
        """Queue the newest value of a field of a hash, after all that was queued before; an older one is given up."""
        with self._changed:
            self._newest[table, field] = value
            self._changed.notify_all()

    def delete(self, table: str, field: str) -> None:
        """Queue the removal of a field of a hash, in order with the events around it."""
        self._queue(lambda pipeline: pipeline.hdel(table, field))

    def publish(self, channel: str, event: Event) -> None:
        """Send a passing message, or drop it where the bus is away or behind."""
        self.publish_wire(channel, event.to_wire())

    def publish_wire(self, channel: str, payload: bytes) -> None:
        """Send passing bytes, or drop them where the bus is away or behind."""
        with self._changed:
            if len(self._passing) >= _PASSING_KEPT:
                self._passing.popleft()
                self._passing_dropped += 1
            self._passing.append((channel, payload))
            self._changed.notify_all()

    def close(self, timeout_s: float) -> bool:
        """Send what is queued, wait for it no longer than `timeout_s`; says whether everything durable went out."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        with self._changed:
            self._gives_up = True
            self._changed.notify_all()
            left = len(self._durable) + self._in_flight
        if left:
            logger.error("bus closed with entries unsent address=%s entries=%d", self._address, left)
        self._thread.join(0.2)
        return left == 0

    def statistics(self) -> PublisherStatistics:
        """Counters so far."""
        with self._changed:
            oldest_s = self._clock.monotonic_s() - self._durable[0].queued_at_s if self._durable else 0.0
            return PublisherStatistics(
                len(self._durable) + self._in_flight,
                oldest_s,
                self._appended,
                self._published,
                self._heartbeats_dropped,
                self._passing_dropped,
                self._failures,
                self._refused,
                self._is_connected,
            )

    def _queue(self, command: Command, is_heartbeat: bool = False) -> None:
        with self._changed:
            self._durable.append(_Entry(command, is_heartbeat, self._clock.monotonic_s()))
            self._heartbeats_queued += is_heartbeat
            if self._heartbeats_queued > _HEARTBEATS_KEPT:
                self._drop_oldest_heartbeat()
            if len(self._durable) % _LONG_QUEUE == 0:
                logger.error("bus does not keep up address=%s entries=%d", self._address, len(self._durable))
            self._changed.notify_all()

    def _drop_oldest_heartbeat(self) -> None:
        oldest = next(index for index, entry in enumerate(self._durable) if entry.is_heartbeat)
        del self._durable[oldest]
        self._heartbeats_queued -= 1
        self._heartbeats_dropped += 1
        if self._heartbeats_dropped % _HEARTBEATS_KEPT == 1:
            logger.warning(
                "heartbeats dropped, bus away address=%s dropped=%d", self._address, self._heartbeats_dropped
            )

    def _run(self) -> None:
        waits: Iterator[float] = waits_s()
        while True:
            with self._changed:
                while not (self._durable or self._newest or self._passing or self._is_closing):
                    self._changed.wait()
                if self._gives_up or not (self._durable or self._newest or self._passing):
                    break
                batch = list(islice(self._durable, _BATCH))
                # from here on these may be in Redis, so they are no longer the queue's to drop
                for _ in batch:
                    self._durable.popleft()
                self._heartbeats_queued -= sum(entry.is_heartbeat for entry in batch)
                self._in_flight = len(batch)
                newest = {} if self._durable else self._newest
                if newest:
                    self._newest = {}
                passing = list(self._passing)
                self._passing.clear()
            if self._sent(batch, newest, passing):
                waits = waits_s()
                continue
            with self._changed:
                self._durable.extendleft(reversed(batch))
                self._newest = newest | self._newest
                self._in_flight = 0
                self._heartbeats_queued += sum(entry.is_heartbeat for entry in batch)
                self._passing_dropped += len(passing)
                if not self._gives_up:
                    self._changed.wait_for(lambda: self._gives_up, next(waits))
                if self._gives_up:
                    break
        self._connection.close()

    def _sent(self, batch: list[_Entry], newest: dict[tuple[str, str], str], passing: list[tuple[str, bytes]]) -> bool:
        """Whether Redis took the batch; what is passing goes along."""
        try:
            if batch or newest:
                with self._connection.pipeline(transaction=True) as pipeline:
                    for entry in batch:
                        entry.command(pipeline)
                    for (table, field), value in newest.items():
                        pipeline.hset(table, field, value)
                    refusals = [one for one in pipeline.execute(raise_on_error=False) if isinstance(one, Exception)]
                self._note_refusals(refusals)
            if passing:
                with self._connection.pipeline(transaction=False) as pipeline:
                    for channel, payload in passing:
                        pipeline.publish(channel, payload)
                    pipeline.execute(raise_on_error=False)
        except BUS_ERRORS as error:
            self._note_failure(error)
            return False
        self._note_success(len(batch), len(passing))
        return True

    def _note_refusals(self, refusals: list[Exception]) -> None:
        """Entries of a transaction that was carried out without them; the others must not be sent again for it."""
        with self._changed:
            self._refused += len(refusals)
        for refusal in refusals:
            logger.error("bus refuses an entry, dropped address=%s error=%s", self._address, refusal)

    def _note_failure(self, error: Exception) -> None:
        with self._changed:
            self._failures += 1
            was_connected, self._is_connected = self._is_connected, False
            first = was_connected or self._failures == 1
        if first:
            logger.warning("bus away, entries wait address=%s error=%s", self._address, error)

    def _note_success(self, appended: int, published: int) -> None:
        with self._changed:
            self._appended += appended
            self._in_flight = 0
            self._published += published
            was_connected, self._is_connected = self._is_connected, True
            again = not was_connected and self._failures > 0
            waiting = len(self._durable)
        if again:
            logger.info("bus back address=%s waiting=%d", self._address, waiting)
