"""Whose a drone is, and whose an alert about one; pure.

An alert names a camera, or a drone that has none, in the same field. Where both go by one id, the camera's unit
decides.
"""

from __future__ import annotations

from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig


def unit_of(drone: DroneConfig, config: LookoutConfig) -> str:
    """The unit that owns a drone; the root unit where none is given."""
    return drone.unit or config.site.unit


def units_by_subject(config: LookoutConfig) -> dict[str, str]:
    """Unit of everything an alert may be about, by the id that stands in `camera_id`."""
    drones = {drone.id: unit_of(drone, config) for drone in config.fleet}
    return drones | {camera.id: camera.unit for camera in config.cameras}
