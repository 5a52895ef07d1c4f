"""Every run that comes due ends as something, with its reasons; and after a restart nothing is forgotten or doubled."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from drone.connect import open_vehicle
from drone.fleet.keeper import DroneKeeper
from drone.fleet.launcher import Launched, Launcher
from drone.fleet.runs import Runs
from drone.fleet.schedule import Timetable
from kernel.clock import ManualClock
from kernel.config.patrols import PatrolConfig
from kernel.drone_events import PatrolRunDecided, RunDecision
from kernel.event_base import Event
from tests.integration.airfield import HOME, config

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CALM = {"wind_m_s": 2.0, "temperature_c": 10.0}


class Schedule:
    """The runs of one patrol of one drone that nobody is connected to, and a clock to turn."""

    def __init__(self, folder: Path, launch: str = "auto", **schedule: Any) -> None:
        self.folder, self.told = folder, list[PatrolRunDecided]()
        weather = {"source": "file", "file": str(folder / "weather.json"), "max_age_s": 600.0}
        patrol = {"launch": launch, "schedule": {"cron": "0 12 * * *", "late_s": 300.0, **schedule}}
        self.config = config(folder / "data", ["udp:127.0.0.1:9"], patrol=patrol, weather=weather)
        self.clock = ManualClock(NOON - timedelta(seconds=5))
        (folder / "data").mkdir(exist_ok=True)
        self.restart()

    def restart(self, launches: type[Launcher] = Launcher) -> None:
        """A new service over the same files."""
        loaded, patrol = self.config, self.config.patrols[0]
        assert patrol.schedule is not None
        keeper = DroneKeeper(
            loaded.fleet[0],
            HOME,
            loaded.data_dir,
            self.clock,
            open_vehicle(loaded, self.clock),
            _ignore,
            _ignore,
            lambda _drone_id: None,
            lambda _brief, _outcome, _why: None,
            lambda _place: 0.0,
        )
        keepers = {keeper.drone.id: keeper}
        timetable = Timetable(patrol, patrol.schedule, HOME, ZoneInfo("Asia/Shanghai"))
        launcher = launches(loaded, keepers, self.clock)
        book = loaded.data_dir / "schedule.json"
        self.runs = Runs(loaded, {patrol.id: timetable}, keepers, launcher, self.clock, book, self.told.append)

    def weather(self, **changes: float) -> None:
        observed = self.clock.now().isoformat()
        told = {**CALM, **changes, "observed_at": observed}
        (self.folder / "weather.json").write_text(json.dumps(told), encoding="utf-8")

    async def pass_(self, seconds_s: float) -> None:
        self.clock.advance(seconds_s)
        await self.runs.look()

    @property
    def decisions(self) -> list[tuple[RunDecision, list[str]]]:
        return [(one.decision, [why.code for why in one.reasons]) for one in self.told]


def _ignore(_event: Event) -> None:
    """Nobody listens."""


async def test_nothing_is_due_before_its_time(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path)
    await schedule.pass_(4.0)

    assert schedule.told == []
    assert schedule.runs.next_of_patrol("loop-1", 2) == (NOON, NOON + timedelta(days=1))


async def test_a_run_is_held_while_it_blows_and_missed_when_it_goes_on_blowing(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path)
    schedule.weather(wind_m_s=14.0)
    await schedule.pass_(6.0)
    await schedule.pass_(60.0)
    assert schedule.decisions == [(RunDecision.HELD, ["wind"])]
    await schedule.pass_(300.0)

    assert schedule.decisions[1:] == [(RunDecision.MISSED, ["too_late", "wind"])]
    assert {one.run_id for one in schedule.told} == {"loop-1@20261123T040000Z"}
    assert schedule.told[-1].next_due_at == NOON + timedelta(days=1)


async def test_a_held_run_is_tried_again_when_the_wind_drops(tmp_path: Path) -> None:
    """Then it gets as far as the drone, which nobody is connected to here."""
    schedule = Schedule(tmp_path)
    schedule.weather(wind_m_s=14.0)
    await schedule.pass_(6.0)
    schedule.weather()
    await schedule.pass_(30.0)

    assert schedule.decisions == [(RunDecision.HELD, ["wind"]), (RunDecision.REFUSED, ["no_heartbeat"])]


async def test_a_run_that_needs_a_person_waits_and_is_missed_without_one(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path, launch="confirm")
    schedule.weather()
    await schedule.pass_(6.0)
    waiting = schedule.told[0]
    await schedule.pass_(400.0)

    assert schedule.decisions == [(RunDecision.AWAITING, []), (RunDecision.MISSED, ["not_confirmed"])]
    assert waiting.confirm_until == NOON + timedelta(seconds=300)
    assert [why.code for why in await schedule.runs.confirm(waiting.run_id, "值班员")] == ["unknown_run"]


async def test_a_confirmed_run_that_cannot_start_stays_open_to_another_try(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path, launch="confirm")
    schedule.weather()
    await schedule.pass_(6.0)
    run_id = schedule.told[0].run_id
    first = await schedule.runs.confirm(run_id, "值班员")
    second = await schedule.runs.confirm(run_id, "值班员")

    assert [why.code for why in first] == [why.code for why in second] == ["no_heartbeat"]


@pytest.mark.parametrize("missed", ["skip", "run_once"])
async def test_what_was_due_while_it_was_down_is_recorded(tmp_path: Path, missed: str) -> None:
    schedule = Schedule(tmp_path, missed=missed)
    schedule.weather()
    await schedule.pass_(1.0)
    schedule.clock.advance(2 * 86_400.0)
    schedule.weather()
    schedule.restart()
    await schedule.pass_(1.0)

    days = [(one.due_at.day, one.decision) for one in schedule.told]
    first = (23, RunDecision.MISSED)
    assert days == [first, (24, RunDecision.MISSED if missed == "skip" else RunDecision.REFUSED)]


async def test_a_restart_right_after_a_run_does_not_decide_it_again(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path)
    schedule.weather()
    await schedule.pass_(6.0)
    schedule.restart()
    await schedule.pass_(1.0)

    assert schedule.decisions == [(RunDecision.REFUSED, ["no_heartbeat"])]


async def test_a_run_that_waits_for_a_person_waits_on_after_a_restart(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path, launch="confirm")
    schedule.weather()
    await schedule.pass_(6.0)
    waiting = schedule.told[0]
    schedule.restart()
    await schedule.pass_(10.0)
    answer = await schedule.runs.confirm(waiting.run_id, "值班员")
    schedule.restart()
    await schedule.pass_(400.0)

    assert [why.code for why in answer] == ["no_heartbeat"]
    assert {one.run_id for one in schedule.told} == {waiting.run_id}
    assert [one.decision for one in schedule.told] == [
        RunDecision.AWAITING,
        RunDecision.AWAITING,
        RunDecision.MISSED,
    ]
    assert schedule.told[1].confirm_until == waiting.confirm_until


async def test_a_held_run_is_tried_again_after_a_restart(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path)
    schedule.weather(wind_m_s=14.0)
    await schedule.pass_(6.0)
    schedule.restart()
    schedule.weather()
    await schedule.pass_(1.0)
    schedule.restart()
    await schedule.pass_(1.0)

    assert schedule.decisions == [(RunDecision.HELD, ["wind"]), (RunDecision.REFUSED, ["no_heartbeat"])]


class ReadsTheBook(Launcher):
    """Launches, and notes how many runs a service that began just now would find waiting."""

    book: Path
    waiting: ClassVar[list[int]]

    async def launch(self, patrol: PatrolConfig, drone_ids: tuple[str, ...], **why: Any) -> Launched:
        self.waiting.append(len(json.loads(self.book.read_text(encoding="utf-8"))["waiting"]))
        return await super().launch(patrol, drone_ids, **why)


async def test_a_run_being_launched_is_not_launched_again_after_a_crash(tmp_path: Path) -> None:
    """What is on disk while the launch is under way is what the next service reads."""
    schedule = Schedule(tmp_path)
    schedule.weather(wind_m_s=14.0)
    await schedule.pass_(6.0)
    book = schedule.config.data_dir / "schedule.json"
    ReadsTheBook.book, ReadsTheBook.waiting = book, []
    schedule.restart(ReadsTheBook)
    await schedule.pass_(30.0)

    assert ReadsTheBook.waiting == [0]
    assert len(json.loads(book.read_text(encoding="utf-8"))["waiting"]) == 1
