"""Start one service, watch it, start it again: the edge between the restart plan and the operating system."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import time
from pathlib import Path
from typing import BinaryIO

from kernel.errors import ExitCode
from kernel.process import die_with_parent
from supervisor.restart import RestartPlan
from supervisor.services import ServiceSpec

LOG = logging.getLogger(__name__)
LARGEST_LOG_BYTES = 20 << 20
LAST_WORDS_BYTES = 600
LOOK_AT_LOGS_EVERY_S = 5.0


class Child:
    """One service process under watch.

    Attributes:
        restarts: how often it ended.
        is_hopeless: it ended last for a reason that only a person can change: bad input, or damaged data.
    """

    def __init__(self, spec: ServiceSpec, log_file: Path) -> None:
        self.spec = spec
        self._log_file = log_file
        self._process: asyncio.subprocess.Process | None = None
        self.restarts = 0
        self.is_hopeless = False

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep the service running until `stopping` is set."""
        plan = RestartPlan()
        while not stopping.is_set():
            started_s = time.monotonic()
            how = await self._run_once(stopping)
            if stopping.is_set():
                return
            code = self._process.returncode if self._process is not None else None
            self.is_hopeless = code in (ExitCode.BAD_INPUT, ExitCode.NEEDS_A_PERSON)
            lived_s = time.monotonic() - started_s
            plan, delay_s = plan.after_exit(lived_s)
            self.restarts += 1
            LOG.warning(
                "service ended service=%s %s lived_s=%.1f next_start_in_s=%.2f log=%s last_words=%r",
                self.spec.name,
                how,
                lived_s,
                delay_s,
                self._log_file,
                last_line(self._log_file),
            )
            await wait_or_stop(stopping, delay_s)

    async def _run_once(self, stopping: asyncio.Event) -> str:
        """Start it, wait for its end, and tell how it ended (or why it could not be started: the next try may)."""
        supervisor_pid = os.getpid()
        try:
            with open_log(self._log_file) as log:
                self._process = await asyncio.create_subprocess_exec(
                    *self.spec.argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=lambda: die_with_parent(supervisor_pid),
                )
        except OSError as error:
            return f"not_started={error.strerror!r}"
        LOG.info("service started service=%s pid=%d", self.spec.name, self._process.pid)
        return describe_exit(await self._process.wait())

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        self._signal(signal.SIGTERM)

    async def stopped(self, within_s: float) -> None:
        """Wait for the end; SIGKILL the service's whole process group when it takes longer than `within_s`."""
        process = self._process
        if process is None:
            return
        try:
            await asyncio.wait_for(process.wait(), within_s)
        except TimeoutError:
            LOG.warning("service did not stop in time service=%s within_s=%.1f", self.spec.name, within_s)
            self._signal(signal.SIGKILL)
            await process.wait()

    def _signal(self, number: signal.Signals) -> None:
        pid = self.pid
        if pid is None:
            return
        if number is signal.SIGKILL:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def describe_exit(code: int) -> str:
    """An exit status in words, e.g. 'signal=SIGKILL' or 'exit_code=3'."""
    return f"signal={signal.Signals(-code).name}" if code < 0 else f"exit_code={code}"


def last_line(log_file: Path) -> str:
    """The last line of a log, cut to what fits on a screen; empty where somebody took the log away."""
    try:
        with log_file.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - LAST_WORDS_BYTES))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def open_log(log_file: Path) -> BinaryIO:
    """A service's log to append to, or nowhere where none can be made (a full disk does not stop a room)."""
    try:
        roll_log(log_file)
        return log_file.open("ab")
    except OSError as error:
        LOG.warning("no log: %s reason=%s", log_file, error.strerror)
        return Path(os.devnull).open("ab")


def roll_log(log_file: Path) -> None:
    """Move a log over LARGEST_LOG_BYTES aside; one older generation is kept."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    if log_file.exists() and log_file.stat().st_size > LARGEST_LOG_BYTES:
        log_file.replace(log_file.with_suffix(".log.1"))


def cut_log(log_file: Path, largest_bytes: int = LARGEST_LOG_BYTES) -> None:
    """Copy a log over its largest size aside and empty it, under the program that goes on writing to its end.

    Where there is no room for the copy it is emptied all the same. What is written between the two is lost.
    """
    if log_file.stat().st_size <= largest_bytes:
        return
    older = log_file.with_suffix(".log.1")
    try:
        older.unlink(missing_ok=True)
        shutil.copyfile(log_file, older)
    except OSError as error:
        LOG.warning("log is emptied without a copy: %s reason=%s", log_file, error.strerror)
        older.unlink(missing_ok=True)
    os.truncate(log_file, 0)


def cut_logs(log_dir: Path) -> None:
    """See that no log of an installation is over its largest size."""
    for log_file in log_dir.glob("*.log"):
        try:
            cut_log(log_file)
        except OSError as error:
            LOG.warning("log stays as it is: %s reason=%s", log_file, error.strerror)


async def keep_logs_small(log_dir: Path, stopping: asyncio.Event) -> None:
    """Look at the logs now and then: each has LARGEST_LOG_BYTES twice at most, and what comes between two looks."""
    while not stopping.is_set():
        await asyncio.to_thread(cut_logs, log_dir)
        await wait_or_stop(stopping, LOOK_AT_LOGS_EVERY_S)


async def wait_or_stop(stopping: asyncio.Event, seconds_s: float) -> None:
    """Wait `seconds_s`, or shorter when `stopping` is set."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds_s)
    except TimeoutError:
        return
