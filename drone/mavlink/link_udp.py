"""UDP: `udp` sends first to a fixed address, `udpin` listens and answers the last vehicle heard."""

from __future__ import annotations

import asyncio
import logging

from drone.mavlink.link import OnBytes, Peer
from drone.mavlink.link_address import LinkAddress, LinkKind, LinkUnusable

_LOG = logging.getLogger(__name__)


class UdpLink(asyncio.DatagramProtocol):
    """A datagram socket. Nothing to reconnect: an ICMP refusal while the vehicle is down is counted and passed over."""

    is_datagram = True
    reconnects = 0

    def __init__(self, address: LinkAddress, on_bytes: OnBytes) -> None:
        self.refusals = 0
        self._address = address
        self._on_bytes = on_bytes
        self._peer: Peer = None
        self._transport: asyncio.DatagramTransport | None = None
        self._is_closed = asyncio.Event()

    async def open(self) -> None:
        where = (self._address.where, self._address.number)
        loop = asyncio.get_running_loop()
        try:
            if self._address.kind is LinkKind.UDPIN:
                await loop.create_datagram_endpoint(lambda: self, local_addr=where)
            else:
                await loop.create_datagram_endpoint(lambda: self, remote_addr=where)
        except OSError as error:
            raise LinkUnusable(
                f"cannot open {self._address}: {error.strerror or error}; is the port taken, or the name wrong?"
            ) from error

    @property
    def local_port(self) -> int:
        """The port it has; of use when 0 was asked for."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def send(self, packet: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._address.kind is LinkKind.UDP:
            self._transport.sendto(packet)
        elif self._peer is not None:
            self._transport.sendto(packet, self._peer)

    def answer_to(self, peer: Peer) -> None:
        if self._address.kind is LinkKind.UDPIN and peer is not None and peer != self._peer:
            _LOG.info("vehicle heard link=%s from=%s:%d", self._address, *peer[:2])
            self._peer = peer

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            await self._is_closed.wait()  # the port is free when we return

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None:
            self._on_bytes(data, addr)

    def error_received(self, exc: OSError) -> None:  # type: ignore[override]
        self.refusals += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._is_closed.set()
