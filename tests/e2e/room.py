"""A whole Lookout for tests: `lookout up` on a config, the first password, its processes by name."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY_S = 60.0
STOP_S = 15.0
_READY = re.compile(r"^ready (?P<url>\S+) user (?P<user>\S+) password (?P<password>\S+)")


@dataclass
class Room:
    """A running installation.

    Attributes:
        url: of the page.
        user, password: of the first administrator; the password has to be changed at the first sign-in.
        data_dir: where it keeps everything.
        process: the supervisor.
        cameras_pid: of the process that plays the cameras.
    """

    url: str
    user: str
    password: str
    data_dir: Path
    process: subprocess.Popen[str]
    cameras_pid: int = 0

    def pid_of(self, module: str) -> int | None:
        """Process id of a service by its module or program, e.g. `ingest`; None while it is not there."""
        for child in _children(self.process.pid):
            words = _command(child)
            if _runs(words) == module:
                return child
        return None

    def kill(self, module: str) -> int:
        """SIGKILL a service; returns the process id it had."""
        pid = self.pid_of(module)
        assert pid is not None, f"{module} does not run"
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_until_back(self, module: str, old_pid: int, within_s: float) -> float:
        """Seconds until another process runs the module.

        Raises:
            AssertionError: not within the time.
        """
        began_s = time.monotonic()
        while (pid := self.pid_of(module)) is None or pid == old_pid:
            assert time.monotonic() - began_s < within_s, f"{module} is not back within {within_s} s"
            time.sleep(0.02)
        return time.monotonic() - began_s


@contextlib.contextmanager
def running_room(config: Path, data_dir: Path) -> Iterator[Room]:
    """`lookout up` on this config; ended by SIGTERM afterwards, and then nothing of it may be left."""
    log = data_dir.parent / "lookout-up.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "supervisor", "up", str(config)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as process,
    ):
        try:
            found = _READY.match(_first_line(process))
            assert found is not None, _all_logs(log, data_dir)
            yield Room(found["url"], found["user"], found["password"], data_dir, process)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: lines.put(process.stdout.readline() if process.stdout else ""), daemon=True).start()
    try:
        return lines.get(timeout=READY_S)
    except queue.Empty:
        return ""


def _all_logs(log: Path, data_dir: Path) -> str:
    files = [log, *sorted((data_dir / "logs").glob("*.log"))]
    return "\n".join(f"== {file.name}\n{file.read_text()[-2000:]}" for file in files if file.exists())


def _children(pid: int) -> list[int]:
    """Direct children (proc(5), task/<tid>/children)."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def _runs(words: list[str]) -> str:
    if "-m" in words:
        return words[words.index("-m") + 1]
    program = words[0].split() if words else []  # redis-server writes its address behind its name
    return Path(program[0]).name if program else ""


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []
