"""A room with two drones of two units, and what a drone service would say of them, for the tests of the API."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ulid import ULID

from kernel.bus.address import connect_async
from kernel.bus.names import COMMANDS, FLIGHTS, telemetry_channel
from kernel.config.lookout import LookoutConfig
from kernel.events import (
    COMMAND_EVENTS,
    CommandAnswered,
    DroneCommand,
    DroneTelemetry,
    FlightCause,
    FlightChanged,
    FlightState,
    GeoPoint,
    LinkState,
    PatrolRunDecided,
    ReasonText,
    RunDecision,
)
from tests.integration.api_room import Room, config_of

PLACE = GeoPoint(lat=41.77, lon=109.97)
WINDY = ReasonText(code="wind", message_zh="风速 12 m/s 超过限值", message_en="wind 12 m/s is above the limit")


def drone_config(data_dir: Path) -> LookoutConfig:
    """The cameras of `config_of`, uav-1 of one station with a camera, uav-2 of another, and a patrol of each."""

    def drone(drone_id: str, **more: Any) -> dict[str, Any]:
        home = {"lat": 41.77, "lon": 109.97, "datum": "wgs84"}
        return {"id": drone_id, "link": f"udpin:127.0.0.1:1455{drone_id[-1]}", "home": home, **more}

    def patrol(patrol_id: str, drones: list[str], **more: Any) -> dict[str, Any]:
        route = {"kind": "waypoints", "points": [[41.771, 109.971]], "datum": "wgs84"}
        return {"id": patrol_id, "drones": drones, "route": route, "terrain": "flat", **more}

    base = config_of(data_dir).model_dump(mode="json", exclude={"cameras"})
    cameras = config_of(data_dir).cameras
    gate = cameras[0].model_copy(update={"place": None})
    config = LookoutConfig.model_validate(
        {
            **base,
            "fleet": [
                drone("uav-1", name="巡逻一号", unit="bureau/kuangshanlu", camera="cam-02", camera_fov_deg=62.0),
                drone("uav-2", unit="bureau/baiyun", sysid=2),
            ],
            "patrols": [
                patrol("north-loop", ["uav-1"], name="北环巡逻", schedule={"cron": "0 */2 * * *"}),
                patrol("both", ["uav-1", "uav-2"]),
            ],
            "airspace": [
                {
                    "id": "magazine",
                    "kind": "no_fly",
                    "datum": "wgs84",
                    "points": [[41.7, 109.9], [41.7, 110], [41.8, 110]],
                }
            ],
            "weather": {"source": "operator"},
        }
    )
    return config.model_copy(update={"cameras": (gate, *cameras[1:])})


def telemetry_of(drone_id: str, **fields: Any) -> DroneTelemetry:
    """Telemetry of a drone on the ground."""
    values: dict[str, Any] = {
        "drone_id": drone_id,
        "at": datetime.now(UTC),
        "link": LinkState.UP,
        "heartbeat_age_s": 0.2,
        "mode": "STABILIZE",
    }
    return DroneTelemetry(**{**values, **fields})


def flight_of(drone_id: str = "uav-1", **fields: Any) -> FlightChanged:
    """The first change of a new flight."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "flight_id": str(ULID()),
        "change": 1,
        "drone_id": drone_id,
        "patrol_id": "north-loop",
        "state": FlightState.PRE_FLIGHT,
        "at": now,
        "started_at": now,
        "cause": FlightCause.OPERATOR,
        "actor": "pilot",
    }
    return FlightChanged(**{**values, **fields})


def run_of(run_id: str, decision: RunDecision, **fields: Any) -> PatrolRunDecided:
    """A decision about a run of north-loop that was due a minute ago."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "run_id": run_id,
        "patrol_id": "north-loop",
        "drone_id": "uav-1",
        "due_at": now - timedelta(minutes=1),
        "decided_at": now,
        "decision": decision,
    }
    return PatrolRunDecided(**{**values, **fields})


async def say(room: Room, telemetry: DroneTelemetry) -> None:
    """Publish telemetry, as the drone service does."""
    connection = connect_async(room.bus)
    try:
        await connection.publish(telemetry_channel(telemetry.drone_id), telemetry.to_wire())
    finally:
        await connection.aclose()


async def next_order(room: Room) -> DroneCommand:
    """The newest order on the bus, once there is one."""
    connection = connect_async(room.bus)
    try:
        async with asyncio.timeout(20):
            after = "0"
            while True:
                found: Any = await connection.xread({COMMANDS: after}, block=4000)
                for entry, fields in found[0][1] if found else ():
                    after = entry.decode()
                    event = COMMAND_EVENTS.validate_json(fields[b"event"])
                    if isinstance(event, DroneCommand):
                        await connection.xdel(COMMANDS, entry)
                        return event
    finally:
        await connection.aclose()


async def answer_next(room: Room, *reasons: ReasonText, flight_id: str | None = None) -> DroneCommand:
    """Take the next order, or refuse it where there are reasons, as the drone service does."""
    order = await next_order(room)
    answer = CommandAnswered(
        command_id=order.id,
        action=order.action,
        drone_id=order.drone_id,
        accepted=not reasons,
        at=datetime.now(UTC),
        actor=order.actor,
        reasons=reasons,
        flight_id=flight_id,
    )
    await room.append(FLIGHTS, answer)
    return order
