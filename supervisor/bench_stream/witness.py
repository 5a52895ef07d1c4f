"""What the detector says about numbered cameras: hears the tracks on the bus, and reads numbers out of the ring.

Tracks tell their picture's time in the stream (`pts`), which rises by the same step with every picture: one picture
read in the ring tells the numbers of all others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from kernel.bus.address import BUS_ERRORS, connect
from kernel.bus.names import ALL_TRACKS, DETECTOR_STATUS
from kernel.config.camera import StreamName
from kernel.errors import CannotRunError
from kernel.events import AnalysisHeartbeat, TracksUpdate
from kernel.media import PTS_CLOCK_HZ
from kernel.ring import RingReader
from scripts.numbered.picture import read_number
from supervisor.bench_stream.figures import Known

_LOOK_EVERY_S = 1.0
_HEAR_WITHIN_S = 0.2
_SETTLED_SEQUENCE = 5  # FFmpeg may know no time for the first picture


@dataclass(frozen=True, slots=True)
class Heard:
    """Tracks of one picture, and when they came here."""

    camera_id: str
    pts: int
    heard_s: float


class Witness:
    """Listens in a thread of its own until stopped.

    Args:
        address: of the bus.
        readers: ring of each camera.
        fps: frames a second of the cameras.
        loop_frames: numbers begin again after so many.
    """

    def __init__(self, address: str, readers: Mapping[str, RingReader], fps: int, loop_frames: int) -> None:
        self._connection: Any = connect(address)  # its pubsub has no types
        self._readers = readers
        self._ticks = PTS_CLOCK_HZ // fps
        self._loop_frames = loop_frames
        self._heard: list[Heard] = []
        self._offsets: dict[str, set[int]] = {camera_id: set() for camera_id in readers}
        self.beats: list[tuple[float, AnalysisHeartbeat]] = []
        self._stop = threading.Event()
        self._problem: Exception | None = None
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._listen, self._look)]

    def start(self) -> None:
        """Begin to listen."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End.

        Raises:
            CannotRunError: the bus went away meanwhile.
        """
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._connection.close()
        if self._problem is not None:
            raise CannotRunError(f"bench stream: the bus went away: {self._problem}")

    def cameras_heard(self) -> set[str]:
        """Cameras with tracks so far whose numbers are known."""
        return {heard.camera_id for heard in list(self._heard)} & {name for name, seen in self._offsets.items() if seen}

    def known(self) -> list[Known]:
        """Everything heard, by the numbers of the pictures.

        Raises:
            CannotRunError: a camera's clock jumped, so that its numbers cannot be told.
        """
        for camera_id, offsets in self._offsets.items():
            if len(offsets) > 1:
                raise CannotRunError(
                    f"bench stream: {camera_id} began anew while measured; is the machine overloaded? {offsets}"
                )
        offset_of = {camera_id: min(offsets) for camera_id, offsets in self._offsets.items() if offsets}
        return [
            Known(heard.camera_id, self._number(heard.pts, offset_of[heard.camera_id]), heard.heard_s)
            for heard in self._heard
            if heard.camera_id in offset_of
        ]

    def _number(self, pts: int, offset: int) -> int:
        return (round(pts / self._ticks) + offset) % self._loop_frames

    def _listen(self) -> None:
        try:
            with self._connection.pubsub(ignore_subscribe_messages=True) as channel:
                channel.psubscribe(ALL_TRACKS)
                channel.subscribe(DETECTOR_STATUS)
                while not self._stop.is_set():
                    message = channel.get_message(timeout=_HEAR_WITHIN_S)
                    if message is not None:
                        self._take(message, time.time())
        except (*BUS_ERRORS, ValidationError) as error:
            self._problem = error

    def _take(self, message: Mapping[str, Any], now_s: float) -> None:
        if message["channel"] == DETECTOR_STATUS.encode():
            self.beats.append((now_s, AnalysisHeartbeat.model_validate_json(message["data"])))
            return
        update = TracksUpdate.model_validate_json(message["data"])
        if update.pts is not None:
            self._heard.append(Heard(update.camera_id, update.pts, now_s))

    def _look(self) -> None:
        """Read each camera's newest number now and then."""
        while not self._stop.wait(_LOOK_EVERY_S):
            for camera_id, reader in self._readers.items():
                view = reader.newest(camera_id, StreamName.MAIN)
                if view is None or view.sequence < _SETTLED_SEQUENCE:
                    continue
                number = read_number(view.y)
                if number is not None and view.is_intact():
                    self._offsets[camera_id].add((number - round(view.pts / self._ticks)) % self._loop_frames)
