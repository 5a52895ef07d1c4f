"""The little of RTSP 1.0 that is needed here: requests of both sides, answers, challenges. Pure.

Lines end with CR LF, and where a camera knows no better with LF.

Source: RFC 2326 sections 6, 7 and 10.2; RFC 2617 section 3.2 and RFC 7616 section 3.3 (challenges); RFC 4566 (SDP).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

BYTES_AS_THEY_COME = ("utf-8", "surrogateescape")  # a realm may be in GBK, and is part of the login's hash
HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(r"\r?\n")
_STATUS = re.compile(rb"RTSP/1\.\d (\d{3})[^\r\n]*")
_ALGORITHM = re.compile(r"algorithm\s*=\s*\"?([A-Za-z0-9-]+)", re.IGNORECASE)
_HARMLESS = ("OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE")
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
    def methods(self) -> frozenset[str]:
        """What the server says it understands; some write a header for each."""
        return frozenset(name.strip().upper() for value in self.headers.get("public", ()) for name in value.split(","))

    @property
    def challenges(self) -> list[str]:
        """Schemes of authentication that are offered: `basic`, `digest MD5`, `digest SHA-256`, …"""
        return [_scheme(value) for value in self.headers.get("www-authenticate", [])]

    @property
    def media_kinds(self) -> list[str]:
        """Media of a session description: `video`, `audio`, `application`."""
        lines = self.body.decode("utf-8", "replace").splitlines()
        return [line[2:].split(" ", 1)[0] for line in lines if line.startswith("m=")]


@dataclass(frozen=True)
class ServerRequest:
    """What a server asks of us: it wants to know whether we are there, or tells of a change.

    Attributes:
        method: as it came.
        sequence: its CSeq, as it came.
    """

    method: str
    sequence: str

    def reply(self, session: str) -> bytes:
        """An answer: yes to what only asks or tells, as some servers end sessions that do not answer."""
        status = "200 OK" if self.method in _HARMLESS else "501 Not Implemented"
        lines = [f"RTSP/1.0 {status}", f"CSeq: {self.sequence}", *([f"Session: {session}"] if session else [])]
        return ("\r\n".join(lines) + "\r\n\r\n").encode(*BYTES_AS_THEY_COME)


def _scheme(value: str) -> str:
    name = value.split(" ", 1)[0].strip().lower().encode("ascii", "replace").decode()  # it is shown to people
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
    return ("\r\n".join(lines) + "\r\n\r\n").encode(*BYTES_AS_THEY_COME)


def parse_answer(raw: bytes) -> Answer | None:
    """The first answer in what was received so far, None while it is incomplete.

    Raises:
        ValueError: this is no RTSP server.
    """
    if len(raw) >= 5 and not raw.startswith(b"RTSP/"):
        raise ValueError("not RTSP")
    end = HEAD_END.search(raw)
    if end is None:
        if len(raw) > LONGEST_ANSWER_BYTES:
            raise ValueError("a head without an end")
        return None
    head, rest = raw[: end.start()], raw[end.end() :]
    status = _STATUS.match(head)
    if status is None:
        raise ValueError("no status line")
    headers = _headers(head)
    length = headers.get("content-length", ["0"])[0]
    body_bytes = min(int(length), LONGEST_ANSWER_BYTES) if length.isdigit() else 0
    if len(rest) < body_bytes:
        return None
    return Answer(int(status.group(1)), headers, rest[:body_bytes])


def parse_request(raw: bytes) -> ServerRequest:
    """A complete request of a server."""
    method = raw.split(b" ", 1)[0].decode("ascii", "replace")
    return ServerRequest(method, next(iter(_headers(raw).get("cseq", ())), "0"))


def _headers(head: bytes) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for line in _LINE_END.split(head.decode(*BYTES_AS_THEY_COME))[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    return headers
