"""Which engine runs a model here: what the config says, or what measures fastest; the measurement is remembered."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Annotated

import numpy as np
import openvino as ov
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from detect.engines.devices import CPU, device_for
from detect.engines.engine import Engine
from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16, cpu_name
from detect.errors import EngineError, EngineStalled
from detect.models.card import ModelInput
from detect.models.model import Model
from kernel.config.sections import Backend, DetectConfig, Precision
from kernel.errors import BadInputError

_log = logging.getLogger(__name__)

_MEASURE_S = 0.3
_LARGER_PIECE = 4
_WORTH_IT = 1.05  # a larger piece has to be this much faster, since it makes the first picture wait


class Measured(BaseModel):
    """What was fastest for one model on one CPU."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Precision
    sizes: tuple[int, ...]
    capacity_fps: Annotated[float, Field(gt=0, description="With every stream busy and the machine to itself.")]


@dataclass(frozen=True, slots=True)
class Speed:
    """What running an engine showed.

    Attributes:
        pictures_per_s: by the clock on the wall.
        cpu_s_per_picture: processor time, which other programs on the machine disturb little.
    """

    pictures_per_s: float
    cpu_s_per_picture: float


def measure(engine: Engine, target: ModelInput, for_s: float = _MEASURE_S) -> Speed:
    """Run the engine on full batches.

    Raises:
        EngineError: it does not run.
    """
    shape = (engine.full_batch, target.height_px, target.width_px, 3)
    batch = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    engine.infer(batch)
    started_s, cpu_s, pictures = perf_counter(), process_time(), 0
    while (elapsed_s := perf_counter() - started_s) < for_s or not pictures:
        engine.infer(batch)
        pictures += len(batch)
    return Speed(pictures / elapsed_s, (process_time() - cpu_s) / pictures)


def choose_engine(model: Model, config: DetectConfig, cache_dir: Path) -> tuple[Engine, float]:
    """The engine for a model and the pictures a second it was measured at.

    Args:
        model: what to run.
        config: backend and precision wanted.
        cache_dir: where measurements are kept.

    Raises:
        BadInputError: the config asks for what this CPU lacks.
        EngineStalled: the engine hangs; only a new process helps.
        EngineError: no engine runs the model.
    """
    device = device_for(config)
    if device != CPU or config.backend is Backend.TORCH:
        try:
            return _torch(model, config, device)
        except EngineStalled:
            raise
        except EngineError as error:
            if config.backend is Backend.TORCH:
                raise
            _log.warning("falling back to the CPU: %s", error)
    if config.precision is Precision.BF16 and (config.backend is Backend.ONNXRUNTIME or not cpu_has_bf16()):
        raise BadInputError("detect.precision: bf16 needs OpenVINO on a CPU with AVX512-BF16 or AMX; use auto or fp32")
    if config.backend is not Backend.ONNXRUNTIME:
        try:
            return _openvino(model, config, cache_dir)
        except EngineStalled:
            raise
        except EngineError as error:
            if config.backend is Backend.OPENVINO:
                raise
            _log.warning("falling back to ONNX Runtime: %s", error)
    engine = OnnxRuntimeEngine(model)
    return engine, measure(engine, model.card.input).pictures_per_s


def _torch(model: Model, config: DetectConfig, device: str) -> tuple[Engine, float]:
    """PyTorch, and how fast it is.

    Raises:
        EngineError: it is not installed, or does not run the model.
    """
    try:
        from detect.engines.torch_engine import TorchEngine
    except ImportError as error:
        raise EngineError("torch", f"{error.name} is not installed; install Lookout with the extra yolo") from error
    engine = TorchEngine(model, device, config.precision, config.batch_max)
    return engine, measure(engine, model.card.input).pictures_per_s


def _openvino(model: Model, config: DetectConfig, cache_dir: Path) -> tuple[Engine, float]:
    """OpenVINO as measured before, or measured now."""
    remembered_at = cache_dir / f"{_cache_key(model, config.precision)}.json"
    measured = _recall(remembered_at)
    if measured is not None:
        return OpenVinoEngine(model, measured.precision, measured.sizes), measured.capacity_fps
    engine, measured = _fastest(model, config)
    _remember(remembered_at, measured)
    _log.info("measured %s: %.0f pictures/s, pieces of %s", engine.name, measured.capacity_fps, measured.sizes)
    return engine, measured.capacity_fps


def _fastest(model: Model, config: DetectConfig) -> tuple[OpenVinoEngine, Measured]:
    """Try the number formats, then larger pieces in the better one; processor time decides."""
    formats = [config.precision]
    if config.precision is Precision.AUTO:
        formats = [Precision.BF16, Precision.FP32] if cpu_has_bf16() else [Precision.FP32]
    tried = []
    for precision in formats:
        engine = OpenVinoEngine(model, precision)
        tried.append((measure(engine, model.card.input).cpu_s_per_picture, engine, precision))
    cost_s, engine, precision = min(tried, key=lambda entry: entry[0])
    if model.max_batch is None and config.batch_max >= _LARGER_PIECE * engine.streams:
        sizes = (1, _LARGER_PIECE)
        larger = OpenVinoEngine(model, precision, sizes)
        larger_cost_s = measure(larger, model.card.input).cpu_s_per_picture
        if larger_cost_s * _WORTH_IT < cost_s:
            return larger, Measured(precision=precision, sizes=sizes, capacity_fps=larger.streams / larger_cost_s)
    return engine, Measured(precision=precision, sizes=(1,), capacity_fps=engine.streams / cost_s)


def _cache_key(model: Model, precision: Precision) -> str:
    """Names everything that a measurement depends on."""
    parts = (model.card.sha256, precision.value, cpu_name(), str(len(os.sched_getaffinity(0))), ov.__version__)
    return "-".join("".join(letter if letter.isalnum() else "_" for letter in part)[:24] for part in parts)


def _recall(path: Path) -> Measured | None:
    """A measurement made before; None where there is none that can be read."""
    try:
        return Measured.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _remember(path: Path, measured: Measured) -> None:
    """Keep a measurement; not being able to costs the next start two seconds, no more."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(measured.model_dump(mode="json")) + "\n")
    except OSError as error:
        _log.warning("cannot keep the engine's measurement in %s: %s", path, error.strerror)
