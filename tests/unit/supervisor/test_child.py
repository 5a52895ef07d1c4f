from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from supervisor.child import LARGEST_LOG_BYTES, Child, cut_log, describe_exit, last_line, open_log, roll_log
from supervisor.services import ServiceSpec


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


def test_a_log_is_cut_under_the_program_that_writes_it(tmp_path: Path) -> None:
    """A service that complained in a loop filled the disk: logs were only looked at when a service started."""
    log = tmp_path / "detect.log"
    with open_log(log) as file:
        for number in range(5):
            file.write(b"%d" % number * 60)
            file.flush()
            cut_log(log, 100)
        file.write(b"after")
        file.flush()
        assert log.read_bytes() == b"4" * 60 + b"after"
        assert log.with_suffix(".log.1").read_bytes() == b"2" * 60 + b"3" * 60


def test_a_log_that_somebody_took_away_has_no_last_line(tmp_path: Path) -> None:
    """Deleting the logs once brought the whole installation down at the next restart of a service."""
    assert last_line(tmp_path / "gone" / "detect.log") == ""


def test_a_log_that_cannot_be_made_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with open_log(tmp_path / "file" / "detect.log") as log:
        log.write(b"words")


def test_a_service_that_cannot_be_started_is_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def tried() -> None:
        stopping = asyncio.Event()
        program = tmp_path / "service"
        running = asyncio.create_task(Child(ServiceSpec("detect", (str(program),)), tmp_path / "log").run(stopping))
        while "not_started" not in caplog.text:
            assert not running.done()
            await asyncio.sleep(0)
        program.write_text(f"#!{sys.executable}\nprint('here')\n")
        program.chmod(0o700)
        while "here" not in last_line(tmp_path / "log"):
            assert not running.done()
            await asyncio.sleep(0)
        stopping.set()
        await running

    asyncio.run(asyncio.wait_for(tried(), 30))
