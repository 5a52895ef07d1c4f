"""Poses of the drones from the bus to the detector's own thread."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Mapping

from pydantic import ValidationError

from detect.aerial.pose_track import PoseTrack
from kernel.bus.consumer import subscribe
from kernel.bus.names import pose_channel
from kernel.drone_events import AirPose

_log = logging.getLogger(__name__)
_MOST_WAITING = 600
_LAST_CHANCE_S = 1.0


class PoseIntake:
    """Listens in a thread of its own; what came waits until the detector takes it.

    Args:
        address: of the bus.
        tracks: of each camera on a drone, by camera id; touched by `take` alone.
    """

    def __init__(self, address: str, tracks: Mapping[str, PoseTrack]) -> None:
        self._address, self._tracks = address, tracks
        self._waiting: deque[AirPose] = deque(maxlen=_MOST_WAITING)
        self._unreadable = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="poses", daemon=True)

    def start(self) -> None:
        """Begin to listen; nothing is done where no camera flies."""
        if self._tracks:
            self._thread.start()

    def take(self) -> None:
        """Hand what came since to the tracks."""
        while self._waiting:
            pose = self._waiting.popleft()
            self._tracks[pose.camera_id].add(pose)

    def close(self) -> None:
        """Listen no more."""
        if self._loop is not None and self._listening is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._listening.cancel)
            self._thread.join(_LAST_CHANCE_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._listen())
        except asyncio.CancelledError:
            return

    async def _listen(self) -> None:
        self._listening = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        async for _, payload in subscribe(self._address, *map(pose_channel, self._tracks)):
            try:
                pose = AirPose.model_validate_json(payload)
            except ValidationError as error:
                self._unreadable += 1
                if self._unreadable % 100 == 1:
                    _log.error("pose is none errors=%d so_far=%d", error.error_count(), self._unreadable)
                continue
            if pose.camera_id in self._tracks:
                self._waiting.append(pose)
