"""A config with drones, simulated vehicles to fly them, and what a flight tells; all in one event loop."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drone.connect import open_vehicle
from drone.flight.driver import Watch
from drone.flight.guard import guard_of
from drone.flight.prepare import brief_of, chosen, prepared
from drone.flight.session import FlightSession
from drone.mavlink.interface import Vehicle as VehicleInterface
from drone.mavlink.timing import Timing
from drone.mavlink.vehicle import VehicleLink
from drone.weather_source import Observation
from kernel.clock import SystemClock
from kernel.config.lookout import LookoutConfig
from kernel.drone_events import FlightCause, FlightChanged, FlightState
from kernel.event_base import Event
from scripts.vehicle.edge import Address, VehicleServer
from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.vehicle import Vehicle

HOME = (41.7700, 109.9700)
LONG = ((60.0, 0.0), (60.0, 700.0))
"""A way that takes minutes, for what has to happen on it also where the machine is busy."""
RETURNS = {"FS_GCS_ENABLE": 1.0}
CONTINUES = {"FS_GCS_ENABLE": 0.0}


def spot(north_m: float, east_m: float) -> tuple[float, float]:
    """A place so many metres from home."""
    return round(HOME[0] + north_m / 111_070.0, 7), round(HOME[1] + east_m / 83_130.0, 7)


def config(
    data_dir: Path,
    links: Sequence[str],
    points: Sequence[tuple[float, float]] = ((150.0, 0.0), (150.0, 120.0), (20.0, 120.0)),
    drone: dict[str, Any] | None = None,
    patrol: dict[str, Any] | None = None,
    **sections: Any,
) -> LookoutConfig:
    """A fleet of as many drones as links, side by side, and a patrol for each."""
    fleet, patrols = [], []
    for number, link in enumerate(links, start=1):
        lat, lon = spot(0.0, -30.0 * (number - 1))
        fleet.append(
            {
                "id": f"uav-{number}",
                "link": link,
                "sysid": number,
                "home": {"lat": lat, "lon": lon, "datum": "wgs84"},
                **(drone or {}),
            }
        )
        patrols.append(
            {
                "id": f"loop-{number}",
                "drones": [f"uav-{number}"],
                "terrain": "flat",
                "altitude_m": 30.0 + 25.0 * (number - 1),
                "route": {
                    "kind": "waypoints",
                    "datum": "wgs84",
                    "points": [spot(north, east - 30.0 * (number - 1)) for north, east in points],
                },
                **(patrol or {}),
            }
        )
    whole = {
        "site": {"name": "试验场"},
        "data_dir": str(data_dir),
        "fleet": fleet,
        "patrols": patrols,
        "weather": {"source": "none"},
        **sections,
    }
    return LookoutConfig.model_validate(whole)


@asynccontextmanager
async def flying_vehicle(
    sysid: int = 1, kind: str = "udpin", **options: Any
) -> AsyncIterator[tuple[VehicleServer, str]]:
    """A simulated vehicle, and the link address to reach it by."""
    lat, lon = spot(0.0, -30.0 * (sysid - 1))
    told = {"speedup": 40.0, "settle_s": 4.0, "parameters": RETURNS, **options}
    server = VehicleServer(
        Vehicle(VehicleOptions(lat, lon, 1000.0, sysid=sysid, **told)), Address(kind, "127.0.0.1", 0)
    )
    await server.start()
    try:
        yield server, f"{'udp' if kind == 'udpin' else 'tcp'}:127.0.0.1:{server.port}"
    finally:
        await server.stop()


@dataclass
class Flight:
    """One flight in the making."""

    session: FlightSession
    vehicle: VehicleInterface
    watch: Watch
    events: list[Event] = field(default_factory=list)

    @property
    def states(self) -> list[FlightState]:
        """States the flight went through, in order."""
        told = [one.state for one in self.events if isinstance(one, FlightChanged)]
        return [state for index, state in enumerate(told) if index == 0 or told[index - 1] is not state]

    @property
    def steps(self) -> list[str]:
        """Steps taken with the vehicle, as the flight's log has them."""
        lines = (self.session.record.folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
        return [line["step"] for line in map(json.loads, lines) if line["what"] == "step"]

    @property
    def codes(self) -> set[str]:
        """Codes of the reasons it ended with."""
        return {one.code for one in self.session.machine.core.why}

    async def until(self, state: FlightState, timeout_s: float = 20.0) -> None:
        """Wait for a state of the flight."""
        await eventually(lambda: self.session.machine.state is state, timeout_s, f"{state}, is {self.states}")


@asynccontextmanager
async def flight(
    loaded: LookoutConfig,
    patrol_id: str = "loop-1",
    limits: dict[str, Any] | None = None,
    timing: Timing | None = None,
) -> AsyncIterator[Flight]:
    """A flight of a patrol, connected and not begun; with a `timing` of its own on an unsigned link."""
    clock, events = SystemClock(), list[Event]()
    patrol, drone = chosen(loaded, patrol_id)
    plan = prepared(loaded, patrol, drone, clock.now(), Observation(None))
    assert plan.plan is not None, plan.reasons
    assert plan.may_fly, plan.reasons
    brief = brief_of(drone, plan.plan, actor="test", cause=FlightCause.OPERATOR, patrol_id=patrol_id)
    brief = replace(brief, limits=replace(brief.limits, **{"heartbeats": 1, **(limits or {})}))
    vehicle: VehicleInterface = open_vehicle(loaded, clock)(drone)
    if timing is not None:
        vehicle = VehicleLink(drone.link, drone.sysid, drone.gcs_sysid, clock=clock, timing=timing)
    await vehicle.connect()
    watch = Watch(vehicle, clock)
    guard = guard_of(loaded, HOME, lambda _place: 0.0, clock)
    session = FlightSession(brief, drone, loaded.data_dir, vehicle, clock, events.append, watch, guard=guard)
    try:
        yield Flight(session, vehicle, watch, events)
    finally:
        await watch.close()
        await vehicle.close()


async def eventually(condition: Any, timeout_s: float, what: str) -> None:
    """Wait until a condition holds; look at it again and again."""
    until_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until_s, f"not within {timeout_s:g} s: {what}"
        await asyncio.sleep(0.01)
