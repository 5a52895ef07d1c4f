"""One model and the engine it runs on: opened, used, and opened again after a failure."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detect.batching.batch_path import Underway, open_path
from detect.batching.schedule import Lane
from detect.boxes.detections import Detections
from detect.errors import EngineError, EngineStalled
from detect.models.model import Model
from detect.pictures.frames import FrameCopy
from detect.pictures.letterbox import Letterbox
from detect.pictures.slots import MakePutsIn, Slots
from detect.pulse import NotAnalysed
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

    Attributes:
        stations: batches that are worked on at a time, each in slots of its own.

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
        self._path, capacity_fps = open_path(model, config, cache_dir)
        self.stations, self.turns = 1, Lane(capacity_fps, 1)
        self._share_slots()

    def _share_slots(self) -> None:
        """Divide the slots evenly among the batches that are worked on at a time."""
        path, most = self._path, self._config.batch_max
        self.stations = max(1, min(path.parallel, most))
        self._station_size = most // self.stations
        self.turns.batch_most = self._station_size
        self.turns.full_batch = max(1, min(path.full_batch // path.parallel, self._station_size))

    @property
    def engine_name(self) -> str:
        """What it runs on."""
        return self._path.name

    @property
    def slots(self) -> Slots:
        """Where the next batch goes."""
        return self._path.slots

    @property
    def tile_room(self) -> int:
        """Slots for the pictures of one frame in tiles: the batch of the station behind the others."""
        return self._path.tile_room

    @property
    def all_slots(self) -> Slots:
        """The slots and those of a frame in tiles."""
        return self._path.all_slots

    @property
    def puts_in(self) -> MakePutsIn:
        """What fills a slot."""
        return self._path.puts_in

    def analyse(self, letterboxes: Sequence[Letterbox], now_s: float) -> list[Detections]:
        """What is found on the pictures in the first slots, one `Detections` each, waited for.

        Raises:
            EngineStalled: the engine hangs; the process has to be left.
            EngineError: the engine failed; it is tried again by `reopen`.
        """
        return self.finish(self.start(0, letterboxes, now_s), now_s)

    def first_slot(self, station: int) -> int:
        """Where the batch of a station begins."""
        return self._config.batch_max if station == self.stations else station * self._station_size

    def start(self, first_slot: int, letterboxes: Sequence[Letterbox], now_s: float) -> Underway:
        """Begin with the pictures in the slots from `first_slot` on.

        Raises:
            EngineStalled: the engine hangs; the process has to be left.
            EngineError: the engine failed; it is tried again by `reopen`.
        """
        try:
            return self._path.begin(first_slot, letterboxes)
        except EngineStalled:
            raise
        except EngineError:
            self._failed(now_s)
            raise

    def finish(self, underway: Underway, now_s: float) -> list[Detections]:
        """What is found on the pictures of a batch, one `Detections` each, waited for.

        Raises:
            EngineStalled: the engine hangs; the process has to be left.
            EngineError: the engine failed; it is tried again by `reopen`.
        """
        try:
            analysed = underway.answers()
        except EngineStalled:
            raise
        except EngineError:
            self._failed(now_s)
            raise
        self._retry_s = _FIRST_RETRY_S
        return [self._usable(found) for found in analysed]

    def _failed(self, now_s: float) -> None:
        """Take no more batches until the engine was started anew."""
        if self.problem is None:
            self._retry_at_s = now_s + self._retry_s
            self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)
        self.problem = NotAnalysed.ENGINE_FAILED
        self.turns.is_open = False

    def warm(self) -> None:
        """Analyse an empty picture in batches of one and of the largest size: the first real one is as fast as any.

        Raises:
            EngineError: the engine does not run.
        """
        target = self.model.card.input
        box = Letterbox.fit(target.width_px, target.height_px, target)
        planes = (np.full((target.height_px // part, target.width_px // part), 114, np.uint8) for part in (1, 2, 2))
        picture = FrameCopy(*planes)
        preprocessor = self.puts_in(target, target.width_px, target.height_px, ())
        for count in sorted({1, self.turns.batch_most}):
            for index in range(count):
                preprocessor.fill(picture, self.slots[index])
            self.analyse([box] * count, 0.0)

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
        self._path.close()
        try:
            self._path, _ = open_path(self.model, self._config, self._cache_dir)
        except EngineError as error:
            self._retry_at_s = now_s + self._retry_s
            self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)
            _log.warning("engine does not start model=%s: %s", self.model.card.name, error)
            return
        self.problem = None
        self._share_slots()
        self.turns.is_open = True
        _log.info("engine started again model=%s engine=%s", self.model.card.name, self._path.name)

    def close(self) -> None:
        """Let go of the engine."""
        self._path.close()
