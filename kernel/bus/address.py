"""Where the bus is, and connections to it that leave retrying to their owners."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from kernel.config.lookout import LookoutConfig
from kernel.errors import CannotRunError
from kernel.logs import redact
from kernel.runtime import RuntimePaths

SOCKET_TIMEOUT_S = 5.0
BUS_ERRORS = (redis.RedisError, OSError)
_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 1.0


class BusUnavailable(CannotRunError):
    """The bus does not answer."""

    def __init__(self, address: str, why: str) -> None:
        self.address = address
        super().__init__(f"bus {redact(address)}: {redact(why)}; is `lookout up` running, or bus.url right?")


def bus_address(config: LookoutConfig, paths: RuntimePaths) -> str:
    """Address of the bus: `bus.url`, or the embedded server's socket."""
    return config.bus.url or f"unix://{paths.bus_socket}"


def connect(address: str) -> redis.Redis:
    """A connection pool for threads; it connects at first use and never retries by itself."""
    return redis.Redis.from_url(
        address,
        protocol=2,
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def connect_async(address: str) -> redis.asyncio.Redis:
    """The same for an event loop."""
    return redis.asyncio.Redis.from_url(
        address,
        protocol=2,
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        retry=AsyncRetry(NoBackoff(), 0),
    )


def is_answering(address: str) -> bool:
    """Whether a server at that address answers PING now (one that still loads its data does not)."""
    connection = connect(address)
    try:
        return bool(connection.ping())
    except BUS_ERRORS:
        return False
    finally:
        connection.close()


def wait_until_answering(address: str, timeout_s: float) -> None:
    """Come back once the bus answers.

    Raises:
        BusUnavailable: it did not within the time.
    """
    deadline_s = time.monotonic() + timeout_s
    for wait_s in waits_s():
        if is_answering(address):
            return
        if time.monotonic() + wait_s > deadline_s:
            raise BusUnavailable(address, f"no answer within {timeout_s:g} s")
        time.sleep(wait_s)


def waits_s() -> Iterator[float]:
    """Waits between tries: 0.05 s doubling up to 1 s, for ever."""
    wait_s = _FIRST_WAIT_S
    while True:
        yield wait_s
        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


async def wait_or_stop(stop: asyncio.Event, wait_s: float) -> None:
    """Sleep, but no longer than until `stop` is set."""
    try:
        async with asyncio.timeout(wait_s):
            await stop.wait()
    except TimeoutError:
        return
