"""A config with two drones of two units, and events of theirs, for the tests of the drone part of the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kernel.config.lookout import LookoutConfig
from kernel.events import (
    DroneTelemetry,
    FlightCause,
    FlightChanged,
    FlightState,
    LinkState,
    PatrolRunDecided,
    RunDecision,
)

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FLIGHT_ID = "01JDA0T6J4Q2V0S3M8R7K5C9XN"


def fleet_config(**more: Any) -> LookoutConfig:
    """uav-1 of a station, uav-2 of the root unit; cam-01 of the other station."""
    home = {"lat": 41.77, "lon": 109.97, "datum": "wgs84"}
    drones = [
        {
            "id": "uav-1",
            "name": "巡逻一号",
            "unit": "bureau/kuangshanlu",
            "link": "udpin:127.0.0.1:14551",
            "home": home,
        },
        {"id": "uav-2", "link": "udpin:127.0.0.1:14552", "home": home, "camera_fov_deg": 60.0},
    ]
    camera = {
        "id": "cam-01",
        "name": "矿坑",
        "unit": "bureau/baiyun",
        "streams": {"main": {"url": "rtsp://127.0.0.1:9/"}},
    }
    route = {"kind": "waypoints", "points": [[41.771, 109.971]], "datum": "wgs84"}
    patrol = {"id": "loop", "name": "北环", "drones": ["uav-1", "uav-2"], "route": route, "terrain": "flat"}
    return LookoutConfig.model_validate(
        {
            "site": {"unit": "bureau"},
            "fleet": drones,
            "cameras": [camera],
            "patrols": [patrol],
            "weather": {"source": "operator"},
            **more,
        }
    )


def flight(change: int = 1, state: FlightState = FlightState.PATROLLING, **fields: Any) -> FlightChanged:
    """The n-th change of a flight of uav-1, n seconds after NOW."""
    values: dict[str, Any] = {
        "flight_id": FLIGHT_ID,
        "change": change,
        "drone_id": "uav-1",
        "patrol_id": "loop",
        "state": state,
        "at": NOW + timedelta(seconds=change),
        "started_at": NOW,
        "cause": FlightCause.OPERATOR,
        "actor": "li",
    }
    return FlightChanged(**{**values, **fields})


def telemetry(seconds: float, drone_id: str = "uav-1", **fields: Any) -> DroneTelemetry:
    """Telemetry so many seconds after NOW."""
    at = NOW + timedelta(seconds=seconds)
    return DroneTelemetry(drone_id=drone_id, at=at, link=LinkState.UP, heartbeat_age_s=0.1, **fields)


def run(decision: RunDecision, decided_s: float = 0.0, **fields: Any) -> PatrolRunDecided:
    """A decision about a run that was due at NOW."""
    values: dict[str, Any] = {
        "run_id": "loop@1",
        "patrol_id": "loop",
        "due_at": NOW,
        "decided_at": NOW + timedelta(seconds=decided_s),
        "decision": decision,
    }
    return PatrolRunDecided(**{**values, **fields})
