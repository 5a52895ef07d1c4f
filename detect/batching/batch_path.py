"""How a lane's pictures become detections: by small pictures and an engine, or all on the device.

Both take a picture into a numbered slot of the next batch, and analyse the first slots together.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.detections import Detections
from detect.engines.choice import choose_engine, or_else
from detect.engines.devices import CPU, device_for
from detect.engines.engine import Bytes, Engine, Floats, Running, Runs
from detect.engines.tensorrt_file import engine_file, has_tensorrt
from detect.errors import EngineError
from detect.models.model import Model
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import Preprocessor
from detect.pictures.slots import MakePutsIn, Slots
from kernel.config.camera import MOST_TILES
from kernel.config.sections import Backend, DetectConfig, Precision

_log = logging.getLogger(__name__)

Underway = Running[Detections]
"""A batch on its way to what is found on its pictures."""


class BatchPath(Runs, Protocol):
    """One way from pictures to detections; works on `parallel` batches side by side, each in slots of its own."""

    @property
    def slots(self) -> Slots:
        """Where the next batch goes."""
        ...

    @property
    def tile_room(self) -> int:
        """Slots for the pictures of one frame, behind those of `detect.batch_max`."""
        ...

    @property
    def all_slots(self) -> Slots:
        """The slots and those behind them."""
        ...

    @property
    def puts_in(self) -> MakePutsIn:
        """What fills a slot."""
        ...

    def begin(self, first: int, letterboxes: Sequence[Letterbox]) -> Underway:
        """Begin with the pictures in the slots from `first` on, which are left alone until it is done.

        Raises:
            EngineStalled: only a new process helps.
            EngineError: the engine failed.
        """
        ...


class HostPath:
    """The processor makes small pictures, an engine runs them, numpy reads its answers."""

    puts_in: MakePutsIn = Preprocessor

    def __init__(self, model: Model, config: DetectConfig, engine: Engine) -> None:
        target = model.card.input
        self.name = engine.name
        self.full_batch = engine.full_batch
        self.parallel = engine.parallel
        self.tile_room = 1 + MOST_TILES
        count = config.batch_max + self.tile_room  # memory that is never written to costs nothing
        self.all_slots: Bytes = np.empty((count, *engine.slot_shape), np.uint8)
        self.slots: Bytes = self.all_slots[: config.batch_max]
        self._decoder = Decoder(model.card.layout, target, thresholds_of(config))
        self._engine = engine

    def begin(self, first: int, letterboxes: Sequence[Letterbox]) -> Underway:
        """See `BatchPath.begin`."""
        running = self._engine.start(self.all_slots[first : first + len(letterboxes)])
        return _HostUnderway(running, self._decoder, letterboxes)

    def close(self) -> None:
        """See `Runs.close`."""
        self._engine.close()


class _HostUnderway:
    """A batch in an engine; see `Underway`."""

    def __init__(self, running: Running[Floats], decoder: Decoder, letterboxes: Sequence[Letterbox]) -> None:
        self._running, self._decoder, self._letterboxes = running, decoder, letterboxes

    def wait(self, at_most_s: float) -> bool:
        """See `Running.wait`."""
        return self._running.wait(at_most_s)

    def answers(self) -> list[Detections]:
        """See `Running.answers`."""
        return self._decoder.decode_all(self._running.answers(), self._letterboxes)


def open_path(model: Model, config: DetectConfig, cache_dir: Path) -> tuple[BatchPath, float]:
    """The way for a model, and the pictures a second that were measured.

    Raises:
        BadInputError: the config asks for what this machine lacks.
        EngineStalled: the engine hangs; only a new process helps.
        EngineError: no engine runs the model.
    """
    device = device_for(config)
    if device != CPU and model.max_batch is None:
        with or_else("the CPU", config.backend is Backend.TORCH):
            return _on_device(model, config, device, cache_dir)
        config = config.model_copy(update={"device": CPU})
    engine, capacity_fps = choose_engine(model, config, cache_dir)
    return HostPath(model, config, engine), capacity_fps


def _on_device(model: Model, config: DetectConfig, device: str, cache_dir: Path) -> tuple[BatchPath, float]:
    try:
        from detect.batching.device_lane import DeviceLanePath
    except ImportError as error:
        raise EngineError("torch", f"{error.name} is not installed; install Lookout with the extra yolo") from error
    path = DeviceLanePath.of(model, config, device)
    fps = path.measured_fps(model.card.input)
    if config.backend is Backend.AUTO and config.precision is Precision.AUTO and has_tensorrt():
        file = engine_file(model, device, cache_dir)
        if file.exists():
            from detect.engines.tensorrt_engine import TensorRtNetwork

            try:
                other = DeviceLanePath.of(model, config, device, TensorRtNetwork(model, device, file))
                other_fps = other.measured_fps(model.card.input)
            except EngineError as error:
                _log.warning("TensorRT is not used: %s", error)
            else:
                _log.info("measured %s %.0f, %s %.0f pictures/s", path.name, fps, other.name, other_fps)
                return max(((path, fps), (other, other_fps)), key=lambda entry: entry[1])
    return path, fps


def thresholds_of(config: DetectConfig) -> Thresholds:
    """What is dropped at once."""
    return Thresholds(config.min_confidence, config.nms_iou)
