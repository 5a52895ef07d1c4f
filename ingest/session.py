"""One camera stream in one thread: session, frames, live access units, back-off. Nothing here waits for another camera.

open -> packet -> whole picture -> times -> decode (analyse only) -> ring
                                         -> parameter sets -> GOP ring, viewers
"""

from __future__ import annotations

import logging
import random
import socket
import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

import av
from av.codec.hwaccel import HWAccel

from ingest.address import AddressError, CameraAddress
from ingest.annexb import ParameterSets, begins_anew
from ingest.assembly import CodedPicture, PictureAssembler
from ingest.backoff import RetryPolicy
from ingest.client_choice import ClientChoice
from ingest.decode_queue import DecodeQueue, Shortage
from ingest.decoding import DecodedPicture, FrameSink, PictureDecoder, PictureFormat, format_of
from ingest.live import LiveStream
from ingest.logins import Login, Logins
from ingest.loop_filter import LoopFilterChoice
from ingest.monitor import StreamMonitor
from ingest.probe import connect, diagnose
from ingest.service_gate import ServiceGate
from ingest.source import PacketSource, RtspSource, SourceError
from ingest.tcp_source import NeedsFfmpeg, TcpSource
from ingest.timeline import Timeline
from kernel.clock import Clock
from kernel.config.camera import CameraConfig, StreamConfig, StreamName
from kernel.events import OfflineCause
from kernel.media import LARGEST_ACCESS_UNIT_BYTES, AccessUnit, MediaHello

_LOG = logging.getLogger(__name__)
ASSESS_EVERY_S = 1.0
# An on-demand source (a recorder's playback, a media server that pulls) answers 404 while it starts.
QUICK_RETRY_S = 0.7
QUICK_RETRIES = 2
# A camera that hangs up after its first pictures is one that fails: only a session that lasted ends the back-off.
STEADY_S = 10.0
# Streams held back because others were refused look again within this share of the wait of those.
HELD_BACK_SHARE = 0.1


class LoginHeldBack(SourceError):
    """Not even tried: the camera refused this user name and password for others of its streams."""

    def __init__(self) -> None:
        super().__init__(
            OfflineCause.WRONG_PASSWORD, "the camera refuses user name or password for others of its streams"
        )


@dataclass(frozen=True)
class StreamPlan:
    """What a session thread has to do.

    Attributes:
        camera, stream, config: which stream of which camera.
        sink: where decoded pictures go, None where the stream is not analysed.
        accelerator: hardware that decodes, None for the CPU.
        by_ffmpeg: FFmpeg's RTSP client reads the stream, whatever ours could.
        loop_filter: whether the CPU decodes with it, at every moment.
    """

    camera: CameraConfig
    stream: StreamName
    config: StreamConfig
    sink: FrameSink | None
    accelerator: HWAccel | None = None
    by_ffmpeg: bool = False
    loop_filter: LoopFilterChoice = field(default_factory=LoopFilterChoice)

    def decoder(self, source: PacketSource, *, loop_filter: bool) -> PictureDecoder:
        """A decoder for a session: in hardware where that is wanted and opens."""
        if self.accelerator is not None:
            try:
                return PictureDecoder(source.codec, source.extradata, self.accelerator)
            except av.error.FFmpegError as error:
                _LOG.warning("the CPU decodes camera_id=%s: %s", self.camera.id, error.strerror)
        return PictureDecoder(source.codec, source.extradata, loop_filter=loop_filter)


class CameraSession(threading.Thread):
    """Keeps one stream up until told to stop. A daemon: FFmpeg may hold it in a call that nothing interrupts."""

    def __init__(
        self,
        plan: StreamPlan,
        monitor: StreamMonitor,
        live: LiveStream,
        policy: RetryPolicy,
        clock: Clock,
        logins: Logins,
        gate: ServiceGate | None = None,
    ) -> None:
        """`gate` tells when the camera is in service; without one it always is."""
        super().__init__(name=f"{plan.camera.id}/{plan.stream.value}", daemon=True)
        self.plan = plan
        self.monitor = monitor
        self.live = live
        self._policy = policy
        self._clock = clock
        self._logins = logins
        self._gate = gate or ServiceGate(is_open=True)
        self._stop_event = threading.Event()
        self._failures = 0
        self._opened_s: float | None = None
        self._open_login: Login | None = None
        self._client = ClientChoice(only_ffmpeg=plan.by_ffmpeg)
        self._is_ours = False

    def stop(self) -> None:
        """Ask the thread to end; it does at the next packet or time-out."""
        self._stop_event.set()
        self._gate.wake()

    def run(self) -> None:
        """Open, read, wait, again; nothing while the camera is out of service."""
        while (service := self._until_in_service()) is not None:
            self.monitor.opening()
            self._opened_s, wait_share = None, 1.0
            try:
                self._run_session(service)
                continue
            except LoginHeldBack as error:
                cause, detail, wait_share = error.cause, error.detail, HELD_BACK_SHARE * random.random()
            except SourceError as error:
                cause, detail = error.cause, error.detail
            except AddressError as error:
                cause, detail = OfflineCause.NO_ROUTE, str(error)
            except Exception as error:  # noqa: BLE001 (a thread's entry: a surprise costs one session, not the camera)
                _LOG.exception("session failed camera_id=%s", self.plan.camera.id)
                cause, detail = OfflineCause.SERVER_ERROR, f"unexpected: {type(error).__name__}; see the log"
            finally:
                self._close_login()
            if self._stop_event.is_set():
                return
            self.monitor.failed(cause, detail)
            self._failures = 1 if self._was_steady() else self._failures + 1
            if self._is_ours and self._was_steady():
                self._client.ours_lasted()
            wait_s = wait_share * self._policy.wait_s(self._failures, cause, random.random)
            self._gate.wait_while(service, self._stop_event, wait_s)

    def _until_in_service(self) -> int | None:
        """Wait until the camera is in service; the number of that service, None when asked to stop."""
        if not self._gate.is_open:
            self.monitor.disabled(self._gate.cause)
            self._failures = 0
        return self._gate.wait_open(self._stop_event)

    def _close_login(self) -> None:
        if self._open_login is not None:
            self._logins.closed(self._open_login)
            self._open_login = None

    def _was_steady(self) -> bool:
        return self._opened_s is not None and self._clock.monotonic_s() - self._opened_s >= STEADY_S

    def _run_session(self, service: int) -> None:
        """One session from open to its end; returns only when asked to stop or when that service is over.

        Raises:
            SourceError, AddressError: why the session could not be opened, or ended.
        """
        try:
            self._read_session(service)
        except NeedsFfmpeg as error:
            self._leave_to_ffmpeg(error)
            self._close_login()
            self._read_session(service)

    def _leave_to_ffmpeg(self, why: NeedsFfmpeg) -> None:
        self._client.left_to_ffmpeg(self._clock.monotonic_s())
        self._is_ours = False
        _LOG.info("FFmpeg reads camera_id=%s stream=%s: %s", self.plan.camera.id, self.plan.stream.value, why)

    def _read_session(self, service: int) -> None:
        """See `_run_session`.

        Raises:
            NeedsFfmpeg: the packets are of a kind that is left to FFmpeg.
        """
        with closing(self._open()) as source:
            self._opened_s = self._clock.monotonic_s()
            pipeline = _Pipeline(self.plan, source, self.monitor, self.live, self._clock)
            assembler = PictureAssembler(source.codec)
            assess_at_s = self._clock.monotonic_s() + ASSESS_EVERY_S
            for piece in source.packets():
                for picture in assembler.feed(piece):
                    pipeline.take(picture)
                if self._stop_event.is_set() or self._gate.service != service:
                    return
                if self._clock.monotonic_s() >= assess_at_s:
                    assess_at_s = self._clock.monotonic_s() + ASSESS_EVERY_S
                    pipeline.assess()

    def _open(self) -> PacketSource:
        """Open the session; a first 404 is asked again before it counts, but not on every try of a missing stream."""
        quick_retries = 0 if self.monitor.cause is OfflineCause.NO_SUCH_STREAM else QUICK_RETRIES
        for _ in range(quick_retries):
            try:
                return self._open_once()
            except SourceError as error:
                if error.cause is not OfflineCause.NO_SUCH_STREAM or self._stop_event.wait(QUICK_RETRY_S):
                    raise
        return self._open_once()

    def _open_once(self) -> PacketSource:
        address = CameraAddress.of(self.plan.config.url)
        with ExitStack() as undo:
            reached = undo.enter_context(closing(connect(address, self.plan.config.open_timeout_s)))
            source = self._log_in(address, reached)
            undo.pop_all()
        return source

    def _log_in(self, address: CameraAddress, reached: socket.socket) -> PacketSource:
        """Open a session over a connection; one that is not used is closed where a session opens all the same."""
        camera = self.plan.camera
        password = camera.password.get_secret_value()
        login = (address.host, address.port, camera.username, password)
        if camera.username and not self._logins.may_ask(login):
            raise LoginHeldBack
        accepted = refused = False
        try:
            source = self._open_source(address, password, reached)
            accepted = True
        except SourceError as error:
            nearer = error
            if error.ambiguous and not self._stop_event.is_set():
                nearer = diagnose(address, error, has_credentials=bool(camera.username))
            refused = error.ambiguous and nearer.cause is OfflineCause.WRONG_PASSWORD
            raise nearer from error
        finally:
            self._logins.answered(login, accepted=accepted, refused=refused)
        self._open_login = login
        return source

    def _open_source(self, address: CameraAddress, password: str, reached: socket.socket) -> PacketSource:
        """By the client of our own where it knows how, else by FFmpeg's, which makes a connection of its own."""
        camera, config = self.plan.camera, self.plan.config
        username = camera.username
        self._is_ours = TcpSource.takes(address, config) and self._client.is_ours(self._clock.monotonic_s())
        if self._is_ours:
            try:
                source = TcpSource.open(address, username, password, config, self._clock, reached)
            except NeedsFfmpeg as error:
                self._leave_to_ffmpeg(error)
            else:
                if source.passed_over:
                    others, codec = ", ".join(source.passed_over), source.codec.value
                    _LOG.info("of several video tracks %s is read, not %s camera_id=%s", codec, others, camera.id)
                return source
        reached.close()
        return RtspSource.open(address, username, password, config, self._clock)


def check_size(payload: bytes) -> None:
    """See that viewers, clips and the ring can take a coded picture.

    Raises:
        SourceError: it is larger than the media socket carries; whoever got it would come back for it again and again.
    """
    if len(payload) > LARGEST_ACCESS_UNIT_BYTES:
        raise SourceError(
            OfflineCause.NOT_DECODABLE,
            f"a coded picture of {len(payload) / 2**20:.1f} MiB, larger than {LARGEST_ACCESS_UNIT_BYTES >> 20} MiB; "
            f"lower bit rate or resolution at the camera",
        )


class _Pipeline:
    """What one session does with its pictures."""

    def __init__(
        self, plan: StreamPlan, source: PacketSource, monitor: StreamMonitor, live: LiveStream, clock: Clock
    ) -> None:
        self._clock = clock
        self._queue = DecodeQueue()
        self._shortage = Shortage()
        self._plan = plan
        self._source = source
        self._monitor = monitor
        self._live = live
        self._timeline = Timeline()
        self._sets = ParameterSets(source.codec)
        if source.extradata:
            self._sets.learn(source.extradata)
        self._is_filtering = plan.loop_filter.is_on
        self._decoder = plan.decoder(source, loop_filter=self._is_filtering)
        self._expects_hardware = self._decoder.accelerated
        self._described: tuple[bytes, bool] | None = None
        self._format = PictureFormat()
        self._times_begin_anew = True
        live.end_session()  # the one before
        monitor.opened(source.codec.value, *source.size_px)

    def take(self, picture: CodedPicture) -> None:
        """Hand one picture on: first to the viewers, then through the decoder.

        Raises:
            SourceError: it is too large to be handed on.
        """
        stamp = self._timeline.stamp(picture.pts, picture.dts, self._source.time_base)
        payload = self._sets.before(picture.payload) if picture.keyframe else picture.payload
        check_size(payload)
        self._times_begin_anew |= stamp.discontinuity
        unit = AccessUnit(
            payload,
            stamp.pts,
            stamp.dts,
            picture.arrived_at_us,
            picture.keyframe,
            discontinuity=self._times_begin_anew,
        )
        if picture.keyframe:
            self._announce(payload)
        pictures, errors = None, int(picture.damaged)
        if self._described is not None:  # what comes before the first keyframe is of no use to anybody
            self._live.publish(unit)
            self._times_begin_anew = False  # told with the first unit that anybody gets, which may not be the first
            if self._plan.sink is not None:
                pictures, failed = self._decode(self._ready(unit, picture, self._plan.sink), self._plan.sink)
                errors = max(errors, failed)
        self._monitor.packet(picture.arrived_at_us, len(payload), errors=errors, pictures=pictures)

    def assess(self) -> None:
        """Judge the stream.

        Raises:
            SourceError: packets come, pictures do not.
        """
        problem = self._plan.sink.problem if self._plan.sink is not None else ""
        short = self._shortage.told(self._queue.passed_over, self._clock.monotonic_s())
        if self._monitor.assess(problem, short):
            raise SourceError(OfflineCause.NOT_DECODABLE, "packets arrive, but no picture comes out of the decoder")

    def _ready(self, unit: AccessUnit, picture: CodedPicture, sink: FrameSink) -> list[AccessUnit]:
        """What is decoded now."""
        is_new = picture.keyframe and begins_anew(self._source.codec, picture.payload)
        self._plan.loop_filter.picture(sink.next_look_us, self._clock.monotonic_s())
        if is_new and self._plan.loop_filter.is_on is not self._is_filtering:
            self._change_filter()
        return self._queue.take(
            unit,
            begins_anew=is_new,
            waited_for=picture.waited_for,
            now_us=int(self._clock.now().timestamp() * 1e6),
            next_look_us=0 if self._decoder.has_b_frames else sink.next_look_us,
        )

    def _change_filter(self) -> None:
        """Begin a decoder anew, where nothing refers to what came before and none of its pictures is still to come."""
        if self._decoder.accelerated or self._decoder.has_b_frames:
            return
        choice = self._plan.loop_filter
        self._is_filtering = choice.is_on
        self._decoder = self._plan.decoder(self._source, loop_filter=self._is_filtering)
        how = "with the loop filter again" if self._is_filtering else "without the loop filter, the processor is short"
        _LOG.info("decoding %s camera_id=%s looked_at=%.2f", how, self._plan.camera.id, choice.share)

    def _decode(self, units: list[AccessUnit], sink: FrameSink) -> tuple[int | None, int]:
        """How many pictures came out, None where nothing was given, and how many units failed."""
        pictures = errors = 0
        for unit in units:
            try:
                if unit is not units[-1]:
                    pictures += self._decoder.decode_unseen(unit.payload, unit.pts, unit.arrived_at_us)
                    continue
                for decoded in self._decoder.decode(unit.payload, unit.pts, unit.arrived_at_us):
                    pictures += 1
                    self._show(decoded, sink)
            except av.error.FFmpegError:
                errors += 1
        return pictures if units else None, errors

    def _show(self, decoded: DecodedPicture, sink: FrameSink) -> None:
        sink.write(decoded)
        if self._expects_hardware and not self._decoder.in_hardware:
            self._expects_hardware = False
            codec = self._source.codec.value
            _LOG.warning("the CPU decodes camera_id=%s: the hardware takes no such %s", self._plan.camera.id, codec)

    def _announce(self, keyframe: bytes) -> None:
        """Say what the stream is, at its first keyframe and whenever its parameter sets change."""
        sets = self._sets.to_annexb()
        if self._described is None or sets != self._described[0]:
            found = format_of(self._source.codec, keyframe)
            if found.size_px == (0, 0):
                return  # this keyframe is damaged: the next one may tell
            self._format = found
        reorders = (self._source, self._decoder, self._timeline, self._format)
        described = (sets, any(one.has_b_frames for one in reorders))
        if described == self._described:
            return
        self._described, size_px = described, self._format.size_px
        self._monitor.format(self._source.codec.value, *size_px)
        self._live.announce(
            MediaHello(
                camera_id=self._plan.camera.id,
                stream=self._plan.stream,
                codec=self._source.codec.value,
                width_px=size_px[0],
                height_px=size_px[1],
                has_b_frames=described[1],
                masked=bool(self._plan.camera.masks),
            )
        )
