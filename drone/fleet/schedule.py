"""When patrols are due, and what becomes of a run; pure.

due -> outside its hours or its light -> skipped
    -> Lookout was down until later than late_s -> missed, or the newest of them run once
    -> its drones are flying -> skipped, or waited for until late_s
    -> awaiting a person (launch: confirm) -> launched | missed after late_s
    -> weather, other drones or a timed zone in the way -> held, tried again -> launched | missed after late_s
    -> any other reason -> refused
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from drone.fleet.sun import is_day, sun_events_after
from drone.reasons import reason
from kernel.config.cron import parsed_cron
from kernel.config.hours import within
from kernel.config.patrols import Light, Missed, PatrolConfig, ScheduleConfig
from kernel.drone_events import ReasonText
from kernel.geodesy import LatLon

_MOST_DUE = 1_000

OUTSIDE_HOURS = reason("outside_hours", "不在计划时段内", "due outside the schedule's windows")
WRONG_LIGHT = reason("wrong_light", "不在允许的昼夜时段", "due at the wrong side of sunrise or sunset")
WAS_DOWN = reason("was_down", "应飞时系统没有运行", "Lookout was not running when it was due")
TOO_LATE = reason("too_late", "在允许的迟到时间内未能起飞", "it could not start within late_s")
NOT_CONFIRMED = reason("not_confirmed", "在期限内无人确认", "nobody confirmed it in time")
DRONE_BUSY = reason("drone_busy", "指定的无人机都在飞行", "every drone of the patrol is flying")
HOLDING = frozenset(
    {
        *("wind", "temperature", "weather_old", "weather_missing", "timed_zone"),
        *("separation", "separation_unknown", "left_in_the_air", "launch_busy"),
    }
)
"""Codes of reasons that may pass by themselves."""


@dataclass(frozen=True, slots=True)
class Due:
    """A run of a patrol that came due."""

    patrol_id: str
    due_at: datetime

    @property
    def run_id(self) -> str:
        """The same after a restart."""
        return f"{self.patrol_id}@{self.due_at.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, slots=True)
class Timetable:
    """When one patrol is due.

    Attributes:
        home: where the sun is looked at.
        zone: the site's time zone.
    """

    patrol: PatrolConfig
    schedule: ScheduleConfig
    home: LatLon
    zone: ZoneInfo

    @property
    def late(self) -> timedelta:
        """How late a run may start."""
        return timedelta(seconds=self.schedule.late_s)

    @property
    def clocks(self) -> ZoneInfo:
        """The clocks that cron and windows are read from."""
        return ZoneInfo(self.schedule.timezone) if self.schedule.timezone else self.zone

    def after(self, instant: datetime) -> Iterator[datetime]:
        """Every instant it is due after another one, its hours and its light not yet asked."""
        schedule = self.schedule
        if schedule.sun is not None:
            yield from sun_events_after(schedule.sun, self.home, instant, schedule.sun_offset_s)
        elif schedule.cron is not None:
            cron, at = parsed_cron(schedule.cron), instant
            while (due := cron.next_after(at, self.clocks)) is not None:
                yield due
                at = due

    def why_not(self, due: datetime) -> ReasonText | None:
        """Why it is not flown when due then, by its hours and its light."""
        local = due.astimezone(self.clocks)
        if self.schedule.windows and not within(self.schedule.windows, local):
            return OUTSIDE_HOURS
        if self.schedule.light is not Light.ANY and is_day(self.home, due) is not (self.schedule.light is Light.DAY):
            return WRONG_LIGHT
        return None

    def next_flown(self, instant: datetime, count: int) -> tuple[datetime, ...]:
        """The next instants it is flown at."""
        return tuple(islice((due for due in islice(self.after(instant), _MOST_DUE) if not self.why_not(due)), count))


@dataclass(frozen=True, slots=True)
class Round:
    """What came due between two looks at the clock.

    Attributes:
        now: to be launched, or waited for; at most one.
        missed: with why.
        skipped: with why.
    """

    now: Due | None
    missed: tuple[tuple[Due, ReasonText], ...] = ()
    skipped: tuple[tuple[Due, ReasonText], ...] = ()


def look(timetable: Timetable, looked_at: datetime, now: datetime) -> Round:
    """What came due since the last look.

    Args:
        looked_at: the last look, also that of an earlier run of Lookout.
    """
    patrol_id = timetable.patrol.id
    due: list[Due] = []
    for at in timetable.after(looked_at):
        if at > now or len(due) >= _MOST_DUE:
            break
        due.append(Due(patrol_id, at))
    skipped = [(one, why) for one in due if (why := timetable.why_not(one.due_at)) is not None]
    left = [one for one in due if timetable.why_not(one.due_at) is None]
    in_time = [one for one in left if now - one.due_at <= timetable.late]
    too_late = [one for one in left if now - one.due_at > timetable.late]
    newest = in_time[-1] if in_time else None
    if newest is None and too_late and timetable.schedule.missed is Missed.RUN_ONCE:
        newest = too_late.pop()
    missed = [(one, WAS_DOWN) for one in too_late]
    missed += [(one, TOO_LATE) for one in in_time[:-1]]
    return Round(newest, tuple(missed), tuple(skipped))


def holds(reasons: tuple[ReasonText, ...]) -> bool:
    """Whether all that is in the way may pass by itself."""
    return bool(reasons) and all(one.code in HOLDING for one in reasons)
