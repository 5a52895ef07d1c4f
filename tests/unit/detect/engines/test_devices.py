from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from detect.engines.choice import choose_engine
from detect.engines.devices import CPU, device_for, gpus
from detect.errors import EngineError
from detect.models.model import load_model
from kernel.config.sections import Backend, DetectConfig
from kernel.errors import BadInputError

MODELS = Path(__file__).resolve().parents[4] / "models"


@pytest.mark.skipif(bool(gpus()), reason="there is a GPU here")
def test_without_a_gpu_auto_is_the_cpu_and_a_named_gpu_is_refused_with_the_remedy() -> None:
    assert device_for(DetectConfig()) == CPU
    with pytest.raises(BadInputError, match=r"detect\.device: no cuda:1 \(PyTorch .*\); use auto, cpu"):
        device_for(DetectConfig(device="cuda:1"))


@pytest.mark.skipif(not gpus(), reason="no CUDA device here: the choice of a GPU was not tested")
def test_auto_is_the_first_gpu_and_one_too_many_is_refused() -> None:
    assert device_for(DetectConfig()) == "cuda:0"
    with pytest.raises(BadInputError, match=r"no cuda:99 \(here are cuda:0"):
        device_for(DetectConfig(device="cuda:99"))


@pytest.mark.parametrize("backend", [Backend.OPENVINO, Backend.ONNXRUNTIME])
def test_engines_of_the_cpu_refuse_a_gpu_and_look_for_none(backend: Backend) -> None:
    assert device_for(DetectConfig(backend=backend)) == CPU
    with pytest.raises(BadInputError, match=f"{backend.value} runs on the CPU, not on cuda:0"):
        device_for(DetectConfig(backend=backend, device="cuda:0"))


@pytest.mark.parametrize("device", ["gpu", "cuda", "cuda:-1", "cuda:x"])
def test_other_devices_are_no_config(device: str) -> None:
    with pytest.raises(ValueError, match="device"):
        DetectConfig(device=device)


def test_pytorch_on_request_runs_on_the_cpu_or_says_what_is_missing(tmp_path: Path) -> None:
    model = load_model("district-n", MODELS)
    config = DetectConfig(backend=Backend.TORCH, device=CPU)
    if importlib.util.find_spec("torch") is None:
        with pytest.raises(EngineError, match="torch is not installed; install Lookout with the extra yolo"):
            choose_engine(model, config, tmp_path)
        return
    engine, capacity_fps = choose_engine(model, config, tmp_path)
    assert engine.name == "torch fp32 384x640"
    assert capacity_fps > 0
    engine.close()
