"""A model tried out in a process of its own before a running detector takes it.

What crashes or hangs a runtime there does no harm here, and the measurement of its engine is not mixed with the work
that goes on. It is measured at low priority and remembered where the detector looks for it.

`python -m detect.models.trial` reads a `Trial` as JSON; its last line on stderr says what is wrong.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from time import monotonic

from pydantic import BaseModel, ConfigDict

from kernel.config.sections import DetectConfig
from kernel.errors import BadInputError, ExitCode, LookoutError
from kernel.process import die_with_parent

WITHIN_S = 300.0
_LOOK_AGAIN_S = 0.1
_NICE = 10
_LAST_WORDS = 300


class Trial(BaseModel):
    """What is tried: a model by name or path, and how it would be run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    models_dir: Path
    detect: DetectConfig
    cache_dir: Path


def try_out(trial: Trial, stop: threading.Event, within_s: float = WITHIN_S) -> None:
    """Have a model loaded, run and measured by a process of its own.

    Args:
        trial: what to try.
        stop: leave off when it is set.
        within_s: longest it may take.

    Raises:
        BadInputError: it cannot be used, in one line.
    """
    command = [sys.executable, "-m", "detect.models.trial"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe, text=True) as process:
        give_up_s = monotonic() + within_s
        asked: str | None = trial.model_dump_json()
        while True:
            try:
                _, words = process.communicate(asked, timeout=_LOOK_AGAIN_S)
                break
            except subprocess.TimeoutExpired:
                asked = None
                if stop.is_set() or monotonic() > give_up_s:
                    process.kill()
                    process.communicate()
                    raise BadInputError(f"model {trial.name!r}: not tried out within {within_s:.0f} s") from None
    if process.returncode:
        raise BadInputError(reason(trial.name, process.returncode, words))


def reason(name: str, exit_code: int, words: str) -> str:
    """Why a trial that ended with this exit code and these words on stderr failed, in one line."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    if exit_code < 0 or not lines:
        return f"model {name!r}: running it ended the process (exit code {exit_code}); import it anew, or another"
    return lines[-1][:_LAST_WORDS]


def main() -> int:
    """Try out what stdin names; the exit code says how it went (see `kernel.errors.ExitCode`)."""
    die_with_parent()
    trial = Trial.model_validate_json(sys.stdin.read())
    os.nice(_NICE)
    from detect.batching.lane import AnalysisLane
    from detect.models.model import load_model

    try:
        with closing(AnalysisLane(load_model(trial.name, trial.models_dir), trial.detect, trial.cache_dir)) as lane:
            lane.warm()
    except LookoutError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
