"""TensorRT's engine file of a model: made once on the machine that runs it, by ultralytics' export of the ONNX file.

It fits one GPU and one version of TensorRT, so it lies beside the engines' measurements, not with the model. Knows
nothing of TensorRT itself: what runs the file is `detect.engines.tensorrt_engine`.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from detect.engines.devices import gpus
from detect.errors import EngineError
from detect.models.model import Model

BUILD_WITHIN_S = 1800.0
_LAST_WORDS = 300
_BUILD = """
import sys
from ultralytics.utils.export.engine import onnx2engine
onnx, engine, batch, height_px, width_px = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
onnx2engine(onnx, engine, quantize=16, dynamic=True, shape=(batch, 3, height_px, width_px))
"""


def has_tensorrt() -> bool:
    """Whether TensorRT is installed."""
    return importlib.util.find_spec("tensorrt") is not None


def engine_file(model: Model, device: str, cache_dir: Path) -> Path:
    """Where the engine file of a model for that GPU belongs."""
    import torch

    size = f"{model.card.input.width_px}x{model.card.input.height_px}"
    parts = (model.card.sha256[:16], size, torch.cuda.get_device_name(device), importlib.metadata.version("tensorrt"))
    name = "-".join("".join(letter if letter.isalnum() else "_" for letter in part) for part in parts)
    return cache_dir / f"{name}.engine"


def build_engine_file(model: Model, device: str, cache_dir: Path, batch_max: int) -> Path:
    """Make the file; takes minutes, in a process of its own.

    Args:
        model: with an open batch.
        device: cuda:N, the GPU that it is for.
        cache_dir: where it goes.
        batch_max: the batch that it is made fastest for, and the largest that it takes.

    Raises:
        EngineError: ultralytics or TensorRT refused.
    """
    target = engine_file(model, device, cache_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    size = (str(batch_max), str(model.card.input.height_px), str(model.card.input.width_px))
    command = [sys.executable, "-c", _BUILD, str(model.path), str(unfinished), *size]
    visible = visible_alone(device, os.environ.get("CUDA_VISIBLE_DEVICES", ""))
    settings = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0", "CUDA_VISIBLE_DEVICES": visible}
    try:
        done = subprocess.run(
            command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=BUILD_WITHIN_S
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError("tensorrt", f"no engine within {BUILD_WITHIN_S:.0f} s") from error
    if done.returncode != 0 or not unfinished.exists():
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        raise EngineError("tensorrt", lines[-1][:_LAST_WORDS] if lines else f"exit code {done.returncode}")
    unfinished.replace(target)
    return target


def may_build(model: Model) -> str:
    """The GPU to make an engine for, empty where there is none, no TensorRT, or the model's batch is fixed."""
    found = gpus() if model.max_batch is None and has_tensorrt() else []
    return found[0] if found else ""


def visible_alone(device: str, visible: str) -> str:
    """CUDA_VISIBLE_DEVICES for a process that is to see one GPU of those that this one sees."""
    index = int(device.partition(":")[2] or 0)
    return visible.split(",")[index] if visible else str(index)
