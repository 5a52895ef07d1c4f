"""Runs of the schedule: every one that comes due is decided, and every decision is told."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drone.fleet.keeper import BUSY, DroneKeeper
from drone.fleet.launcher import SEPARATION_UNKNOWN, Launched, Launcher
from drone.fleet.schedule import DRONE_BUSY, NOT_CONFIRMED, TOO_LATE, Due, Timetable, holds, look
from drone.flight.brief import Brief
from drone.flight.record import replace_file
from drone.reasons import reason
from kernel.clock import Clock
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import Launch, Overlap
from kernel.config.weather import WeatherSource
from kernel.drone_events import FlightCause, FlightOutcome, PatrolRunDecided, ReasonText, RunDecision

LOG = logging.getLogger(__name__)
HELD_AGAIN = timedelta(seconds=20)
WRITTEN_EVERY = timedelta(seconds=60)
GONE = reason("gone", "配置中已没有这条巡逻或其计划", "the config has no such patrol any more, or no schedule for it")
UNKNOWN_RUN = reason("unknown_run", "没有等待确认的该次巡逻", "no run of that name waits for a confirmation")


@dataclass(slots=True)
class Pending:
    """A run that waits: for a person, for the weather, or for its drone."""

    due: Due
    until: datetime
    needs_confirmation: bool
    tried_at: datetime | None = None
    told: tuple[RunDecision, tuple[ReasonText, ...]] | None = None


class Runs:
    """Decides the runs of every patrol.

    Args:
        book: file that remembers when the schedule was looked at last, and which runs wait.
        emit: takes the decisions.
    """

    def __init__(
        self,
        config: LookoutConfig,
        timetables: Mapping[str, Timetable],
        keepers: Mapping[str, DroneKeeper],
        launcher: Launcher,
        clock: Clock,
        book: Path,
        emit: Callable[[PatrolRunDecided], None],
    ) -> None:
        self._config, self._timetables, self._keepers = config, timetables, keepers
        self._launcher, self._clock, self._book, self._emit = launcher, clock, book, emit
        looked_at, self._pending = _read_book(book)
        self._looked_at = looked_at or clock.now()
        self._written_at: datetime | None = None

    def next_of_patrol(self, patrol_id: str, count: int = 3) -> tuple[datetime, ...]:
        """When a patrol is flown next."""
        timetable = self._timetables.get(patrol_id)
        return timetable.next_flown(self._clock.now(), count) if timetable is not None else ()

    async def look(self) -> None:
        """See what came due, and try again what waits."""
        now = self._clock.now()
        rounds = [(timetable, look(timetable, self._looked_at, now)) for timetable in self._timetables.values()]
        is_any_due = any(seen.now or seen.missed or seen.skipped for _, seen in rounds)
        if is_any_due or self._written_at is None or now - self._written_at >= WRITTEN_EVERY:
            self._write(now)  # first: no run is launched twice
        for timetable, seen in rounds:
            for due, why in seen.skipped:
                self._tell(due, RunDecision.SKIPPED, (why,))
            for due, why in seen.missed:
                self._tell(due, RunDecision.MISSED, (why,))
            if seen.now is not None:
                self._begin(timetable, seen.now, now)
        self._looked_at = now
        if any(seen.now for _, seen in rounds):
            self._write(now)
        for pending in list(self._pending.values()):
            await self._see_to(pending, now)

    async def confirm(self, run_id: str, actor: str) -> tuple[ReasonText, ...]:
        """A person launches a run that waits; the reasons say why it is not launched."""
        pending = self._pending.get(run_id)
        if pending is None or not pending.needs_confirmation:
            return (UNKNOWN_RUN,)
        return await self._launch(pending, actor)

    def landed(self, brief: Brief, outcome: FlightOutcome, why: tuple[ReasonText, ...]) -> None:
        """A flight of a run ended; one that the gate refused was no launch."""
        if brief.run_id is None or brief.patrol_id is None or outcome is not FlightOutcome.REFUSED:
            return
        due_at = datetime.strptime(brief.run_id.rpartition("@")[2], "%Y%m%dT%H%M%S%z")
        self._tell(Due(brief.patrol_id, due_at), RunDecision.REFUSED, why, brief.drone_id, brief.flight_id)

    def _begin(self, timetable: Timetable, due: Due, now: datetime) -> None:
        patrol, schedule = timetable.patrol, timetable.schedule
        is_flying = all(self._keepers[drone_id].is_busy for drone_id in patrol.drones)
        if is_flying and schedule.overlap is Overlap.SKIP:
            self._tell(due, RunDecision.SKIPPED, (DRONE_BUSY,))
            return
        for older in [one for one in self._pending.values() if one.due.patrol_id == due.patrol_id]:
            self._give_up(older, TOO_LATE)
        is_judged_by_person = self._config.weather is None or self._config.weather.source is WeatherSource.NONE
        is_in_time = now - due.due_at <= timetable.late  # else it is made up for, and has as long from now on
        until = (due.due_at if is_in_time else now) + timetable.late
        self._pending[due.run_id] = Pending(due, until, patrol.launch is Launch.CONFIRM or is_judged_by_person)

    async def _see_to(self, pending: Pending, now: datetime) -> None:
        if pending.due.patrol_id not in self._timetables:
            self._give_up(pending, GONE)
        elif now >= pending.until:
            self._give_up(pending, NOT_CONFIRMED if pending.needs_confirmation else TOO_LATE)
        elif pending.needs_confirmation:
            self._tell_once(pending, RunDecision.AWAITING, ())
        elif pending.tried_at is None or now - pending.tried_at >= HELD_AGAIN:
            pending.tried_at = now
            await self._launch(pending, "schedule")

    async def _launch(self, pending: Pending, actor: str) -> tuple[ReasonText, ...]:
        due = pending.due
        patrol = self._timetables[due.patrol_id].patrol
        self._write(self._looked_at, without=due.run_id)  # rather lost in a crash than flown twice
        launched = await self._launcher.launch(
            patrol,
            patrol.drones,
            actor=actor,
            cause=FlightCause.SCHEDULE,
            patrol_id=patrol.id,
            run_id=due.run_id,
        )
        if launched.flight_id is not None:
            self._pending.pop(due.run_id, None)
            self._tell(due, RunDecision.LAUNCHED, (), launched.drone_id, launched.flight_id, actor)
        elif self._may_wait(launched):
            self._tell_once(pending, RunDecision.HELD, launched.reasons)
        elif not pending.needs_confirmation:
            self._pending.pop(due.run_id, None)
            self._tell(due, RunDecision.REFUSED, launched.reasons, launched.drone_id)
        if due.run_id in self._pending:
            self._write(self._looked_at)
        return launched.reasons

    def _may_wait(self, launched: Launched) -> bool:
        return holds(launched.reasons) or launched.reasons in ((BUSY,), (SEPARATION_UNKNOWN,))

    def _give_up(self, pending: Pending, why: ReasonText) -> None:
        self._pending.pop(pending.due.run_id, None)
        self._write(self._looked_at)
        before = pending.told[1] if pending.told is not None else ()
        self._tell(pending.due, RunDecision.MISSED, (why, *before))

    def _write(self, looked_at: datetime, without: str | None = None) -> None:
        """Remember when the schedule was looked at, and what waits."""
        waiting = [one for run_id, one in self._pending.items() if run_id != without]
        book = {"looked_at": looked_at.isoformat(), "waiting": [_written(one) for one in waiting]}
        replace_file(self._book, json.dumps(book))
        self._written_at = self._clock.now()

    def _tell_once(self, pending: Pending, decision: RunDecision, why: tuple[ReasonText, ...]) -> None:
        if pending.told != (decision, why):
            pending.told = (decision, why)
            until = pending.until if pending.needs_confirmation else None
            self._tell(pending.due, decision, why, confirm_until=until)

    def _tell(
        self,
        due: Due,
        decision: RunDecision,
        why: tuple[ReasonText, ...],
        drone_id: str | None = None,
        flight_id: str | None = None,
        actor: str = "schedule",
        confirm_until: datetime | None = None,
    ) -> None:
        codes = ",".join(one.code for one in why)
        LOG.info("run patrol_id=%s due=%s decision=%s reasons=%s", due.patrol_id, due.due_at, decision.value, codes)
        following = self.next_of_patrol(due.patrol_id, 1)
        self._emit(
            PatrolRunDecided(
                run_id=due.run_id,
                patrol_id=due.patrol_id,
                drone_id=drone_id,
                due_at=due.due_at,
                decided_at=self._clock.now(),
                decision=decision,
                reasons=why,
                flight_id=flight_id,
                actor=actor,
                confirm_until=confirm_until,
                next_due_at=following[0] if following else None,
            )
        )


def _written(pending: Pending) -> dict[str, Any]:
    return {
        "patrol_id": pending.due.patrol_id,
        "due_at": pending.due.due_at.isoformat(),
        "until": pending.until.isoformat(),
        "needs_confirmation": pending.needs_confirmation,
    }


def _read_book(book: Path) -> tuple[datetime | None, dict[str, Pending]]:
    """When an earlier run looked last, and what waited then; nothing for the first time, or from a damaged file."""
    try:
        told = json.loads(book.read_text(encoding="utf-8"))
        waiting = [
            Pending(Due(one["patrol_id"], _instant(one["due_at"])), _instant(one["until"]), one["needs_confirmation"])
            for one in told.get("waiting", ())
        ]
        return _instant(told["looked_at"]), {one.due.run_id: one for one in waiting}
    except FileNotFoundError:
        return None, {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        LOG.error("schedule book unreadable, missed runs are not known file=%s error=%s", book, error)
        return None, {}


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return instant
