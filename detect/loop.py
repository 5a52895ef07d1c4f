"""The batch loop: newest frames -> batches -> detections -> tracks, rules, alerts; and a heartbeat every second.

While the engine works on some batches the next one is put together, and what came of the last ones is told.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detect.alerts.desk import AlertDesk
from detect.alerts.incidents import IncidentBook, IncidentChange
from detect.batching.lane import AnalysisLane
from detect.batching.schedule import Schedule
from detect.batching.served import Served
from detect.camera_analysis import instant, track_together
from detect.errors import EngineError, EngineStalled
from detect.flights import Flight, Flights, Taken
from detect.models.change import ModelChange, WatchedCamera
from detect.pictures.frames import FrameSource
from detect.pictures.letterbox import Letterbox
from detect.pose_intake import PoseIntake
from detect.pulse import NotAnalysed, cause_of
from detect.tracking import Track
from kernel.bus.names import CAMERA_STATE, DETECTOR_STATUS, STAYS, sights_channel, tracks_channel
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
        poses: PoseIntake | None = None,
        models: ModelChange | None = None,
    ) -> None:
        self._cameras = cameras
        self._lanes = dict(lanes)
        self._models = models
        self._schedule = schedule
        self._source = source
        self._book = book
        self._desk = desk
        self._publisher = publisher
        self._clock = clock
        self._identity = identity
        self._poses = poses
        self._started_s = clock.monotonic_s()
        self._next_beat_s = self._started_s
        self._remembered: dict[str, str] = {}
        self._tiled = _tiled(cameras)
        self._whole_only: set[str] = set()
        self._flights = Flights()
        self._served = Served(self._started_s)

    def run(self, stop: threading.Event) -> None:
        """Analyse until `stop` is set.

        Raises:
            EngineStalled: an engine hangs; only a new process helps.
        """
        schedule = self._schedule
        schedule.add({name: camera.lane for name, camera in self._cameras.items() if camera.analysis}, self._started_s)
        self._tell_tiles()
        schedule.share_out(self._cameras)
        try:
            while not stop.is_set():
                self._turn(stop)
            self._land_all()
        except EngineStalled:
            self._beat(self._clock.monotonic_s(), NotAnalysed.ENGINE_FAILED)
            raise

    def _turn(self, stop: threading.Event) -> None:
        """Send a batch off where one is ready; else take one back, or wait a little."""
        now_s = self._clock.monotonic_s()
        if now_s >= self._next_beat_s:
            self._each_second(now_s)
        self._desk.settle(now_s)
        is_busy = len(self._flights) >= self._most_flights()
        if not is_busy and self._send(now_s):
            return
        wait_s = max(0.0, self._next_beat_s - now_s)
        if not is_busy:
            wait_s = min(wait_s, self._schedule.wake_s(now_s, _LOOK_AGAIN_S))
        if self._flights:
            self._land(self._flights.first_done(wait_s))
        else:
            stop.wait(wait_s)
        if not is_busy:
            self._served.idle(self._clock.monotonic_s() - now_s)

    def _most_flights(self) -> int:
        """Batches on their way at a time that keep this machine busy."""
        return max((lane.stations for lane in self._lanes.values()), default=1)

    def _send(self, now_s: float) -> bool:
        """Put a batch together and start it; False where nothing is ready to go."""
        due = [camera_id for camera_id in self._schedule.due(now_s) if camera_id not in self._flights.away]
        fresh = [camera_id for camera_id in due if self._source.is_fresh(camera_id)]
        if self._tiled:
            busy = self._flights.tiled_lanes()
            fresh = [one for one in fresh if one not in self._tiled or self._cameras[one].lane not in busy]
        camera_ids = self._schedule.batch(fresh, now_s, self._flights.away)
        if not camera_ids:
            return False
        name = self._cameras[camera_ids[0]].lane
        lane = self._lanes[name]
        is_tiled = camera_ids[0] in self._tiled
        station = lane.stations if is_tiled else self._flights.free_station(name, lane.stations)
        if station is None:
            return False
        first_slot = lane.first_slot(station)
        entries: list[Taken] = []
        letterboxes: list[Letterbox] = []
        for camera_id in camera_ids:
            if is_tiled:
                entry, of_frame = self._put_in_tiles(camera_id, lane, first_slot)
                letterboxes.extend(of_frame)
            else:
                entry = self._put_in(camera_id, lane.slots[first_slot + len(entries)])
            if entry is not None:
                entries.append(entry)
                self._schedule.taken(camera_id, now_s)
                self._source.look_from(camera_id, self._schedule.due_s(camera_id) - now_s)
        if entries:
            try:
                boxes = letterboxes or [entry.letterbox for entry in entries]
                underway = lane.start(first_slot, boxes, now_s)
            except EngineStalled:
                raise
            except EngineError as error:
                _log.error("cameras are not analysed model=%s: %s", name, error)
            else:
                self._flights.add(Flight(name, station, tuple(entries), underway, now_s, is_tiled, len(boxes)))
        return True

    def _land(self, flight: Flight | None) -> None:
        """Take a batch back, if there is one: from its answers to alerts."""
        if flight is None:
            return
        self._flights.remove(flight)
        lane, now_s = self._lanes[flight.lane], self._clock.monotonic_s()
        try:
            found = lane.finish(flight.underway, now_s)
        except EngineStalled:
            raise
        except EngineError as error:
            _log.error("cameras are not analysed model=%s: %s", flight.lane, error)
            return
        if flight.is_tiled:
            found = [flight.entries[0].analysis.merge(found)]
        analyses = [entry.analysis for entry in flight.entries]
        tracks = track_together(analyses, found, [entry.captured_at_us for entry in flight.entries])
        for entry, seen in zip(flight.entries, tracks, strict=True):
            self._take_in(entry, seen)
        self._served.batch(flight.lane, flight.pictures, now_s - flight.started_s)

    def _land_all(self) -> None:
        while self._flights:
            self._land(self._flights.first_done(_BEAT_S))

    def _take_in(self, entry: Taken, tracks: list[Track]) -> None:
        """Tell what is seen on one frame, and what came of it."""
        analysis, captured_at_us = entry.analysis, entry.captured_at_us
        now = self._clock.now()
        if self._poses is not None:
            self._poses.take()
        updates = analysis.judge(tracks, captured_at_us, now)
        camera_id = analysis.camera.id
        self._publisher.publish(
            tracks_channel(camera_id), analysis.tracks_update(tracks, captured_at_us, now, entry.pts)
        )
        if analysis.sights is not None:
            self._publisher.publish(sights_channel(camera_id), analysis.sights)
        picture = analysis.give_picture() if any(u.change is IncidentChange.OPENED for u in updates) else None
        for update in updates:
            self._desk.handle(update, picture, analysis.camera.masks)
        if updates:
            self._remember_stays((camera_id,))  # a kill before the next second must not announce them again
        age_s = now.timestamp() - captured_at_us / 1e6
        self._cameras[camera_id].pulse.note(self._clock.monotonic_s(), instant(captured_at_us), age_s)

    def _put_in(self, camera_id: str, slot: Any) -> Taken | None:
        """Fill a slot with a camera's newest frame; None where the writer was faster every time."""
        analysis = self._cameras[camera_id].analysis
        for _ in range(_TRIES):
            view = self._source.newest(camera_id)
            if view is None or analysis is None:
                return None
            letterbox = analysis.put_in(view, slot)
            if letterbox is not None:
                self._source.mark_taken(view)
                return Taken(analysis, letterbox, view.captured_at_us, view.pts)
        return None

    def _put_in_tiles(
        self, camera_id: str, lane: AnalysisLane, first_slot: int
    ) -> tuple[Taken | None, tuple[Letterbox, ...]]:
        """As `_put_in`, for a frame of several pictures."""
        analysis = self._cameras[camera_id].analysis
        for _ in range(_TRIES):
            view = self._source.newest(camera_id)
            if view is None or analysis is None:
                break
            boxes = analysis.put_in_tiles(view, lane.all_slots, first_slot, lane.tile_room)
            if boxes is not None:
                self._source.mark_taken(view)
                return Taken(analysis, boxes[0], view.captured_at_us, view.pts), boxes
        return None, ()

    def _tell_tiles(self) -> None:
        """Let the schedule know what a frame of each tiled camera costs."""
        for camera_id in self._tiled:
            camera = self._cameras[camera_id]
            if camera.analysis is not None:
                pictures, room = camera.analysis.pictures, self._lanes[camera.lane].tile_room
                if pictures > room and camera_id not in self._whole_only:
                    self._whole_only.add(camera_id)
                    _log.warning(
                        "camera is analysed whole only, %d pictures a frame do not fit into a batch camera_id=%s; "
                        "raise detect.batch_max",
                        pictures,
                        camera_id,
                    )
                self._schedule.tile(camera_id, pictures if pictures <= room else 1)

    def _each_second(self, now_s: float) -> None:
        """Heartbeat, shares of the capacity, ends of incidents, engines that failed, models that changed."""
        self._next_beat_s = now_s + _BEAT_S
        self._change_models(now_s)
        for name, lane in self._lanes.items():
            if all(flight.lane != name for flight in self._flights):
                lane.reopen(now_s)
            self._served.tell(name, lane.turns, now_s)
        self._served = Served(now_s)
        self._tell_tiles()
        active = [
            camera_id
            for camera_id, camera in self._cameras.items()
            if camera.analysis and not camera.pulse.is_silent(now_s, self._schedule.period_s)
        ]
        on_drones = {camera_id for camera_id, camera in self._cameras.items() if camera.is_on_drone}
        self._schedule.share_out(active, self._book.cameras_in_alert() | on_drones)
        self._remember_stays(self._cameras)
        for update in self._book.sweep(self._clock.now()):
            self._desk.end(update)
        self._beat(now_s)

    def _change_models(self, now_s: float) -> None:
        """Take over models that were prepared, between two batches."""
        if self._models is None:
            return
        swap = self._models.ready(self._lanes)
        if swap is not None:
            self._land_all()
            self._models.take_over(swap, self._cameras, self._lanes, self._schedule, now_s)
            self._identity = replace(self._identity, model_warning=self._models.warning)
            self._tiled = _tiled(self._cameras)
            self._whole_only.clear()

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
                    self._schedule.is_urgent(camera_id),
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
        period_s = self._schedule.period_s
        awaited = camera.pulse.is_awaited(now_s - self._started_s, period_s)
        silent = not awaited and camera.pulse.is_silent(now_s, period_s)
        return cause_of(silent, self._source.has_ring(camera_id), problem or self._lanes[camera.lane].problem)


def _tiled(cameras: Mapping[str, WatchedCamera]) -> set[str]:
    """The cameras whose frames may be several pictures."""
    return {camera_id for camera_id, camera in cameras.items() if camera.analysis and camera.analysis.is_tiled}
