"""The whole config: one YAML file."""

from __future__ import annotations

from pathlib import Path

from kernel.config.base import Section, described
from kernel.config.camera import CameraConfig
from kernel.config.sections import (
    BusConfig,
    DetectConfig,
    HealthConfig,
    ModelsConfig,
    SiteConfig,
    StoreConfig,
    WebConfig,
)


class LookoutConfig(Section):
    """Everything a command room is configured by."""

    site: SiteConfig = described("Whose command room this is.", SiteConfig)
    bus: BusConfig = described("The Redis bus.", BusConfig)
    store: StoreConfig = described("Where alerts, users and intervals are kept.", StoreConfig)
    data_dir: Path = described("Directory for everything that is kept; relative to this file.", Path("data"))
    web: WebConfig = described("The operators' page and its API.", WebConfig)
    models: ModelsConfig = described("Where models lie and which one is used.", ModelsConfig)
    detect: DetectConfig = described("How frames are analysed.", DetectConfig)
    health: HealthConfig = described("Online rate and its alerts.", HealthConfig)
    cameras: tuple[CameraConfig, ...] = described("The register of cameras.", ())

    def camera(self, camera_id: str) -> CameraConfig:
        """The camera of that id.

        Raises:
            KeyError: no such camera.
        """
        for camera in self.cameras:
            if camera.id == camera_id:
                return camera
        raise KeyError(camera_id)
