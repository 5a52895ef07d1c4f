from __future__ import annotations

import pytest

from ingest.probe import judge
from ingest.rtsp import Answer, ServerRequest, parse_answer, parse_request, request
from ingest.source import SourceError
from kernel.events import OfflineCause

SDP = b"v=0\r\nm=audio 0 RTP/AVP 8\r\nm=video 0 RTP/AVP 96\r\n"


def test_a_request_carries_no_credentials() -> None:
    assert request("DESCRIBE", "rtsp://host/a", 1, accept="application/sdp") == (
        b"DESCRIBE rtsp://host/a RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Lookout\r\nAccept: application/sdp\r\n\r\n"
    )


def test_an_answer_is_parsed_once_it_is_complete() -> None:
    raw = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: %d\r\n\r\n" % len(SDP) + SDP
    for cut in range(len(raw)):
        assert parse_answer(raw[:cut]) is None
    answer = parse_answer(raw)
    assert answer is not None
    assert (answer.status, answer.media_kinds) == (200, ["audio", "video"])


def test_lines_may_end_with_lf_alone_and_methods_stand_in_several_headers() -> None:
    raw = b"RTSP/1.0 200 OK\nPUBLIC: OPTIONS, describe\nPublic:GET_PARAMETER\ncontent-length:2\n\nv="
    assert parse_answer(raw[:-1]) is None
    answer = parse_answer(raw)
    assert answer is not None
    assert sorted(answer.methods) == ["DESCRIBE", "GET_PARAMETER", "OPTIONS"]
    assert answer.body == b"v="


def test_a_server_that_asks_whether_we_are_there_gets_an_answer() -> None:
    asked = parse_request(b"SET_PARAMETER rtsp://h/ RTSP/1.0\r\ncseq: 7\r\n\r\nping")
    assert asked == ServerRequest("SET_PARAMETER", "7")
    assert asked.reply("12") == b"RTSP/1.0 200 OK\r\nCSeq: 7\r\nSession: 12\r\n\r\n"
    for method in ("OPTIONS", "GET_PARAMETER", "ANNOUNCE"):
        assert b" 200 OK" in ServerRequest(method, "1").reply("")
    redirect = parse_request(b"REDIRECT rtsp://h/ RTSP/1.0\r\nCSeq: 8\r\n\r\n")
    assert redirect.reply("") == b"RTSP/1.0 501 Not Implemented\r\nCSeq: 8\r\n\r\n"


@pytest.mark.parametrize("raw", [b"HTTP/1.1 400 Bad\r\n\r\n", b"RTSP/9\r\n\r\n", b"SSH-2.0-x\r\n"])
def test_other_servers_are_told_apart(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"RTSP|status"):
        parse_answer(raw)


def challenge(*values: str) -> Answer:
    return Answer(401, {"www-authenticate": list(values)})


def test_challenges_name_scheme_and_algorithm() -> None:
    answer = challenge('Digest realm="a", nonce="b"', 'Digest realm="a", algorithm="sha-256", nonce="c"', "Basic x=y")
    assert answer.challenges == ["digest MD5", "digest SHA-256", "basic"]


REFUSED = SourceError(OfflineCause.WRONG_PASSWORD, "refused", ambiguous=True)
ANSWERED = SourceError(OfflineCause.WRONG_PASSWORD, "refused", ambiguous=True, challenge_answered=True)
SLOW = SourceError(OfflineCause.OPEN_TIMED_OUT, "slow", ambiguous=True)
BROKEN = SourceError(OfflineCause.SERVER_ERROR, "?", ambiguous=True)


@pytest.mark.parametrize(
    ("answer", "failure", "has_credentials", "cause"),
    [
        (challenge('Digest realm="a"'), REFUSED, True, OfflineCause.WRONG_PASSWORD),
        (challenge('Digest realm="a"'), BROKEN, False, OfflineCause.WRONG_PASSWORD),
        (challenge('Digest realm="a"'), BROKEN, True, OfflineCause.SERVER_ERROR),
        (Answer(404), REFUSED, True, OfflineCause.WRONG_PASSWORD),
        (Answer(200), BROKEN, True, OfflineCause.SERVER_ERROR),
        (challenge("Digest algorithm=SHA-512-256"), REFUSED, True, OfflineCause.DIGEST_UNSUPPORTED),
        (challenge("Digest algorithm=SHA-256", "Digest algorithm=MD5"), REFUSED, True, OfflineCause.WRONG_PASSWORD),
        (challenge("Digest algorithm=MD5", "Digest algorithm=SHA-256"), REFUSED, True, OfflineCause.DIGEST_UNSUPPORTED),
        (challenge("Basic x=y", "Digest algorithm=SHA-256"), REFUSED, True, OfflineCause.DIGEST_UNSUPPORTED),
        (challenge("Digest algorithm=MD5", "Digest algorithm=SHA-256"), ANSWERED, True, OfflineCause.WRONG_PASSWORD),
        (challenge("Basic x=y", "Negotiate"), REFUSED, True, OfflineCause.WRONG_PASSWORD),
        (Answer(404), BROKEN, True, OfflineCause.NO_SUCH_STREAM),
        (Answer(503), BROKEN, True, OfflineCause.SERVER_ERROR),
        (Answer(200, {}, b"m=audio 0 RTP/AVP 8\r\n"), BROKEN, True, OfflineCause.NO_VIDEO),
        (Answer(200, {}, SDP), SLOW, True, OfflineCause.NO_PACKETS),
        (Answer(200, {}, SDP), BROKEN, True, OfflineCause.SERVER_ERROR),
        (Answer(301), SLOW, True, OfflineCause.OPEN_TIMED_OUT),
    ],
)
def test_an_answer_makes_the_cause_exact(
    answer: Answer, failure: SourceError, has_credentials: bool, cause: OfflineCause
) -> None:
    assert judge(answer, failure, has_credentials=has_credentials).cause is cause
