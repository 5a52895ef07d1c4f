"""The detector's own way, with the detector's own parts: frames out of the ring, batches, boxes, tracks.

One thread, as in `detect.loop`: while the engine works on some batches the next one is put together, and what came of
the last ones is read.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from detect.alerts.incidents import IncidentBook
from detect.boxes.decode import Decoder, Thresholds
from detect.camera_analysis import CameraAnalysis
from detect.engines.engine import Bytes, Engine, Running
from detect.models.model import Model
from detect.pictures.letterbox import Letterbox
from kernel.config.camera import CameraConfig, StreamConfig, StreamsConfig
from kernel.config.sections import DetectConfig
from kernel.ring import FrameView
from supervisor.bench_detect.rounds import Spell, timed

_FRAME_S = 0.2


@dataclass(frozen=True, slots=True)
class _Flight:
    """A batch on its way: where it lies, and whose pictures it holds."""

    slots: Bytes
    analyses: tuple[CameraAnalysis, ...]
    letterboxes: tuple[Letterbox, ...]
    captured_at_us: int
    running: Running


class Pipeline:
    """All cameras in turn, a batch at a time.

    Args:
        views: frames of every camera, a fifth of a second apart; they are gone through forth and back.
        batch: pictures.
    """

    def __init__(self, engine: Engine, model: Model, views: Sequence[Sequence[FrameView]], batch: int) -> None:
        card, config, book = model.card, DetectConfig(), IncidentBook({}, str)
        self._engine = engine
        self._views = [[*clip, *clip[-2:0:-1]] for clip in views]
        self._analyses = [CameraAnalysis(_camera(c[0].camera_id), card.classes, card.input, book) for c in views]
        self._decoder = Decoder(card.layout, card.input, Thresholds(config.min_confidence, config.nms_iou))
        self._class_count = len(card.classes)
        self._batch = batch
        flights = max(2, 2 * engine.parallel // batch)  # the bare loop has two requests for each stream as well
        self._slots = np.empty((flights, batch, card.input.height_px, card.input.width_px, 3), np.uint8)
        self._pictures = 0
        self._started_us = time.time_ns() // 1000
        self.boxes = self.tracks = self.landed = 0

    def run(self, for_s: float) -> Spell:
        """Work for so long, and until the last batch is back."""
        flights: deque[_Flight] = deque()
        free = deque(self._slots)
        with timed() as spell:
            until_s = time.perf_counter() + for_s
            while True:
                if free and time.perf_counter() < until_s:
                    flights.append(self._send(free.popleft()))
                    spell.pictures += self._batch
                elif flights:
                    free.append(self._land(flights.popleft()))
                else:
                    break
        return spell

    def _send(self, slots: Bytes) -> _Flight:
        analyses, letterboxes = [], []
        for slot in slots:
            step, camera = divmod(self._pictures, len(self._views))
            clip = self._views[camera]
            letterbox = self._analyses[camera].put_in(clip[step % len(clip)], slot)
            if letterbox is None:
                raise RuntimeError("a frame that nobody writes was overwritten")
            analyses.append(self._analyses[camera])
            letterboxes.append(letterbox)
            self._pictures += 1
        captured_at_us = self._started_us + int(1e6 * _FRAME_S * (self._pictures // len(self._views)))
        return _Flight(slots, tuple(analyses), tuple(letterboxes), captured_at_us, self._engine.start(slots))

    def _land(self, flight: _Flight) -> Bytes:
        now, answers = datetime.now(UTC), flight.running.answers()
        for analysis, answer, letterbox in zip(flight.analyses, answers, flight.letterboxes, strict=True):
            detections = self._decoder.decode(answer, letterbox).usable(self._class_count)
            tracks, _ = analysis.found(detections, flight.captured_at_us, now)
            self.boxes += len(detections)
            self.tracks += len(tracks)
            self.landed += 1
        return flight.slots


def _camera(camera_id: str) -> CameraConfig:
    streams = StreamsConfig(main=StreamConfig(url="rtsp://127.0.0.1/bench"))
    return CameraConfig(id=camera_id, name=camera_id, unit="bench", streams=streams)
