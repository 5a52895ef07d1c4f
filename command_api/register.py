"""The register of cameras and drones as the API asks for it: by user, by name, by rule."""

from __future__ import annotations

from command_api.access.sign_in import Principal
from command_api.access.units import covers
from command_api.drones.owners import unit_of, units_by_subject
from command_api.health.together import name_in_common
from command_api.store.alerts import Names
from kernel.config.camera import CameraConfig, StreamName, StreamRole
from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import PatrolConfig
from kernel.events import AlertKind, AlertRaised

_FIXED_RULE_NAMES = {
    AlertKind.CAMERA_OFFLINE: "摄像机离线",
    AlertKind.DRONE_TAKEN_OVER: "无人机被接管",
    AlertKind.DRONE_LINK_LOST: "无人机失联",
    AlertKind.DRONE_FAILED: "无人机故障",
    AlertKind.DRONE_ATTENTION: "无人机需要处置",
}


class Register:
    """Cameras and drones of the config.

    Args:
        config: the loaded config.

    Attributes:
        detector_min_confidence: detections below it are dropped at once, whatever the rules say.
    """

    def __init__(self, config: LookoutConfig) -> None:
        self._config = config
        self._cameras = {camera.id: camera for camera in config.cameras}
        self._drones = {drone.id: drone for drone in config.fleet}
        self._patrols = {patrol.id: patrol for patrol in config.patrols}
        self._units_by_subject = units_by_subject(config)
        self._root_unit = config.site.unit
        self.detector_min_confidence = config.detect.min_confidence

    @property
    def cameras(self) -> tuple[CameraConfig, ...]:
        """All, in the order of the config."""
        return tuple(self._cameras.values())

    def get(self, camera_id: str) -> CameraConfig | None:
        """The camera of that id."""
        return self._cameras.get(camera_id)

    def sees_everything(self, unit: str) -> bool:
        """Whether a unit is the root."""
        return unit.strip("/") == self._root_unit.strip("/")

    def covers(self, user_unit: str, owner_unit: str) -> bool:
        """Whether users of one unit may see what another owns."""
        return covers(user_unit, owner_unit, self._root_unit)

    def visible(self, principal: Principal) -> tuple[CameraConfig, ...]:
        """Cameras the user may see."""
        return tuple(camera for camera in self.cameras if self.covers(principal.unit, camera.unit))

    def visible_ids(self, principal: Principal) -> frozenset[str] | None:
        """Ids an alert may name for the user to see it: cameras, and drones that alert under their own id.

        None for all, also those no longer in the register.
        """
        if self.sees_everything(principal.unit):
            return None
        units = self._units_by_subject.items()
        return frozenset(subject for subject, unit in units if self.covers(principal.unit, unit))

    def may_see(self, principal: Principal, camera_id: str) -> bool:
        """Whether the user may see what an alert names: a camera or a drone, in the register or no longer."""
        ids = self.visible_ids(principal)
        return ids is None or camera_id in ids

    def visible_units(self, principal: Principal) -> list[str] | None:
        """Units whose cameras or drones the user may see; None for all."""
        if self.sees_everything(principal.unit):
            return None
        return sorted({unit for unit in self._units_by_subject.values() if self.covers(principal.unit, unit)})

    def names(self, alert: AlertRaised) -> Names:
        """What an alert's camera (or drone) and rule are called."""
        camera = self.get(alert.camera_id)
        rule_name = _FIXED_RULE_NAMES.get(alert.kind)
        if camera is None:
            drone = self._drones.get(alert.camera_id)
            return Names(alert.camera_id if drone is None else drone.label, rule_name or alert.rule_id)
        if alert.cameras:
            known = [self._cameras[one] for one in alert.cameras if one in self._cameras]
            return Names(f"{name_in_common(known or [camera])} ×{len(alert.cameras)}", rule_name or alert.rule_id)
        rule_names = {rule.id: rule.name or rule.id for rule in camera.rules}
        return Names(camera.name, rule_name or rule_names.get(alert.rule_id, alert.rule_id))

    def drone(self, drone_id: str) -> DroneConfig | None:
        """The drone of that id."""
        return self._drones.get(drone_id)

    def patrol(self, patrol_id: str) -> PatrolConfig | None:
        """The patrol of that id."""
        return self._patrols.get(patrol_id)

    def visible_drones(self, principal: Principal) -> tuple[DroneConfig, ...]:
        """Drones the user may see, in the order of the config."""
        return tuple(
            drone for drone in self._drones.values() if self.covers(principal.unit, unit_of(drone, self._config))
        )

    def visible_drone_ids(self, principal: Principal) -> frozenset[str] | None:
        """Ids of the drones the user may see; None for all, also those no longer in the register."""
        if self.sees_everything(principal.unit):
            return None
        return frozenset(drone.id for drone in self.visible_drones(principal))

    def visible_patrols(self, principal: Principal) -> tuple[PatrolConfig, ...]:
        """Patrols that a drone the user may see can fly, in the order of the config."""
        ids = {drone.id for drone in self.visible_drones(principal)}
        return tuple(patrol for patrol in self._patrols.values() if not ids.isdisjoint(patrol.drones))

    def drones_of(self, patrol_id: str) -> frozenset[str]:
        """Ids of the drones that may fly a patrol; empty for one no longer in the register."""
        patrol = self._patrols.get(patrol_id)
        return frozenset(patrol.drones) if patrol is not None else frozenset()


def live_stream(camera: CameraConfig) -> StreamName:
    """The stream that is shown live; the camera's online rate is that of this stream."""
    return camera.streams.name_for(StreamRole.LIVE) or StreamName.MAIN
