"""Changing over to other models between two batches: cameras keep their tracks, rules and incidents."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from detect.batching.lane import AnalysisLane
from detect.batching.schedule import Schedule
from detect.camera_analysis import CameraAnalysis
from detect.models.card import ModelCard
from detect.models.swap import ModelWatch, Swap
from detect.pulse import CameraPulse
from kernel.config.sections import Language

_log = logging.getLogger(__name__)

_WORDS = {
    Language.ZH_CN: "新模型或配置未启用，仍用原模型：{problems}",
    Language.EN: "a new model or config is not in use, the models are as before: {problems}",
}

MakeAnalysis = Callable[[str, AnalysisLane], CameraAnalysis]


@dataclass(slots=True)
class WatchedCamera:
    """A camera and the model it is analysed by; `analysis` is None where that model cannot be used."""

    lane: str
    analysis: CameraAnalysis | None
    pulse: CameraPulse
    is_on_drone: bool = False


class ModelChange:
    """Takes over what a `ModelWatch` has prepared.

    Args:
        watch: prepares it.
        make_analysis: begins the analysis of a camera whose model could not be used before.
        warn: what has to be said about the models in use, empty where all is well.
        language: of the wall.
    """

    def __init__(
        self,
        watch: ModelWatch,
        make_analysis: MakeAnalysis,
        warn: Callable[[Iterable[ModelCard]], str],
        language: Language,
    ) -> None:
        self._watch = watch
        self._make_analysis = make_analysis
        self._warn = warn
        self._language = language
        self.warning = ""

    def ready(self, lanes: Mapping[str, AnalysisLane]) -> Swap | None:
        """What there is to take over, None while there is nothing; to be asked once a second."""
        return self._watch.look({name: lane.model.card for name, lane in lanes.items()})

    def take_over(
        self,
        swap: Swap,
        cameras: Mapping[str, WatchedCamera],
        lanes: dict[str, AnalysisLane],
        schedule: Schedule,
        now_s: float,
    ) -> None:
        """Change over, and make `warning` anew. No batch may be under way.

        Args:
            swap: what is ready.
            cameras: by id; each gets its new lane.
            lanes: by name; renewed, and those that no camera uses any more are closed.
            schedule: told of all that.
            now_s: the present, monotonic.
        """
        _hold_back(swap, cameras, lanes)
        for name, lane in swap.lanes.items():
            if name in lanes:
                lanes[name].close()
            lanes[name] = lane
            schedule.lanes[name] = lane.turns
        for camera_id, name in swap.by_camera.items():
            camera, lane = cameras[camera_id], lanes[name]
            if camera.analysis is None:
                camera.analysis = self._make_analysis(camera_id, lane)
            camera.analysis.use_model(swap.classes[camera_id], lane.model.card.input, lane.puts_in)
            camera.lane = name
            schedule.move(camera_id, name, now_s)
        for name in set(lanes) - {camera.lane for camera in cameras.values()}:
            lanes.pop(name).close()
            del schedule.lanes[name]
        self._tell(swap, lanes)

    def _tell(self, swap: Swap, lanes: Mapping[str, AnalysisLane]) -> None:
        for problem in swap.problems:
            _log.error("not in use, the models are as before: %s", problem)
        for name, lane in swap.lanes.items():
            _log.info("changed over to model=%s engine=%s", name, lane.engine_name)
        if not swap.problems and not swap.lanes:
            _log.info("config or models read again models=%s; other changes wait for the next start", ",".join(lanes))
        problems = _WORDS[self._language].format(problems="; ".join(swap.problems))
        warnings = (self._warn(lane.model.card for lane in lanes.values()), problems if swap.problems else "")
        self.warning = "; ".join(warning for warning in warnings if warning)


def _hold_back(swap: Swap, cameras: Mapping[str, WatchedCamera], lanes: Mapping[str, AnalysisLane]) -> None:
    """Leave a model as it is that some camera runs by and could not go on with when it is renewed; why, is told."""
    while True:
        staying = {camera.lane for one, camera in cameras.items() if camera.analysis and one not in swap.by_camera}
        held = staying & swap.lanes.keys() & lanes.keys()
        if not held:
            return
        for name in held:
            swap.lanes.pop(name).close()
        swap.by_camera = {one: name for one, name in swap.by_camera.items() if name not in held}
