"""The bench's own way from frames to tracks, on a model whose answers are known."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from detect.batching.lane import AnalysisLane
from detect.models.model import load_model
from kernel.config.sections import Backend, DetectConfig, Precision
from supervisor.bench_detect.cameras import cameras_in_ring, planes_of
from supervisor.bench_detect.pipeline import Pipeline
from tests.unit.detect.tiny_models import bright_walker_model


def grey_frames(cameras: int, frames: int) -> np.ndarray:
    return np.full((cameras, frames, 96, 128), 128, np.uint8)


def test_planes_lie_one_after_the_other() -> None:
    packed = np.arange(6 * 8, dtype=np.uint8).reshape(6, 8)
    y, u, v = planes_of(packed)
    assert (y.shape, u.shape, v.shape) == ((4, 8), (2, 4), (2, 4))
    assert (y[-1, -1], u[0, 0], v[0, 0]) == (31, 32, 40)


@pytest.mark.parametrize(("batch", "cameras"), [(1, 3), (4, 9), (4, 5)])
def test_every_picture_that_counts_was_analysed_and_tracked(tmp_path: Path, batch: int, cameras: int) -> None:
    """With five cameras two batches of four would hold one twice: its frames have to stay in order."""
    model = load_model(str(bright_walker_model(tmp_path / "m.onnx")), tmp_path)
    config = DetectConfig(device="cpu", backend=Backend.OPENVINO, precision=Precision.FP32)
    lane = AnalysisLane(model, config, tmp_path)
    lane = AnalysisLane(model, config.model_copy(update={"batch_max": batch * lane.stations}), tmp_path)
    with cameras_in_ring(grey_frames(cameras, 2)) as views, closing(lane):
        assert [len(clip) for clip in views] == [2] * cameras
        pipeline = Pipeline(lane, views)
        assert pipeline.batch == batch
        spell = pipeline.run(0.05)
    assert spell.pictures == pipeline.landed > 0
    assert spell.pictures % batch == 0
    assert pipeline.boxes == pipeline.landed, "the model sees one person in every grey picture"
    assert pipeline.tracks == pipeline.landed, "who is the same one from frame to frame of a camera"


def test_more_pictures_in_a_batch_than_cameras_are_refused(tmp_path: Path) -> None:
    model = load_model(str(bright_walker_model(tmp_path / "m.onnx")), tmp_path)
    config = DetectConfig(device="cpu", backend=Backend.OPENVINO, precision=Precision.FP32)
    lane = AnalysisLane(model, config, tmp_path)
    with closing(lane), cameras_in_ring(grey_frames(3, 1)) as views, pytest.raises(ValueError, match="3 cameras"):
        Pipeline(lane, views)
