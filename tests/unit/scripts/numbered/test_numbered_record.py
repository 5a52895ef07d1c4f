"""The record of what was sent reads back, also where a kill cut its last line."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from scripts.district.testing import media_path
from scripts.numbered.sent_numbers import SentNumbers, read_sent_numbers


def test_numbers_wrap_with_the_loop_and_a_cut_line_is_left_out(tmp_path: Path) -> None:
    path, file = media_path("cam-01", frames=45), tmp_path / "sent.csv"
    with closing(SentNumbers(file)) as sent:
        sent.note(path, 44, 10.0)
        sent.note(path, 45, 10.04)
    with file.open("a", encoding="ascii") as more:
        more.write("cam-01,1,10.")
    assert read_sent_numbers(file) == {"cam-01": [(10.0, 44), (10.04, 0)]}
