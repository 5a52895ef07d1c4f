"""A user name and password in answer to a camera's challenge: Basic, and Digest with MD5. Pure but for its nonces.

Source: RFC 2617 sections 2 and 3.2 (RTSP takes them over, RFC 2326 section 16).
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field

from ingest.rtsp import Answer

_FIELD = re.compile(r'([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
_ALGORITHMS = ("MD5", "MD5-SESS")


@dataclass
class RtspLogin:
    """The credentials of one session. Its repr shows none."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    _challenge: dict[str, str] | None = field(default=None, repr=False)
    _basic: bool = False
    _count: int = 0

    def take(self, refusal: Answer) -> bool:
        """Whether asking again with credentials can help after this 401: not once they were refused.

        A nonce that is stale says nothing about the password.
        """
        if not self.username:
            return False
        had_answered = self._basic or self._challenge is not None
        offered = refusal.headers.get("www-authenticate", ())
        digests = [_fields(value) for value in offered if _scheme(value) == "digest"]
        digest = next((one for one in digests if one.get("algorithm", "MD5").upper() in _ALGORITHMS), None)
        if digest is not None and "nonce" in digest:
            self._challenge, self._count = digest, 0
            return not had_answered or digest.get("stale", "").lower() == "true"
        if any(_scheme(value) == "basic" for value in offered):
            self._basic = True
            return not had_answered
        return False

    def headers(self, method: str, url: str) -> list[str]:
        """What a request carries, nothing before the first challenge."""
        if self._challenge is not None:
            return [f"Authorization: Digest {self._digest(self._challenge, method, url)}"]
        if self._basic:
            token = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
            return [f"Authorization: Basic {token}"]
        return []

    def _digest(self, challenge: dict[str, str], method: str, url: str) -> str:
        realm, nonce = challenge.get("realm", ""), challenge["nonce"]
        algorithm = challenge.get("algorithm", "")
        self._count += 1
        count, own_nonce = f"{self._count:08x}", secrets.token_hex(8)
        first = _hashed(f"{self.username}:{realm}:{self.password}")
        if algorithm.upper() == "MD5-SESS":
            first = _hashed(f"{first}:{nonce}:{own_nonce}")
        second = _hashed(f"{method}:{url}")
        parts = [f'username="{_quoted(self.username)}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{url}"']
        if "auth" in challenge.get("qop", "").lower().replace(" ", "").split(","):
            response = _hashed(f"{first}:{nonce}:{count}:{own_nonce}:auth:{second}")
            parts += [f'response="{response}"', "qop=auth", f"nc={count}", f'cnonce="{own_nonce}"']
        else:
            parts.append(f'response="{_hashed(f"{first}:{nonce}:{second}")}"')
        if algorithm:
            parts.append(f"algorithm={algorithm}")
        if "opaque" in challenge:
            parts.append(f'opaque="{challenge["opaque"]}"')
        return ", ".join(parts)


def _scheme(challenge: str) -> str:
    return challenge.split(" ", 1)[0].strip().lower()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _fields(challenge: str) -> dict[str, str]:
    return {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(challenge.partition(" ")[2])}


def _hashed(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
