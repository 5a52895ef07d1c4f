"""The whole config: one YAML file."""

from __future__ import annotations

from pathlib import Path

from kernel.config.airspace import AirspaceZoneConfig
from kernel.config.base import Section, described
from kernel.config.camera import CameraConfig
from kernel.config.fleet import DroneConfig
from kernel.config.maintenance import MaintenanceConfig
from kernel.config.patrols import DispatchConfig, PatrolConfig
from kernel.config.sections import (
    BusConfig,
    DetectConfig,
    HealthConfig,
    IngestConfig,
    ModelsConfig,
    SiteConfig,
    StoreConfig,
    WebConfig,
)
from kernel.config.weather import WeatherConfig


class LookoutConfig(Section):
    """Everything a command room is configured by."""

    site: SiteConfig = described("Whose command room this is.", SiteConfig)
    bus: BusConfig = described("The Redis bus.", BusConfig)
    store: StoreConfig = described("Where alerts, users and intervals are kept.", StoreConfig)
    data_dir: Path = described("Directory for everything that is kept; relative to this file.", Path("data"))
    web: WebConfig = described("The operators' page and its API.", WebConfig)
    ingest: IngestConfig = described("How cameras are taken in.", IngestConfig)
    models: ModelsConfig = described("Where models lie and which one is used.", ModelsConfig)
    detect: DetectConfig = described("How frames are analysed.", DetectConfig)
    health: HealthConfig = described("Online rate and its alerts.", HealthConfig)
    cameras: tuple[CameraConfig, ...] = described("The register of cameras.", ())
    maintenance: tuple[MaintenanceConfig, ...] = described(
        "Planned outages: such cameras count as out of service meanwhile, and raise no alert. An order of a maintainer "
        "(`lookout maintenance add`) does the same without a restart.",
        (),
    )
    fleet: tuple[DroneConfig, ...] = described("The drones.", ())
    airspace: tuple[AirspaceZoneConfig, ...] = described("Zones that drones keep out of, or keep within.", ())
    patrols: tuple[PatrolConfig, ...] = described("Flights that are flown again and again.", ())
    dispatch: DispatchConfig = described("A drone to the place of an alert.", DispatchConfig)
    weather: WeatherConfig | None = described("Where wind and temperature come from; a fleet needs it.", None)

    def camera(self, camera_id: str) -> CameraConfig:
        """The camera of that id.

        Raises:
            KeyError: no such camera.
        """
        for camera in self.cameras:
            if camera.id == camera_id:
                return camera
        raise KeyError(camera_id)

    def drone(self, drone_id: str) -> DroneConfig:
        """The drone of that id.

        Raises:
            KeyError: no such drone.
        """
        for drone in self.fleet:
            if drone.id == drone_id:
                return drone
        raise KeyError(drone_id)

    def carrier_of(self, camera_id: str) -> DroneConfig | None:
        """The drone that carries a camera, None for one that stands."""
        return next((drone for drone in self.fleet if drone.camera == camera_id), None)

    def patrol(self, patrol_id: str) -> PatrolConfig:
        """The patrol of that id.

        Raises:
            KeyError: no such patrol.
        """
        for patrol in self.patrols:
            if patrol.id == patrol_id:
                return patrol
        raise KeyError(patrol_id)
