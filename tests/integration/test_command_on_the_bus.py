"""`lookout patrol fly` beside a running installation that has its drone: the room sees the flight; it saw nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drone.fleet.air import Air
from drone.fleet.bus_share import knows
from ingest.flights import is_flying
from kernel.bus.address import connect
from kernel.bus.consumer import subscribe
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import DRONE_FLEET, FLIGHTS, telemetry_channel
from kernel.clock import SystemClock
from kernel.drone_events import FLIGHT_EVENTS, DroneTelemetry, FlightCause, FlightChanged, FlightState
from kernel.runtime import RuntimePaths
from tests.integration.airfield import flying_vehicle
from tests.integration.test_patrol_fly import CONFIG, lookout


async def test_its_telemetry_and_its_flight_are_told_where_the_drone_is_known(
    bus: EmbeddedServer, paths: RuntimePaths, tmp_path: Path
) -> None:
    redis = connect(bus.address)
    assert not knows(bus.address, "uav-1")
    redis.hset(DRONE_FLEET, "uav-1", "{}")
    async with flying_vehicle(speedup=20.0) as (_, link):
        file = tmp_path / "room.yaml"
        file.write_text(CONFIG.format(link=link).replace("data_dir: data", f"data_dir: {paths.data_dir}"))
        heard = subscribe(bus.address, telemetry_channel("uav-1"))
        async with lookout("fly", str(file), "loop", "--json") as flying:
            while (told := DroneTelemetry.model_validate_json((await anext(heard))[1])).flight_id is None:
                assert told.drone_id == "uav-1"
            air = Air(paths.data_dir, SystemClock(), {})
            await air.exchange()
            is_told = air.is_told_elsewhere("uav-1"), air.is_told_elsewhere("uav-2")
            flying.process.kill()
            await flying.process.wait()
        await heard.aclose()
        entries: Any = redis.xrange(FLIGHTS)

    assert is_flying(told) is True
    assert told.flight_id is not None
    assert told.patrol_id == "loop"
    assert is_told == (True, False)
    changes = [FLIGHT_EVENTS.validate_json(fields[b"event"]) for _, fields in entries]
    flights = [one for one in changes if isinstance(one, FlightChanged)]
    assert flights[0].state is FlightState.PRE_FLIGHT  # also what was before the bus was found
    assert {one.cause for one in flights} == {FlightCause.COMMAND_LINE}
    assert {one.flight_id for one in flights} == {told.flight_id}
    redis.close()


def test_without_a_bus_nothing_is_known(paths: RuntimePaths) -> None:
    assert not knows(f"unix://{paths.bus_socket}", "uav-1")
