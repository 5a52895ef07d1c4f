from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.interleaved import Connection, Packet
from ingest.rtsp import Answer, ServerRequest

ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 4\r\nContent-Length: 5\r\n\r\nhello"
ASKED = b"OPTIONS rtsp://camera/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"


def frame(channel: int, body: bytes) -> bytes:
    return b"$" + bytes([channel]) + len(body).to_bytes(2, "big") + body


def told(connection: Connection, data: bytes) -> list[tuple[int | str, bytes]]:
    """Channel and body of each packet, status and body of each answer, copied before the next bytes come.

    Method and number of what the server asks.
    """
    room = connection.room()
    room[: len(data)] = data
    connection.received(len(data))
    return [taken(one) for one in connection.messages()]


def taken(one: Packet | Answer | ServerRequest) -> tuple[int | str, bytes]:
    if isinstance(one, Packet):
        return one.channel, bytes(one.body)
    return (one.status, one.body) if isinstance(one, Answer) else (one.method, one.sequence.encode())


@given(st.lists(st.integers(1, 400), max_size=12))
def test_packets_and_answers_come_out_in_order_however_they_are_cut(cuts: list[int]) -> None:
    sent = frame(0, b"a" * 300) + ANSWER + frame(1, b"") + ASKED + frame(2, b"$RTSP/1.0 \r\n\r\n") + b"\r\n" + ANSWER
    connection, got, at = Connection(), list[tuple[int | str, bytes]](), 0
    for size in [*cuts, len(sent)]:
        got += told(connection, sent[at : at + size])
        at += size
    asked = ("OPTIONS", b"1")
    assert got == [(0, b"a" * 300), (200, b"hello"), (1, b""), asked, (2, b"$RTSP/1.0 \r\n\r\n"), (200, b"hello")]


@given(st.lists(st.integers(1, 60), max_size=12))
def test_shreds_of_packets_are_passed_over_once_packets_came(cuts: list[int]) -> None:
    """Cameras whose line is too slow send parts of packets (go2rtc, gortsplib #653): this is no end of the session."""
    whole = b"\x80\x60" + b"p" * 50
    shreds = [b"p$\x07p\nq" * 9, b"$$$", b"\n\r\n", b"torn $\x00 $\x00\x00\x05\x00 \r\n", b"Tail\n"]
    sent = frame(0, whole) + b"".join(b"." + shred + b"\n" + frame(0, whole) for shred in shreds)
    connection, got, at = Connection(), list[tuple[int | str, bytes]](), 0
    for size in [*cuts, len(sent)]:
        got += told(connection, sent[at : at + size])
        at += size
    assert got == [(0, whole)] * (1 + len(shreds))


def test_a_camera_that_ends_its_lines_with_lf_alone_is_understood() -> None:
    connection = Connection()
    assert told(connection, ANSWER.replace(b"\r\n", b"\n") + frame(0, b"a")) == [(200, b"hello"), (0, b"a")]
    assert told(connection, b"\n" + ASKED.replace(b"\r\n", b"\n")) == [("OPTIONS", b"1")]


def test_large_packets_go_on_for_ever() -> None:
    connection = Connection()
    sent = frame(0, bytes(65_535)) * 8
    got = [one for at in range(0, len(sent), 10_007) for one in told(connection, sent[at : at + 10_007])]
    assert got == [(0, bytes(65_535))] * 8


@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-x\r\n", b"HTTP/1.1 400 Bad\r\n\r\n", b"RTSP/1.0\r\n\r\n", b"x" * 70_000]
)
def test_other_protocols_are_told(greeting: bytes) -> None:
    with pytest.raises(ValueError, match=r"RTSP|status|head"):
        told(Connection(), greeting)


def test_an_answer_is_an_answer() -> None:
    connection = Connection()
    connection.room()[: len(ANSWER)] = ANSWER
    connection.received(len(ANSWER))
    (answer,) = connection.messages()
    assert isinstance(answer, Answer)
    assert answer.header("cseq") == "4"
    assert answer.header("session") == ""
