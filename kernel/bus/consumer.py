"""The receiving end of the bus for services on an event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeVar, cast

import redis
import redis.asyncio
from pydantic import TypeAdapter, ValidationError

from kernel.bus.address import BUS_ERRORS, connect_async, wait_or_stop, waits_s
from kernel.bus.handled import HandledEntries
from kernel.bus.names import HANDLED_KEPT_S, dead_letters

logger = logging.getLogger(__name__)

T = TypeVar("T")
Handle = Callable[[list[tuple[str, T]]], Awaitable[None]]
_BATCH = 100
_BLOCK_MS = 2_000
_DEAD_LETTERS_KEPT = 1_000
_RawEntry = tuple[bytes, dict[bytes, bytes] | None]


async def consume(
    address: str,
    stream: str,
    group: str,
    consumer: str,
    adapter: TypeAdapter[T],
    handle: Handle[T],
    stop: asyncio.Event,
    first: str = "0",
) -> None:
    """Give every event of a stream to `handle`, at least once and in order, until `stop` is set.

    Entries are acknowledged after `handle` returned. What it was given but did not finish (it raised, or the process
    died) comes again first when the same consumer starts anew. An entry that is no event is logged, put aside in
    `<stream>:dead` and acknowledged. The bus may go away and come back. Streams in `HANDLED_KEPT_S` let go of what all
    their groups have handled.

    Args:
        address: of the bus.
        stream: which stream.
        group: who is informed; each group gets every event once.
        consumer: stable name within the group.
        adapter: reads an event from JSON.
        handle: takes (entry id, event) pairs, at most 100, at least one.
        stop: ends it.
        first: where a group that does not exist yet begins: "0" everything kept, "$" only what comes.

    Raises:
        Exception: whatever `handle` raised.
    """
    reader = _GroupReader(connect_async(address), stream, group, consumer, first)
    waits = waits_s()
    is_away = False
    try:
        while not stop.is_set():
            try:
                entries = await _unless_stopped(reader.next_entries(), stop)
                if is_away:
                    logger.info("bus back stream=%s group=%s", stream, group)
                is_away, waits = False, waits_s()
                if not entries:
                    continue
                events = await reader.readable(entries, adapter)
            except BUS_ERRORS as error:
                if not is_away:
                    logger.warning("bus away stream=%s group=%s error=%s", stream, group, error)
                is_away = True
                reader.start_over()
                await wait_or_stop(stop, next(waits))
                continue
            if events:
                await handle(events)
            await reader.acknowledge([entry_id for entry_id, _ in entries])
    finally:
        await reader.close()


class _GroupReader:
    """One consumer of one group: its own pending entries first, then new ones."""

    def __init__(self, connection: redis.asyncio.Redis, stream: str, group: str, consumer: str, first: str) -> None:
        self._connection = connection
        self._stream = stream
        self._group = group
        self._consumer = consumer
        self._first = first
        self._has_group = False
        self._pending_after: bytes | None = b"0"
        self._done_unacknowledged: list[bytes] = []
        kept_s = HANDLED_KEPT_S.get(stream)
        self._handled = None if kept_s is None else HandledEntries(connection, stream, kept_s)

    async def next_entries(self) -> list[_RawEntry]:
        """The next batch; empty after two quiet seconds."""
        await self._settle()
        if self._pending_after is not None:
            entries = await self._read(self._pending_after, None)
            if entries:
                self._pending_after = entries[-1][0]
                return entries
            self._pending_after = None
        return await self._read(b">", _BLOCK_MS)

    async def readable(self, entries: list[_RawEntry], adapter: TypeAdapter[T]) -> list[tuple[str, T]]:
        """The events of a batch; what is none is put aside. Entries that were trimmed away have no fields."""
        events: list[tuple[str, T]] = []
        for entry_id, fields in entries:
            if not fields:
                logger.warning("entry trimmed before it was read stream=%s entry=%s", self._stream, entry_id.decode())
                continue
            try:
                events.append((entry_id.decode(), adapter.validate_json(fields.get(b"event", b""))))
            except ValidationError as error:
                await self._put_aside(entry_id, fields, error)
        return events

    async def acknowledge(self, entry_ids: list[bytes]) -> None:
        """Mark entries done; where the bus is away they are remembered and marked when it is back."""
        self._done_unacknowledged += entry_ids
        try:
            await self._settle()
        except BUS_ERRORS as error:
            logger.warning("bus away before entries were acknowledged stream=%s error=%s", self._stream, error)
            return
        if self._handled is not None:
            try:
                await self._handled.handled(entry_ids[-1])
            except BUS_ERRORS as error:  # they take room, no more
                logger.warning("handled entries stay on the bus stream=%s error=%s", self._stream, error)

    def start_over(self) -> None:
        """After a failure: the group may be gone, and own entries may be pending."""
        self._has_group = False
        self._pending_after = b"0"

    async def close(self) -> None:
        await self._connection.aclose()

    async def _settle(self) -> None:
        """Make the group where it is missing, and acknowledge what is done."""
        if not self._has_group:
            try:
                await self._connection.xgroup_create(self._stream, self._group, id=self._first, mkstream=True)
            except redis.ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise
            self._has_group = True
        if self._done_unacknowledged:
            await self._connection.xack(self._stream, self._group, *self._done_unacknowledged)
            self._done_unacknowledged.clear()

    async def _read(self, after: bytes, block_ms: int | None) -> list[_RawEntry]:
        answer = await self._connection.xreadgroup(
            self._group, self._consumer, {self._stream: after}, count=_BATCH, block=block_ms
        )
        streams = cast("list[tuple[bytes, list[_RawEntry]]]", answer or [])
        return streams[0][1] if streams else []

    async def _put_aside(self, entry_id: bytes, fields: dict[bytes, bytes], error: ValidationError) -> None:
        where = dead_letters(self._stream)
        kept: dict[Any, Any] = {**fields, b"entry": entry_id, b"group": self._group.encode()}
        await self._connection.xadd(where, kept, maxlen=_DEAD_LETTERS_KEPT, approximate=True)
        first = error.errors(include_url=False, include_input=False)[0]
        logger.error(
            "entry is no event, put aside stream=%s entry=%s kept_in=%s at=%s error=%s",
            self._stream,
            entry_id.decode(),
            where,
            ".".join(str(part) for part in first["loc"]),
            first["msg"],
        )


async def _unless_stopped(reading: Awaitable[list[_RawEntry]], stop: asyncio.Event) -> list[_RawEntry]:
    """What is read, or nothing once `stop` is set; entries delivered in that moment stay pending for the next start."""
    read = asyncio.ensure_future(reading)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({read, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return read.result() if read.done() else []
    finally:
        stopped.cancel()
        if not read.done():
            read.cancel()
        await asyncio.gather(read, stopped, return_exceptions=True)


async def subscribe(
    address: str, *channels: str, on_subscribed: Callable[[], None] | None = None
) -> AsyncGenerator[tuple[str, bytes], None]:
    """Passing messages of channels and patterns (names with a `*`), through restarts of the bus, until closed.

    Args:
        address: of the bus.
        channels: at least one.
        on_subscribed: called each time the subscription stands (again): what was sent before was not received.

    Yields:
        (channel, payload).
    """
    waits = waits_s()
    is_away = False
    while True:
        connection = connect_async(address)
        try:
            async with aclosing(_messages(connection, channels)) as messages:
                async for message in messages:
                    if message is None:
                        if is_away:
                            logger.info("bus back channels=%s", ",".join(channels))
                        is_away, waits = False, waits_s()
                        if on_subscribed is not None:
                            on_subscribed()
                        continue
                    yield message
        except BUS_ERRORS as error:
            if not is_away:
                logger.warning("bus away channels=%s error=%s", ",".join(channels), error)
            is_away = True
        finally:
            await connection.aclose()
        await asyncio.sleep(next(waits))


async def _messages(
    connection: redis.asyncio.Redis, channels: tuple[str, ...]
) -> AsyncGenerator[tuple[str, bytes] | None, None]:
    """None once every channel is subscribed, then the messages."""
    names = [name for name in channels if "*" not in name]
    patterns = [name for name in channels if "*" in name]
    async with connection.pubsub() as pubsub:
        if names:
            await pubsub.subscribe(*names)
        if patterns:
            await pubsub.psubscribe(*patterns)
        confirmed = 0
        while True:
            message = await pubsub.get_message(timeout=_BLOCK_MS / 1000)
            if message is None:
                await pubsub.ping()
            elif message["type"] in ("subscribe", "psubscribe"):
                confirmed += 1
                if confirmed == len(channels):
                    yield None
            elif message["type"] in ("message", "pmessage"):
                yield message["channel"].decode(), message["data"]
