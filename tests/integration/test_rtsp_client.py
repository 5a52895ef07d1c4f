"""Lookout's own RTSP client against servers written down word by word."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest

from ingest.address import CameraAddress
from ingest.annexb import START_CODE, VideoCodec
from ingest.source import SourceError
from ingest.tcp_source import NeedsFfmpeg, TcpSource
from kernel.clock import Clock, ManualClock, SystemClock
from kernel.config.camera import StreamConfig
from kernel.events import OfflineCause
from scripts.district.rtp_packets import h264_payloads, interleaved, rtp_packet
from tests.integration.rtsp_server import answering, tcp_server, with_sdp, with_status

pytestmark = pytest.mark.integration

SPS, PPS, IDR, SLICE = b"\x67sps", b"\x68pps", b"\x65\x88" + b"i" * 5000, b"\x41\x9a" + b"p" * 900
SETS = ",".join(base64.b64encode(nal).decode() for nal in (SPS, PPS))
SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={SETS}\r\na=control:track1\r\n"
)


class Camera:
    """Answers the requests of one connection and notes them; `play` runs in the connection's thread after PLAY."""

    def __init__(self, play: Callable[[Camera], None], transport: str = "interleaved=4-5") -> None:
        self.asked: list[str] = []
        self.replies: list[str] = []
        self.ended = threading.Event()
        self._play = play
        self._transport = transport
        self._sequence = 0

    def serve(self, connection: socket.socket) -> None:
        self._connection = connection
        while True:
            method = self.answer()
            if method == "PLAY":
                self._play(self)
            elif method in ("", "TEARDOWN"):
                self.ended.set()
                return

    def answer(self, status: str = "200 OK", *more: str) -> str:
        """Answer the next request; its method, empty where the client went."""
        text = self._request()
        if not text:
            return ""
        self.asked.append(text)
        method = text.split(" ")[0]
        answers = {
            "OPTIONS": with_status(status, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER"),
            "DESCRIBE": with_sdp(SDP),
            "SETUP": with_status(status, f"Transport: RTP/AVP/TCP;unicast;{self._transport}", "Session: 77;timeout=20"),
        }
        answer = answers.get(method, with_status(status, *more))
        self._connection.sendall(answer.replace("{cseq}", header(text, "CSeq")).encode())
        return method

    def _request(self) -> str:
        received = b""
        while not received.endswith(b"\r\n\r\n"):
            piece = self._connection.recv(1)
            if not piece:
                return ""
            received += piece
        return received.decode()

    def picture(self, nals: list[bytes], timestamp: int, *, channel: int = 4) -> None:
        """Send a picture whole, its marker on the last packet."""
        payloads = h264_payloads(nals)
        out = b""
        for number, payload in enumerate(payloads):
            packet = bytearray(rtp_packet(96, self._sequence, timestamp, 7, payload))
            packet[1] = 96 | (0x80 if number == len(payloads) - 1 else 0)
            self._sequence += 1
            out += interleaved(channel, bytes(packet))
        self._connection.sendall(out)

    def control(self) -> None:
        """Send what is no picture."""
        self._connection.sendall(interleaved(5, b"\x80\xc8\x00\x01abcd"))

    def ask(self, method: str) -> None:
        """Ask the client something, as some recorders do, and note its reply."""
        self._connection.sendall(f"{method} rtsp://client RTSP/1.0\r\nCSeq: 90\r\n\r\n".encode())
        self.replies.append(self._request())


def header(text: str, name: str) -> str:
    return text.partition(f"{name}: ")[2].split("\r\n")[0]


@contextmanager
def opened(
    camera: Camera, clock: Clock | None = None, read_timeout_s: float = 5.0, username: str = ""
) -> Iterator[TcpSource]:
    with tcp_server(camera.serve) as port:
        url = f"rtsp://127.0.0.1:{port}/live"
        config = StreamConfig.model_validate({"url": url, "open_timeout_s": 5.0, "read_timeout_s": read_timeout_s})
        with closing(TcpSource.open(CameraAddress.of(url), username, "x", config, clock or SystemClock())) as source:
            yield source


def test_a_picture_goes_on_with_its_last_packet() -> None:
    """FFmpeg tells a picture when the next one begins: here none ever does."""
    with opened(Camera(lambda camera: camera.picture([SPS, PPS, IDR], 9_000))) as source:
        picture = next(source.packets())
    assert picture.payload == b"".join(START_CODE + nal for nal in (SPS, PPS, IDR))
    assert (picture.pts, picture.keyframe, picture.damaged) == (0, True, False)
    assert (source.codec, source.extradata) == (VideoCodec.H264, START_CODE + SPS + START_CODE + PPS)


def test_the_conversation_is_that_of_rfc_2326() -> None:
    camera = Camera(lambda camera: camera.picture([IDR], 0))
    with opened(camera) as source:
        next(source.packets())
    assert [text.split(" ")[0] for text in camera.asked[:4]] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]
    assert [header(text, "CSeq") for text in camera.asked[:4]] == ["1", "2", "3", "4"]
    assert camera.asked[2].split(" ")[1].endswith("/live/track1")
    assert header(camera.asked[2], "Transport") == "RTP/AVP/TCP;unicast;interleaved=0-1"
    assert (header(camera.asked[2], "Session"), header(camera.asked[3], "Session")) == ("", "77")


def test_the_camera_hears_from_us_before_its_time_is_over() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))

    def play(camera: Camera) -> None:
        for number in range(3):
            camera.picture([SLICE], 3_600 * number)
        assert camera.answer() == "GET_PARAMETER"
        camera.picture([SLICE], 10_800)

    camera = Camera(play)
    with opened(camera, clock) as source:
        packets = source.packets()
        first = [next(packets) for _ in range(3)]
        clock.advance(10.5)
        assert next(packets).pts == 10_800
    assert [picture.pts for picture in first] == [0, 3_600, 7_200]
    assert header(camera.asked[-1], "Session") == "77"


def test_a_camera_that_sends_reports_but_no_pictures_is_silent() -> None:
    def play(camera: Camera) -> None:
        camera.picture([IDR], 0)
        while True:
            camera.control()
            threading.Event().wait(0.05)

    with opened(Camera(play), read_timeout_s=0.3) as source:
        packets = source.packets()
        next(packets)
        with pytest.raises(SourceError) as failure:
            next(packets)
    assert failure.value.cause is OfflineCause.NO_PACKETS


@pytest.mark.parametrize("shape", ["of another kind", "without a beginning"])
def test_a_camera_whose_packets_make_no_picture_is_silent(shape: str) -> None:
    """It stayed connecting for ever, without a cause."""

    def play(camera: Camera) -> None:
        number = 0
        while True:
            number += 1
            kind = 97 if shape == "of another kind" else 96
            camera._connection.sendall(interleaved(4, rtp_packet(kind, number, 0, 7, b"\x7c\x05torn")))
            threading.Event().wait(0.05)

    with opened(Camera(play), read_timeout_s=0.3) as source, pytest.raises(SourceError) as failure:
        next(source.packets())
    assert failure.value.cause is OfflineCause.NO_PACKETS


def test_a_server_that_asks_whether_we_are_there_is_answered() -> None:
    def play(camera: Camera) -> None:
        camera.ask("OPTIONS")
        camera.picture([IDR], 0)

    camera = Camera(play)
    with opened(camera) as source:
        next(source.packets())
    assert camera.replies == ["RTSP/1.0 200 OK\r\nCSeq: 90\r\nSession: 77\r\n\r\n"]


def test_a_session_is_torn_down_when_it_is_left() -> None:
    """A camera that is not told keeps the session until its time is over, and has only so many."""
    camera = Camera(lambda camera: camera.picture([IDR], 0))
    with opened(camera) as source:
        next(source.packets())
        source.close()
        assert camera.ended.wait(5)
    assert camera.asked[-1].startswith("TEARDOWN rtsp://")
    assert header(camera.asked[-1], "Session") == "77"


def test_a_camera_that_refuses_the_keep_alive_it_named_gets_another_one() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))

    def play(camera: Camera) -> None:
        camera.picture([SLICE], 0)
        assert camera.answer("405 Method Not Allowed") == "GET_PARAMETER"
        assert camera.answer() == "OPTIONS"
        camera.picture([SLICE], 3_600)

    camera = Camera(play)
    with opened(camera, clock) as source:
        packets = source.packets()
        next(packets)
        clock.advance(10.5)
        assert next(packets).pts == 3_600


class Distrustful(Camera):
    """Wants a new nonce for every request, and does not say that the last one was stale."""

    def answer(self, status: str = "200 OK", *more: str) -> str:
        text = self._request()
        if text and f'nonce="{len(self.asked)}"' not in text:
            self.asked.append(text)
            challenge = f'WWW-Authenticate: Digest realm="r", nonce="{len(self.asked)}"'
            refusal = with_status("401 Unauthorized", challenge).replace("{cseq}", header(text, "CSeq"))
            self._connection.sendall(refusal.encode())
            return self.answer(status, *more)
        self._again = text
        return super().answer(status, *more)

    def _request(self) -> str:
        again, self._again = getattr(self, "_again", ""), ""
        return again or super()._request()


def test_a_new_nonce_for_every_request_and_for_keep_alives() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))

    def play(camera: Camera) -> None:
        camera.picture([SLICE], 0)
        assert camera.answer() == "GET_PARAMETER"
        camera.picture([SLICE], 3_600)

    camera = Distrustful(play)
    with opened(camera, clock, username="viewer") as source:
        packets = source.packets()
        next(packets)
        clock.advance(10.5)
        assert next(packets).pts == 3_600
    methods = [text.split(" ")[0] for text in camera.asked]
    assert methods[:8] == [method for method in ("OPTIONS", "DESCRIBE", "SETUP", "PLAY") for _ in range(2)]
    assert methods[8:10] == ["GET_PARAMETER"] * 2


class Forgetful(Camera):
    """Calls every nonce an old one, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__(lambda camera: camera.picture([IDR], 0))
        self._times = times

    def answer(self, status: str = "200 OK", *more: str) -> str:
        if len(self.asked) < self._times:
            more = (*more, f'WWW-Authenticate: Digest realm="r", nonce="{len(self.asked)}", stale=true')
            text = self._request()
            self.asked.append(text)
            refusal = with_status("401 Unauthorized", *more).replace("{cseq}", header(text, "CSeq"))
            self._connection.sendall(refusal.encode())
            return text.split(" ")[0] if text else ""
        return super().answer(status, *more)


def test_an_old_nonce_is_replaced_but_not_for_ever() -> None:
    patient, endless = Forgetful(2), Forgetful(1_000)
    with opened(patient, username="viewer") as source:
        assert next(source.packets()).keyframe
    with pytest.raises(SourceError) as failure, opened(endless, username="viewer"):
        pass
    assert failure.value.cause is OfflineCause.WRONG_PASSWORD
    assert len([text for text in endless.asked if text]) == 3


@pytest.mark.parametrize(("transport", "channel"), [("mode=play;ssrc=1F", 0), ("ssrc=1F;Interleaved = 7-8", 7)])
def test_packets_are_found_on_the_channel_that_was_agreed_on(transport: str, channel: int) -> None:
    with opened(Camera(lambda camera: camera.picture([IDR], 0, channel=channel), transport)) as source:
        assert next(source.packets()).keyframe


def test_a_camera_that_hangs_up_is_told_from_a_silent_one() -> None:
    camera = Camera(lambda camera: camera._connection.shutdown(socket.SHUT_RDWR))
    with opened(camera) as source, pytest.raises(SourceError) as failure:
        next(source.packets())
    assert failure.value.cause is OfflineCause.CLOSED_BY_CAMERA


def test_packets_before_the_answer_to_play_are_not_lost() -> None:
    class Hasty(Camera):
        def answer(self, status: str = "200 OK", *more: str) -> str:
            if len(self.asked) == 3:
                self.picture([SPS, PPS, IDR], 0)
            return super().answer(status, *more)

    with opened(Hasty(lambda camera: camera.picture([SLICE], 3_600))) as source:
        packets = source.packets()
        assert [next(packets).pts, next(packets).pts] == [0, 3_600]


@pytest.mark.parametrize("cseq", ["1", "7", "x"], ids=["another's", "nobody's", "no number"])
def test_an_answer_to_another_request_is_told_at_once(cseq: str) -> None:
    """Regression: it was passed over, and the session ended as one that nobody answered, after `open_timeout_s`."""
    wrong = with_status("200 OK", "Content-Length: 0").replace("{cseq}", cseq)
    with (
        tcp_server(answering({"DESCRIBE": wrong})) as port,
        pytest.raises(NeedsFfmpeg, match=rf"request 2 as '{cseq}'"),
    ):
        opened_at(port)


@pytest.mark.parametrize("cseq", ["CSeq: 0{cseq}\r\n", ""], ids=["zeros in front", "none"])
def test_an_answer_whose_number_is_written_otherwise_is_taken(cseq: str) -> None:
    plain = with_status("200 OK", "Session: 77", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
    odd = plain.replace("CSeq: {cseq}\r\n", cseq)
    with tcp_server(answering({"OPTIONS": odd, "DESCRIBE": with_sdp(SDP), "SETUP": odd, "PLAY": odd})) as port:
        opened_at(port).close()


def opened_at(port: int) -> TcpSource:
    url = f"rtsp://127.0.0.1:{port}/live"
    config = StreamConfig.model_validate({"url": url, "open_timeout_s": 5.0})
    return TcpSource.open(CameraAddress.of(url), "", "", config, SystemClock())


def test_reordered_pictures_and_other_transports_are_left_to_ffmpeg() -> None:
    def play(camera: Camera) -> None:
        for timestamp in (0, 10_800, 3_600):
            camera.picture([SLICE], timestamp)

    with opened(Camera(play)) as source, pytest.raises(NeedsFfmpeg, match="order"):
        list(source.packets())
    with pytest.raises(NeedsFfmpeg, match="connection"), opened(Camera(play, transport="client_port=1-2")):
        pass
