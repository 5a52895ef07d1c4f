"""One camera stream, pulled from ingest while somebody watches, and given to all its viewers.

idle --first viewer--> connecting --hello--> live --closed--> backoff --> connecting
  ^                                                                          |
  +------------- last viewer gone for LINGER_S (from any state) -------------+
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from command_api.live.fanout import Fanout, Sink
from command_api.live.media_client import MediaConnection, MediaUnavailableError
from command_api.live.problems import CameraOfflineError
from command_api.live.transcode import Transcoder, TranscodeReason, transcode_reason
from kernel.clock import Clock
from kernel.config.camera import CameraConfig, StreamName
from kernel.media import AccessUnit, MediaHello, MediaProtocolError

LINGER_S = 10.0
FIRST_RETRY_S = 0.2
LONGEST_RETRY_S = 2.0

_log = logging.getLogger(__name__)


class SourceState(StrEnum):
    """Where a source is on its diagram."""

    IDLE = "idle"
    CONNECTING = "connecting"
    LIVE = "live"
    BACKOFF = "backoff"


class Source:
    """The stream of one camera, with at most one connection and at most one transcode for all its viewers."""

    def __init__(
        self,
        camera: CameraConfig,
        stream: StreamName,
        socket_path: Path,
        on_closed: Callable[[Source], None],
        clock: Clock,
        linger_s: float = LINGER_S,
    ) -> None:
        self.camera_id = camera.id
        self.stream = stream
        self._masks = camera.masks
        self._socket_path = socket_path
        self._on_closed = on_closed
        self._clock = clock
        self._linger_s = linger_s
        self._state = SourceState.IDLE
        self._problem = ""
        self._fanout = Fanout()
        self._loop = asyncio.get_running_loop()
        self._hello: MediaHello | None = None
        self._transcoder: Transcoder | None = None
        self._saw_pts_go_back = False
        self._last_pts: int | None = None
        self._lag_ms = 0
        self._outcome_waiters: list[asyncio.Future[None]] = []
        self._opening = 0
        self._expected: set[Sink] = set()
        self._linger: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_transcoded(self) -> bool:
        """Whether viewers get a transcode instead of the camera's own packets."""
        return self._transcoder is not None

    @property
    def is_live(self) -> bool:
        """Whether ingest serves the stream now."""
        return self._state is SourceState.LIVE

    def start(self) -> None:
        """Begin pulling; the source ends by itself once nobody watches for the linger time."""
        self._task = asyncio.create_task(self._run(), name=f"source {self.camera_id}/{self.stream.value}")
        self._begin_linger()

    async def wait_until_live(self, timeout_s: float) -> None:
        """Return once the stream is there.

        Raises:
            CameraOfflineError: the next attempt failed, or nothing came of it in `timeout_s`.
        """
        self._opening += 1
        self._cancel_linger()
        try:
            await self._outcome(timeout_s)
        finally:
            self._opening -= 1
            self._begin_linger()

    async def _outcome(self, timeout_s: float) -> None:
        if self.is_live:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._outcome_waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                await waiter
        except TimeoutError:
            self._problem = self._problem or f"no answer within {timeout_s:g} s"
        if not self.is_live:
            raise CameraOfflineError(self.camera_id, self._problem)

    def expect(self, sink: Sink) -> None:
        """Keep the stream for a viewer that connects, however long that takes, until it is detached."""
        self._expected.add(sink)
        self._cancel_linger()

    def attach(self, sink: Sink) -> None:
        """Add a viewer."""
        self._cancel_linger()
        self._fanout.attach(sink, self._loop.time())

    def detach(self, sink: Sink) -> None:
        """Remove a viewer, also one that was only expected; the last one starts the linger time."""
        self._expected.discard(sink)
        self._fanout.detach(sink)
        self._begin_linger()

    def replay_to(self, sink: Sink) -> None:
        """The cached GOP again for a viewer who lost the picture."""
        self._fanout.replay_to(sink, self._loop.time())

    def status(self) -> dict[str, Any]:
        """What `/status` shows of this source."""
        transcoder = self._transcoder
        return {
            "camera_id": self.camera_id,
            "stream": self.stream.value,
            "state": self._state.value,
            "problem": self._problem,
            "codec": self._hello.codec if self._hello else "",
            "viewers": self._fanout.sink_count,
            "units": self._fanout.published,
            "gop_bytes": self._fanout.gop_bytes,
            "lag_ms": self._lag_ms,
            "transcode": transcoder.status() if transcoder else None,
        }

    async def close(self) -> None:
        """Stop pulling, whoever watches."""
        self._cancel_linger()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        try:
            while True:
                self._enter(SourceState.CONNECTING)
                before = self._fanout.published
                try:
                    await self._pull_once()
                    self._problem = "ingest closed the stream"
                except (MediaUnavailableError, MediaProtocolError) as error:
                    self._problem = str(error)
                if self._fanout.published > before:
                    retry_s = FIRST_RETRY_S
                self._enter(SourceState.BACKOFF)
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
        finally:
            self._stop_transcoder()
            self._enter(SourceState.IDLE)

    async def _pull_once(self) -> None:
        connection = await MediaConnection.open(self._socket_path, self.camera_id, self.stream)
        try:
            self._begin_stream(connection.hello)
            first = True
            async for unit in connection.units():
                self._take(dataclasses.replace(unit, discontinuity=True) if first else unit)
                first = False
        finally:
            await connection.close()

    def _begin_stream(self, hello: MediaHello) -> None:
        self._hello = hello
        self._problem = ""
        self._saw_pts_go_back = False
        self._last_pts = None
        self._fanout.reset()
        self._choose_pipeline()
        self._enter(SourceState.LIVE)

    def _choose_pipeline(self) -> None:
        assert self._hello is not None
        self._stop_transcoder()
        reason = transcode_reason(self._hello, bool(self._masks), self._saw_pts_go_back)
        if reason is TranscodeReason.NONE:
            return
        _log.info("transcode started camera_id=%s stream=%s reason=%s", self.camera_id, self.stream.value, reason.value)
        self._transcoder = Transcoder(self._hello.codec, self._masks, reason, self._publish)
        self._transcoder.start()

    def _stop_transcoder(self) -> None:
        if self._transcoder is not None:
            self._transcoder.stop()
            self._transcoder = None
            _log.info("transcode stopped camera_id=%s stream=%s", self.camera_id, self.stream.value)

    def _take(self, unit: AccessUnit) -> None:
        if self._transcoder is None and self._goes_back(unit):
            self._saw_pts_go_back = True
            self._fanout.reset()
            self._choose_pipeline()
        self._last_pts = unit.pts
        if self._transcoder is not None:
            self._transcoder.feed(unit)
        else:
            self._publish(unit)

    def _publish(self, unit: AccessUnit) -> None:
        if not unit.replayed:
            self._lag_ms = round(self._clock.now().timestamp() * 1000 - unit.arrived_at_us / 1000)
        self._fanout.publish(unit, self._loop.time())

    def _goes_back(self, unit: AccessUnit) -> bool:
        return self._last_pts is not None and unit.pts < self._last_pts and not (unit.discontinuity or unit.keyframe)

    def _enter(self, state: SourceState) -> None:
        if state is self._state:
            return
        if SourceState.LIVE in (state, self._state):
            _log.info(
                "source %s camera_id=%s stream=%s problem=%s", state.value, self.camera_id, self.stream, self._problem
            )
        self._state = state
        if state in (SourceState.LIVE, SourceState.BACKOFF, SourceState.IDLE):
            waiters, self._outcome_waiters = self._outcome_waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def _begin_linger(self) -> None:
        self._cancel_linger()
        if self._fanout.sink_count == 0 and not self._expected and not self._opening:
            self._linger = asyncio.get_running_loop().call_later(self._linger_s, self._end_linger)

    def _cancel_linger(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None

    def _end_linger(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._on_closed(self)


class Sources:
    """The sources in use, one per camera stream."""

    def __init__(self, clock: Clock, linger_s: float = LINGER_S) -> None:
        self._clock = clock
        self._linger_s = linger_s
        self._sources: dict[tuple[str, StreamName], Source] = {}

    def open(self, camera: CameraConfig, stream: StreamName, socket_path: Path) -> Source:
        """The source of a camera stream, started if nobody watched it yet."""
        key = (camera.id, stream)
        source = self._sources.get(key)
        if source is None:
            source = Source(camera, stream, socket_path, self._forget, self._clock, self._linger_s)
            self._sources[key] = source
            source.start()
        return source

    def status(self) -> Sequence[dict[str, Any]]:
        """What `/status` shows."""
        return [source.status() for source in self._sources.values()]

    async def close(self) -> None:
        """Stop all."""
        sources, self._sources = list(self._sources.values()), {}
        for source in sources:
            await source.close()

    def _forget(self, source: Source) -> None:
        if self._sources.get((source.camera_id, source.stream)) is source:
            del self._sources[source.camera_id, source.stream]
