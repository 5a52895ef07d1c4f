"""Life and death of a process: it goes with its parent, and stops on SIGTERM, SIGINT and SIGHUP."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import threading
from types import FrameType

_PR_SET_PDEATHSIG = 1  # prctl(2)
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent_pid: int | None = None, death_signal: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel signal this process when the thread that started it ends (Linux, prctl(2)).

    The parent is the *thread* that forked: start children from a thread that lives as long as the program.

    Args:
        parent_pid: who the parent should be; where it is gone already the signal is raised at once.
        death_signal: what the kernel sends.

    Raises:
        OSError: prctl was refused.
    """
    if _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if parent_pid is not None and os.getppid() != parent_pid:
        signal.raise_signal(death_signal)


def stop_signals() -> list[signal.Signals]:
    """SIGTERM, SIGINT and SIGHUP (the terminal went away), without those the parent had ignored, as nohup does."""
    return [signum for signum in _STOP_SIGNALS if signal.getsignal(signum) is not signal.SIG_IGN]


def stop_on_signals() -> threading.Event:
    """An event that the stop signals set, for services made of threads; call it in the main thread."""
    stop = threading.Event()

    def on_signal(_signum: int, _frame: FrameType | None) -> None:
        # from a thread of its own: the main thread may be inside stop.wait() and hold the event's lock
        threading.Thread(target=stop.set, daemon=True).start()

    for signum in stop_signals():
        signal.signal(signum, on_signal)
    return stop


def end_on_signals() -> None:
    """Have SIGTERM and SIGHUP end this program as Ctrl-C does: what it opened is closed, what it made for itself goes.

    For commands that run to their end; call it in the main thread.
    """

    def on_signal(signum: int, _frame: FrameType | None) -> None:
        for other in stop_signals():
            signal.signal(other, signal.SIG_IGN)  # a second one must not break off the cleaning up
        raise SystemExit(128 + signum)

    for signum in stop_signals():
        if signum is not signal.SIGINT:
            signal.signal(signum, on_signal)


def stop_on_signals_async() -> asyncio.Event:
    """An event that the stop signals set, for services on an event loop; call it inside the running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in stop_signals():
        loop.add_signal_handler(signum, stop.set)
    return stop
