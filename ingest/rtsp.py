"""The little of RTSP 1.0 that a diagnosis needs: requests, answers, challenges, session descriptions. Pure.

Source: RFC 2326 sections 6, 7 and 10.2; RFC 2617 section 3.2 and RFC 7616 section 3.3 (challenges); RFC 4566 (SDP).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_STATUS = re.compile(rb"RTSP/1\.\d (\d{3})[^\r\n]*")
_ALGORITHM = re.compile(r"algorithm\s*=\s*\"?([A-Za-z0-9-]+)", re.IGNORECASE)
LONGEST_ANSWER_BYTES = 64 << 10


@dataclass(frozen=True)
class Answer:
    """A complete answer of an RTSP server.

    Attributes:
        status: three digits.
        headers: lower-case names, every value of each.
        body: as it came.
    """

    status: int
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value of a header (lower-case name), empty where there is none."""
        return next(iter(self.headers.get(name, ())), "")

    @property
    def challenges(self) -> list[str]:
        """Schemes of authentication that are offered: `basic`, `digest MD5`, `digest SHA-256`, …"""
        return [_scheme(value) for value in self.headers.get("www-authenticate", [])]

    @property
    def media_kinds(self) -> list[str]:
        """Media of a session description: `video`, `audio`, `application`."""
        lines = self.body.decode("utf-8", "replace").splitlines()
        return [line[2:].split(" ", 1)[0] for line in lines if line.startswith("m=")]


def _scheme(value: str) -> str:
    name = value.split(" ", 1)[0].strip().lower()
    if name != "digest":
        return name
    algorithm = _ALGORITHM.search(value)
    return f"digest {algorithm.group(1).upper() if algorithm else 'MD5'}"


def request(method: str, url: str, sequence: int, accept: str = "", headers: Sequence[str] = ()) -> bytes:
    """A request; without `headers` of the caller's it carries no credentials."""
    lines = [f"{method} {url} RTSP/1.0", f"CSeq: {sequence}", "User-Agent: Lookout"]
    if accept:
        lines.append(f"Accept: {accept}")
    lines += headers
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def parse_answer(raw: bytes) -> Answer | None:
    """The first answer in what was received so far, None while it is incomplete.

    Raises:
        ValueError: this is no RTSP server.
    """
    if len(raw) >= 5 and not raw.startswith(b"RTSP/"):
        raise ValueError("not RTSP")
    head, separator, rest = raw.partition(b"\r\n\r\n")
    if not separator:
        if len(raw) > LONGEST_ANSWER_BYTES:
            raise ValueError("a head without an end")
        return None
    status = _STATUS.match(head)
    if status is None:
        raise ValueError("no status line")
    headers: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "replace").split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    length = headers.get("content-length", ["0"])[0]
    body_bytes = min(int(length), LONGEST_ANSWER_BYTES) if length.isdigit() else 0
    if len(rest) < body_bytes:
        return None
    return Answer(int(status.group(1)), headers, rest[:body_bytes])
