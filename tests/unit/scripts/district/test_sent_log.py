"""sent.jsonl is read as it was written, also after a kill."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from scripts.district.sent_log import SendingRun, SentLog, read_sent, sent_file


def test_the_last_line_of_a_run_counts(tmp_path: Path) -> None:
    log = SentLog(sent_file(tmp_path))
    log.epoch("cam-01", 1000.0, 7, 58.0, 15)
    first = SendingRun("cam-01", "main", "s1", "Lavf", 1, 1001.0, 1001.0)
    second = SendingRun("cam-01", "main", "s1", "Lavf", 2, 1010.0, 1012.0)
    longer = SendingRun("cam-01", "main", "s1", "Lavf", 1, 1001.0, 1005.0)
    for run in (first, second, longer):
        log.run(run)
    log.fault("cam-05", "drop", 1020.0, math.inf)
    log.fault("cam-05", "drop", 1020.0, 1030.0)
    log.close()
    record = read_sent(sent_file(tmp_path))
    assert record.epochs == {"cam-01": 1000.0}
    assert record.seed == 7
    assert set(record.runs) == {longer, second}
    assert record.faults == (("cam-05", "drop", 1020.0, 1030.0),)


def test_a_line_cut_short_is_left_out(tmp_path: Path) -> None:
    log = SentLog(tmp_path / "sent.jsonl")
    log.run(SendingRun("cam-01", "main", "s1", "", 1, 1.0, 2.0))
    log.close()
    with (tmp_path / "sent.jsonl").open("a") as file:
        file.write('{"type": "run", "camera_id": "cam-0')
    assert len(read_sent(tmp_path / "sent.jsonl").runs) == 1


def test_no_server_no_record(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_sent(tmp_path / "sent.jsonl")
