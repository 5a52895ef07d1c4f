"""The simulated vehicle on real sockets: UDP both ways round, a TCP connection that is cut, a lossy relay between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.edge import Address, UdpLink, VehicleServer, open_udp
from scripts.vehicle.faults import Fault, Kind
from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.radio import Quality
from scripts.vehicle.relay import Relay
from scripts.vehicle.vehicle import Vehicle

pytestmark = pytest.mark.integration
HERE = "127.0.0.1"
PATIENCE_S = 20.0


@asynccontextmanager
async def serving(address: Address, **options: Any) -> AsyncIterator[VehicleServer]:
    server = VehicleServer(Vehicle(VehicleOptions(41.7, 109.9, **options)), address)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


class Listener:
    """Counts the heartbeats that arrive."""

    def __init__(self) -> None:
        self._wire = wire.MAVLink(None, srcSystem=255, srcComponent=190)
        self._wire.robust_parsing = True
        self.heartbeats: asyncio.Queue[int] = asyncio.Queue()

    def heard(self, data: bytes) -> None:
        for message in self._wire.parse_buffer(data) or []:
            if message.get_type() == "HEARTBEAT":
                self.heartbeats.put_nowait(message.get_srcSystem())

    def beat(self) -> bytes:
        return bytes(wire.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3).pack(self._wire))

    async def wait(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            return await self.heartbeats.get()


async def listening() -> tuple[Listener, UdpLink]:
    listener = Listener()
    return listener, await open_udp(Address("udpin", HERE, 0), listener.heard)


async def test_it_speaks_first_to_a_listening_ground_station() -> None:
    listener, link = await listening()
    async with serving(Address("udp", HERE, link.port), sysid=9):
        assert await listener.wait() == 9
    link.close()


async def test_it_answers_who_speaks_to_it() -> None:
    listener = Listener()
    async with serving(Address("udpin", HERE, 0)) as server:
        link = await open_udp(Address("udp", HERE, server.port), listener.heard)
        link.send([listener.beat()])
        assert await listener.wait() == 1
        link.close()


async def test_a_cut_closes_the_connection_and_refuses_until_it_is_over() -> None:
    cut = Fault(kind=Kind.CUT, at_s=10.0, for_s=3.0)
    async with serving(Address("tcpin", HERE, 0), faults=(cut,), speedup=10.0) as server:
        listener = Listener()
        reader, writer = await asyncio.open_connection(HERE, server.port)
        async with asyncio.timeout(PATIENCE_S):
            while data := await reader.read(4096):  # until the cut
                listener.heard(data)
        writer.close()
        assert not listener.heartbeats.empty()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(HERE, server.port)
        again = Listener()
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await connected_again(server.port)
            while again.heartbeats.empty():
                again.heard(await reader.read(4096))
        writer.close()


async def connected_again(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while True:
        try:
            return await asyncio.open_connection(HERE, port)
        except OSError:
            await asyncio.sleep(0.1)  # as a ground station would


async def test_a_relay_loses_its_share_and_passes_the_rest() -> None:
    listener, ground = await listening()
    lossy = Quality(loss=0.5)
    relay = Relay(Address("udp", HERE, ground.port), Address("udpin", HERE, 0), Quality(), lossy, seed=3)
    await relay.start()
    async with serving(Address("udp", HERE, relay.ports[1]), speedup=20.0):
        for _ in range(10):
            await listener.wait()
    assert 0.2 < relay.down.radio.lost / relay.down.radio.sent < 0.8
    relay.stop()
    ground.close()
