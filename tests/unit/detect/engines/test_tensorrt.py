"""TensorRT: what can be said without it, and what a machine that has it must show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detect.engines.devices import gpus
from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.engines.tensorrt_file import build_engine_file, has_tensorrt, may_build, visible_alone
from detect.models.model import load_model

MODELS = Path(__file__).resolve().parents[4] / "models"
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
    from detect.engines.tensorrt_engine import TensorRtNetwork
    from detect.engines.torch_engine import TorchEngine

    model = load_model("district-n", MODELS)
    network = TensorRtNetwork(model, "cuda:0", build_engine_file(model, "cuda:0", tmp_path, 8))
    engine, reference = TorchEngine(model, "cuda:0", batch_max=8, network=network), OnnxRuntimeEngine(model)
    pictures = np.random.default_rng(1).integers(0, 256, (5, 384, 640, 3), np.uint8)
    found, expected = engine.infer(pictures), reference.infer(pictures)
    assert np.abs(found[:, :4] - expected[:, :4]).max() < 3
    assert np.abs(found[:, 4:] - expected[:, 4:]).max() < 0.03
