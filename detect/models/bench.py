"""`lookout models bench`: one model through every engine of this machine."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from detect.engines.choice import choose_engine, measure, why_chosen
from detect.engines.devices import gpus
from detect.engines.engine import Engine
from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16
from detect.engines.remembered import forget
from detect.engines.tensorrt_file import engine_file, has_tensorrt
from detect.errors import EngineError
from detect.models.model import Model
from kernel.config.sections import DetectConfig, Precision

MEASURE_S = 2.0
_GPU_BATCH = 32


def engines_of(model: Model, cache_dir: Path) -> list[tuple[str, Callable[[], Engine]]]:
    """How to make every engine that could run the model here, by name; to be made one at a time."""
    precisions = [*([Precision.BF16] if cpu_has_bf16() else []), Precision.FP32]
    if model.int8_path is not None:
        precisions.append(Precision.INT8)
    openvino = [(f"openvino {one.value}", partial(OpenVinoEngine, model, one)) for one in precisions]
    return [*_on_gpu(model, cache_dir), *openvino, ("onnxruntime fp32", partial(OnnxRuntimeEngine, model))]


def _on_gpu(model: Model, cache_dir: Path) -> list[tuple[str, Callable[[], Engine]]]:
    """PyTorch and, where its file was made, TensorRT on the first GPU, in batches that keep it busy."""
    found = gpus()
    if not found:
        return []
    from detect.engines.torch_engine import TorchEngine

    engines: list[tuple[str, Callable[[], Engine]]] = [
        (f"torch {name}", partial(TorchEngine, model, found[0], one, _GPU_BATCH))
        for name, one in (("fp16", Precision.AUTO), ("fp32", Precision.FP32))
    ]
    if has_tensorrt() and engine_file(model, found[0], cache_dir).exists():
        engines.append(("tensorrt fp16", partial(_tensorrt, model, found[0], cache_dir)))
    return engines


def _tensorrt(model: Model, device: str, cache_dir: Path) -> Engine:
    from detect.engines.tensorrt_engine import TensorRtNetwork
    from detect.engines.torch_engine import TorchEngine

    network = TensorRtNetwork(model, device, engine_file(model, device, cache_dir))
    return TorchEngine(model, device, batch_max=_GPU_BATCH, network=network)


def bench_model(model: Model, config: DetectConfig, cache_dir: Path, for_s: float = MEASURE_S) -> list[dict[str, Any]]:
    """One row an engine: pictures a second by the clock, processor time a picture, whether `config` takes it, and why.

    What `config` takes is measured anew, and remembered for the next start of a detector.

    Args:
        model: what to run.
        config: backend and precision wanted.
        cache_dir: where the choice of engine is remembered.
        for_s: how long each engine runs.
    """
    forget(model, config, cache_dir)
    chosen, _ = choose_engine(model, config, cache_dir)
    chosen_name, why = chosen.name, why_chosen(model, config, cache_dir)
    chosen.close()
    rows = []
    for name, make in engines_of(model, cache_dir):
        row: dict[str, Any] = {"engine": name, "pictures_per_s": None, "cpu_ms_per_picture": None, "problem": ""}
        try:
            with closing(make()) as engine:
                speed = measure(engine, for_s)
        except EngineError as error:
            row["problem"] = str(error)
        else:
            row["pictures_per_s"] = round(speed.pictures_per_s, 1)
            row["cpu_ms_per_picture"] = round(speed.cpu_s_per_picture * 1000, 2)
        is_taken = chosen_name.startswith(name)
        rows.append({**row, "taken": is_taken, "why": why if is_taken else ""})
    return sorted(rows, key=lambda row: row["cpu_ms_per_picture"] or math.inf)
