"""Digest and Basic access control."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from scripts.district.rtsp_auth import NONCE_LIFE_S, Credentials, Gate, Scheme, Verdict, digest_response

WHO = Credentials("operator", "p:a@s/s ?")
URI = "rtsp://127.0.0.1/cam-01"


def answer(gate: Gate, who: Credentials, now_s: float, *, qop: bool = True, method: str = "DESCRIBE") -> str:
    nonce = re.findall(r'nonce="([^"]+)"', gate.challenge(now_s))[0]
    fields = {"nonce": nonce, "username": who.username, "uri": URI}
    if qop:
        fields |= {"qop": "auth", "nc": "00000001", "cnonce": "0a4f113b"}
    fields["response"] = digest_response(gate.scheme is Scheme.DIGEST_SHA256, who, gate.realm, method, URI, fields)
    return "Digest " + ", ".join(f'{k}="{v}"' for k, v in fields.items())


def test_the_example_of_the_standard() -> None:
    """RFC 7616 section 3.9.1."""
    who = Credentials("Mufasa", "Circle of Life")
    fields = {
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "qop": "auth",
    }
    arguments = (who, "http-auth@example.org", "GET", "/dir/index.html", fields)
    assert digest_response(False, *arguments) == "8ca523f5e9506fed4657c9700eebdbec"
    assert digest_response(True, *arguments) == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"


@pytest.mark.parametrize("scheme", [Scheme.DIGEST, Scheme.DIGEST_SHA256])
@pytest.mark.parametrize("qop", [True, False])
def test_the_right_password_is_let_in_and_goes_stale(scheme: Scheme, qop: bool) -> None:
    gate = Gate(scheme, WHO, b"secret")
    header = answer(gate, WHO, 1000.0, qop=qop)
    assert gate.check("DESCRIBE", header, 1001.0) is Verdict.GRANTED
    assert gate.check("DESCRIBE", header, 1001.0 + NONCE_LIFE_S) is Verdict.STALE
    assert "stale=true" in gate.challenge(0.0, stale=True)


@pytest.mark.parametrize("scheme", [Scheme.DIGEST, Scheme.DIGEST_SHA256])
def test_everything_else_is_not(scheme: Scheme) -> None:
    gate = Gate(scheme, WHO, b"secret")
    good = answer(gate, WHO, 1000.0)
    assert gate.check("DESCRIBE", None, 1000.0) is Verdict.MISSING
    assert gate.check("DESCRIBE", "Basic abc", 1000.0) is Verdict.MISSING
    assert gate.check("SETUP", good, 1000.0) is Verdict.WRONG, "the method is part of the digest"
    assert gate.check("DESCRIBE", answer(gate, Credentials("operator", "x"), 1000.0), 1000.0) is Verdict.WRONG
    assert gate.check("DESCRIBE", answer(gate, Credentials("other", WHO.password), 1000.0), 1000.0) is Verdict.WRONG
    stranger = Gate(scheme, WHO, b"another secret")
    assert gate.check("DESCRIBE", answer(stranger, WHO, 1000.0), 1000.0) is Verdict.WRONG, "a nonce that is not ours"


def test_basic() -> None:
    gate = Gate(Scheme.BASIC, WHO, b"secret")
    good = base64.b64encode(f"{WHO.username}:{WHO.password}".encode()).decode()
    assert gate.check("DESCRIBE", f"Basic {good}", 0.0) is Verdict.GRANTED
    assert gate.check("DESCRIBE", "Basic bm9ib2R5Og==", 0.0) is Verdict.WRONG
    assert gate.check("DESCRIBE", "Basic %%%", 0.0) is Verdict.WRONG
    assert gate.check("DESCRIBE", None, 0.0) is Verdict.MISSING


def test_an_open_path_asks_nothing() -> None:
    assert Gate(Scheme.NONE, WHO, b"").check("DESCRIBE", None, 0.0) is Verdict.GRANTED


def test_the_algorithm_is_named() -> None:
    assert "algorithm=SHA-256" in Gate(Scheme.DIGEST_SHA256, WHO, b"s").challenge(0.0)
    assert "algorithm=MD5" in Gate(Scheme.DIGEST, WHO, b"s").challenge(0.0)
    assert hashlib.md5(b"").hexdigest() not in Gate(Scheme.DIGEST, WHO, b"s").challenge(0.0)
