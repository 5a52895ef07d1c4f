"""Why a camera cannot be opened is told apart, against servers that misbehave in one way each."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from ingest.address import CameraAddress
from ingest.logins import TOLERATED_REFUSALS, Logins
from ingest.probe import diagnose
from ingest.source import SourceError
from kernel.clock import SystemClock
from kernel.events import CameraState, OfflineCause
from tests.integration.rtsp_server import answering, gst_server, silent, tcp_server, with_sdp, with_status
from tests.integration.watched_session import Watched

pytestmark = pytest.mark.integration

PASSWORD = "p@ss:/?#%w 中"
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n"
AUDIO_ONLY = SDP + "m=audio 0 RTP/AVP 8\r\na=control:a\r\n"
H264 = SDP + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"
MJPEG = SDP + "m=video 0 RTP/AVP 26\r\na=control:v\r\n"
SETUP = with_status("200 OK", "Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
PLAY = with_status("200 OK", "Session: 1")


def watched(url: str, password: str = PASSWORD, timeout_s: float = 1.0, retry_max_s: float = 60.0) -> Watched:
    """A session with credentials of any characters."""
    return Watched(url, "vi ewer" if password else "", password, timeout_s=timeout_s, retry_max_s=retry_max_s)


def greeting(text: bytes) -> Callable[[socket.socket], None]:
    """A server of another kind."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(text)
        silent(connection)

    return serve


def challenge(value: str) -> Callable[[socket.socket], None]:
    return answering({"DESCRIBE": with_status("401 Unauthorized", f"WWW-Authenticate: {value}")})


def describing(sdp: str) -> Callable[[socket.socket], None]:
    return answering({"DESCRIBE": with_sdp(sdp), "SETUP": SETUP, "PLAY": PLAY})


@pytest.mark.parametrize(
    ("serve", "cause"),
    [
        pytest.param(silent, OfflineCause.OPEN_TIMED_OUT, id="never answers"),
        pytest.param(greeting(b"SSH-2.0-x\r\n"), OfflineCause.SERVER_ERROR, id="another protocol"),
        pytest.param(lambda connection: None, OfflineCause.SERVER_ERROR, id="closes at once"),
        pytest.param(answering({"DESCRIBE": with_status("404 Not Found")}), OfflineCause.NO_SUCH_STREAM, id="404"),
        pytest.param(answering({"DESCRIBE": with_status("503 Busy")}), OfflineCause.SERVER_ERROR, id="503"),
        pytest.param(answering({"DESCRIBE": with_status("403 Forbidden")}), OfflineCause.WRONG_PASSWORD, id="403"),
        pytest.param(challenge('Digest realm="r", nonce="n"'), OfflineCause.WRONG_PASSWORD, id="401"),
        pytest.param(
            challenge('Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth"'),
            OfflineCause.DIGEST_UNSUPPORTED,
            id="digest algorithm",
        ),
        pytest.param(
            challenge(
                'Digest realm="r", nonce="n"\r\nWWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256'
            ),
            OfflineCause.WRONG_PASSWORD,
            id="401 where SHA-256 is offered behind MD5",
        ),
        pytest.param(challenge("Negotiate"), OfflineCause.DIGEST_UNSUPPORTED, id="scheme"),
        pytest.param(describing(AUDIO_ONLY), OfflineCause.NO_VIDEO, id="audio only"),
        pytest.param(describing(H264), OfflineCause.NO_PACKETS, id="describes, sends nothing"),
        pytest.param(describing(MJPEG), OfflineCause.NOT_DECODABLE, id="motion jpeg"),
    ],
)
def test_cause(serve: Callable[[socket.socket], None], cause: OfflineCause) -> None:
    with tcp_server(serve) as port:
        failure = watched(f"rtsp://127.0.0.1:{port}/live").failure()
    assert failure.cause is cause
    assert failure.detail
    assert "\n" not in failure.detail
    assert PASSWORD not in failure.detail


def test_a_missing_password_is_named() -> None:
    with tcp_server(challenge('Digest realm="r", nonce="n"')) as port:
        failure = watched(f"rtsp://127.0.0.1:{port}/live", password="").failure()
    assert failure.cause is OfflineCause.WRONG_PASSWORD
    assert "none is configured" in failure.detail


def test_unknown_name_and_closed_port() -> None:
    assert watched("rtsp://no-such-camera.invalid/live").failure().cause is OfflineCause.NAME_NOT_RESOLVED
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert watched(f"rtsp://127.0.0.1:{port}/live").failure().cause is OfflineCause.REFUSED


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Moved Temporarily"])
def test_a_redirect_is_followed_with_credentials_of_any_characters(status: str) -> None:
    with gst_server({"/live": {}}, user="vi ewer", password=PASSWORD) as port:
        moved = with_status(status, f"Location: rtsp://127.0.0.1:{port}/live")
        with tcp_server(answering({"DESCRIBE": moved})) as first:
            session = watched(f"rtsp://127.0.0.1:{first}/live", timeout_s=8.0)
            change = session.until(lambda change: change.state is CameraState.STREAMING)
            session.end()
    assert (change.codec, change.width_px, change.height_px) == ("h264", 640, 360)


def test_a_real_server_that_refuses_the_password_is_asked_once() -> None:
    with gst_server({"/live": {}}, user="vi ewer", password=PASSWORD) as port:
        session = watched(f"rtsp://127.0.0.1:{port}/live", password="wrong", retry_max_s=0.01)
        failure = session.until(lambda change: change.state is CameraState.BACKOFF)
        assert not session.changes_again(within_s=1.0)
        session.end()
    assert failure.cause is OfflineCause.WRONG_PASSWORD


def test_an_on_demand_source_that_first_answers_404_is_not_called_missing() -> None:
    with gst_server({"/live": {}}) as port:
        moved = with_status("302 Found", f"Location: rtsp://127.0.0.1:{port}/live")
        answers = answering({"DESCRIBE": [with_status("404 Not Found"), moved]})
        with tcp_server(answers) as first:
            session = watched(f"rtsp://127.0.0.1:{first}/live", password="", timeout_s=8.0)
            session.until(lambda change: change.state is CameraState.STREAMING)
            session.end()
    assert [change.state for change in session.changes] == [CameraState.CONNECTING, CameraState.STREAMING]


def test_a_server_that_answers_drop_by_drop_does_not_hold_the_diagnosis_up() -> None:
    """Each byte was waited for anew: such a server kept a camera from its next try for hours."""

    def dripping(connection: socket.socket) -> None:
        for letter in b"RTSP/1.0 200 OK sooner or later":
            connection.sendall(bytes([letter]))
            threading.Event().wait(0.4)

    failure = SourceError(OfflineCause.SERVER_ERROR, "the session did not open", ambiguous=True)
    with tcp_server(dripping) as port:
        found = diagnose(CameraAddress.of(f"rtsp://127.0.0.1:{port}/live"), failure, has_credentials=True)
    assert found.cause is OfflineCause.OPEN_TIMED_OUT


def test_a_wrong_password_is_tried_three_times_however_many_streams_a_recorder_has() -> None:
    """Sixteen channels were sixteen refused logins at once, and as many every ten minutes: recorders lock accounts."""
    tried: list[str] = []

    def recorder(connection: socket.socket) -> None:
        answer = with_status("401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"')
        received = b""
        while piece := connection.recv(4096):
            received += piece
            while b"\r\n\r\n" in received:
                head, _, received = received.partition(b"\r\n\r\n")
                text = head.decode()
                tried.extend(line for line in text.split("\r\n") if line.startswith("Authorization:"))
                cseq = text.partition("CSeq: ")[2].split("\r\n")[0]
                connection.sendall(answer.replace("{cseq}", cseq).encode())

    clock = SystemClock()
    logins = Logins(clock, 600.0, patience_s=30.0)
    with tcp_server(recorder) as port:
        url = f"rtsp://127.0.0.1:{port}/"
        channels = [Watched(f"{url}{number}", "viewer", PASSWORD, timeout_s=20.0, logins=logins) for number in range(8)]
        for channel in channels:
            channel.session.start()
        failures = [channel.until(lambda change: change.state is CameraState.BACKOFF, 30) for channel in channels]
        for channel in channels:
            channel.end()
    assert {failure.cause for failure in failures} == {OfflineCause.WRONG_PASSWORD}
    assert len(tried) == TOLERATED_REFUSALS
