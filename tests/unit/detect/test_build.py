"""What a detector takes up from the run before, and what it makes of the drones in its config."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from detect.aerial.eye import Eye
from detect.aerial.ground import Unplaced
from detect.aerial.sight import AerialSight
from detect.build import aerial_sights, own_incidents
from kernel.config.camera import CameraConfig, StreamConfig, StreamsConfig
from kernel.config.lookout import LookoutConfig
from kernel.geodesy import distance_m
from kernel.shard import WHOLE, Shard
from kernel.terrain import GridTerrain
from tests.unit.detect.aerial.poses import air_pose

STREAMS = StreamsConfig(main=StreamConfig(url="rtsp://192.0.2.1/1"))
CONFIG = LookoutConfig(
    cameras=tuple(CameraConfig(id=f"cam-{n}", name="c", unit="bureau", streams=STREAMS) for n in range(3))
)
STORED = {"cam-0/zone": "a", "cam-1/zone": "b", "cam-1/line": "c", "cam-2/zone": "d", "taken-down/zone": "e"}


def test_each_part_goes_on_with_its_own_incidents_and_the_first_with_those_of_cameras_that_are_gone() -> None:
    first, second = (own_incidents(STORED, CONFIG, Shard(index, 2)) for index in range(2))
    assert set(first) == {"cam-0/zone", "cam-2/zone", "taken-down/zone"}
    assert set(second) == {"cam-1/zone", "cam-1/line"}


def test_the_only_detector_goes_on_with_all_of_them() -> None:
    assert own_incidents(STORED, CONFIG, WHOLE) == STORED


AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
GRID = "ncols 3\nnrows 3\nxllcorner 109.96\nyllcorner 41.76\ncellsize 0.01\n" + "1500 " * 9


def sights_of(terrain: Path | str, **drone: Any) -> dict[str, AerialSight]:
    """What places the sightings of the camera of one drone; two more cameras stand."""
    flying = {
        "id": "uav-1",
        "link": "udp:127.0.0.1:14550",
        "sysid": 1,
        "home": {"lat": 41.77, "lon": 109.97, "datum": "wgs84"},
        "camera": "cam-1",
        "camera_fov_deg": 40.0,
    }
    cameras = [camera.model_dump(exclude_unset=True) for camera in CONFIG.cameras]
    config = LookoutConfig.model_validate(
        {"cameras": cameras, "fleet": [flying | drone], "dispatch": {"terrain": str(terrain)}}
    )
    return aerial_sights(config, [camera["id"] for camera in cameras])


def test_a_camera_fixed_to_a_drone_looks_and_is_late_as_the_config_says(tmp_path: Path) -> None:
    (tmp_path / "g.asc").write_text(GRID)
    sights = sights_of(tmp_path / "g.asc", camera_pitch_deg=-60.0, camera_delay_s=0.4)
    assert set(sights) == {"cam-1"}
    poses = sights["cam-1"].poses
    assert isinstance(poses.terrain, GridTerrain)
    poses.add(air_pose(AT, camera_id="cam-1", north_m_s=10.0))
    eye = poses.at(AT.timestamp() + 0.9)
    assert isinstance(eye, Eye)
    assert eye.mount_pitch_deg == -60.0
    assert distance_m(41.77, 109.97, eye.lat, eye.lon) == pytest.approx(5.0, abs=0.1)


def test_a_camera_on_a_gimbal_that_tells_nothing_has_no_places() -> None:
    poses = sights_of("flat", gimbal="mount")["cam-1"].poses
    assert poses.terrain is None
    poses.add(air_pose(AT, camera_id="cam-1"))
    assert poses.at(AT.timestamp() + 0.9) is Unplaced.GIMBAL_UNKNOWN


def test_ground_that_cannot_be_read_is_told_and_nothing_is_placed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert sights_of(tmp_path / "absent.asc") == {}
    assert "sightings have no places camera_id=cam-1" in caplog.text
