"""RTSP 1.0 messages (RFC 2326): bytes in, requests out; responses to bytes. No socket, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

MAX_HEAD_BYTES = 16_384
REASONS = {
    200: "OK",
    301: "Moved Permanently",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
    505: "RTSP Version not supported",
}


class MessageError(ValueError):
    """The peer sent something that is no RTSP request."""


@dataclass(frozen=True)
class Request:
    """One request; header names are lower case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def sequence(self) -> str:
        return self.headers.get("cseq", "0")

    @property
    def path(self) -> str:
        """The path of the URL without slashes around it and without a trailing track id."""
        path = urlsplit(self.url).path.strip("/")
        head, _, last = path.rpartition("/")
        return head if last.startswith("trackID=") else path

    @property
    def track(self) -> int | None:
        """The track that the URL names, None for the whole presentation."""
        last = urlsplit(self.url).path.rstrip("/").rpartition("/")[2]
        number = last.removeprefix("trackID=")
        return int(number) if last != number and number.isdigit() else None


@dataclass
class Response:
    """One response; `sequence` is the request's CSeq."""

    status: int
    sequence: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def encode(self) -> bytes:
        lines = [f"RTSP/1.0 {self.status} {REASONS[self.status]}", f"CSeq: {self.sequence}", "Server: district"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


class RequestReader:
    """Collects bytes and yields whole requests; interleaved data from the client (RTCP reports) is skipped."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Request]:
        """The requests completed by these bytes.

        Raises:
            MessageError: the bytes are not RTSP.
        """
        self._buffer += data
        found: list[Request] = []
        while self._skip_interleaved():
            head, separator, _ = bytes(self._buffer[: MAX_HEAD_BYTES + 4]).partition(b"\r\n\r\n")
            if not separator:
                if len(self._buffer) > MAX_HEAD_BYTES:
                    raise MessageError(f"no end of headers in {MAX_HEAD_BYTES} bytes")
                break
            request = parse_head(head)
            length = request.headers.get("content-length", "0")
            if not length.isdigit() or int(length) > MAX_HEAD_BYTES:
                raise MessageError(f"Content-Length {length!r}")
            end = len(head) + 4 + int(length)
            if len(self._buffer) < end:
                break
            body = bytes(self._buffer[len(head) + 4 : end])
            del self._buffer[:end]
            found.append(Request(request.method, request.url, request.headers, body))
        return found

    def _skip_interleaved(self) -> bool:
        """Drops complete interleaved frames; True when the buffer may hold a request."""
        while self._buffer[:1] == b"$":
            if len(self._buffer) < 4:
                return False
            end = 4 + int.from_bytes(self._buffer[2:4], "big")
            if len(self._buffer) < end:
                return False
            del self._buffer[:end]
        while self._buffer[:2] == b"\r\n":
            del self._buffer[:2]
        return bool(self._buffer)


def parse_head(head: bytes) -> Request:
    """A request from its start line and headers.

    Raises:
        MessageError: not RTSP, or another version.
    """
    try:
        lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError as error:
        raise MessageError("headers are not text") from error
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("RTSP/"):
        raise MessageError(f"start line {lines[0][:60]!r}")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, separator, value = line.partition(":")
        if not separator:
            raise MessageError(f"header line {line[:60]!r}")
        headers[name.strip().lower()] = value.strip()
    return Request(parts[0].upper(), parts[1], headers)


@dataclass(frozen=True)
class Transport:
    """What a client asks for in SETUP: interleaved channels, or its UDP ports."""

    channels: tuple[int, int] | None = None
    client_ports: tuple[int, int] | None = None


def parse_transport(header: str) -> Transport | None:
    """The first usable transport of a Transport header, None when there is none."""
    for choice in header.split(","):
        fields = [part.strip() for part in choice.split(";")]
        values = dict(part.partition("=")[::2] for part in fields[1:])
        if fields[0].upper() == "RTP/AVP/TCP":
            return Transport(channels=_pair(values.get("interleaved", "0-1")))
        if fields[0].upper() in ("RTP/AVP", "RTP/AVP/UDP") and "unicast" in fields and "client_port" in values:
            return Transport(client_ports=_pair(values["client_port"]))
    return None


def _pair(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    if not low.isdigit() or (high and not high.isdigit()):
        raise MessageError(f"transport range {text!r}")
    return int(low), int(high) if high else int(low) + 1
