"""One line per record: time, level, service, message with key=value; no credential in it, and no flood of one line.

2026-01-01T08:00:00.123Z WARNING ingest-0 camera_state camera_id=cam-01 state=stalled cause=no_packets
"""

from __future__ import annotations

import logging
import re
import sys
import time
from dataclasses import dataclass
from typing import TextIO

_CREDENTIALS = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/?#'\"]*(?:/[^\s?#'\"]*)?@")
_SECRET_WORDS = re.compile(
    r"(?i)\b(?P<word>(?:password|passwd|pwd|token|secret|authorization)['\"]?\s*[=:]\s*)"
    r"(?P<value>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
    r"|['\"]?digest\s[^\n]*|['\"]?(?:(?:bearer|basic)\s+)?[^\s'\",;&]+)"
)
_REPEAT_S = 1.0
_REMEMBERED = 256


def redact_url(url: str) -> str:
    """The text with user names and passwords of the URLs in it replaced by stars."""
    return _CREDENTIALS.sub(r"\g<scheme>***@", url)


def redact(text: str) -> str:
    """The text without credentials: in URLs, and after words like password= or Authorization:."""
    if "://" in text:
        text = redact_url(text)
    return _SECRET_WORDS.sub(_starred, text)


def _starred(found: re.Match[str]) -> str:
    value = found["value"]
    before = value[0] if value[0] in "'\"" else ""
    after = before if before and value.endswith(before) else ""
    return f"{found['word']}{before}***{after}"


class LineFormatter(logging.Formatter):
    """One line a record; a traceback follows on the same line, its lines joined by ` | `."""

    def __init__(self, service: str) -> None:
        super().__init__("%(message)s")
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        body = " | ".join(redact(super().format(record)).splitlines())
        repeats = getattr(record, "repeats", 0)
        counted = f" repeats={repeats}" if repeats else ""
        return f"{seconds}.{int(record.msecs):03d}Z {record.levelname} {self._service} {body}{counted}"


@dataclass(slots=True)
class _Seen:
    """When a line was last let through, and how many like it were held back since."""

    at_s: float
    held_back: int = 0


class RepeatFilter(logging.Filter):
    """Lets the same line through once a second; the next one through tells how many were held back (`repeats=`)."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, int, str], _Seen] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        key = (record.name, record.levelno, record.getMessage())
        seen = self._seen.get(key)
        if seen is not None and abs(record.created - seen.at_s) < _REPEAT_S:
            seen.held_back += 1
            return False
        if seen is not None and seen.held_back:
            record.repeats = seen.held_back
        self._seen.pop(key, None)
        self._seen[key] = _Seen(record.created)
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return True


def configure_logging(service: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every record of this process to `stream` (stderr by default) in the one format.

    Args:
        service: name in each line, e.g. ingest-0.
        level: DEBUG, INFO, WARNING or ERROR.
        stream: where to.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(service))
    handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for chatty in ("aioice", "httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.captureWarnings(True)
