from __future__ import annotations

import pytest

from kernel.config.camera import CameraConfig, StreamConfig, StreamsConfig
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError
from kernel.shard import WHOLE, Shard


def register(count: int) -> LookoutConfig:
    streams = StreamsConfig(main=StreamConfig(url="rtsp://192.0.2.1/1"))
    return LookoutConfig(
        cameras=tuple(
            CameraConfig(id=f"cam-{number}", name="c", unit="bureau", streams=streams) for number in range(count)
        )
    )


def test_parts_share_out_all_cameras_and_the_whole_has_all() -> None:
    config = register(5)
    parts = [Shard.parse(f"{index}/2").cameras_of(config) for index in range(2)]
    assert [[camera.id for camera in part] for part in parts] == [["cam-0", "cam-2", "cam-4"], ["cam-1", "cam-3"]]
    assert WHOLE.cameras_of(config) == list(config.cameras)


@pytest.mark.parametrize("text", ["", "1", "2/2", "-1/2", "a/b", "1/"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="write INDEX/COUNT"):
        Shard.parse(text)
