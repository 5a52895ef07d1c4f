from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from detect.int8.live_footage import from_cameras
from detect.models.card import ModelInput
from detect.pictures.frames import FrameSource
from kernel.clock import ManualClock
from kernel.config.camera import CameraConfig, StreamName
from kernel.errors import CannotRunError
from kernel.ring import RingReader, RingWriter

TARGET = ModelInput(width_px=64, height_px=32)
LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
CAMERA = CameraConfig.model_validate(
    {
        "id": "cam-01",
        "name": "Gate",
        "unit": "bureau",
        "streams": {"main": {"url": "rtsp://127.0.0.1:1/gate"}},
        "masks": [LEFT_HALF],
    }
)


def source(path: Path) -> FrameSource:
    clock = ManualClock(datetime(1970, 1, 1, tzinfo=UTC))
    return FrameSource({"cam-01": StreamName.MAIN}, {"cam-01": RingReader(path)}, clock)


def test_a_running_cameras_pictures_are_taken_masked_and_the_last_third_judges(tmp_path: Path) -> None:
    with closing(RingWriter(tmp_path / "r", [("cam-01", StreamName.MAIN)])) as writer:
        told: list[int] = []
        frames, level = source(tmp_path / "r"), 100

        def next_frame() -> None:
            nonlocal level
            level += 10
            chroma = np.full((16, 32), 128, np.uint8)
            writer.slot_for("cam-01", StreamName.MAIN).write(
                np.full((32, 64), level, np.uint8), chroma, chroma, pts=0, captured_at_us=1
            )

        next_frame()
        footage = from_cameras(frames, [CAMERA], TARGET, 6, next_frame, told.append)
        frames.close()
    assert told == [1, 2, 3, 4, 5, 6]
    assert (len(footage.calibration), len(footage.held_out)) == (4, 2)
    pictures = [*footage.calibration, *footage.held_out]
    brightness = [int(picture.pixels[16, 48, 0]) for picture in pictures]
    assert brightness == sorted(set(brightness))
    assert all(not picture.pixels[:, :31].any() for picture in pictures)
    assert footage.source == "cameras cam-01"


def test_more_cameras_than_pictures_give_some_that_judge_too(tmp_path: Path) -> None:
    """The first round took them all: nothing was held out, and hundreds of cameras were too few pictures."""
    ids = [f"cam-{number}" for number in range(8)]
    cameras = [CAMERA.model_copy(update={"id": one}) for one in ids]
    with (
        closing(RingWriter(tmp_path / "r", [(one, StreamName.MAIN) for one in ids])) as writer,
        RingReader(tmp_path / "r") as reader,
    ):
        clock = ManualClock(datetime(1970, 1, 1, tzinfo=UTC))
        frames = FrameSource(dict.fromkeys(ids, StreamName.MAIN), dict.fromkeys(ids, reader), clock)
        chroma = np.full((16, 32), 128, np.uint8)
        for number, one in enumerate(ids):
            luma = np.full((32, 64), 20 * (number + 1), np.uint8)
            writer.slot_for(one, StreamName.MAIN).write(luma, chroma, chroma, pts=0, captured_at_us=1)
        footage = from_cameras(frames, cameras, TARGET, 6, lambda: None, lambda _: None)
    assert (len(footage.calibration), len(footage.held_out)) == (4, 2)
    brightness = [int(one.pixels[16, 48, 0]) for one in (*footage.calibration, *footage.held_out)]
    assert brightness == sorted(set(brightness)), "six cameras, one after the other"


def test_cameras_that_do_not_run_are_named(tmp_path: Path) -> None:
    rounds: list[int] = []
    with pytest.raises(CannotRunError, match="no pictures of cam-01; start them by lookout up"):
        from_cameras(source(tmp_path / "r"), [CAMERA], TARGET, 300, lambda: rounds.append(1), lambda _: None)
    assert len(rounds) < 20
