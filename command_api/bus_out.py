"""What command_api puts on the bus: clip requests and orders (durable), stored alerts and camera states (passing).

And the hashes it reads from there.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from kernel.events import ClipRequested, DroneCommand

_LOGGER = logging.getLogger(__name__)
_WAITING_LIMIT = 1000
_STREAM_LIMIT = 10_000
_TABLE_WITHIN_S = 2.0


class BusOut:
    """Writes to the bus over one connection.

    Args:
        redis: client of the bus.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_WAITING_LIMIT)
        self._lost = 0

    async def request_clip(self, stream: str, event: ClipRequested) -> bool:
        """Append a request; False where the bus did not take it."""
        try:
            await self._redis.xadd(stream, {"event": event.to_wire()}, maxlen=_STREAM_LIMIT, approximate=True)
        except (RedisError, OSError) as error:
            _LOGGER.warning("clip not requested alert_id=%s reason=%s", event.alert_id, error)
            return False
        return True

    async def order(self, stream: str, event: DroneCommand) -> bool:
        """Append an order to a drone; False where the bus did not say that it took it."""
        try:
            await self._redis.xadd(stream, {"event": event.to_wire()}, maxlen=_STREAM_LIMIT, approximate=True)
        except (RedisError, OSError) as error:
            _LOGGER.error("order did not go out command=%s action=%s reason=%s", event.id, event.action.value, error)
            return False
        return True

    async def table(self, name: str) -> dict[str, str] | None:
        """Every field of a hash and its text; None while the bus does not answer."""
        try:
            async with asyncio.timeout(_TABLE_WITHIN_S):
                raw: dict[Any, Any] = await self._redis.hgetall(name)
        except (RedisError, OSError, TimeoutError) as error:
            _LOGGER.warning("hash not read name=%s reason=%s", name, error)
            return None
        return {field.decode(): text.decode() for field, text in raw.items()}

    def publish_soon(self, channel: str, body: str) -> None:
        """Send a passing message, in order, without waiting; lost while the bus is away (pages then ask by seq)."""
        try:
            self._waiting.put_nowait((channel, body))
        except asyncio.QueueFull:
            self._lost += 1

    async def run(self) -> None:
        """Send what `publish_soon` left, until cancelled."""
        while True:
            channel, body = await self._waiting.get()
            try:
                await self._redis.publish(channel, body)
            except (RedisError, OSError):
                self._lost += 1
                continue
            if self._lost:
                _LOGGER.warning("passing messages lost while the bus was away count=%d", self._lost)
                self._lost = 0

    async def is_up(self) -> bool:
        """Whether the bus answers."""
        try:
            async with asyncio.timeout(1.0):
                await self._redis.ping()
        except (RedisError, OSError, TimeoutError):
            return False
        return True
