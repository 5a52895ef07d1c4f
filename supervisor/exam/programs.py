"""The processes an exam starts: the simulated district and `lookout up`, each of which says when it is ready."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from kernel.errors import CannotRunError
from kernel.process import die_with_parent


class ProgramEndedError(CannotRunError):
    """A program ended where it should have run on, or was not ready in time."""


class Program:
    """A Python module run as a child process of its own session, ended with this process."""

    def __init__(self, module: Sequence[str], environment: Mapping[str, str], log_file: Path, root: Path) -> None:
        """Start `python -m *module` in `root`; standard error goes to the end of `log_file`."""
        self.name = " ".join(module[:2])
        self._log_file = log_file
        parent_pid = os.getpid()
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *module],
                env={**os.environ, **environment},
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(parent_pid),
            )
        self._lines: SimpleQueue[str] = SimpleQueue()
        assert self._process.stdout is not None
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line.rstrip("\n"))
        self._lines.put("")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def line(self, beginning: str, within_s: float) -> str:
        """The next line of its output that starts with `beginning`.

        Raises:
            ProgramEndedError: it ended, or said nothing of the kind in time.
        """
        deadline_s = time.monotonic() + within_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except Empty as error:
                raise ProgramEndedError(
                    f"{self.name} was not ready after {within_s:.0f} s; see {self._log_file}"
                ) from error
            if line.startswith(beginning):
                return line
            if not line and self.ended_within(1.0):
                raise ProgramEndedError(
                    f"{self.name} ended with exit code {self._process.returncode}; see {self._log_file}"
                )

    def lines_so_far(self) -> list[str]:
        """The lines of its output that nobody asked for yet."""
        found = []
        while True:
            try:
                found.append(self._lines.get_nowait())
            except Empty:
                return found

    def ended_within(self, seconds_s: float) -> bool:
        """Wait for its end."""
        try:
            self._process.wait(seconds_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def finish(self) -> None:
        """Wait until it ends by itself.

        Raises:
            ProgramEndedError: it failed.
        """
        if self._process.wait() != 0:
            raise ProgramEndedError(
                f"{self.name} failed with exit code {self._process.returncode}; see {self._log_file}"
            )

    def stop(self, within_s: float) -> None:
        """SIGTERM, and SIGKILL to its whole session when it takes longer."""
        if self.has_ended:
            return
        self._process.terminate()
        if not self.ended_within(within_s):
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def kill(self) -> None:
        """SIGKILL to this one process, as the kernel's out-of-memory killer would."""
        self._process.kill()
        self._process.wait()
