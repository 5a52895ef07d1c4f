"""The thin asyncio link of a simulated vehicle: UDP either way round, TCP server or client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from kernel.errors import BadInputError, CannotRunError
from scripts.vehicle.vehicle import Vehicle

_TICK_S = 0.01
_CONNECT_AGAIN_S = 1.0


@dataclass(frozen=True)
class Address:
    """`udp:HOST:PORT` sends there first, `udpin:` waits to be talked to; `tcpin:` serves, `tcp:` connects."""

    kind: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """The address in `KIND:HOST:PORT`.

    Raises:
        BadInputError: it is not one.
    """
    kind, _, rest = text.partition(":")
    host, _, port = rest.rpartition(":")
    if kind not in ("udp", "udpin", "tcp", "tcpin") or not host or not port.isdigit() or int(port) > 65535:
        raise BadInputError(f"--link {text}: not udp:HOST:PORT, udpin:HOST:PORT, tcp:HOST:PORT or tcpin:HOST:PORT")
    return Address(kind, host.strip("[]"), int(port))


class UdpLink(asyncio.DatagramProtocol):
    """Datagrams to whoever spoke last, or to a fixed peer."""

    def __init__(self, heard: Callable[[bytes], None], peer: tuple[str, int] | None) -> None:
        self._heard, self._peer = heard, peer
        self._learns_peer = peer is None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._learns_peer:
            self._peer = addr
        self._heard(data)

    def error_received(self, exc: Exception) -> None:
        """The peer is not there (yet); a radio does not notice either."""

    def send(self, packets: list[bytes]) -> None:
        if self._transport is None or self._peer is None:
            return
        for packet in packets:
            self._transport.sendto(packet, self._peer)

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class TcpPeer(asyncio.Protocol):
    """One TCP connection."""

    def __init__(self, heard: Callable[[bytes], None], opened: Callable[[TcpPeer], None]) -> None:
        self._heard, self._opened = heard, opened
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        self._heard(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def drop(self) -> None:
        """Close at once, unsent data and all."""
        if self._transport is not None:
            self._transport.abort()


class VehicleServer:
    """Runs one vehicle on one link, in real time or `time_factor` times as fast, ground station and all.

    The vehicle's own `speedup` leaves the waits for the ground station in real seconds; `time_factor` does not, and
    goes with a ground station whose clock runs as fast.
    """

    def __init__(self, vehicle: Vehicle, address: Address, time_factor: float = 1.0) -> None:
        self.vehicle, self._address, self._time_factor = vehicle, address, time_factor
        self._start_s = time.monotonic()
        self._udp: UdpLink | None = None
        self._server: asyncio.Server | None = None
        self._peer: TcpPeer | None = None
        self._retry_s = 0.0
        self._connecting: asyncio.Task[None] | None = None
        self._clock: asyncio.Task[None] | None = None
        self.port = address.port

    @property
    def link_s(self) -> float:
        """Link seconds since it was made."""
        return (time.monotonic() - self._start_s) * self._time_factor

    async def start(self) -> None:
        """Open the link and let time run.

        Raises:
            CannotRunError: the port cannot be had.
        """
        if self._address.kind in ("udp", "udpin"):
            self._udp = await open_udp(self._address, self._heard)
            self.port = self._udp.port if self._address.kind == "udpin" else self._address.port
        elif self._address.kind == "tcpin":
            try:
                await self._serve()
            except OSError as error:
                raise CannotRunError(f"--link {self._address}: {error}") from error
        self._clock = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Close everything."""
        for task in (self._clock, self._connecting):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._peer is not None:
            self._peer.drop()
        if self._udp is not None:
            self._udp.close()
        await self._stop_serving()

    async def wait(self) -> None:
        """Run until cancelled, or until the clock task fails."""
        assert self._clock is not None
        await self._clock

    async def _run(self) -> None:
        while True:
            now_s = self.link_s
            self.vehicle.advance(now_s)
            if self._udp is None:
                await self._tend_tcp(now_s)
            self._flush(now_s)
            await asyncio.sleep(_TICK_S)

    async def _tend_tcp(self, now_s: float) -> None:
        """Cut, refuse or (re)connect as the vehicle's faults say."""
        if self.vehicle.cut_until_s > now_s:
            if self._peer is not None:
                self._peer.drop()
                self._peer = None
            await self._stop_serving()
        elif self._address.kind == "tcpin" and self._server is None:
            await self._serve()
        elif self._address.kind == "tcp" and (self._peer is None or not self._peer.is_open) and now_s >= self._retry_s:
            self._retry_s = now_s + _CONNECT_AGAIN_S
            if self._connecting is None or self._connecting.done():
                self._connecting = asyncio.create_task(self._connect())

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: TcpPeer(self._heard, self._accepted), self._address.host, self.port, reuse_address=True
        )
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _stop_serving(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _connect(self) -> None:
        loop, address = asyncio.get_running_loop(), self._address
        try:
            await loop.create_connection(lambda: TcpPeer(self._heard, self._accepted), address.host, address.port)
        except OSError:
            return  # tried again a second later

    def _accepted(self, peer: TcpPeer) -> None:
        """The newest connection is the one that is served."""
        if self._peer is not None:
            self._peer.drop()
        self._peer = peer

    def _heard(self, data: bytes) -> None:
        now_s = self.link_s
        self.vehicle.receive(data, now_s)
        self._flush(now_s)

    def _flush(self, now_s: float) -> None:
        packets = self.vehicle.outgoing(now_s)
        if self._udp is not None:
            self._udp.send(packets)
        elif self._peer is not None and packets:
            self._peer.write(b"".join(packets))


async def open_udp(address: Address, heard: Callable[[bytes], None]) -> UdpLink:
    """A UDP link of this kind; its datagrams go to `heard`.

    Raises:
        CannotRunError: the port cannot be had.
    """
    listens = address.kind == "udpin"
    peer = None if listens else (address.host, address.port)
    local = (address.host, address.port) if listens else _any_port(address.host)
    try:
        _, link = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: UdpLink(heard, peer), local_addr=local
        )
    except OSError as error:
        raise CannotRunError(f"{address}: {error}") from error
    return link


def _any_port(host: str) -> tuple[str, int]:
    return ("::" if ":" in host else "0.0.0.0"), 0
