"""A hash on the bus, read and written at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import TypeVar, cast

from kernel.bus.address import BUS_ERRORS, BusUnavailable, connect, waits_s

T = TypeVar("T")
_TRIES = 6


class HashTable:
    """One Redis hash of JSON texts.

    Every call waits for Redis and tries again for about two seconds, which spans a restart of the embedded server. In a
    loop that must not wait, queue changes with `DurablePublisher.put` and `.delete` and use only `load` from here.

    Raises:
        BusUnavailable: from every call, when Redis stays away.
    """

    def __init__(self, address: str, name: str) -> None:
        self._address = address
        self._name = name
        self._connection = connect(address)

    def load(self) -> dict[str, str]:
        """Every field and its text."""
        raw = cast("dict[bytes, bytes]", self._asked(lambda: self._connection.hgetall(self._name)))
        return {field.decode(): value.decode() for field, value in raw.items()}

    def put(self, field: str, value: str) -> None:
        """Set a field."""
        self._asked(lambda: self._connection.hset(self._name, field, value))

    def delete(self, field: str) -> None:
        """Remove a field; one that is not there is no error."""
        self._asked(lambda: self._connection.hdel(self._name, field))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _asked(self, command: Callable[[], T]) -> T:
        for wait_s in islice(waits_s(), _TRIES - 1):
            try:
                return command()
            except BUS_ERRORS:
                time.sleep(wait_s)
        try:
            return command()
        except BUS_ERRORS as error:
            raise BusUnavailable(self._address, str(error)) from error
