"""The detector's own way, with the detector's own parts: frames in a ring, its lane, boxes, tracks, rules.

One thread, as in `detect.loop`: while the engine works on some batches the next one is put together, and what came of
the last ones is read. Left out of that loop: whose turn it is, looking for the newest frame, and telling the bus.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from detect.alerts.incidents import IncidentBook
from detect.batching.lane import AnalysisLane
from detect.camera_analysis import CameraAnalysis, track_together
from detect.flights import Flight, Flights, Taken
from kernel.config.camera import CameraConfig, StreamConfig, StreamsConfig
from kernel.ring import FrameView
from supervisor.bench_detect.rounds import Spell, timed

_FRAME_S = 0.2
_LANE = "bench"
_WAIT_S = 1.0


class Pipeline:
    """All cameras in turn, a batch at a time, as many batches at a time as the lane has stations.

    Args:
        lane: its engine, and how large its batches are.
        views: frames of every camera, a fifth of a second apart; they are gone through forth and back.

    Raises:
        ValueError: a camera would have two frames in a batch, which never happens in the loop.
    """

    def __init__(self, lane: AnalysisLane, views: Sequence[Sequence[FrameView]]) -> None:
        card, book = lane.model.card, IncidentBook({}, str)
        if len(views) < lane.turns.batch_most:
            raise ValueError(f"batches of {lane.turns.batch_most} pictures out of {len(views)} cameras")
        self._lane = lane
        self._views = [[*clip, *clip[-2:0:-1]] for clip in views]
        self._analyses = [
            CameraAnalysis(_camera(clip[0].camera_id), card.classes, card.input, book, puts_in=lane.puts_in)
            for clip in views
        ]
        self._flights = Flights()
        self._pictures = 0
        self._started_us = time.time_ns() // 1000
        self.batch = lane.turns.batch_most
        self.boxes = self.tracks = self.landed = 0

    def run(self, for_s: float) -> Spell:
        """Work for so long, and until the last batch is back."""
        with timed() as spell:
            until_s = time.perf_counter() + for_s
            while True:
                station = self._flights.free_station(_LANE, self._lane.stations)
                if station is not None and not self._next_are_away() and time.perf_counter() < until_s:
                    self._flights.add(self._send(station))
                    spell.pictures += self.batch
                elif self._flights:
                    self._land(self._flights.first_done(_WAIT_S))
                else:
                    break
        return spell

    def _next_are_away(self) -> bool:
        """Whether a camera of the next batch has a frame on its way; as in the loop, its frames stay in order."""
        turns = range(self._pictures, self._pictures + self.batch)
        return any(self._analyses[turn % len(self._views)].camera.id in self._flights.away for turn in turns)

    def _send(self, station: int) -> Flight:
        first_slot, entries = self._lane.first_slot(station), []
        for place in range(self.batch):
            step, camera = divmod(self._pictures, len(self._views))
            view, analysis = self._views[camera][step % len(self._views[camera])], self._analyses[camera]
            letterbox = analysis.put_in(view, self._lane.slots[first_slot + place])
            if letterbox is None:
                raise RuntimeError("a frame that nobody writes was overwritten")
            captured_at_us = self._started_us + int(1e6 * _FRAME_S * step)
            entries.append(Taken(analysis, letterbox, captured_at_us, 0))
            self._pictures += 1
        now_s = time.monotonic()
        underway = self._lane.start(first_slot, [entry.letterbox for entry in entries], now_s)
        return Flight(_LANE, station, tuple(entries), underway, now_s, False, self.batch)

    def _land(self, flight: Flight | None) -> None:
        if flight is None:
            return
        self._flights.remove(flight)
        found = self._lane.finish(flight.underway, time.monotonic())
        analyses = [entry.analysis for entry in flight.entries]
        tracks = track_together(analyses, found, [entry.captured_at_us for entry in flight.entries])
        for entry, seen in zip(flight.entries, tracks, strict=True):
            entry.analysis.judge(seen, entry.captured_at_us, datetime.now(UTC))
            self.tracks += len(seen)
        self.boxes += sum(map(len, found))
        self.landed += len(found)


def _camera(camera_id: str) -> CameraConfig:
    streams = StreamsConfig(main=StreamConfig(url="rtsp://127.0.0.1/bench"))
    return CameraConfig(id=camera_id, name=camera_id, unit="bench", streams=streams)
