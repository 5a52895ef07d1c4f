"""Names of everything on the bus, and how long its streams may grow."""

from __future__ import annotations

from typing import Final

# durable: streams with consumer groups
ALERTS: Final = "alerts"
CAMERA_STATE: Final = "camera_state"
COMMANDS: Final = "commands"
FLIGHTS: Final = "flights"

# passing: pub/sub channels
ALERT_CHANGES: Final = "alert_changes"
DETECTOR_STATUS: Final = "detector_status"
CAMERA_CHANGES: Final = "camera_changes"
ALL_TRACKS: Final = "tracks:*"
ALL_TELEMETRY: Final = "telemetry:*"
ALL_SIGHTS: Final = "sights:*"

# hash of open incidents, field "camera/rule"
INCIDENTS: Final = "incidents"
# hash of who stays in which zone, field "camera": a restarted detector raises no second alert for them
STAYS: Final = "stays"
# hashes the drone service leaves for those who draw it: kernel.drone_tables
DRONE_ZONES: Final = "drone_zones"
PATROL_PLANS: Final = "patrol_plans"
PATROL_RUNS_NEXT: Final = "patrol_runs_next"
# hash of the drones in the config of the drone service, field drone id: commands tell their flights of those
DRONE_FLEET: Final = "drone_fleet"

STREAM_LENGTHS: Final = {ALERTS: 100_000, CAMERA_STATE: 200_000, COMMANDS: 10_000, FLIGHTS: 100_000}
DEFAULT_STREAM_LENGTH: Final = 10_000
# seconds for which entries are kept once every group has handled them; of other streams, up to the length above
HANDLED_KEPT_S: Final = {ALERTS: 3_600.0, CAMERA_STATE: 600.0, FLIGHTS: 3_600.0}


def tracks_channel(camera_id: str) -> str:
    """Channel of a camera's tracks."""
    return f"tracks:{camera_id}"


def telemetry_channel(drone_id: str) -> str:
    """Channel of a drone's telemetry."""
    return f"telemetry:{drone_id}"


def pose_channel(camera_id: str) -> str:
    """Channel of the poses of the aircraft that carries a camera."""
    return f"pose:{camera_id}"


def sights_channel(camera_id: str) -> str:
    """Channel of what a drone's camera sees, with places on the ground."""
    return f"sights:{camera_id}"


def dead_letters(stream: str) -> str:
    """Stream that keeps the entries of another that nobody could read."""
    return f"{stream}:dead"
