"""Passing messages of the detector to the pages: tracks asked for, sights of drones, its own status."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from command_api.context import ApiContext
from command_api.push.hub import Message, Topic
from kernel.bus.consumer import subscribe
from kernel.bus.names import ALL_SIGHTS, ALL_TRACKS, DETECTOR_STATUS, sights_channel, tracks_channel
from kernel.events import AnalysisHeartbeat

_LOGGER = logging.getLogger(__name__)
_TRACKS_PREFIX, _SIGHTS_PREFIX = tracks_channel(""), sights_channel("")
_SIGHTS_EVERY_S = 0.45  # frames come faster; a map needs no more than telemetry does


class Passing:
    """Hands on what is not kept.

    Args:
        context: pages and board.
        address: of the bus.
    """

    def __init__(self, context: ApiContext, address: str) -> None:
        self._context = context
        self._address = address
        self._sights_told_s: dict[str, float] = {}

    async def run(self) -> None:
        """Hand on messages until cancelled."""
        async for channel, payload in subscribe(self._address, DETECTOR_STATUS, ALL_TRACKS, ALL_SIGHTS):
            if channel == DETECTOR_STATUS:
                self._status(payload)
                continue
            if channel.startswith(_SIGHTS_PREFIX):
                self.sights(channel.removeprefix(_SIGHTS_PREFIX), payload)
                continue
            camera_id = channel.removeprefix(_TRACKS_PREFIX)
            if self._context.hub.wants_tracks(camera_id):
                self._context.hub.publish(Message(Topic.TRACKS, payload.decode(), camera_id))

    def sights(self, camera_id: str, payload: bytes) -> None:
        """What a drone's camera sees, to every page that may see that camera, at most twice a second."""
        now_s = self._context.clock.monotonic_s()
        if now_s - self._sights_told_s.get(camera_id, float("-inf")) >= _SIGHTS_EVERY_S:
            self._sights_told_s[camera_id] = now_s
            self._context.hub.publish(Message(Topic.SIGHTS, payload.decode(), camera_id))

    def _status(self, payload: bytes) -> None:
        try:
            heartbeat = AnalysisHeartbeat.model_validate_json(payload)
        except ValidationError as error:
            _LOGGER.error("detector status is none errors=%d", error.error_count())
            return
        self._context.board.analysed(heartbeat)
        together = self._context.board.detector or heartbeat
        self._context.hub.publish(Message(Topic.DETECTOR, together.to_wire().decode()))
