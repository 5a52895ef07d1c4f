"""Write what came from the bus, however long the store needs; nothing is acknowledged before it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from command_api.store.database import Store, StoreUnavailable
from kernel.bus.address import wait_or_stop

_FIRST_WAIT_S = 0.2
_LONGEST_WAIT_S = 5.0

Result = TypeVar("Result")


async def write_patiently(store: Store, work: Callable[[Connection], Result], stop: asyncio.Event) -> Result:
    """Commit `work`, trying again until it succeeds.

    Raises:
        StoreUnavailable: the service stops before it did; the bus will deliver again.
    """
    wait_s = _FIRST_WAIT_S
    while True:
        try:
            return await store.write(work)
        except StoreUnavailable:
            await wait_or_stop(stop, wait_s)
            if stop.is_set():
                raise
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
