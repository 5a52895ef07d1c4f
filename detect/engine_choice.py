"""Which engine runs a model here: what the config says, or what measures fastest; the measurement is remembered."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from time import perf_counter
from typing import Annotated

import numpy as np
import openvino as ov
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from detect.engine import Engine
from detect.engine_onnxruntime import OnnxRuntimeEngine
from detect.engine_openvino import OpenVinoEngine, cpu_has_bf16, cpu_name
from detect.errors import EngineError
from detect.model import Model
from detect.model_card import ModelInput
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
    capacity_fps: Annotated[float, Field(gt=0)]


def measure_fps(engine: Engine, target: ModelInput, batch_size: int, for_s: float = _MEASURE_S) -> float:
    """Pictures a second the engine answers, by running it.

    Raises:
        EngineError: it does not run.
    """
    shape = (batch_size, target.height_px, target.width_px, 3)
    batch = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    engine.infer(batch)
    started_s = perf_counter()
    rounds = 0
    while (elapsed_s := perf_counter() - started_s) < for_s or rounds < 2:
        engine.infer(batch)
        rounds += 1
    return rounds * batch_size / elapsed_s


def choose_engine(model: Model, config: DetectConfig, cache_dir: Path) -> tuple[Engine, float]:
    """The engine for a model and the pictures a second it was measured at.

    Args:
        model: what to run.
        config: backend and precision wanted.
        cache_dir: where measurements are kept.

    Raises:
        BadInputError: the config asks for what this CPU lacks.
        EngineError: no engine runs the model.
    """
    if config.precision is Precision.BF16 and (config.backend is Backend.ONNXRUNTIME or not cpu_has_bf16()):
        raise BadInputError("detect.precision: bf16 needs OpenVINO on a CPU with AVX512-BF16 or AMX; use auto or fp32")
    if config.backend is not Backend.ONNXRUNTIME:
        try:
            return _openvino(model, config, cache_dir)
        except EngineError as error:
            if config.backend is Backend.OPENVINO:
                raise
            _log.warning("falling back to ONNX Runtime: %s", error)
    engine = OnnxRuntimeEngine(model)
    return engine, measure_fps(engine, model.card.input, 1)


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
    """Try the number formats, then larger pieces in the faster one."""
    formats = [config.precision]
    if config.precision is Precision.AUTO:
        formats = [Precision.BF16, Precision.FP32] if cpu_has_bf16() else [Precision.FP32]
    tried = []
    for precision in formats:
        engine = OpenVinoEngine(model, precision)
        tried.append((measure_fps(engine, model.card.input, 2 * engine.full_batch), engine, precision))
    fps, engine, precision = max(tried, key=lambda entry: entry[0])
    best = Measured(precision=precision, sizes=(1,), capacity_fps=fps)
    if model.max_batch is None and config.batch_max >= _LARGER_PIECE * engine.full_batch:
        sizes = (1, _LARGER_PIECE)
        larger = OpenVinoEngine(model, precision, sizes)
        larger_fps = measure_fps(larger, model.card.input, larger.full_batch)
        if larger_fps > _WORTH_IT * fps:
            return larger, Measured(precision=precision, sizes=sizes, capacity_fps=larger_fps)
    return engine, best


def _cache_key(model: Model, precision: Precision) -> str:
    """Names everything that a measurement depends on."""
    parts = (model.card.sha256, precision.value, cpu_name(), str(os.cpu_count()), ov.__version__)
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
