"""RTSP servers for tests: GStreamer's, as a subprocess, and small ones that misbehave in one way each."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Self

import pytest

_SCRIPT = Path(__file__).with_name("gst_rtsp_server.py")
FOOTAGE = Path(__file__).parents[2] / ".." / "shared" / "footage"
_SYSTEM_PYTHON = "/usr/bin/python3"


@cache
def _gstreamer_problem() -> str:
    """Why GStreamer's RTSP server cannot run here, empty where it can."""
    if shutil.which(_SYSTEM_PYTHON) is None:
        return "no /usr/bin/python3"
    program = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; "
        "Gst.init(None); assert Gst.ElementFactory.find('x264enc') and Gst.ElementFactory.find('x265enc')"
    )
    checked = subprocess.run([_SYSTEM_PYTHON, "-c", program], capture_output=True, check=False)
    return "" if checked.returncode == 0 else "GStreamer's RTSP server and encoders are not installed"


class GstServer:
    """GStreamer's RTSP server as a subprocess."""

    def __init__(self, mounts: Mapping[str, Mapping[str, object]], **options: object) -> None:
        argument = json.dumps({"mounts": mounts, **options})
        self._process = subprocess.Popen(
            [_SYSTEM_PYTHON, str(_SCRIPT), argument], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        ready = self._process.stdout.readline().split()
        assert ready[:1] == ["ready"], "gst-rtsp-server did not start"
        self.port = int(ready[1])

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing comes."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run again."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.resume()
        self.kill()


@contextmanager
def gst_server(mounts: Mapping[str, Mapping[str, object]], **options: object) -> Iterator[int]:
    """Run GStreamer's RTSP server and yield its port; skips the test where it is not installed."""
    require_gstreamer()
    with GstServer(mounts, **options) as server:
        yield server.port


def require_gstreamer() -> None:
    """Skip the test where GStreamer's RTSP server is not installed."""
    if problem := _gstreamer_problem():
        pytest.skip(f"{problem} (Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-*)")


def footage(name: str) -> str:
    """Path of a real clip; skips the test where there is none."""
    path = FOOTAGE / name
    if not path.exists():
        pytest.skip(f"no real footage: {name} is not beside the checkout")
    return str(path.resolve())


@contextmanager
def tcp_server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on 127.0.0.1 that hands each connection to `serve` in a thread of its own; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connections.append(connection)
                threading.Thread(target=run, args=(connection,), daemon=True).start()

        def run(connection: socket.socket) -> None:
            with suppress(OSError), connection:
                serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            thread.join(2)


def silent(connection: socket.socket) -> None:
    """Accept, read, never answer."""
    while connection.recv(4096):
        pass


def answering(answers: Mapping[str, str | Sequence[str]]) -> Callable[[socket.socket], None]:
    """Answer each request by its method; of several answers the next one each time, the last one for ever.

    The count runs over all connections. `{cseq}` in an answer becomes the request's number; what is not named gets 200.
    """
    lists = {method: [text] if isinstance(text, str) else list(text) for method, text in answers.items()}
    asked: Counter[str] = Counter()

    def serve(connection: socket.socket) -> None:
        received = b""
        while piece := connection.recv(4096):
            received += piece
            while b"\r\n\r\n" in received:
                head, _, received = received.partition(b"\r\n\r\n")
                lines = head.decode().split("\r\n")
                method = lines[0].split(" ")[0]
                cseq = next(line.partition(":")[2].strip() for line in lines if line.lower().startswith("cseq"))
                texts = lists.get(method, [with_status("200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY")])
                text = texts[min(asked[method], len(texts) - 1)]
                asked[method] += 1
                connection.sendall(text.replace("{cseq}", cseq).encode())

    return serve


def with_sdp(sdp: str) -> str:
    """A 200 answer that carries a session description."""
    return (
        f"RTSP/1.0 200 OK\r\nCSeq: {{cseq}}\r\nContent-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
    )


def with_status(status: str, *headers: str) -> str:
    """An answer without a body."""
    return "\r\n".join([f"RTSP/1.0 {status}", "CSeq: {cseq}", *headers, "", ""])
