"""A batch on an engine's own thread: for runtimes that only know how to be waited for."""

from __future__ import annotations

import concurrent.futures
from time import monotonic

from detect.engines.engine import Floats
from detect.errors import EngineError, EngineStalled


class RunningTask:
    """See `detect.engines.engine.Running`.

    Args:
        engine: its name.
        task: gives the answers.
        answer_within_s: from now on.
        errors: what the runtime raises when it refuses.
    """

    def __init__(
        self,
        engine: str,
        task: concurrent.futures.Future[Floats],
        answer_within_s: float,
        errors: tuple[type[Exception], ...],
    ) -> None:
        self._engine = engine
        self._task = task
        self._answer_within_s = answer_within_s
        self._answer_by_s = monotonic() + answer_within_s
        self._errors = errors

    def wait(self, at_most_s: float) -> bool:
        """See `Running.wait`."""
        concurrent.futures.wait((self._task,), at_most_s)
        if not self._task.done():
            if monotonic() > self._answer_by_s:
                raise EngineStalled(self._engine, self._answer_within_s)
            return False
        error = self._task.exception()
        if isinstance(error, self._errors):
            raise EngineError(self._engine, reason(error)) from error
        return True

    def answers(self) -> list[Floats]:
        """See `Running.answers`."""
        while not self.wait(max(0.0, self._answer_by_s - monotonic())):
            pass
        return list(self._task.result())


def reason(error: Exception) -> str:
    """The first line of a runtime's message; the following ones speak to its developers."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:160] if lines else type(error).__name__
