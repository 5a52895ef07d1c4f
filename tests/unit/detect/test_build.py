"""What a detector that has a part of the cameras takes up from the run before."""

from __future__ import annotations

from detect.build import own_incidents
from kernel.config.camera import CameraConfig, StreamConfig, StreamsConfig
from kernel.config.lookout import LookoutConfig
from kernel.shard import WHOLE, Shard

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
