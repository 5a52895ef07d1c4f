"""One RTSP session over TCP by a client of our own: a picture goes on with its last packet, not with the next picture.

connect -> OPTIONS, DESCRIBE, SETUP, PLAY -> packets between the answers -> access units
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Collection, Iterator
from contextlib import suppress
from fractions import Fraction

from ingest.address import CameraAddress
from ingest.assembly import CodedPicture
from ingest.interleaved import Connection, Packet
from ingest.keep_alive import KeepAlive
from ingest.probe import connect
from ingest.rtp import RtpAssembler, UnusualRtp
from ingest.rtsp import Answer, ServerRequest, request
from ingest.rtsp_login import RtspLogin
from ingest.session_description import NoVideo, UnusualTrack, VideoTrack, video_track
from ingest.source import SourceError
from kernel.clock import Clock
from kernel.config.camera import StreamConfig, Transport
from kernel.errors import LookoutError
from kernel.events import OfflineCause
from kernel.media import PTS_CLOCK_HZ

_ASKED_CHANNEL = 0
_MOST_REPEATS = 2  # with credentials, and once more where the nonce is an old one
_FAREWELL_TIMEOUT_S = 0.2
_TIME_BASE = Fraction(1, PTS_CLOCK_HZ)


class NeedsFfmpeg(LookoutError):
    """FFmpeg's client may read this session; ours does not."""


class TcpSource:
    """An open session with one video stream; see `ingest.source.RtspSource`."""

    time_base = _TIME_BASE
    size_px = (0, 0)
    has_b_frames = False

    def __init__(self, conversation: _Conversation, track: VideoTrack, channel: int, read_timeout_s: float) -> None:
        self._conversation = conversation
        self._track = track
        self._channel = channel
        self._read_timeout_s = read_timeout_s
        self.codec = track.codec
        self.extradata = track.parameter_sets or None
        self.passed_over = track.passed_over

    @staticmethod
    def takes(address: CameraAddress, config: StreamConfig) -> bool:
        """Whether it is worth trying: plain RTSP, packets inside of the connection."""
        return not address.encrypted and config.transport is Transport.TCP

    @classmethod
    def open(
        cls,
        address: CameraAddress,
        username: str,
        password: str,
        config: StreamConfig,
        clock: Clock,
        reached: socket.socket | None = None,
    ) -> TcpSource:
        """Open the session; blocks for up to twice open_timeout_s.

        Args:
            address, username, password, config, clock: of the stream.
            reached: a connection to the camera that nothing was sent over yet, closed with the session; None: one is
                made.

        Raises:
            SourceError: it did not open.
            NeedsFfmpeg: FFmpeg's client may open it.
        """
        connection = reached or connect(address, config.open_timeout_s)
        conversation = _Conversation(connection, RtspLogin(username, password), clock, config.open_timeout_s)
        try:
            return _opened(conversation, address, config)
        except TimeoutError:
            conversation.hang_up()
            raise SourceError(
                OfflineCause.OPEN_TIMED_OUT, f"no session within {config.open_timeout_s:g} s", ambiguous=True
            ) from None
        except (OSError, ValueError):
            conversation.hang_up()
            raise SourceError(OfflineCause.SERVER_ERROR, "the session did not open", ambiguous=True) from None
        except LookoutError:
            conversation.hang_up()
            raise

    def packets(self) -> Iterator[CodedPicture]:
        """Pictures as they arrive.

        Raises:
            SourceError: nothing came for read_timeout_s, or the session broke or ended.
            NeedsFfmpeg: the packets are of a kind that is left to FFmpeg.
        """
        units = RtpAssembler(self.codec, self._track.payload_type)
        talk = self._conversation
        talk.wait_at_most(self._read_timeout_s)
        try:
            while True:
                heard = False
                for message in talk.messages():
                    if isinstance(message, Answer):
                        talk.note(message, self._track.session_url)
                    elif message.channel == self._channel:
                        for unit in units.feed(message.body):
                            heard = True
                            waited, talk.waited = talk.waited, False
                            yield CodedPicture(
                                unit.payload, unit.pts, None, unit.keyframe, unit.damaged, talk.received_at_us, waited
                            )
                if heard:  # not sooner: whoever takes the pictures may have been slow
                    talk.begin_waiting()
                talk.keep_alive(self._track.session_url)
                talk.receive()
        except TimeoutError:
            raise SourceError(OfflineCause.NO_PACKETS, "connected, but no packets arrive") from None
        except EOFError:
            raise SourceError(OfflineCause.CLOSED_BY_CAMERA, "the camera ended the session") from None
        except OSError as error:
            raise SourceError(OfflineCause.CLOSED_BY_CAMERA, f"the session broke: {error.strerror}") from None
        except ValueError:
            raise SourceError(OfflineCause.CLOSED_BY_CAMERA, "the session broke: bytes that are no RTSP") from None
        except UnusualRtp as error:
            raise NeedsFfmpeg(str(error)) from None

    def close(self) -> None:
        """Tear the session down."""
        self._conversation.tear_down(self._track.session_url)


def _opened(talk: _Conversation, address: CameraAddress, config: StreamConfig) -> TcpSource:
    """From OPTIONS to PLAY."""
    methods = talk.ask("OPTIONS", address.url).methods
    described = talk.ask("DESCRIBE", address.url, accept="application/sdp")
    bases = (described.header("content-base"), described.header("content-location"))
    base_url = next((url for url in bases if url.lower().startswith("rtsp://")), address.url)
    try:
        track = video_track(described.body.decode("utf-8", "replace"), base_url)
    except NoVideo:
        raise SourceError(OfflineCause.NO_VIDEO, "the session has no video track") from None
    except UnusualTrack as error:
        raise NeedsFfmpeg(str(error)) from None
    wanted = f"Transport: RTP/AVP/TCP;unicast;interleaved={_ASKED_CHANNEL}-{_ASKED_CHANNEL + 1}"
    set_up = talk.ask("SETUP", track.url, headers=(wanted,))
    channel = _channel(set_up.header("transport"))
    talk.begin_session(set_up.header("session"), methods)
    talk.ask("PLAY", track.session_url, headers=("Range: npt=0.000-",))
    return TcpSource(talk, track, channel, config.read_timeout_s)


def _channel(transport: str) -> int:
    """Where the packets come, from the answer to SETUP: not all servers do as they are asked, some agree silently."""
    told = re.search(r"interleaved\s*=\s*(\d+)", transport, re.IGNORECASE)
    if told is not None:
        return int(told.group(1))
    if "RTP/AVP/TCP" in transport.upper() and "port=" not in transport.lower():
        return _ASKED_CHANNEL
    raise NeedsFfmpeg("packets outside of the connection")


class _Conversation:
    """The connection: requests with their answers, and what else comes in between.

    Attributes:
        received_at_us: when the newest bytes came, microseconds since the epoch.
        waited: bytes were not there yet when they were asked for, since somebody set this to False.
    """

    def __init__(self, connection: socket.socket, login: RtspLogin, clock: Clock, open_timeout_s: float) -> None:
        self._socket = connection
        self._login = login
        self._clock = clock
        self._received = Connection()
        self._kept: list[Packet | Answer] = []
        self._sequence = 0
        self._session = ""
        self._alive = KeepAlive((), None, clock.monotonic_s())
        self.received_at_us = 0
        self.waited = False
        self.wait_at_most(open_timeout_s)

    def wait_at_most(self, timeout_s: float) -> None:
        """What is waited for comes within that time from `begin_waiting` (and now) on."""
        self._timeout_s = timeout_s
        self._limit(timeout_s)
        self.begin_waiting()

    def _limit(self, timeout_s: float) -> None:
        """Have the kernel end calls that take longer: Python's own time-out would cost a call more for each."""
        self._socket.settimeout(None)
        limit = struct.pack("@ll", int(timeout_s), int(timeout_s % 1 * 1e6))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, option, limit)

    def begin_waiting(self) -> None:
        """The time that is waited begins now."""
        self._deadline_s = self._clock.monotonic_s() + self._timeout_s

    def receive(self) -> None:
        """Wait for more bytes.

        Raises:
            TimeoutError: see `wait_at_most`; at the latest after twice that time.
            EOFError: the connection was closed.
            OSError: it broke.
        """
        if self._clock.monotonic_s() >= self._deadline_s:
            raise TimeoutError
        room = self._received.room()
        try:
            size_bytes = self._socket.recv_into(room, 0, socket.MSG_DONTWAIT)
        except BlockingIOError:
            self.waited = True
            try:
                size_bytes = self._socket.recv_into(room)
            except BlockingIOError:
                raise TimeoutError from None
        if not size_bytes:
            raise EOFError
        self._received.received(size_bytes)
        self.received_at_us = int(self._clock.now().timestamp() * 1e6)

    def messages(self) -> Iterator[Packet | Answer]:
        """What is complete by now.

        Raises:
            ValueError: this is not RTSP.
        """
        while self._kept:
            yield self._kept.pop(0)
        yield from self._heard()

    def _heard(self) -> Iterator[Packet | Answer]:
        """What was received and is for us to take; what the server asks is answered."""
        for message in self._received.messages():
            if isinstance(message, ServerRequest):
                self._socket.sendall(message.reply(self._session))
            else:
                yield message

    def ask(self, method: str, url: str, accept: str = "", headers: tuple[str, ...] = ()) -> Answer:
        """Send a request and wait for its answer, with credentials where they are asked for.

        Raises:
            SourceError: the answer is an error.
            NeedsFfmpeg: the camera is elsewhere.
            TimeoutError, OSError, ValueError: no answer.
        """
        self._send(method, url, accept, headers)
        answer = self._answer()
        for _ in range(_MOST_REPEATS):
            if answer.status != 401 or not self._login.take(answer):
                break
            self._send(method, url, accept, headers)
            answer = self._answer()
        if answer.status == 401 or (answer.status >= 300 and method != "OPTIONS"):
            raise _refusal(answer.status, challenge_answered=self._login.answers)
        if answer.status < 300:
            self._login.accepted()
        return answer

    def begin_session(self, header: str, methods: Collection[str]) -> None:
        """What SETUP answered: the session's name, and how often it wants to hear from us."""
        name, _, rest = header.partition(";")
        self._session = name.strip()
        told = re.search(r"timeout\s*=\s*(\d+)", rest, re.IGNORECASE)
        self._alive = KeepAlive(methods, int(told.group(1)) if told else None, self._clock.monotonic_s())

    def keep_alive(self, url: str) -> None:
        """Let the camera know now and then that somebody is there."""
        if method := self._alive.due(self._clock.monotonic_s()):
            self._send(method, url)

    def note(self, answer: Answer, url: str) -> None:
        """An answer that nobody waits for, of a keep-alive: it may take another one."""
        again = answer.status == 401 and self._login.take(answer)
        if method := self._alive.answered(answer.status, self._clock.monotonic_s(), again=again):
            self._send(method, url)

    def tear_down(self, url: str) -> None:
        """Say good-bye where that does not block, and hang up."""
        with suppress(OSError):
            self._limit(_FAREWELL_TIMEOUT_S)
            self._send("TEARDOWN", url)
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _send(self, method: str, url: str, accept: str = "", headers: tuple[str, ...] = ()) -> None:
        self._sequence += 1
        session = (f"Session: {self._session}",) if self._session else ()
        lines = (*headers, *session, *self._login.headers(method, url))
        self._socket.sendall(request(method, url, self._sequence, accept, lines))

    def _answer(self) -> Answer:
        """The answer to the last request; packets that come before it are kept.

        Raises:
            NeedsFfmpeg: it is of another request, and none other was left open. FFmpeg's client does not look at that.
        """
        while True:
            for message in self._heard():
                if isinstance(message, Packet):
                    self._kept.append(Packet(message.channel, memoryview(bytes(message.body))))
                elif _is_of(message.header("cseq"), self._sequence):
                    return message
                else:
                    raise NeedsFfmpeg(f"it answers request {self._sequence} as {message.header('cseq')[:20]!r} (CSeq)")
            try:
                self.receive()
            except EOFError:
                raise OSError("the connection was closed") from None


def _is_of(told: str, sequence: int) -> bool:
    """Whether an answer's CSeq is this one; some leave it out, or write zeros in front."""
    return told == "" or (told.isdecimal() and int(told) == sequence)


def _refusal(status: int, *, challenge_answered: bool) -> LookoutError:
    """What an answer that is no success means."""
    if status < 400:
        return NeedsFfmpeg(f"it answers {status}")
    if status == 401:
        return SourceError(
            OfflineCause.WRONG_PASSWORD,
            "the camera refuses user name or password",
            ambiguous=True,
            challenge_answered=challenge_answered,
        )
    if status == 403:
        return SourceError(OfflineCause.WRONG_PASSWORD, "the camera forbids this user the stream")
    if status == 404:
        return SourceError(OfflineCause.NO_SUCH_STREAM, "the camera knows no stream of that path")
    if status == 461:
        return SourceError(OfflineCause.SERVER_ERROR, "the camera sends nothing over TCP (461); set transport: udp")
    return SourceError(OfflineCause.SERVER_ERROR, f"the camera answers {status}")
