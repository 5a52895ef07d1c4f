"""Heights of the docks over one level, so that heights of different drones can be compared."""

from __future__ import annotations

import numpy as np

from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.geodesy import LatLon, to_wgs84
from kernel.terrain import load_terrain, terrain_of


def home_of(drone: DroneConfig) -> LatLon:
    """Its dock, WGS-84."""
    return to_wgs84(drone.home.lat, drone.home.lon, drone.home.datum)


def dock_heights(config: LookoutConfig) -> dict[str, float] | None:
    """Height of each drone's dock; None where their patrols do not share a terrain, or it has a hole."""
    named = {drone.id: terrain_of(config, drone) for drone in config.fleet}
    if len(set(named.values())) != 1:
        return None
    terrain = load_terrain(next(iter(named.values())))
    homes = [home_of(one) for one in config.fleet]
    heights = terrain.heights_m(np.array([lat for lat, _ in homes]), np.array([lon for _, lon in homes]))
    return dict(zip(named, map(float, heights), strict=True)) if np.isfinite(heights).all() else None
