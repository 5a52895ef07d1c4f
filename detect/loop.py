"""The batch loop: newest frames -> one batch -> detections -> tracks, rules, alerts; and a heartbeat every second."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detect.alert_desk import AlertDesk
from detect.camera_analysis import CameraAnalysis, instant
from detect.detections import Detections
from detect.errors import EngineError, EngineStalled
from detect.frames import FrameSource
from detect.incidents import IncidentBook, IncidentChange
from detect.lane import AnalysisLane
from detect.letterbox import Letterbox
from detect.pulse import CameraPulse, NotAnalysed, cause_of
from detect.schedule import Schedule
from kernel.bus.names import CAMERA_STATE, DETECTOR_STATUS, STAYS, tracks_channel
from kernel.bus.publisher import DurablePublisher
from kernel.clock import Clock
from kernel.events import AnalysisHeartbeat

_log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 0.008
_BEAT_S = 1.0
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """What the heartbeat says about this run."""

    run_id: str
    model_warning: str
    detector: str = "detect"


@dataclass(slots=True)
class WatchedCamera:
    """A camera and the model it is analysed by; `analysis` is None where that model cannot be used."""

    lane: str
    analysis: CameraAnalysis | None
    pulse: CameraPulse


@dataclass(frozen=True, slots=True)
class _Taken:
    """A frame in its slot of the batch; `captured_at_us` in microseconds since the epoch, `pts` in 90 kHz."""

    analysis: CameraAnalysis
    letterbox: Letterbox
    captured_at_us: int
    pts: int


class Detector:
    """Analyses all cameras of an installation until told to stop."""

    def __init__(
        self,
        cameras: Mapping[str, WatchedCamera],
        lanes: Mapping[str, AnalysisLane],
        schedule: Schedule,
        source: FrameSource,
        book: IncidentBook,
        desk: AlertDesk,
        publisher: DurablePublisher,
        clock: Clock,
        identity: Identity,
    ) -> None:
        self._cameras = cameras
        self._lanes = lanes
        self._schedule = schedule
        self._source = source
        self._book = book
        self._desk = desk
        self._publisher = publisher
        self._clock = clock
        self._identity = identity
        self._started_s = clock.monotonic_s()
        self._next_beat_s = self._started_s
        self._remembered: dict[str, str] = {}

    def run(self, stop: threading.Event) -> None:
        """Analyse until `stop` is set.

        Raises:
            EngineStalled: an engine hangs; only a new process helps.
        """
        schedule = self._schedule
        schedule.add({name: camera.lane for name, camera in self._cameras.items() if camera.analysis}, self._started_s)
        schedule.share_out(self._cameras)
        while not stop.is_set():
            now_s = self._clock.monotonic_s()
            if now_s >= self._next_beat_s:
                self._each_second(now_s)
            self._desk.settle(now_s)
            fresh = [camera_id for camera_id in schedule.due(now_s) if self._source.is_fresh(camera_id)]
            batch = schedule.batch(fresh, now_s)
            if batch:
                self._analyse(batch, now_s)
            else:
                stop.wait(min(schedule.wake_s(now_s, _LOOK_AGAIN_S), max(0.0, self._next_beat_s - now_s)))

    def _analyse(self, camera_ids: tuple[str, ...], started_s: float) -> None:
        """Put one batch through, from frames to alerts."""
        name = self._cameras[camera_ids[0]].lane
        lane = self._lanes[name]
        taken: list[_Taken] = []
        for camera_id in camera_ids:
            entry = self._put_in(camera_id, lane, len(taken))
            if entry is not None:
                taken.append(entry)
                self._schedule.taken(camera_id, started_s)
        if not taken:
            return
        try:
            found = lane.analyse([entry.letterbox for entry in taken], started_s)
        except EngineStalled:
            self._beat(self._clock.monotonic_s(), NotAnalysed.ENGINE_FAILED)
            raise
        except EngineError as error:
            _log.error("cameras are not analysed model=%s: %s", name, error)
            return
        for entry, detections in zip(taken, found, strict=True):
            self._take_in(entry, detections)
        lane.turns.measured(len(taken), self._clock.monotonic_s() - started_s)

    def _take_in(self, entry: _Taken, detections: Detections) -> None:
        """Tell what was found on one frame, and what came of it."""
        analysis, captured_at_us = entry.analysis, entry.captured_at_us
        now = self._clock.now()
        tracks, updates = analysis.found(detections, captured_at_us, now)
        camera_id = analysis.camera.id
        self._publisher.publish(
            tracks_channel(camera_id), analysis.tracks_update(tracks, captured_at_us, now, entry.pts)
        )
        picture = analysis.give_picture() if any(u.change is IncidentChange.OPENED for u in updates) else None
        for update in updates:
            self._desk.handle(update, picture, analysis.camera.masks)
        if updates:
            self._remember_stays((camera_id,))  # a kill before the next second must not announce them again
        age_s = now.timestamp() - captured_at_us / 1e6
        self._cameras[camera_id].pulse.note(self._clock.monotonic_s(), instant(captured_at_us), age_s)

    def _put_in(self, camera_id: str, lane: AnalysisLane, slot: int) -> _Taken | None:
        """Fill a slot with a camera's newest frame; None where the writer was faster every time."""
        analysis = self._cameras[camera_id].analysis
        for _ in range(_TRIES):
            view = self._source.newest(camera_id)
            if view is None or analysis is None:
                return None
            letterbox = analysis.put_in(view, lane.slots[slot])
            if letterbox is not None:
                self._source.mark_taken(view)
                return _Taken(analysis, letterbox, view.captured_at_us, view.pts)
        return None

    def _each_second(self, now_s: float) -> None:
        """Heartbeat, shares of the capacity, ends of incidents, engines that failed."""
        self._next_beat_s = now_s + _BEAT_S
        for lane in self._lanes.values():
            lane.reopen(now_s)
        self._schedule.share_out(
            camera_id
            for camera_id, camera in self._cameras.items()
            if camera.analysis and not camera.pulse.is_silent(now_s, self._schedule.period_s)
        )
        self._remember_stays(self._cameras)
        for update in self._book.sweep(self._clock.now()):
            self._desk.end(update)
        self._beat(now_s)

    def _remember_stays(self, camera_ids: Iterable[str]) -> None:
        """Keep outside the process who stays in which zone, where that changed."""
        for camera_id in camera_ids:
            analysis = self._cameras[camera_id].analysis
            if analysis is not None and analysis.camera.rules:
                stays = analysis.stays()
                if stays != self._remembered.get(camera_id):
                    self._remembered[camera_id] = stays
                    self._publisher.keep(STAYS, camera_id, stays)

    def _beat(self, now_s: float, problem: NotAnalysed | None = None) -> None:
        """Tell how analysis goes."""
        lanes = list(self._lanes.values())
        heartbeat = AnalysisHeartbeat(
            run_id=self._identity.run_id,
            detector=self._identity.detector,
            beat_at=self._clock.now(),
            engine=", ".join(sorted({lane.engine_name for lane in lanes})),
            model=", ".join(lane.model.card.name for lane in lanes),
            model_warning=self._identity.model_warning,
            capacity_fps=round(self._schedule.capacity_fps, 1),
            wanted_fps=round(self._schedule.wanted_fps, 1),
            granted_fps=round(self._schedule.granted_fps, 2),
            cameras=tuple(
                camera.pulse.report(
                    camera_id,
                    now_s,
                    now_s - self._started_s,
                    self._schedule.fps,
                    self._schedule.dropped(camera_id) if camera.analysis else 0,
                    self._cause(camera_id, camera, now_s, problem),
                )
                for camera_id, camera in self._cameras.items()
            ),
        )
        self._publisher.append(CAMERA_STATE, heartbeat)
        self._publisher.publish(DETECTOR_STATUS, heartbeat)

    def _cause(self, camera_id: str, camera: WatchedCamera, now_s: float, problem: NotAnalysed | None) -> str:
        """Why a camera is not analysed, empty while it is."""
        if camera.analysis is None:
            return NotAnalysed.MODEL_UNUSABLE.value
        silent = camera.pulse.is_silent(now_s, self._schedule.period_s)
        return cause_of(silent, self._source.has_ring(camera_id), problem or self._lanes[camera.lane].problem)
