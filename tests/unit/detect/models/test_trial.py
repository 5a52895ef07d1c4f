"""A model tried out in a process of its own, and what is said of one that cannot be used."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from detect.models.trial import Trial, reason, try_out
from kernel.config.sections import DetectConfig
from kernel.errors import BadInputError


@pytest.mark.parametrize(
    ("exit_code", "words", "said"),
    [
        (
            2,
            "a warning of a library's\nmodel 'yard': not ONNX; bring another\n",
            "model 'yard': not ONNX; bring another",
        ),
        (-11, "words before the crash\n", "model 'yard': running it ended the process (exit code -11); import it anew"),
        (1, "", "model 'yard': running it ended the process (exit code 1); import it anew"),
        (3, "x" * 1000, "x" * 300),
    ],
)
def test_the_last_line_says_what_is_wrong_and_a_crash_has_none(exit_code: int, words: str, said: str) -> None:
    assert reason("yard", exit_code, words).startswith(said)
    assert "\n" not in reason("yard", exit_code, words)


def test_a_trial_is_left_off_when_the_detector_ends(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    trial = Trial(name="yard", models_dir=tmp_path, detect=DetectConfig(), cache_dir=tmp_path)
    with pytest.raises(BadInputError, match="model 'yard': not tried out"):
        try_out(trial, stop)
