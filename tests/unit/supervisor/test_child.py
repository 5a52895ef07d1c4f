from __future__ import annotations

from pathlib import Path

import pytest

from supervisor.child import LARGEST_LOG_BYTES, describe_exit, last_line, roll_log


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", ""),
        ("one\ntwo: no such model\n", "two: no such model"),
        ("x" * 5000 + "\n门\n\n", "门"),
    ],
)
def test_the_last_line_of_a_log(tmp_path: Path, written: str, expected: str) -> None:
    log = tmp_path / "detect.log"
    log.write_text(written, encoding="utf-8")
    assert last_line(log) == expected


def test_exits_in_words() -> None:
    assert describe_exit(-9) == "signal=SIGKILL"
    assert describe_exit(2) == "exit_code=2"


def test_a_log_that_grew_too_large_is_moved_aside_and_a_small_one_stays(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "detect.log"
    roll_log(log)
    log.write_text("small")
    roll_log(log)
    assert log.read_text() == "small"
    with log.open("r+b") as file:
        file.truncate(LARGEST_LOG_BYTES + 1)
    roll_log(log)
    assert not log.exists()
    assert log.with_suffix(".log.1").stat().st_size == LARGEST_LOG_BYTES + 1
