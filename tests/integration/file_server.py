"""A real HTTP server on loopback that serves files in memory, with ranges, and fails as it is told."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

_RANGE = re.compile(r"bytes=(\d+)-")


@dataclass
class FileServer:
    """What the server has, how it fails, and what it was asked.

    Attributes:
        files: by path.
        cut_after: the next answers end after so many bytes, one entry each.
        knows_ranges: whether it starts where it is asked to.
        redirects: from path to address.
        announced: length it announces in place of the true one, by path; -1 for none.
        needs: Authorization header, without which it answers 401.
        asked: path and first byte of every request.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: list[int] = field(default_factory=list)
    knows_ranges: bool = True
    redirects: dict[str, str] = field(default_factory=dict)
    announced: dict[str, int] = field(default_factory=dict)
    needs: str = ""
    asked: list[tuple[str, int]] = field(default_factory=list)
    url: str = ""

    def starts(self, path: str) -> list[int]:
        """The first bytes that were asked for."""
        return [start for asked, start in self.asked if asked == path]


@contextmanager
def file_server(tls: SSLContext | None = None) -> Iterator[FileServer]:
    """The server, running."""
    told = FileServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = _RANGE.match(self.headers.get("Range", ""))
            start = int(found[1]) if found and told.knows_ranges else 0
            told.asked.append((self.path, int(found[1]) if found else 0))
            if told.needs and self.headers.get("Authorization") != told.needs:
                self._head(401, 0)
            elif self.path in told.redirects:
                self.send_response(302)
                self.send_header("Location", told.redirects[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif self.path not in told.files:
                self._head(404, 0)
            else:
                self._send(told.files[self.path], start)

        def _head(self, status: int, length: int, content_range: str = "") -> None:
            self.send_response(status)
            if length >= 0:
                self.send_header("Content-Length", str(length))
            if content_range:
                self.send_header("Content-Range", content_range)
            self.end_headers()

        def _send(self, body: bytes, start: int) -> None:
            if start and start >= len(body):
                self._head(416, 0, f"bytes */{len(body)}")
                return
            rest = body[start:]
            of = f"bytes {start}-{len(body) - 1}/{len(body)}" if start else ""
            self._head(206 if start else 200, told.announced.get(self.path, len(rest)), of)
            self.wfile.write(rest[: told.cut_after.pop(0)] if told.cut_after else rest)
            self.wfile.flush()
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what was asked is kept."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that go away in the middle are what is tested."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        told.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
