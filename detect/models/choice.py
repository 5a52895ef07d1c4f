"""Which model analyses which camera, and how to tell that an answer to that has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from detect.models.model import model_files
from kernel.config.camera import CameraConfig
from kernel.config.lookout import LookoutConfig

Stamps = tuple[tuple[str, int, int, int], ...]


def model_of(camera: CameraConfig, config: LookoutConfig) -> str:
    """Name of the model a camera is analysed by."""
    return camera.model or config.models.default


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What a config says about models.

    Attributes:
        models_dir: where models are found by name.
        cameras: those that are analysed.
        by_camera: name of the model of each of them.
    """

    models_dir: Path
    cameras: tuple[CameraConfig, ...]
    by_camera: dict[str, str]

    @classmethod
    def of(cls, config: LookoutConfig, camera_ids: Iterable[str]) -> ModelChoice:
        """The choice for those of the cameras that the config has."""
        wanted = set(camera_ids)
        cameras = tuple(camera for camera in config.cameras if camera.id in wanted)
        return cls(config.models.dir, cameras, {camera.id: model_of(camera, config) for camera in cameras})

    def keeping(self, before: ModelChoice) -> ModelChoice:
        """This choice with the cameras that only the one before has: gone from the config, still in the detector."""
        gone = {camera.id: camera for camera in before.cameras if camera.id not in self.by_camera}
        by_camera = self.by_camera | {camera_id: before.by_camera[camera_id] for camera_id in gone}
        return replace(self, cameras=(*self.cameras, *gone.values()), by_camera=by_camera)

    @property
    def names(self) -> tuple[str, ...]:
        """The models, in order."""
        return tuple(sorted(set(self.by_camera.values())))

    def files(self) -> list[Path]:
        """The files of its models, whether they are there or not."""
        return [file for name in self.names for file in model_files(name, self.models_dir)]


def stamps_of(files: Iterable[Path]) -> Stamps:
    """What changes when a file is written or replaced: path, inode, size in bytes, time in ns; zeros where none is."""
    found = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            found.append((str(file), 0, 0, 0))
        else:
            found.append((str(file), status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)
