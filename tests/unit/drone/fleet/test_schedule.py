"""When patrols are due, and what becomes of the runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from drone.fleet.schedule import OUTSIDE_HOURS, TOO_LATE, WAS_DOWN, WRONG_LIGHT, Due, Timetable, holds, look
from drone.fleet.sun import is_day, sun_at
from drone.reasons import reason
from kernel.config.patrols import PatrolConfig, SunEvent

HOME = (41.77, 109.97)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 at the site


def timetable(**schedule: Any) -> Timetable:
    patrol = PatrolConfig.model_validate(
        {
            "id": "north",
            "drones": ["uav-1"],
            "terrain": "flat",
            "route": {"kind": "waypoints", "datum": "wgs84", "points": [[41.771, 109.971]]},
            "schedule": {"cron": "0 */2 * * *", **schedule},
        }
    )
    assert patrol.schedule is not None
    return Timetable(patrol, patrol.schedule, HOME, SHANGHAI)


def hours_utc(table: Timetable, count: int) -> list[int]:
    return [due.astimezone(UTC).hour for due in islice(table.after(NOON), count)]


def test_cron_is_read_on_the_clocks_of_the_site() -> None:
    assert hours_utc(timetable(cron="0 8,20 * * *"), 3) == [12, 0, 12]
    assert hours_utc(timetable(cron="0 8,20 * * *", timezone="Europe/Berlin"), 3) == [7, 19, 7]


def test_a_run_that_came_due_since_the_last_look_is_to_be_launched() -> None:
    found = look(timetable(), NOON - timedelta(seconds=30), NOON + timedelta(seconds=1))

    assert found.now == Due("north", NOON)
    assert found.now.run_id == "north@20261123T040000Z"
    assert found.missed == found.skipped == ()


def test_nothing_is_due_twice() -> None:
    first = look(timetable(), NOON - timedelta(seconds=1), NOON)
    again = look(timetable(), NOON, NOON + timedelta(seconds=1))

    assert first.now is not None
    assert again.now is None


def test_runs_that_were_due_while_it_was_down_are_recorded_as_missed() -> None:
    found = look(timetable(), NOON - timedelta(hours=5), NOON + timedelta(minutes=30))

    assert found.now is None
    assert [(one.due_at.hour, why) for one, why in found.missed] == [(0, WAS_DOWN), (2, WAS_DOWN), (4, WAS_DOWN)]


def test_of_missed_runs_the_newest_is_flown_where_the_config_says_so() -> None:
    found = look(timetable(missed="run_once"), NOON - timedelta(hours=5), NOON + timedelta(minutes=30))

    assert found.now == Due("north", NOON)
    assert [one.due_at.hour for one, _ in found.missed] == [0, 2]


def test_of_several_runs_still_in_time_only_the_newest_is_flown() -> None:
    """Cron every minute, and a look every five minutes: five starts at once would be a flood."""
    found = look(timetable(cron="* * * * *"), NOON, NOON + timedelta(minutes=5))

    assert found.now == Due("north", NOON + timedelta(minutes=5))
    assert [why for _, why in found.missed] == [TOO_LATE] * 4


def test_hours_outside_the_windows_are_skipped_and_said() -> None:
    table = timetable(windows=["22:00-06:00"])
    found = look(table, NOON - timedelta(seconds=1), NOON)

    assert found.now is None
    assert found.skipped == ((Due("north", NOON), OUTSIDE_HOURS),)
    assert [due.astimezone(SHANGHAI).hour for due in table.next_flown(NOON, 3)] == [22, 0, 2]


@pytest.mark.parametrize(("light", "is_flown"), [("any", True), ("day", True), ("night", False)])
def test_light_is_the_suns(light: str, is_flown: bool) -> None:
    found = look(timetable(light=light), NOON - timedelta(seconds=1), NOON)

    assert (found.now is not None) is is_flown
    assert [why for _, why in found.skipped] == ([] if is_flown else [WRONG_LIGHT])


def test_a_patrol_at_sunset_moves_with_the_sun() -> None:
    """Declination -20.35: the sun sets 4:47.6 h after noon; noon is 12:26.5 (10.03 degrees west of 120, +13.6 min)."""
    table = timetable(cron=None, sun="sunset", sun_offset_s=1800.0)
    due = next(iter(table.after(NOON)))
    local = due.astimezone(SHANGHAI)

    assert abs((local - datetime(2026, 11, 23, 17, 44, tzinfo=SHANGHAI)).total_seconds()) < 120
    following = list(islice(table.after(NOON), 4))
    assert all(timedelta(hours=23) < b - a < timedelta(hours=25) for a, b in pairwise(following))


def test_day_lies_between_sunrise_and_sunset() -> None:
    rise, fall = sun_at(SunEvent.SUNRISE, HOME, NOON.date()), sun_at(SunEvent.SUNSET, HOME, NOON.date())
    assert rise is not None
    assert fall is not None
    minute = timedelta(minutes=1)

    assert [is_day(HOME, at) for at in (rise - minute, rise + minute, fall - minute, fall + minute)] == [
        False,
        True,
        True,
        False,
    ]


def test_where_the_sun_does_not_set_it_is_day() -> None:
    assert is_day((78.2, 15.6), datetime(2026, 6, 21, 0, 0, tzinfo=UTC))


def test_only_what_may_pass_by_itself_is_waited_for() -> None:
    wind, fence = reason("wind", "", ""), reason("keep_in", "", "")

    assert holds((wind,))
    assert not holds((wind, fence))
    assert not holds(())
