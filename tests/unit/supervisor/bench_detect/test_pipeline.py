"""The bench's own way from frames to tracks, on a model whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detect.engines.openvino_engine import OpenVinoEngine
from detect.models.model import load_model
from kernel.config.sections import Precision
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


@pytest.mark.parametrize("batch", [1, 8])
def test_every_picture_that_counts_was_analysed_and_tracked(tmp_path: Path, batch: int) -> None:
    model = load_model(str(bright_walker_model(tmp_path / "m.onnx")), tmp_path)
    engine = OpenVinoEngine(model, Precision.FP32)
    with cameras_in_ring(grey_frames(3, 2)) as views:
        assert [len(clip) for clip in views] == [2, 2, 2]
        pipeline = Pipeline(engine, model, views, batch)
        spell = pipeline.run(0.05)
    assert spell.pictures == pipeline.landed > 0
    assert spell.pictures % batch == 0
    assert pipeline.boxes == pipeline.landed, "the model sees one person in every grey picture"
    assert pipeline.tracks == pipeline.landed, "who is the same one from frame to frame of a camera"
