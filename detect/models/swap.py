"""Another model for cameras that are being analysed: loaded, tried and warmed beside the one that runs.

    config or model file changed --unchanged for a second--> tried in a process of its own --> opened on a thread here
        --> handed to the loop, which changes over between two batches
    what cannot be used is told in one line; the cameras go on with the model they have

Only models and class maps are taken from a changed config: everything else waits for the next start.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from detect.batching.lane import AnalysisLane
from detect.errors import EngineError
from detect.models.card import ModelCard, class_map_of
from detect.models.choice import ModelChoice, Stamps, stamps_of
from detect.models.class_map import ClassMap
from detect.models.model import load_model
from detect.models.trial import Trial, try_out
from kernel.config import load_config
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError

_JOIN_S = 5.0


@dataclass(slots=True)
class Swap:
    """What the loop has to change over to.

    Attributes:
        lanes: new or renewed, by name, opened and warm.
        by_camera: name of the model of each camera from now on, where that can be used.
        classes: what that model's classes are called on each of those cameras.
        problems: one line for each model, class map or config that cannot be used.
    """

    lanes: dict[str, AnalysisLane] = field(default_factory=dict)
    by_camera: dict[str, str] = field(default_factory=dict)
    classes: dict[str, ClassMap] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class ModelWatch:
    """Looks for changes of the config and the models, and prepares what they ask for on a thread of its own.

    Args:
        config_path: the installation's YAML file.
        config: what it says now; how models are run stays as it is in this one.
        camera_ids: the cameras that are analysed.
        cache_dir: where measurements of engines are kept.
    """

    def __init__(self, config_path: Path, config: LookoutConfig, camera_ids: Iterable[str], cache_dir: Path) -> None:
        self._config_path = config_path
        self._cameras = frozenset(camera_ids)
        self._choice = ModelChoice.of(config, self._cameras)
        self._detect = config.detect
        self._cache_dir = cache_dir
        self._stop = threading.Event()
        self.at_work: threading.Thread | None = None  # while something is being prepared
        self._ready: Swap | None = None
        self._seen = self._handled = self._stamps()

    def look(self, cards: Mapping[str, ModelCard]) -> Swap | None:
        """What is ready to change over to, None while there is nothing; to be asked once a second.

        Args:
            cards: of the models that run, by name.
        """
        if self.at_work is not None:
            if self.at_work.is_alive():
                return None
            self.at_work, ready, self._ready = None, self._ready, None
            return ready
        before, self._seen = self._seen, self._stamps()
        if self._seen != self._handled and self._seen == before:
            self._handled = self._seen
            work = threading.Thread(target=self._prepare, args=(dict(cards),), daemon=True)
            self.at_work = work
            work.start()
        return None

    def close(self) -> None:
        """Leave off what is being prepared."""
        self._stop.set()
        if self.at_work is not None:
            self.at_work.join(_JOIN_S)

    def _stamps(self) -> Stamps:
        return stamps_of((self._config_path, *self._choice.files()))

    def _prepare(self, cards: dict[str, ModelCard]) -> None:
        swap = Swap()
        try:
            choice = ModelChoice.of(load_config(self._config_path), self._cameras).keeping(self._choice)
        except BadInputError as error:
            first, *more = str(error).splitlines()
            swap.problems.append(first + (f" (and {len(more)} more)" if more else ""))
            choice = self._choice
        if choice != self._choice:
            self._choice = choice
            self._seen = self._handled = (self._handled[0], *stamps_of(choice.files()))  # the config is read already
        usable = {name for name in choice.names if self._prepared(name, cards.get(name), swap)}
        cards |= {name: lane.model.card for name, lane in swap.lanes.items()}
        for camera in choice.cameras:
            name = choice.by_camera[camera.id]
            if name in usable:
                try:
                    swap.classes[camera.id] = class_map_of(camera, cards[name])
                    swap.by_camera[camera.id] = name
                except BadInputError as error:
                    swap.problems.append(str(error))
        self._ready = swap

    def _prepared(self, name: str, card: ModelCard | None, swap: Swap) -> bool:
        """Open a model that does not run yet, or is another now; whether cameras can be analysed by it."""
        try:
            model = load_model(name, self._choice.models_dir)
            if model.card == card:
                return True
            trial = Trial(name=name, models_dir=self._choice.models_dir, detect=self._detect, cache_dir=self._cache_dir)
            try_out(trial, self._stop)
            lane = AnalysisLane(model, self._detect, self._cache_dir)
            lane.warm()
        except (BadInputError, EngineError) as error:
            swap.problems.append(str(error))
            return False
        swap.lanes[name] = lane
        return True
