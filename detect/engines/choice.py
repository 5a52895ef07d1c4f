"""Which engine runs a model here: what the config says, or what measures fastest; the measurement is remembered."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from detect.engines.devices import CPU, device_for
from detect.engines.engine import Engine
from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16
from detect.engines.remembered import LARGER_PIECES, Measured, recall, remember
from detect.errors import EngineError, EngineStalled
from detect.models.model import Model
from kernel.config.sections import Backend, DetectConfig, Precision
from kernel.errors import BadInputError

_log = logging.getLogger(__name__)

_MEASURE_S = 0.3
_WORTH_IT = 1.05  # a larger piece has to be this much faster, since it makes the first picture wait
INT8_WORTH_IT = 1.1  # int8 has to be this much faster, since it costs a little accuracy


@dataclass(frozen=True, slots=True)
class Speed:
    """What running an engine showed.

    Attributes:
        pictures_per_s: by the clock on the wall.
        cpu_s_per_picture: processor time, which other programs on the machine disturb little.
    """

    pictures_per_s: float
    cpu_s_per_picture: float


def measure(engine: Engine, for_s: float = _MEASURE_S) -> Speed:
    """Run the engine on full batches.

    Raises:
        EngineError: it does not run.
    """
    shape = (engine.full_batch, *engine.slot_shape)
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
        BadInputError: the config asks for what this CPU or the model lacks.
        EngineStalled: the engine hangs; only a new process helps.
        EngineError: no engine runs the model.
    """
    device = device_for(config)
    _check_precision(model, config)
    if device != CPU or config.backend is Backend.TORCH:
        with or_else("the CPU", config.backend is Backend.TORCH):
            return _torch(model, config, device)
    no_openvino = config.backend is Backend.ONNXRUNTIME
    if config.precision is Precision.BF16 and (no_openvino or not cpu_has_bf16()):
        raise BadInputError("detect.precision: bf16 needs OpenVINO on a CPU with AVX512-BF16 or AMX; use auto or fp32")
    if config.backend is not Backend.ONNXRUNTIME:
        with or_else("ONNX Runtime", config.backend is Backend.OPENVINO):
            return _openvino(model, config, cache_dir)
    engine = OnnxRuntimeEngine(model)
    return engine, measure(engine).pictures_per_s


@contextmanager
def or_else(other: str, is_wanted: bool) -> Iterator[None]:
    """Go on after a failure, and say with what, unless the config asks for just this.

    Raises:
        EngineStalled: the engine hangs; only a new process helps.
        EngineError: it does not run and is wanted.
    """
    try:
        yield
    except EngineStalled:
        raise
    except EngineError as error:
        if is_wanted:
            raise
        _log.warning("falling back to %s: %s", other, error)


def _check_precision(model: Model, config: DetectConfig) -> None:
    """Refuse int8 where there is none.

    Raises:
        BadInputError: nobody made it of this model, or another backend than OpenVINO is wanted.
    """
    if config.precision is not Precision.INT8:
        return
    if config.backend in (Backend.ONNXRUNTIME, Backend.TORCH):
        raise BadInputError("detect.precision: int8 needs OpenVINO; set detect.backend to auto or openvino")
    if model.int8_path is None:
        raise BadInputError(
            f"detect.precision: model {model.card.name} has no int8; make it by lookout models quantize, or use auto"
        )


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
    return engine, measure(engine).pictures_per_s


def _openvino(model: Model, config: DetectConfig, cache_dir: Path) -> tuple[Engine, float]:
    """OpenVINO as measured before, or measured now."""
    measured = recall(model, config, cache_dir)
    if measured is not None:
        return OpenVinoEngine(model, measured.precision, measured.sizes), measured.capacity_fps
    engine, measured = _fastest(model, config)
    remember(model, config, cache_dir, measured)
    _log.info("measured %s: %.0f pictures/s, pieces of %s", engine.name, measured.capacity_fps, measured.sizes)
    return engine, measured.capacity_fps


def _fastest(model: Model, config: DetectConfig) -> tuple[OpenVinoEngine, Measured]:
    """Try the number formats, then larger pieces in the best one; processor time decides."""
    tried: dict[Precision, tuple[OpenVinoEngine, float]] = {}
    for precision in _formats(model, config):
        engine = OpenVinoEngine(model, precision)
        tried[precision] = engine, measure(engine).cpu_s_per_picture
    cpu_ms = {precision: round(cost_s * 1000, 3) for precision, (_, cost_s) in tried.items()}
    precision = best_format(cpu_ms)
    engine, cost_s = tried[precision]
    engines, costs_s = {1: engine}, {1: cost_s}
    for piece in LARGER_PIECES:
        if model.max_batch is None and config.batch_max >= piece * engine.streams:
            engines[piece] = OpenVinoEngine(model, precision, (1, piece))
            costs_s[piece] = measure(engines[piece]).cpu_s_per_picture
    piece = best_piece(costs_s)
    sizes = tuple(sorted({1, piece}))
    return engines[piece], Measured(
        precision=precision, sizes=sizes, capacity_fps=engine.streams / costs_s[piece], cpu_ms=cpu_ms
    )


def best_piece(costs_s: Mapping[int, float]) -> int:
    """How many pictures an inference should have: more only where they are that much cheaper.

    Args:
        costs_s: processor time a picture for each number, 1 among them.
    """
    best = 1
    for piece in sorted(costs_s):
        if costs_s[piece] * _WORTH_IT < costs_s[best]:
            best = piece
    return best


def _formats(model: Model, config: DetectConfig) -> list[Precision]:
    """The number formats to try."""
    if config.precision is not Precision.AUTO:
        return [config.precision]
    there_are = [Precision.INT8] if model.int8_path is not None else []
    return [*([Precision.BF16] if cpu_has_bf16() else []), Precision.FP32, *there_are]


def best_format(cost: Mapping[Precision, float]) -> Precision:
    """The number format that costs least; int8 only where it is worth its loss of accuracy."""
    return min(cost, key=lambda one: cost[one] * (INT8_WORTH_IT if one is Precision.INT8 else 1.0))


def why_chosen(model: Model, config: DetectConfig, cache_dir: Path) -> str:
    """Why OpenVINO runs a model in the number format that `choose_engine` took, by what was measured then."""
    measured = recall(model, config, cache_dir)
    if config.precision is not Precision.AUTO or measured is None or len(measured.cpu_ms) < 2:
        return ""
    costs = dict(sorted(measured.cpu_ms.items(), key=lambda entry: entry[1]))
    shown = ", ".join(f"{precision.value} {cost_ms:.1f}" for precision, cost_ms in costs.items())
    why = f"ms of processor time a picture: {shown}"
    if Precision.INT8 in costs and model.card.int8 is not None:
        accuracy = model.card.int8.accuracy
        why += (
            f"; int8 costs {accuracy.drop:.3f} of {accuracy.measure.value} and has to be {INT8_WORTH_IT} times as fast"
        )
    return why
