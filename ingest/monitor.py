"""What is known of one stream, shared by its thread, the watchdog and the heartbeat. Thread-safe; logs each change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from ingest.quality import StreamMeter
from ingest.session_state import SessionState, Transition
from kernel.clock import Clock
from kernel.config.camera import StreamName
from kernel.events import CameraState, CameraStateChanged, OfflineCause, StreamPulse

_LOG = logging.getLogger(__name__)


class StreamMonitor:
    """State, rates and size of one stream; every change of state becomes one event and one log line.

    Tries in a row that fail alike make one log line; how many they were is told when something changes.

    Args:
        report: gets each change; it must not block.
    """

    def __init__(
        self,
        camera_id: str,
        stream: StreamName,
        worker: str,
        run_id: str,
        clock: Clock,
        report: Callable[[CameraStateChanged], None],
    ) -> None:
        self.camera_id = camera_id
        self.stream = stream
        self._worker = worker
        self._run_id = run_id
        self._clock = clock
        self._report = report
        self._lock = threading.Lock()
        self._machine = SessionState()
        self._meter = StreamMeter(clock.monotonic_s())
        self._last_packet_s = clock.monotonic_s()
        self._fps = 0.0
        self._bitrate_bits_s = 0.0
        self._format = ("", 0, 0)
        self._logged: tuple[CameraState, OfflineCause] | None = None
        self._unlogged = 0

    @property
    def state(self) -> CameraState | None:
        """The state now, None before the first."""
        return self._machine.state

    @property
    def cause(self) -> OfflineCause:
        """Why it is not online, or degraded."""
        return self._machine.cause

    def disabled(self, cause: OfflineCause = OfflineCause.NONE) -> None:
        """The camera is out of service."""
        with self._lock:
            self._fps = self._bitrate_bits_s = 0.0
            self._tell(self._machine.disabled(self._clock.now(), cause))

    def opening(self) -> None:
        """A try begins."""
        with self._lock:
            self._tell(self._machine.opening(self._clock.now()))

    def opened(self, codec: str, width_px: int, height_px: int) -> None:
        """A session is open; rates are counted anew."""
        with self._lock:
            self._format = (codec, width_px, height_px)
            self._meter = StreamMeter(self._clock.monotonic_s())

    def format(self, codec: str, width_px: int, height_px: int) -> None:
        """The format, once it is known (better)."""
        with self._lock:
            self._format = (codec, width_px, height_px)

    def packet(self, arrived_at_us: int, size_bytes: int, *, errors: int, pictures: int | None) -> None:
        """A picture arrived; so many came out of the decoder, None where it was given nothing."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._last_packet_s = now_s
            self._meter.packet(now_s, size_bytes, errors=errors)
            if pictures is not None:
                self._meter.decoding(now_s, pictures)
            self._tell(self._machine.packet(datetime.fromtimestamp(arrived_at_us / 1e6, UTC)))

    def assess(self, sink_problem: str = "", passed_over: str = "") -> bool:
        """Judge the last seconds; call once a second while packets come.

        Args:
            sink_problem: why decoded pictures cannot be passed on, empty when they can.
            passed_over: why pictures were not decoded though they should have been, empty when none were.

        Returns:
            Whether packets arrive of which none decodes: the session is of no use.
        """
        with self._lock:
            quality = self._meter.assess(self._clock.monotonic_s())
            self._fps, self._bitrate_bits_s = quality.fps, quality.bitrate_bits_s
            cause = OfflineCause.NO_SHARED_MEMORY if sink_problem else quality.cause
            problem = sink_problem or quality.problem or passed_over
            self._tell(self._machine.assessed(self._clock.now(), problem, cause))
            return quality.undecodable

    def watch(self, limit_s: float) -> None:
        """An online stream without packets for that long is stalled; from the watchdog, so also if its thread hangs."""
        with self._lock:
            if self._clock.monotonic_s() - self._last_packet_s >= limit_s:
                self._tell(self._machine.quiet(self._clock.now()))

    def failed(self, cause: OfflineCause, detail: str) -> None:
        """The try failed or the session broke."""
        with self._lock:
            self._fps = self._bitrate_bits_s = 0.0
            self._tell(self._machine.failed(self._clock.now(), cause, detail))

    def pulse(self) -> StreamPulse:
        """What the heartbeat says of this stream."""
        with self._lock:
            online = self._machine.state is not None and self._machine.state.is_online
            return StreamPulse(
                camera_id=self.camera_id,
                stream=self.stream,
                state=self._machine.state or CameraState.CONNECTING,
                cause=self._machine.cause,
                last_packet_at=self._machine.last_packet_at,
                bitrate_bits_s=self._bitrate_bits_s if online else 0.0,
                fps=self._fps if online else 0.0,
            )

    def _tell(self, transition: Transition | None) -> None:
        if transition is None:
            return
        codec, width_px, height_px = self._format
        self._report(
            CameraStateChanged(
                camera_id=self.camera_id,
                stream=self.stream,
                state=transition.state,
                cause=transition.cause,
                detail=transition.detail,
                changed_at=transition.changed_at,
                worker=self._worker,
                run_id=self._run_id,
                codec=codec,
                width_px=width_px,
                height_px=height_px,
            )
        )
        self._log(transition)

    def _log(self, transition: Transition) -> None:
        seen = (transition.state, transition.cause)
        retry = transition.state is CameraState.CONNECTING and self._logged is not None
        if retry or seen == self._logged:
            self._unlogged += 1
            return
        level = logging.INFO if transition.state.is_online or not self._logged else logging.WARNING
        _LOG.log(
            level,
            "stream %s camera_id=%s stream=%s cause=%s detail=%r repeats_before=%d",
            transition.state.value,
            self.camera_id,
            self.stream.value,
            transition.cause.value,
            transition.detail,
            self._unlogged,
        )
        self._logged, self._unlogged = seen, 0
