"""Logins against the simulated district's gate, and RFC 2617's own example."""

from __future__ import annotations

import hashlib

import pytest

from ingest.rtsp import Answer, parse_answer, request
from ingest.rtsp_login import RtspLogin
from scripts.district.rtsp_auth import Credentials, Gate, Scheme, Verdict

URL = "rtsp://127.0.0.1:8554/cam-01"
PASSWORD = 'p@ss:/?#%w" 中'


def refused(*challenges: str) -> Answer:
    return Answer(401, {"www-authenticate": list(challenges)})


def sent(login: RtspLogin, method: str = "DESCRIBE") -> str | None:
    headers = login.headers(method, URL)
    return headers[0].partition(": ")[2] if headers else None


@pytest.mark.parametrize("scheme", [Scheme.DIGEST, Scheme.DIGEST_SHA256, Scheme.BASIC])
def test_the_right_password_is_let_in_and_told_only_when_asked_for(scheme: Scheme) -> None:
    gate = Gate(scheme, Credentials("vi ewer", PASSWORD), b"secret")
    login = RtspLogin("vi ewer", PASSWORD)
    assert sent(login) is None
    assert login.take(refused(gate.challenge(100.0)))
    for method in ("DESCRIBE", "SETUP"):
        assert gate.check(method, sent(login, method), 100.0) is Verdict.GRANTED
    assert PASSWORD not in repr(login)


def test_a_wrong_password_is_sent_once() -> None:
    gate = Gate(Scheme.DIGEST, Credentials("viewer", PASSWORD), b"secret")
    login = RtspLogin("viewer", "wrong")
    assert login.take(refused(gate.challenge(0.0)))
    assert gate.check("DESCRIBE", sent(login), 0.0) is Verdict.WRONG
    assert not login.take(refused(gate.challenge(1.0)))


def test_a_stale_nonce_is_no_wrong_password() -> None:
    gate = Gate(Scheme.DIGEST, Credentials("viewer", PASSWORD), b"secret")
    login = RtspLogin("viewer", PASSWORD)
    login.take(refused(gate.challenge(0.0)))
    assert gate.check("PLAY", sent(login, "PLAY"), 1000.0) is Verdict.STALE
    assert login.take(refused(gate.challenge(1000.0, stale=True)))
    assert gate.check("PLAY", sent(login, "PLAY"), 1000.0) is Verdict.GRANTED


def test_a_camera_may_want_a_new_nonce_for_every_request() -> None:
    login = RtspLogin("viewer", PASSWORD)
    assert login.take(refused('Digest realm="r", nonce="1"'))
    login.accepted()
    assert login.take(refused('Digest realm="r", nonce="2"'))
    assert 'nonce="2"' in (sent(login) or "")
    assert not login.take(refused('Digest realm="r", nonce="2"'))


def test_a_new_nonce_does_not_make_a_wrong_password_right() -> None:
    """A request that nobody had asked a password for says nothing about it."""
    login = RtspLogin("viewer", "wrong")
    login.accepted()
    assert login.take(refused('Digest realm="r", nonce="1"'))
    assert not login.take(refused('Digest realm="r", nonce="2"'))


def test_a_realm_in_gbk_comes_back_as_it_was_sent() -> None:
    realm = "矿山路录像机".encode("gbk")
    raw = b'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="' + realm + b'", nonce="n"\r\n\r\n'
    refusal, login = parse_answer(raw), RtspLogin("viewer", "x")
    assert refusal is not None
    assert login.take(refusal)
    asked = request("DESCRIBE", URL, 1, headers=login.headers("DESCRIBE", URL))
    first, second = (hashlib.md5(text).hexdigest() for text in (b"viewer:" + realm + b":x", f"DESCRIBE:{URL}".encode()))
    assert b'realm="' + realm + b'"' in asked
    assert hashlib.md5(f"{first}:n:{second}".encode()).hexdigest().encode() in asked


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_digests_md5_is_taken_wherever_it_stands(order: int) -> None:
    """FFmpeg takes the last: cameras that offer SHA-256 behind MD5 are asked in vain by it."""
    offered = [f'Digest realm="r", nonce="{name}", algorithm={name}' for name in ("SHA-512-256", "SHA-256", "MD5")]
    login = RtspLogin("viewer", "x")
    assert login.take(refused(*offered[::order]))
    assert 'nonce="MD5"' in (sent(login) or "")


def test_the_response_is_that_of_the_example_of_rfc_7616(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda size: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    login = RtspLogin("Mufasa", "Circle of Life")
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    assert login.take(refused(f'Digest realm="http-auth@example.org", qop="auth", algorithm=SHA-256, nonce="{nonce}"'))
    (header,) = login.headers("GET", "/dir/index.html")
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in header


def test_the_response_is_that_of_the_example_of_rfc_2617(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda size: "0a4f113b")
    login = RtspLogin("Mufasa", "Circle Of Life")
    nonce, opaque = "dcd98b7102dd2f0e8b11d0f600bfb0c093", "5ccc069c403ebaf9f0171e9517f40e41"
    challenge = f'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="{nonce}", opaque="{opaque}"'
    assert login.take(refused(challenge))
    assert login.headers("GET", "/dir/index.html") == [
        f'Authorization: Digest username="Mufasa", realm="testrealm@host.com", nonce="{nonce}", uri="/dir/index.html", '
        f'response="6629fae49393a05397450978507c4ef1", qop=auth, nc=00000001, cnonce="0a4f113b", opaque="{opaque}"'
    ]


@pytest.mark.parametrize(
    "challenges",
    [(), ("Negotiate",), ('Digest realm="r", nonce="n", algorithm=SHA-512-256',), ('Digest realm="r"',)],
)
def test_what_cannot_be_answered_is_not_tried(challenges: tuple[str, ...]) -> None:
    assert not RtspLogin("viewer", "x").take(refused(*challenges))


def test_digest_is_preferred_and_nobody_without_a_name_logs_in() -> None:
    both = refused("Basic realm=r", 'Digest realm="r", nonce="n"')
    login = RtspLogin("viewer", "x")
    assert login.take(both)
    assert (sent(login) or "").startswith("Digest ")
    assert not RtspLogin("", "").take(both)
