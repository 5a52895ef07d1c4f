"""An ingest worker: a thread per camera stream, and one event loop for viewers, clips and the heartbeat."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from ulid import ULID

from ingest.backoff import RetryPolicy
from ingest.clips import ClipService, ClipSource
from ingest.decoding import FrameSink
from ingest.flights import FlightWatch
from ingest.gop_ring import SPAN_S, GopRing
from ingest.hardware import HardwareDecoding
from ingest.live import LiveStream
from ingest.logins import Logins
from ingest.loop_filter import LoopFilterChoice
from ingest.mask import PrivacyMask
from ingest.media_server import MediaServer, StreamKey
from ingest.monitor import StreamMonitor
from ingest.service_gate import ServiceGate
from ingest.session import CameraSession, StreamPlan
from kernel.bus.address import BusUnavailable, bus_address
from kernel.bus.consumer import consume
from kernel.bus.names import CAMERA_STATE, COMMANDS
from kernel.bus.publisher import DurablePublisher
from kernel.clock import Clock
from kernel.config.camera import CameraConfig, RtspClient, StreamName, StreamRole
from kernel.config.lookout import LookoutConfig
from kernel.events import COMMAND_EVENTS, ObserverHeartbeat, OfflineCause
from kernel.ring import NoSharedMemory, RingWriter
from kernel.runtime import RuntimePaths
from kernel.shard import Shard

_LOG = logging.getLogger(__name__)
HEARTBEAT_EVERY_S = 1.0
WATCHDOG_GRACE_S = 1.0
STOP_TIMEOUT_S = 3.0
FLUSH_TIMEOUT_S = 1.5
SHORT_SPAN_S = 1.0


def clip_stream(camera: CameraConfig) -> StreamName:
    """The stream clips are cut from: the recorded one, else the one shown."""
    return camera.streams.name_for(StreamRole.RECORD) or camera.streams.name_for(StreamRole.LIVE) or StreamName.MAIN


class IngestWorker:
    """Everything one worker runs."""

    def __init__(self, config: LookoutConfig, shard: Shard, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._paths = RuntimePaths.of(config)
        self.name = f"ingest-{shard.index}"
        self.run_id = str(ULID())
        self._shard = shard
        self._cameras = shard.cameras_of(config)
        self._address = bus_address(config, self._paths)
        self._publisher = DurablePublisher(self._address, clock)
        self._ring: RingWriter | None = None
        self._sinks: dict[StreamKey, FrameSink] = {}
        self._monitors: dict[StreamKey, StreamMonitor] = {}
        self._live: dict[StreamKey, LiveStream] = {}
        self._sessions: list[CameraSession] = []
        self._logins = Logins(clock, config.health.auth_retry_s)
        self._hardware = HardwareDecoding()
        self._gates: dict[str, ServiceGate] = {}
        self._carried: dict[str, CameraConfig] = {}
        for camera in self._cameras:
            self._prepare(camera)
        self._make_ring()

    def _make_ring(self) -> None:
        """Make the frame ring, or tell every analysed stream why there is none (tried again once a second).

        Raises:
            RingInUse: another worker serves this shard.
        """
        try:
            self._ring = RingWriter(self._paths.ring_file(self._shard.index), tuple(self._sinks))
        except NoSharedMemory as error:
            for sink in self._sinks.values():
                sink.problem = str(error)
            return
        for key, sink in self._sinks.items():
            sink.attach(self._ring.slot_for(*key))

    def _prepare(self, camera: CameraConfig) -> None:
        health = self._config.health
        gate = self._gates[camera.id] = self._gate_of(camera)
        policy = RetryPolicy(health.retry_max_s, health.auth_retry_s)
        for name, stream in camera.streams.by_name().items():
            key = (camera.id, name)
            monitor = StreamMonitor(
                camera.id,
                name,
                self.name,
                self.run_id,
                self._clock,
                lambda event: self._publisher.append(CAMERA_STATE, event),
            )
            live = LiveStream(GopRing(SPAN_S if name is clip_stream(camera) else SHORT_SPAN_S))
            self._monitors[key], self._live[key] = monitor, live
            if camera.enabled:
                sink, accelerator = None, None
                if StreamRole.ANALYSE in stream.roles:
                    sink = self._sinks[key] = FrameSink(PrivacyMask(camera.masks))
                    accelerator = self._hardware.accelerator(camera.decode or self._config.ingest.decode)
                ingest = self._config.ingest
                by_ffmpeg = ingest.rtsp_client is RtspClient.FFMPEG
                plan = StreamPlan(
                    camera,
                    name,
                    stream,
                    sink,
                    accelerator,
                    by_ffmpeg,
                    LoopFilterChoice(ingest.loop_filter, self._config.detect.fps),
                )
                self._sessions.append(CameraSession(plan, monitor, live, policy, self._clock, self._logins, gate))

    def _gate_of(self, camera: CameraConfig) -> ServiceGate:
        """When the camera is in service: always, never, or while the drone that carries it flies."""
        carrier = self._config.carrier_of(camera.id)
        if not camera.enabled or carrier is None:
            return ServiceGate(is_open=camera.enabled)
        self._carried[carrier.id] = camera
        return ServiceGate(is_open=False, cause=OfflineCause.DRONE_ON_GROUND)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        media = MediaServer(
            self._paths.media_socket(self._shard.index),
            {key: (live, self._monitors[key]) for key, live in self._live.items()},
        )
        clips = ClipService(
            self._address, self.name, self._clip_sources(), self._paths.evidence_dir, self._publisher, self._clock
        )
        await media.start()
        self._start_sessions()
        _LOG.info("worker started worker=%s run_id=%s streams=%d", self.name, self.run_id, len(self._sessions))
        try:
            async with asyncio.TaskGroup() as tasks:
                flights = tasks.create_task(FlightWatch(self._address, self._carried, self._drone_flies).run())
                tasks.create_task(self._serve_clips(clips, stop))
                await self._beat(stop)
                flights.cancel()
        finally:
            for session in self._sessions:
                session.stop()
            await clips.close()
            await media.close()
            await asyncio.to_thread(self._finish)

    def _start_sessions(self) -> None:
        for camera in self._cameras:
            if not self._gates[camera.id].is_open:
                self._tell_out_of_service(camera)
        for session in self._sessions:
            session.start()

    def _tell_out_of_service(self, camera: CameraConfig) -> None:
        for name in camera.streams.by_name():
            self._monitors[camera.id, name].disabled(self._gates[camera.id].cause)

    def _drone_flies(self, drone_id: str, flying: bool) -> None:
        """Put the drone's camera in service, or take it out; what it still sends then is no news of it any more."""
        camera = self._carried[drone_id]
        gate = self._gates[camera.id]
        if gate.is_open == flying:
            return
        if not flying:
            self._tell_out_of_service(camera)
        gate.turn(flying)
        if not flying:
            for name in camera.streams.by_name():
                self._live[camera.id, name].end_session()
        _LOG.info("camera %s service camera_id=%s drone_id=%s", "in" if flying else "out of", camera.id, drone_id)

    def _clip_sources(self) -> dict[str, ClipSource]:
        return {
            camera.id: ClipSource(self._live[camera.id, clip_stream(camera)], PrivacyMask(camera.masks))
            for camera in self._cameras
            if camera.enabled
        }

    async def _serve_clips(self, clips: ClipService, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await clips.resume()
                break
            except BusUnavailable as error:
                _LOG.warning("clips wait for the bus: %s", error)
        await consume(self._address, COMMANDS, self.name, self.name, COMMAND_EVENTS, clips.handle, stop)

    async def _beat(self, stop: asyncio.Event) -> None:
        """Watchdog and heartbeat, once a second, on the loop that also serves viewers and clips."""
        limits_s = {
            (camera.id, name): stream.read_timeout_s + WATCHDOG_GRACE_S
            for camera in self._cameras
            for name, stream in camera.streams.by_name().items()
        }
        while not stop.is_set():
            if self._ring is None:
                self._make_ring()
            for key, monitor in self._monitors.items():
                monitor.watch(limits_s[key])
            self._publisher.append(
                CAMERA_STATE,
                ObserverHeartbeat(
                    worker=self.name,
                    run_id=self.run_id,
                    beat_at=self._clock.now(),
                    streams=tuple(monitor.pulse() for monitor in self._monitors.values()),
                ),
            )
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_EVERY_S):
                    await stop.wait()

    def _finish(self) -> None:
        """Wait for the threads, send what is queued, take the ring away. What FFmpeg holds ends with the process."""
        deadline_s = self._clock.monotonic_s() + STOP_TIMEOUT_S
        for session in self._sessions:
            session.join(max(0.0, deadline_s - self._clock.monotonic_s()))
        held = [session.name for session in self._sessions if session.is_alive()]
        if held:
            _LOG.info("sessions still inside FFmpeg, left to the end of the process streams=%s", ",".join(held))
        self._publisher.close(FLUSH_TIMEOUT_S)
        if self._ring is not None:
            self._ring.close()
