"""A user name and password in answer to a camera's challenge: Basic, Digest with MD5 or SHA-256. Pure but for nonces.

Source: RFC 2617 sections 2 and 3.2 (RTSP takes them over, RFC 2326 section 16); RFC 7616 section 3.4 (SHA-256).
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from functools import partial

from ingest.rtsp import BYTES_AS_THEY_COME, Answer

_FIELD = re.compile(r'([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}
_SESSION = "-SESS"


@dataclass
class RtspLogin:
    """The credentials of one session. Its repr shows none."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    _challenge: dict[str, str] | None = field(default=None, repr=False)
    _basic: bool = False
    _count: int = 0
    _was_accepted: bool = False

    @property
    def answers(self) -> bool:
        """Whether requests carry credentials: there was a challenge that could be answered."""
        return self._basic or self._challenge is not None

    def accepted(self) -> None:
        """A request was granted."""
        self._was_accepted = self.answers

    def take(self, refusal: Answer) -> bool:
        """Whether asking again with credentials can help after this 401: not once they were refused.

        A nonce that is stale, or another one after credentials were accepted, says nothing about the password: some
        cameras want a new one for every request, or after a while, and not all of them say `stale`.
        """
        if not self.username:
            return False
        had_answered = self.answers
        offered = refusal.headers.get("www-authenticate", ())
        digest = _chosen([_fields(value) for value in offered if _scheme(value) == "digest"])
        if digest is not None:
            is_new = self._challenge is not None and digest["nonce"] != self._challenge["nonce"]
            self._challenge, self._count = digest, 0
            is_stale = digest.get("stale", "").lower() == "true"
            return not had_answered or is_stale or (self._was_accepted and is_new)
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
        hashed = partial(_hash, _HASHES[_family(challenge)])
        self._count += 1
        count, own_nonce = f"{self._count:08x}", secrets.token_hex(8)
        first = hashed(f"{self.username}:{realm}:{self.password}")
        if algorithm.upper().endswith(_SESSION):
            first = hashed(f"{first}:{nonce}:{own_nonce}")
        second = hashed(f"{method}:{url}")
        parts = [f'username="{_quoted(self.username)}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{url}"']
        if "auth" in challenge.get("qop", "").lower().replace(" ", "").split(","):
            response = hashed(f"{first}:{nonce}:{count}:{own_nonce}:auth:{second}")
            parts += [f'response="{response}"', "qop=auth", f"nc={count}", f'cnonce="{own_nonce}"']
        else:
            parts.append(f'response="{hashed(f"{first}:{nonce}:{second}")}"')
        if algorithm:
            parts.append(f"algorithm={algorithm}")
        if "opaque" in challenge:
            parts.append(f'opaque="{challenge["opaque"]}"')
        return ", ".join(parts)


def _scheme(challenge: str) -> str:
    return challenge.split(" ", 1)[0].strip().lower()


def _family(challenge: dict[str, str]) -> str:
    return challenge.get("algorithm", "MD5").upper().removesuffix(_SESSION)


def _chosen(digests: list[dict[str, str]]) -> dict[str, str] | None:
    """The challenge to answer: MD5, which every camera that offers it knows how to check, before SHA-256."""
    known = [one for one in digests if one.get("nonce") and _family(one) in _HASHES]
    return min(known, key=lambda one: list(_HASHES).index(_family(one)), default=None)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _fields(challenge: str) -> dict[str, str]:
    return {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(challenge.partition(" ")[2])}


def _hash(name: str, text: str) -> str:
    return hashlib.new(name, text.encode(*BYTES_AS_THEY_COME), usedforsecurity=False).hexdigest()
