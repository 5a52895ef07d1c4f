"""TensorRT: what can be said without it, and what a machine that has it must show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detect.devices import gpus
from detect.engine_onnxruntime import OnnxRuntimeEngine
from detect.model import load_model
from detect.tensorrt_file import build_engine_file, has_tensorrt, may_build, visible_alone

MODELS = Path(__file__).resolve().parents[3] / "models"
IS_HERE = has_tensorrt() and bool(gpus())


@pytest.mark.skipif(IS_HERE, reason="TensorRT and a GPU are here")
def test_without_a_gpu_and_tensorrt_an_import_makes_no_engine() -> None:
    assert may_build(load_model("district-n", MODELS)) == ""


@pytest.mark.parametrize(
    ("device", "visible", "alone"),
    [("cuda:0", "", "0"), ("cuda:1", "", "1"), ("cuda:1", "4,6", "6"), ("cuda:0", "GPU-1f2e", "GPU-1f2e")],
)
def test_the_process_that_makes_an_engine_sees_its_gpu_alone(device: str, visible: str, alone: str) -> None:
    assert visible_alone(device, visible) == alone


@pytest.mark.skipif(not IS_HERE, reason="no TensorRT with a GPU here: its engine was neither made nor run")
@pytest.mark.timeout(1200)
def test_the_engine_answers_as_onnx_runtime_does(tmp_path: Path) -> None:
    from detect.engine_tensorrt import TensorRtNetwork
    from detect.engine_torch import TorchEngine

    model = load_model("district-n", MODELS)
    network = TensorRtNetwork(model, "cuda:0", build_engine_file(model, "cuda:0", tmp_path, 8))
    engine, reference = TorchEngine(model, "cuda:0", batch_max=8, network=network), OnnxRuntimeEngine(model)
    pictures = np.random.default_rng(1).integers(0, 256, (5, 384, 640, 3), np.uint8)
    found, expected = engine.infer(pictures), reference.infer(pictures)
    assert np.abs(found[:, :4] - expected[:, :4]).max() < 3
    assert np.abs(found[:, 4:] - expected[:, 4:]).max() < 0.03
