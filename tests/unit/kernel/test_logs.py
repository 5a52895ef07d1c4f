"""Log lines: one per record, no credential, no flood."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.logs import RepeatFilter, configure_logging, redact, redact_url


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging("ingest-0", "INFO", stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_record_is_one_line(log: io.StringIO) -> None:
    logging.getLogger("ingest.session").warning("stalled camera_id=%s cause=%s", "cam-01", "no_packets")
    logging.getLogger("ingest.session").debug("not shown")
    (line,) = log.getvalue().splitlines()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING ingest-0 stalled camera_id=cam-01 cause=no_packets", line
    )


def test_a_traceback_stays_on_the_line_and_tells_no_password(log: io.StringIO) -> None:
    try:
        raise OSError("cannot open rtsp://root:hunter2@192.0.2.1/live")
    except OSError:
        logging.getLogger("x").exception("failed\nbadly")
    (line,) = log.getvalue().splitlines()
    assert "failed | badly | Traceback" in line
    assert "OSError: cannot open rtsp://***@192.0.2.1/live" in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rtsp://root:hunter2@192.0.2.1:554/a?b=c", "rtsp://***@192.0.2.1:554/a?b=c"),
        ("rtsp://root:hun/ter2@192.0.2.1/a", "rtsp://***@192.0.2.1/a"),
        ("rtsp://root:h@ter2@192.0.2.1/a", "rtsp://***@192.0.2.1/a"),
        ("redis://:hunter2@host", "redis://***@host"),
        ("rtsp://192.0.2.1/a mail a@b.c", "rtsp://192.0.2.1/a mail a@b.c"),
        ("http://a/b and rtsp://u:p@c/d", "http://a/b and rtsp://***@c/d"),
        ("rtsp://[::1]:554/a", "rtsp://[::1]:554/a"),
    ],
)
def test_urls_lose_their_credentials(text: str, expected: str) -> None:
    assert redact_url(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("login password=hunter2 user=a", "login password=*** user=a"),
        ('{"token": "abc.def", "a": 1}', '{"token": "***", "a": 1}'),
        ("Authorization: Bearer abc.def next", "Authorization: *** next"),
        ("authorization=Basic YTpi", "authorization=***"),
        ('Authorization: Digest username="u", response="6629"', "Authorization: ***"),
        ('{"password": "two words, more", "a": 1}', '{"password": "***", "a": 1}'),
        ("wrong_password camera_id=cam-01", "wrong_password camera_id=cam-01"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secret_words_lose_their_values(text: str, expected: str) -> None:
    assert redact(text) == expected


SAFE = st.text("abcdefghijklmnopqrstuvwxyz0123456789.:!$%&*+-=", min_size=1)


@given(SAFE, st.from_regex(r"[A-Za-z0-9:!$@%+]{6,20}", fullmatch=True))
def test_no_password_survives(user: str, password: str) -> None:
    assert password + "@host" not in redact_url(f"open rtsp://{user}:{password}@host:554/path failed")


def record(message: str, at_s: float) -> logging.LogRecord:
    made = logging.LogRecord("n", logging.WARNING, "f", 1, message, None, None)
    made.created = at_s
    return made


def test_a_flood_of_one_line_is_counted_into_one_a_second() -> None:
    repeats = RepeatFilter()
    through = [r for n in range(25) if repeats.filter(r := record("same", 100 + n / 10))]
    assert [getattr(r, "repeats", 0) for r in through] == [0, 9, 9]
    assert repeats.filter(record("other", 100.0))


def test_what_is_remembered_is_bounded() -> None:
    repeats = RepeatFilter()
    for number in range(10_000):
        assert repeats.filter(record(f"line {number}", 100.0))
    assert len(repeats._seen) <= 256


def test_a_clock_that_is_set_back_silences_no_line() -> None:
    repeats = RepeatFilter()
    assert repeats.filter(record("same", 10_000.0))
    assert repeats.filter(record("same", 6_400.0))
