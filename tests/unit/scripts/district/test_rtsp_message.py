"""RTSP messages, byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.district.rtsp_message import MessageError, RequestReader, Response, Transport, parse_transport

SETUP = (
    b"SETUP rtsp://127.0.0.1:8554/cam-01/sub/trackID=1 RTSP/1.0\r\nCSeq: 3\r\n"
    b"Transport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n\r\n"
)
PARAMETER = b"GET_PARAMETER rtsp://h/cam-01 RTSP/1.0\r\ncseq: 9\r\nContent-Length: 4\r\n\r\nping"
REPORT = b"$\x01\x00\x08receiver"


@given(cuts=st.lists(st.integers(1, 30), max_size=40))
def test_requests_are_whole_however_they_arrive(cuts: list[int]) -> None:
    stream = REPORT + SETUP + REPORT + b"\r\n" + PARAMETER
    reader, found = RequestReader(), []
    for size in [*cuts, len(stream)]:
        found += reader.feed(stream[:size])
        stream = stream[size:]
    assert [(r.method, r.sequence, r.body) for r in found] == [("SETUP", "3", b""), ("GET_PARAMETER", "9", b"ping")]
    assert (found[0].path, found[0].track) == ("cam-01/sub", 1)
    assert (found[1].path, found[1].track) == ("cam-01", None)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nno colon here\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: -5\r\n\r\n",
        b"\xff\xfe\xfd\r\n\r\n",
        b"A" * 20_000,
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(MessageError):
        RequestReader().feed(data)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=4-5", Transport(channels=(4, 5))),
        ("RTP/AVP/TCP;interleaved=6", Transport(channels=(6, 7))),
        ("RTP/AVP;unicast;client_port=5000-5001", Transport(client_ports=(5000, 5001))),
        ("RTP/AVP;multicast, RTP/AVP/UDP;unicast;client_port=7000-7001", Transport(client_ports=(7000, 7001))),
        ("RTP/AVP;multicast", None),
        ("RAW/RAW/UDP;unicast", None),
    ],
)
def test_transports(header: str, wanted: Transport | None) -> None:
    assert parse_transport(header) == wanted


def test_a_response_names_its_length() -> None:
    text = Response(200, "7", [("Session", "abc")], b"v=0\r\n").encode()
    assert text.startswith(b"RTSP/1.0 200 OK\r\nCSeq: 7\r\n")
    assert text.endswith(b"Session: abc\r\nContent-Length: 5\r\n\r\nv=0\r\n")
