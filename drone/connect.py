"""The link of a drone of the config."""

from __future__ import annotations

from collections.abc import Callable

from drone.mavlink.interface import Vehicle
from drone.mavlink.signing import SigningKey, signing_key
from drone.mavlink.vehicle import VehicleLink
from kernel.clock import Clock
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig


def open_vehicle(config: LookoutConfig, clock: Clock) -> Callable[[DroneConfig], Vehicle]:
    """What makes the link of a drone; opening it is left to `connect`."""

    def of(drone: DroneConfig) -> Vehicle:
        signing = None
        if drone.signing_key is not None:
            timestamps = config.data_dir / "flights" / "signing" / f"{drone.id}.json"
            timestamps.parent.mkdir(parents=True, exist_ok=True)
            signing = SigningKey(signing_key(drone.signing_key.get_secret_value()), timestamps)
        return VehicleLink(
            drone.link, drone.sysid, drone.gcs_sysid, clock=clock, signing=signing, capacity=drone.items_max
        )

    return of
