"""A whole installation under `lookout up`, started as a person would, for tests."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO

from kernel.runtime import RuntimePaths

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 90.0


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def config_text(data_dir: Path, port: int, camera_url: str = "rtsp://127.0.0.1:1/none") -> str:
    """A room with one camera, by default behind a closed port."""
    return f"""
data_dir: {data_dir}
web: {{port: {port}}}
models: {{dir: {ROOT / "models"}, default: district-n}}
detect: {{precision: fp32, batch_max: 1}}  # nothing to measure at the first start
cameras:
  - id: cam-01
    name: 北门
    unit: bureau/kuangshanlu
    streams: {{main: {{url: "{camera_url}"}}}}
"""


@dataclass
class Supervised:
    """A running `lookout up`.

    Attributes:
        process: the supervisor.
        out, err: its lines so far, read by threads.
    """

    process: subprocess.Popen[str]
    paths: RuntimePaths
    out: Queue[str] = field(default_factory=Queue)
    err: Queue[str] = field(default_factory=Queue)

    def ready_line(self) -> str:
        """Wait for the line that starts with 'ready'."""
        return next_line(self.out, r"^ready ", READY_WITHIN_S)

    def started(self, service: str, within_s: float) -> int:
        """Wait until a service is started (again) and tell its pid."""
        pattern = r"bus started pid=(\d+)" if service == "bus" else rf"service started service={service} pid=(\d+)"
        line = next_line(self.err, pattern, within_s)
        found = re.search(pattern, line)
        assert found
        return int(found[1])

    def stop(self, within_s: float) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)


def next_line(lines: Queue[str], pattern: str, within_s: float) -> str:
    """The next line that matches; what comes before it is dropped."""
    seen: list[str] = []
    while True:
        try:
            line = lines.get(timeout=within_s)
        except Empty:
            raise AssertionError(f"no line like {pattern!r} within {within_s} s; seen: {seen}") from None
        if re.search(pattern, line):
            return line
        seen.append(line)


@contextmanager
def lookout_up(config: Path, data_dir: Path) -> Iterator[Supervised]:
    """Start `lookout up CONFIG --verbose`; whatever is left at the end is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "supervisor", "up", str(config), "--verbose"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # as in a terminal of its own, to which a test may send Ctrl-C
    )
    running = Supervised(process, RuntimePaths(data_dir))
    readers = [
        Thread(target=pump, args=(stream, lines), daemon=True)
        for stream, lines in ((process.stdout, running.out), (process.stderr, running.err))
        if stream is not None
    ]
    for reader in readers:
        reader.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for reader in readers:
            reader.join()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def pump(stream: IO[str], lines: Queue[str]) -> None:
    """Every line of a stream into a queue."""
    for line in stream:
        lines.put(line.rstrip("\n"))
