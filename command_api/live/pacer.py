"""Spreads bursts: sixteen tiles opened at once must not send sixteen GOPs in the same millisecond."""

from __future__ import annotations

import asyncio

REPLAY_BYTES_S = 16_000_000


class Pacer:
    """A shared byte rate; whoever takes bytes waits until they fit into it."""

    def __init__(self, rate_bytes_s: float = REPLAY_BYTES_S) -> None:
        self._rate_bytes_s = rate_bytes_s
        self._free_at_s = 0.0

    async def take(self, size_bytes: int) -> None:
        """Return when the bytes taken before have had their time."""
        now_s = asyncio.get_running_loop().time()
        wait_s = self._free_at_s - now_s
        self._free_at_s = max(self._free_at_s, now_s) + size_bytes / self._rate_bytes_s
        if wait_s > 0:
            await asyncio.sleep(wait_s)
