"""Lets go of what every consumer group of a stream has handled, so that Redis holds what is needed and not what was.

    kept: [ handled lately | given to a group, not acknowledged | not given to a group yet ]

A stream's greatest length (`kernel.bus.names.STREAM_LENGTHS`) is for consumers that are away; heartbeats that were
stored long ago would fill it all the same, within a day.
"""

from __future__ import annotations

import redis.asyncio

EntryId = tuple[int, int]
"""Milliseconds since the epoch by the server's clock, and a number among the entries of that millisecond."""

_LOOK_EVERY_MS = 60_000


class HandledEntries:
    """The handled entries of one stream, seen by one of its consumers.

    Args:
        connection: to the bus.
        stream: whose entries.
        kept_s: how long an entry is kept although every group has handled it.
    """

    def __init__(self, connection: redis.asyncio.Redis, stream: str, kept_s: float) -> None:
        self._connection = connection
        self._stream = stream
        self._kept_ms = int(1000 * kept_s)
        self._looked_ms: int | None = None

    async def handled(self, newest: bytes) -> None:
        """An entry was acknowledged: once a minute of the server's clock, let go of what is older than `kept_s`.

        Raises:
            redis.RedisError, OSError: the bus is away, or forbids it.
        """
        now_ms = entry_id(newest)[0]
        if self._looked_ms is not None and now_ms - self._looked_ms < _LOOK_EVERY_MS:
            return
        self._looked_ms = now_ms
        first = min((now_ms - self._kept_ms, 0), await self._first_needed())
        if first > (0, 0):  # whole nodes of about 100 entries go, so that this costs next to nothing
            await self._connection.xtrim(self._stream, minid=f"{first[0]}-{first[1]}", approximate=True)

    async def _first_needed(self) -> EntryId:
        """No entry before this one is needed by any group."""
        needed = []
        for group in await self._connection.xinfo_groups(self._stream):
            needed.append(entry_id(group["last-delivered-id"]))
            if group["pending"]:
                waiting = await self._connection.xpending(self._stream, group["name"])
                if waiting["min"] is not None:
                    needed.append(entry_id(waiting["min"]))
        return min(needed, default=(0, 0))


def entry_id(text: bytes) -> EntryId:
    """Read an id as Redis writes it."""
    milliseconds, _, number = text.decode().partition("-")
    return int(milliseconds), int(number)
