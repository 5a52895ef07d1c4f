"""Clips on request: ClipRequested -> wait until the footage is there -> file -> ClipReady.

Every worker reads all requests (a consumer group of its own) and passes over those for other workers' cameras. A
request is noted on the bus until it is answered, so that a worker that was killed answers it after its restart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from ingest.annexb import VideoCodec
from ingest.clip_file import ClipError, file_duration_s, file_sha256, write_clip
from ingest.gop_ring import Footage
from ingest.live import LiveStream
from ingest.mask import PrivacyMask
from kernel.bus.address import BusUnavailable
from kernel.bus.keyvalue import HashTable
from kernel.bus.names import ALERTS
from kernel.bus.publisher import DurablePublisher
from kernel.clock import Clock
from kernel.events import ClipReady, ClipRequested, DroneCommand

_LOG = logging.getLogger(__name__)
SETTLE_S = 0.5
LONGEST_CLIP_S = 120.0
FURTHEST_AHEAD_S = 300.0
CLIPS_AT_ONCE = 2
_NOTICEABLE_S = 1.0


@dataclass(frozen=True)
class ClipSource:
    """Where a camera's clips come from."""

    live: LiveStream
    mask: PrivacyMask


class ClipService:
    """Answers every request for a camera of this worker exactly once per run, whatever becomes of it."""

    def __init__(
        self,
        address: str,
        worker: str,
        sources: Mapping[str, ClipSource],
        evidence_dir: Path,
        publisher: DurablePublisher,
        clock: Clock,
    ) -> None:
        self._address = address
        self._pending = f"clips:{worker}"
        self._sources = sources
        self._evidence_dir = evidence_dir.resolve()
        self._publisher = publisher
        self._clock = clock
        self._at_once = asyncio.Semaphore(CLIPS_AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def resume(self) -> None:
        """Take up the requests that an earlier run left unanswered."""
        with closing(HashTable(self._address, self._pending)) as table:
            noted = await asyncio.to_thread(table.load)
        for alert_id, text in noted.items():
            try:
                request = ClipRequested.model_validate_json(text)
            except ValidationError:
                _LOG.error("clip request unreadable, dropped alert_id=%s", alert_id)
                self._publisher.delete(self._pending, alert_id)
                continue
            self._begin(request)

    async def handle(self, requests: Sequence[tuple[str, ClipRequested | DroneCommand]]) -> None:
        """Note the requests for cameras of this worker and begin with them; does not wait for their footage.

        Once this returns they are acknowledged and come no more, so they are on the bus by then. Orders to drones
        travel on the same stream and are passed over.
        """
        for _, request in requests:
            if isinstance(request, DroneCommand):
                continue
            if request.camera_id in self._sources and request.alert_id not in self._tasks:
                await self._note(request)
                self._begin(request)

    async def close(self) -> None:
        """Stop waiting for footage; what is unanswered stays noted."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _note(self, request: ClipRequested) -> None:
        text = request.model_dump_json()
        with closing(HashTable(self._address, self._pending)) as table:
            try:
                await asyncio.to_thread(table.put, request.alert_id, text)
            except BusUnavailable as error:
                _LOG.warning("clip request is noted once the bus is back alert_id=%s: %s", request.alert_id, error)
                self._publisher.put(self._pending, request.alert_id, text)

    def _begin(self, request: ClipRequested) -> None:
        task = asyncio.create_task(self._serve(request), name=f"clip {request.alert_id}")
        self._tasks[request.alert_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(request.alert_id, None))

    async def _serve(self, request: ClipRequested) -> None:
        problem = self._refusal(request)
        if not problem:
            await asyncio.sleep(max(0.0, (request.to_at - self._clock.now()).total_seconds() + SETTLE_S))
            async with self._at_once:
                answer = await asyncio.to_thread(self._make, request)
        else:
            answer = _without_clip(request, problem)
        self._publisher.append(ALERTS, answer)
        self._publisher.delete(self._pending, request.alert_id)
        _LOG.info(
            "clip %s camera_id=%s alert_id=%s duration_s=%s problem=%r",
            "ready" if answer.clip_path else "unavailable",
            request.camera_id,
            request.alert_id,
            answer.duration_s,
            answer.problem,
        )

    def _refusal(self, request: ClipRequested) -> str:
        """Why a request is not even tried, empty where it is."""
        if request.camera_id not in self._sources:
            return "the camera is not served any more"
        if not (self._evidence_dir / request.clip_path).resolve().is_relative_to(self._evidence_dir):
            return "the path lies outside the evidence directory"
        span_s = (request.to_at - request.from_at).total_seconds()
        if not 0 < span_s <= LONGEST_CLIP_S:
            return f"a clip of {span_s:g} s is not possible; ask for up to {LONGEST_CLIP_S:g} s"
        if request.to_at - self._clock.now() > timedelta(seconds=FURTHEST_AHEAD_S):
            return "the wanted end lies too far ahead"
        return ""

    def _make(self, request: ClipRequested) -> ClipReady:
        """Cut, write and describe the clip. Runs in a thread."""
        path = self._evidence_dir / request.clip_path
        try:
            if path.exists():  # written by a run that was killed before it could say so
                return _ready(request, file_sha256(path), file_duration_s(path), "")
            source = self._sources[request.camera_id]
            footage = source.live.ring.between(request.from_at, request.to_at)
            hello = source.live.hello
            if footage is None or hello is None:
                return _without_clip(request, "no footage of that time is held (any more)")
            clip = write_clip(path, footage.units, VideoCodec(hello.codec), source.mask)
        except (ClipError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            return _without_clip(request, f"the clip could not be written: {reason}")
        return _ready(request, clip.sha256, clip.duration_s, shortfall(footage, request.from_at, request.to_at))


def shortfall(footage: Footage, from_at: datetime, to_at: datetime) -> str:
    """What the footage lacks of the wanted span, in words; empty where it lacks less than a second."""
    lacks = []
    late_s = footage.units[0].arrived_at_us / 1e6 - from_at.timestamp()
    early_s = to_at.timestamp() - footage.units[-1].arrived_at_us / 1e6
    if footage.begins_late and late_s > _NOTICEABLE_S:
        lacks.append(f"begins {late_s:.1f} s late")
    if early_s > _NOTICEABLE_S:
        lacks.append(f"ends {early_s:.1f} s early")
    return ", ".join(lacks)


def _ready(request: ClipRequested, sha256: str, duration_s: float, problem: str) -> ClipReady:
    return ClipReady(
        alert_id=request.alert_id,
        clip_path=request.clip_path,
        clip_sha256=sha256,
        duration_s=round(duration_s, 3),
        problem=problem,
    )


def _without_clip(request: ClipRequested, problem: str) -> ClipReady:
    return ClipReady(alert_id=request.alert_id, clip_path=None, clip_sha256=None, duration_s=None, problem=problem)
