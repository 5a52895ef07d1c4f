"""When a vehicle is asked for its telemetry: anew after whatever may have made it forget."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drone.flight.driver import Watch
from drone.flight.gate import look_over
from drone.mavlink.dialect import mavlink
from drone.mavlink.link_address import LinkAddress
from drone.mavlink.session import Session
from drone.mavlink.state import Gps, Place, Position, VehicleState, Version
from drone.mavlink.vehicle import VehicleLink
from kernel.clock import ManualClock
from tests.unit.drone.flight.paper_autopilot import HOME, brief

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TOLD = VehicleState(
    autopilot=3,
    vehicle_type=2,
    heartbeat_at_s=0.0,
    gps=Gps(3, 14, 0.8),
    home=Place(*HOME, 1600.0),
    version=Version(4, 6, 0, 255, 0),
)


class Vehicle(VehicleLink):
    """One that is heard as the test says; it counts how often it was asked."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__("udp:127.0.0.1:9", clock=clock)
        self.told, self.asked = TOLD, 0

    @property
    def state(self) -> VehicleState:
        return self.told

    @property
    def is_alive(self) -> bool:
        return True

    @property
    def other_sysids(self) -> frozenset[int]:
        return frozenset({9, 3})

    async def ask_streams(self, rate_hz: float = 4.0) -> None:
        self.asked += 1


async def test_a_vehicle_that_stops_telling_its_place_is_asked_again_and_not_flown_meanwhile() -> None:
    """One that restarted between two heartbeats has forgotten what to send: its last place was taken for its place."""
    clock = ManualClock(NOW)
    vehicle = Vehicle(clock)
    watch, asked, against = Watch(vehicle, clock), [], []
    for second in range(40):
        if not 10 <= second < 30:
            place = Position(*HOME, 1600.0, 0.0, 0.0, 0.0, 0.0, None, clock.monotonic_s())
            vehicle.told = replace(vehicle.told, position=place)
        seen = watch.look()
        await asyncio.sleep(0)
        asked.append(vehicle.asked)
        against.append("position_unknown" in {one.code for one in look_over(brief(), seen).all})
        clock.advance(1.0)

    assert (asked[0], asked[19], asked[20], asked[29], asked[39]) == (1, 1, 2, 2, 2)
    assert [second for second, is_against in enumerate(against) if is_against] == list(range(20, 30))


@pytest.mark.parametrize("changes", [{"home": None}, {"version": None}, {"gps": None}])
@pytest.mark.parametrize("armed", [False, True])
async def test_what_it_has_not_told_yet_is_asked_for_every_ten_seconds(changes: dict[str, None], armed: bool) -> None:
    """In the air only what a flight cannot do without."""
    clock = ManualClock(NOW)
    vehicle = Vehicle(clock)
    watch, asked = Watch(vehicle, clock), []
    for _ in range(25):
        place = Position(*HOME, 1600.0, 0.0, 0.0, 0.0, 0.0, None, clock.monotonic_s())
        vehicle.told = replace(TOLD, position=place, armed=armed, **changes)  # type: ignore[arg-type]
        watch.look()
        await asyncio.sleep(0)
        asked.append(vehicle.asked)
        clock.advance(1.0)

    again = [second for second in range(1, 25) if asked[second] > asked[second - 1]]
    assert again == ([10, 20] if not armed or "gps" in changes else [])


async def test_others_heard_on_the_link_are_seen() -> None:
    clock = ManualClock(NOW)
    watch = Watch(Vehicle(clock), clock)
    seen = watch.look()
    await watch.close()

    assert seen.other_sysids == (3, 9)


def test_orders_go_to_the_component_whose_heartbeats_count() -> None:
    clock = ManualClock(NOW)
    session = Session(LinkAddress.parse("udp:127.0.0.1:9"), 7, 255, clock, None)
    assert (session.target.system, session.target.component) == (7, 1)
    sender = mavlink.MAVLink(None, srcSystem=7, srcComponent=42)
    message = sender.decode(bytearray(mavlink.MAVLink_heartbeat_message(2, 3, 0, 0, 3, 3).pack(sender)))
    session.telemetry.fold(message, 0.0)

    assert (session.target.system, session.target.component) == (7, 42)
