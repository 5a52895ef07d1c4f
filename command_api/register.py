"""The register of cameras as the API asks for it: by user, by name, by rule."""

from __future__ import annotations

from command_api.access.sign_in import Principal
from command_api.access.units import covers
from command_api.store.alerts import Names
from kernel.config.camera import CameraConfig, StreamName, StreamRole
from kernel.config.lookout import LookoutConfig
from kernel.events import AlertKind, AlertRaised


class Register:
    """Cameras of the config.

    Args:
        config: the loaded config.

    Attributes:
        detector_min_confidence: detections below it are dropped at once, whatever the rules say.
    """

    def __init__(self, config: LookoutConfig) -> None:
        self._cameras = {camera.id: camera for camera in config.cameras}
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
        """Ids of the cameras the user may see; None for all, also those no longer in the register."""
        if self.sees_everything(principal.unit):
            return None
        return frozenset(camera.id for camera in self.visible(principal))

    def may_see(self, principal: Principal, camera_id: str) -> bool:
        """Whether the user may see a camera, in the register or no longer."""
        ids = self.visible_ids(principal)
        return ids is None or camera_id in ids

    def visible_units(self, principal: Principal) -> list[str] | None:
        """Units whose cameras the user may see; None for all."""
        if self.sees_everything(principal.unit):
            return None
        return sorted({camera.unit for camera in self.visible(principal)})

    def names(self, alert: AlertRaised) -> Names:
        """What an alert's camera and rule are called."""
        camera = self.get(alert.camera_id)
        if camera is None:
            return Names(alert.camera_id, alert.rule_id)
        if alert.kind is AlertKind.CAMERA_OFFLINE:
            return Names(camera.name, "摄像机离线")
        rule_names = {rule.id: rule.name or rule.id for rule in camera.rules}
        return Names(camera.name, rule_names.get(alert.rule_id, alert.rule_id))


def live_stream(camera: CameraConfig) -> StreamName:
    """The stream that is shown live; the camera's online rate is that of this stream."""
    return camera.streams.name_for(StreamRole.LIVE) or StreamName.MAIN
