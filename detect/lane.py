"""One model and the engine it runs on: opened, used, and opened again after a failure."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detect.decode import Decoder, Thresholds
from detect.detections import Detections
from detect.engine import Bytes
from detect.engine_choice import choose_engine
from detect.errors import EngineError, EngineStalled
from detect.letterbox import Letterbox
from detect.model import Model
from detect.pulse import NotAnalysed
from detect.schedule import Lane
from kernel.config.sections import DetectConfig

_log = logging.getLogger(__name__)

_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 30.0


class AnalysisLane:
    """Analyses batches for all cameras that share a model.

    Args:
        model: what to run.
        config: engine, thresholds and batch size.
        cache_dir: where measurements of engines are kept.

    Raises:
        BadInputError: the config asks for what this CPU lacks.
        EngineError: no engine runs the model.
    """

    def __init__(self, model: Model, config: DetectConfig, cache_dir: Path) -> None:
        self.model = model
        self.problem: NotAnalysed | None = None
        self._config = config
        self._cache_dir = cache_dir
        self._retry_at_s = 0.0
        self._retry_s = _FIRST_RETRY_S
        target = model.card.input
        self.slots: Bytes = np.empty((config.batch_max, target.height_px, target.width_px, 3), np.uint8)
        self._decoder = Decoder(model.card.layout, target, Thresholds(config.min_confidence, config.nms_iou))
        self._engine, capacity_fps = choose_engine(model, config, cache_dir)
        self.turns = Lane(capacity_fps, self._engine.full_batch)

    @property
    def engine_name(self) -> str:
        """What it runs on."""
        return self._engine.name

    def analyse(self, letterboxes: Sequence[Letterbox], now_s: float) -> list[Detections]:
        """What is found on the pictures in the first slots, one `Detections` each.

        Raises:
            EngineStalled: the engine hangs; the process has to be left.
            EngineError: the engine failed; it is tried again by `reopen`.
        """
        try:
            outputs = self._engine.infer(self.slots[: len(letterboxes)])
        except EngineStalled:
            raise
        except EngineError:
            self.problem = NotAnalysed.ENGINE_FAILED
            self.turns.is_open = False
            self._retry_at_s = now_s + self._retry_s
            self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)
            raise
        self._retry_s = _FIRST_RETRY_S
        decoded = (self._decoder.decode(output, box) for output, box in zip(outputs, letterboxes, strict=True))
        return [self._usable(found) for found in decoded]

    def _usable(self, found: Detections) -> Detections:
        """Without what no tracker can take: one such box would end the analysis of every camera."""
        usable = found.usable(len(self.model.card.classes))
        if len(usable) < len(found):
            _log.error(
                "boxes dropped, of no class on the card or no place model=%s classes=%d; correct its card.json",
                self.model.card.name,
                len(self.model.card.classes),
            )
        return usable

    def reopen(self, now_s: float) -> None:
        """Start the engine anew when its time has come after a failure."""
        if self.problem is None or now_s < self._retry_at_s:
            return
        self._engine.close()
        try:
            self._engine, _ = choose_engine(self.model, self._config, self._cache_dir)
        except EngineError as error:
            self._retry_at_s = now_s + self._retry_s
            self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)
            _log.warning("engine does not start model=%s: %s", self.model.card.name, error)
            return
        self.problem = None
        self.turns.is_open = True
        _log.info("engine started again model=%s engine=%s", self.model.card.name, self._engine.name)

    def close(self) -> None:
        """Let go of the engine."""
        self._engine.close()
