"""Parts of a program that are kept going: what goes wrong in one costs the others nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from kernel.bus.address import wait_or_stop

LOG = logging.getLogger(__name__)
_AGAIN_S = 1.0


async def kept(serve: Callable[[asyncio.Event], Awaitable[None]], name: str, stop: asyncio.Event) -> None:
    """Run one part until `stop` is set; one that fails is logged and started again."""
    while not stop.is_set():
        task = asyncio.ensure_future(serve(stop))
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.critical("part failed, started again part=%s", name, exc_info=error)
            await wait_or_stop(stop, _AGAIN_S)
