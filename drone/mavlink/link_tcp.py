"""TCP: one connection at a time, opened anew within two seconds of the server being back.

    CONNECTING ──► CONNECTED ──EOF, error, or silence where there were bytes──► waits (0.1 s doubling to 0.8 s) ─┐
        ▲                                                                                                       │
        └───────────────────────────────────────────────────────────────────────────────────────────────────────┘

pymavlink's own TCP connection reads EOF without end and raises nothing; here an empty read is the end of a connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from drone.mavlink.link import OnBytes, Peer
from drone.mavlink.link_address import LinkAddress

_LOG = logging.getLogger(__name__)
_CHUNK_BYTES = 4096
_CONNECT_S = 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 0.8
_SILENT_S = 6.0
_MOST_UNSENT_BYTES = 65536


class TcpLink:
    """A client connection that is kept up."""

    is_datagram = False

    def __init__(self, address: LinkAddress, on_bytes: OnBytes, silent_s: float = _SILENT_S) -> None:
        """Args: silent_s: a connection on which bytes came is given up after this long without any."""
        self.reconnects = 0
        self.dropped_packets = 0
        self._address = address
        self._on_bytes = on_bytes
        self._silent_s = silent_s
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the connection is up."""
        return self._writer is not None

    async def open(self) -> None:
        self._task = asyncio.create_task(self._keep_connected(), name=f"link {self._address}")

    def send(self, packet: bytes) -> None:
        writer = self._writer
        if writer is None or writer.is_closing() or writer.transport.get_write_buffer_size() > _MOST_UNSENT_BYTES:
            self.dropped_packets += 1
            return
        writer.write(packet)

    def answer_to(self, peer: Peer) -> None:
        """There is one other end only."""

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _keep_connected(self) -> None:
        wait_s, is_first = _FIRST_WAIT_S, True
        while True:
            ending = await self._connection(is_first)
            if ending is None:
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            else:
                _LOG.warning("link down link=%s why=%s", self._address, ending)
                wait_s, is_first = _FIRST_WAIT_S, False
            await asyncio.sleep(wait_s)

    async def _connection(self, is_first: bool) -> str | None:
        """One connection from its opening to its end; why it ended, or None if it never began."""
        try:
            async with asyncio.timeout(_CONNECT_S):
                reader, writer = await asyncio.open_connection(self._address.where, self._address.number)
        except (OSError, TimeoutError):
            return None
        _LOG.info("link up link=%s", self._address)
        self.reconnects += not is_first
        self._writer = writer
        try:
            return await self._read(reader)
        except OSError as error:
            return error.strerror or str(error)
        finally:
            self._writer = None
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> str:
        has_spoken = False
        while True:
            try:
                async with asyncio.timeout(self._silent_s if has_spoken else None):
                    chunk = await reader.read(_CHUNK_BYTES)
            except TimeoutError:
                return f"silent for {self._silent_s:.0f} s"
            if not chunk:
                return "closed by the other end"
            has_spoken = True
            self._on_bytes(chunk, None)
