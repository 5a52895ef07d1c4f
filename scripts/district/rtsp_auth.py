"""RTSP access control: Digest (RFC 7616: MD5, SHA-256, qop=auth, stale) and Basic (RFC 7617). Pure: time comes in."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

NONCE_LIFE_S = 300.0
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Scheme(StrEnum):
    """What a path asks for."""

    NONE = "none"
    BASIC = "basic"
    DIGEST = "digest"
    DIGEST_SHA256 = "digest-sha-256"


class Verdict(StrEnum):
    """What is made of a request's credentials."""

    GRANTED = "granted"
    MISSING = "missing"
    WRONG = "wrong"
    STALE = "stale"


@dataclass(frozen=True)
class Credentials:
    """Who may look."""

    username: str
    password: str


class Gate:
    """Checks requests for one path."""

    def __init__(self, scheme: Scheme, credentials: Credentials, secret: bytes, realm: str = "district") -> None:
        self.scheme, self.realm = scheme, realm
        self._credentials = credentials
        self._secret = secret

    def challenge(self, now_s: float, stale: bool = False) -> str:
        """The value of WWW-Authenticate."""
        if self.scheme is Scheme.BASIC:
            return f'Basic realm="{self.realm}"'
        algorithm = "SHA-256" if self.scheme is Scheme.DIGEST_SHA256 else "MD5"
        extra = ", stale=true" if stale else ""
        return f'Digest realm="{self.realm}", nonce="{self._nonce(now_s)}", algorithm={algorithm}, qop="auth"{extra}'

    def check(self, method: str, header: str | None, now_s: float) -> Verdict:
        """Whether the Authorization header lets this request in."""
        if self.scheme is Scheme.NONE:
            return Verdict.GRANTED
        if not header:
            return Verdict.MISSING
        kind, _, rest = header.partition(" ")
        if self.scheme is Scheme.BASIC:
            return self._check_basic(kind, rest)
        if kind.lower() != "digest":
            return Verdict.MISSING
        return self._check_digest(method, {k: a or b for k, a, b in _FIELD.findall(rest)}, now_s)

    def _check_basic(self, kind: str, rest: str) -> Verdict:
        if kind.lower() != "basic":
            return Verdict.MISSING
        try:
            given = base64.b64decode(rest.strip(), validate=True)
        except binascii.Error:
            return Verdict.WRONG
        wanted = f"{self._credentials.username}:{self._credentials.password}".encode()
        return Verdict.GRANTED if hmac.compare_digest(given, wanted) else Verdict.WRONG

    def _check_digest(self, method: str, fields: dict[str, str], now_s: float) -> Verdict:
        nonce = fields.get("nonce", "")
        issued = self._issued_at(nonce)
        if issued is None or fields.get("username") != self._credentials.username:
            return Verdict.WRONG
        wanted = digest_response(
            self.scheme is Scheme.DIGEST_SHA256, self._credentials, self.realm, method, fields.get("uri", ""), fields
        )
        if not hmac.compare_digest(wanted, fields.get("response", "").lower()):
            return Verdict.WRONG
        return Verdict.STALE if now_s - issued > NONCE_LIFE_S else Verdict.GRANTED

    def _nonce(self, now_s: float) -> str:
        stamp = f"{int(now_s * 1000):014x}"
        return stamp + hmac.new(self._secret, stamp.encode(), hashlib.sha256).hexdigest()[:18]

    def _issued_at(self, nonce: str) -> float | None:
        stamp = nonce[:14]
        signed = hmac.new(self._secret, stamp.encode(), hashlib.sha256).hexdigest()[:18]
        if len(nonce) != 32 or not hmac.compare_digest(signed, nonce[14:]):
            return None
        return int(stamp, 16) / 1000


def digest_response(
    sha256: bool, credentials: Credentials, realm: str, method: str, uri: str, fields: dict[str, str]
) -> str:
    """The response value a client has to send (RFC 7616 section 3.4.1; without qop as in RFC 2069)."""

    def hashed(text: str) -> str:
        return (hashlib.sha256 if sha256 else hashlib.md5)(text.encode()).hexdigest()

    first = hashed(f"{credentials.username}:{realm}:{credentials.password}")
    second = hashed(f"{method}:{uri}")
    nonce = fields.get("nonce", "")
    if "qop" in fields:
        return hashed(f"{first}:{nonce}:{fields.get('nc', '')}:{fields.get('cnonce', '')}:{fields['qop']}:{second}")
    return hashed(f"{first}:{nonce}:{second}")
