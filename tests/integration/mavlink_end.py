"""The vehicle's side of a link for the tests: the simulated vehicle in this event loop, and the heartbeat of ours."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from drone.mavlink.vehicle import VehicleLink
from scripts.vehicle.edge import VehicleServer, parse_address
from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.profiles import ARDUCOPTER_4, Profile
from scripts.vehicle.vehicle import Vehicle
from tests.unit.drone.mission.missions import HOME_LAT_DEG, HOME_LON_DEG


def vehicle(profile: Profile = ARDUCOPTER_4, sysid: int = 1, speedup: float = 1.0) -> Vehicle:
    """One that is ready to fly at once."""
    return Vehicle(
        VehicleOptions(HOME_LAT_DEG, HOME_LON_DEG, 1600.0, profile=profile, sysid=sysid, settle_s=0.0, speedup=speedup)
    )


@contextlib.asynccontextmanager
async def served(address: str, profile: Profile = ARDUCOPTER_4, sysid: int = 1) -> AsyncIterator[VehicleServer]:
    """A simulated vehicle at this address, in real time."""
    server = VehicleServer(vehicle(profile, sysid), parse_address(address))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def linked(address: str, **options: object) -> AsyncIterator[VehicleLink]:
    """An open link that sends its heartbeat."""
    link = VehicleLink(address, **options)  # type: ignore[arg-type]
    await link.connect()
    beating = asyncio.create_task(_beat(link))
    try:
        yield link
    finally:
        beating.cancel()
        await link.close()


async def _beat(link: VehicleLink) -> None:
    while True:
        link.beat()
        await asyncio.sleep(0.5)


def heard(link: VehicleLink, more: int = 1) -> asyncio.Task[bool]:
    """Wait for heartbeats beyond those counted now."""
    count = link.state.heartbeats + more
    return asyncio.create_task(link.wait_until(lambda state: state.heartbeats >= count, 15.0))
