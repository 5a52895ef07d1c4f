"""Cron times are those of cron(8), on the clocks of their zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kernel.config.cron import parsed_cron

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "after", "due"),
    [
        ("0 */2 * * *", "2026-11-23T06:32:00+08:00", "2026-11-23T08:00:00+08:00"),
        ("0 */2 * * *", "2026-11-23T08:00:00+08:00", "2026-11-23T10:00:00+08:00"),
        ("30 5 * * mon-fri", "2026-11-20T05:30:00+08:00", "2026-11-23T05:30:00+08:00"),
        ("0 0 29 2 *", "2026-11-23T00:00:00+08:00", "2028-02-29T00:00:00+08:00"),
        ("0 12 1 * sun", "2026-11-23T00:00:00+08:00", "2026-11-29T12:00:00+08:00"),
        ("0 12 1 * 7", "2026-11-29T13:00:00+08:00", "2026-12-01T12:00:00+08:00"),
        ("5-10/5,59 23 31 dec *", "2026-11-23T00:00:00+08:00", "2026-12-31T23:05:00+08:00"),
    ],
)
def test_next_run(text: str, after: str, due: str) -> None:
    found = parsed_cron(text).next_after(datetime.fromisoformat(after), SHANGHAI)
    assert found == datetime.fromisoformat(due)


def test_a_time_the_clocks_leave_out_is_due_once_and_a_doubled_one_too() -> None:
    cron = parsed_cron("30 2 * * *")
    before_gap = datetime(2026, 3, 29, 0, 0, tzinfo=BERLIN)
    assert cron.next_after(before_gap, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    doubled = datetime(2026, 10, 25, 0, 0, tzinfo=BERLIN)
    first = cron.next_after(doubled, BERLIN)
    assert first is not None
    assert first.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = cron.next_after(first, BERLIN)
    assert second is not None
    assert second.astimezone(UTC) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "* * * *", "60 * * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", "0 0 31 2 *"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text.replace('*', '.')}"):
        parsed_cron(text)
