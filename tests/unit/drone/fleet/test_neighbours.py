"""Drones of other controllers at a launch: planned around, refused, or not there; and what a crash leaves behind."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drone.fleet.air import Air
from drone.fleet.aloft import aloft_of
from drone.fleet.neighbours import neighbours
from drone.fleet.presence import FRESH_S, Presence, PresenceBook
from drone.flight.brief import Brief
from drone.flight.lock import COMMAND_LINE, LaunchBusy, drone_lock, launch_lock
from drone.flight.prepare import Prepared, brief_of, prepared
from drone.flight.record import FlightRecord, open_flights
from drone.plan.model import FlightPlan
from drone.plan.separation import LAYERS_MAX
from drone.weather_source import Observation
from kernel.clock import ManualClock
from kernel.drone_events import FlightCause
from tests.integration.airfield import config, spot
from tests.unit.drone.fleet.paper_fleet import in_flight
from tests.unit.drone.flight.paper_autopilot import brief

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
WATCH_S = 300.0  # of the paper flights


class Hangar:
    """A data directory, and two drones whose patrols cross at one height."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.book = ManualClock(NOW), PresenceBook(folder)
        self.clock.advance(1_000.0)
        self.folder = folder
        base = config(folder, ["udp:127.0.0.1:9", "udp:127.0.0.1:9"]).model_dump(mode="json")
        for patrol, way in zip(base["patrols"], ([spot(120, -40)], [spot(120, 10)]), strict=True):
            patrol |= {"altitude_m": 30.0, "route": {"kind": "waypoints", "datum": "wgs84", "points": way}}
        self.config = config(folder, []).model_validate(base)

    def air(self) -> Air:
        return Air(self.folder, self.clock, {})

    def told(self, drone_id: str = "uav-1", **changes: object) -> Presence:
        now_s = self.clock.monotonic_s()
        plain = Presence(drone_id, "01F", 1, self.book.boot, now_s, NOW, keeps_plan=True, aloft=None)
        return replace(plain, **changes)  # type: ignore[arg-type]

    def planned(self, number: int) -> Callable[[tuple[FlightPlan, ...]], Prepared]:
        """By a controller whose config has that drone alone."""
        patrol, drone = self.config.patrols[number], self.config.fleet[number]
        alone = self.config.model_copy(update={"fleet": (drone,), "patrols": (patrol,)})
        return lambda others: prepared(alone, patrol, drone, NOW, Observation(None), others=others, layers=LAYERS_MAX)

    def briefed(self, number: int) -> Callable[[FlightPlan], Brief]:
        drone = self.config.fleet[number]
        return lambda plan: brief_of(drone, plan, actor="test", cause=FlightCause.OPERATOR, patrol_id=plan.patrol_id)

    def plan(self) -> FlightPlan:
        found = self.planned(0)(()).plan
        assert found is not None
        return found

    def record(self, *, started: bool, ago_s: float = 0.0, drone_id: str = "uav-1") -> FlightRecord:
        """A flight that is open on disk, last written so long ago."""
        record = FlightRecord(self.folder, "01F", drone_id)
        record.create()
        record.write(brief(drone_id=drone_id), {"started": started}, NOW, 1, {})
        then_s = (self.clock.now() - timedelta(seconds=ago_s)).timestamp()
        for path in (record.folder / "flight.json", self.folder / "flights" / "open" / drone_id):
            os.utime(path, (then_s, then_s))
        return record

    def codes(self) -> list[str]:
        found = neighbours(self.folder, self.book, {"uav-9"}, self.clock.now(), self.clock.monotonic_s())
        return [*(one.code for one in found.reasons), *(f"plan of {one.drone_id}" for one in found.plans)]


@pytest.fixture
def hangar(tmp_path: Path) -> Hangar:
    return Hangar(tmp_path)


def test_nobody_is_there(hangar: Hangar) -> None:
    assert hangar.codes() == []


def test_a_fresh_flight_is_planned_around_as_long_as_it_keeps_its_plan(hangar: Hangar) -> None:
    hangar.book.intend(hangar.told(), hangar.plan())
    assert hangar.codes() == ["plan of uav-1"]
    hangar.record(started=True)
    assert hangar.codes() == ["plan of uav-1"]
    hangar.book.tell([hangar.told(keeps_plan=False)])
    assert hangar.codes() == ["separation_unknown"]
    hangar.book.tell([hangar.told(flight_id="01G")])  # the plan on disk is of another flight
    assert hangar.codes() == ["separation_unknown"]


def test_files_of_two_flights_are_no_plan(hangar: Hangar) -> None:
    hangar.book.intend(hangar.told(), hangar.plan())
    hangar.book.tell([hangar.told(flight_id="01G")])
    assert hangar.codes() == ["separation_unknown"]  # its own plan is not there

    hangar.book.intend(hangar.told(flight_id="01G"), hangar.plan())
    assert hangar.codes() == ["plan of uav-1"]
    hangar.record(started=True)
    assert hangar.codes() == ["separation_unknown"]  # another flight of that drone is open


def test_a_crash_on_the_ground_leaves_nothing_that_blocks(hangar: Hangar) -> None:
    hangar.book.intend(hangar.told(), hangar.plan())
    hangar.record(started=False)
    hangar.clock.advance(FRESH_S + 1)
    assert hangar.codes() == []


def test_a_crash_in_the_air_blocks_until_the_battery_must_be_empty(hangar: Hangar) -> None:
    hangar.book.intend(hangar.told(), hangar.plan())
    record = hangar.record(started=True)
    hangar.clock.advance(FRESH_S + 1)
    assert hangar.codes() == ["left_in_the_air"]
    hangar.clock.advance(WATCH_S - FRESH_S - 2)
    assert hangar.codes() == ["left_in_the_air"]
    hangar.clock.advance(2)
    assert hangar.codes() == []
    hangar.record(started=True, ago_s=-3 * WATCH_S)  # a clock that was set back must not make it for ever
    assert hangar.codes() == []
    record.close()
    assert hangar.codes() == []


def test_its_last_word_is_the_newest_of_what_stands_on_disk(hangar: Hangar) -> None:
    """The mark is as old as the launch: an hour into a flight that was still written of, it would block nobody."""
    record = hangar.record(started=True, ago_s=WATCH_S - 10.0)
    now_s = hangar.clock.now().timestamp()
    os.utime(hangar.folder / "flights" / "open" / "uav-1", (now_s - 2 * WATCH_S, now_s - 2 * WATCH_S))
    (flight,) = open_flights(hangar.folder)

    assert flight.told_at.timestamp() == pytest.approx((record.folder / "flight.json").stat().st_mtime)
    assert hangar.codes() == ["left_in_the_air"]


def test_a_flight_whose_end_was_seen_blocks_nobody(hangar: Hangar) -> None:
    hangar.book.intend(hangar.told(), hangar.plan())
    hangar.record(started=True).close()
    hangar.clock.advance(FRESH_S + 1)
    assert hangar.codes() == []


def test_a_damaged_record_counts_as_a_flight_that_began(hangar: Hangar) -> None:
    record = hangar.record(started=False)
    (record.folder / "flight.json").write_text('{"brief": {}', encoding="utf-8")
    now_s = hangar.clock.now().timestamp()
    os.utime(record.folder / "flight.json", (now_s, now_s))
    assert hangar.codes() == ["left_in_the_air"]


def test_a_controller_that_lives_and_tells_nothing_is_refused(hangar: Hangar) -> None:
    hangar.record(started=False)
    with drone_lock(hangar.folder, "uav-1", COMMAND_LINE):
        assert hangar.codes() == ["separation_unknown"]
    assert hangar.codes() == []


def test_files_that_make_no_sense_are_not_believed(hangar: Hangar, tmp_path: Path) -> None:
    air = tmp_path / "flights" / "air"
    aloft = aloft_of(in_flight("uav-1", [(100, 0)], flight_id="01F", home=(0, 0), now_s=1_000.0))
    book = hangar.book
    assert aloft is not None
    nowhere = [replace(aloft, lat=95.0), replace(aloft, lon=-181.0), replace(aloft, speed_m_s=math.inf)]
    for one in (aloft, *nowhere):
        book.tell([hangar.told(aloft=one)])
        assert [told.aloft for told in book.read()] == ([aloft] if one is aloft else [])
    hangar.book.tell([hangar.told()])
    whole = json.loads((air / "uav-1.json").read_text(encoding="utf-8"))
    (air / "uav-1.json").write_text(json.dumps(whole)[:-20], encoding="utf-8")
    (air / "uav-2.json").write_text(json.dumps(whole), encoding="utf-8")  # of another drone
    (air / "uav-3.json").write_text(json.dumps({**whole, "drone_id": "uav-3", "aloft": {"lat": "x"}}), encoding="utf-8")
    assert book.read() == []
    assert not hangar.told(boot="an earlier start").is_fresh(book.boot, 1_000.0)
    assert not hangar.told(told_s=1_002.0).is_fresh(book.boot, 1_000.0)
    assert hangar.told(told_s=998.0).is_fresh(book.boot, 1_000.0)


def test_two_controllers_decide_one_after_the_other_and_the_second_plans_around_the_first(hangar: Hangar) -> None:
    found, flight = hangar.air().decide("uav-1", hangar.planned(0), hangar.briefed(0))
    assert flight is not None
    assert found.plan is not None
    assert found.plan.layer == 0
    second, beside = hangar.air().decide("uav-2", hangar.planned(1), hangar.briefed(1))
    assert beside is not None
    assert second.plan is not None
    assert second.plan.layer >= 1
    hangar.air().leave("uav-1")
    hangar.air().leave("uav-2")
    alone, _ = hangar.air().decide("uav-2", hangar.planned(1), hangar.briefed(1))
    assert alone.plan is not None
    assert alone.plan.layer == 0


def test_a_launch_is_refused_while_another_is_decided_and_beside_an_unknown_flight(hangar: Hangar) -> None:
    with launch_lock(hangar.folder), pytest.raises(LaunchBusy), launch_lock(hangar.folder, wait_s=0.0):
        pytest.fail("two at once")
    hangar.record(started=True)
    found, flight = hangar.air().decide("uav-2", hangar.planned(1), hangar.briefed(1))
    assert flight is None
    assert [one.code for one in found.reasons] == ["left_in_the_air"]


async def test_the_service_is_quiet_about_a_drone_that_another_controller_tells_of_on_the_bus(tmp_path: Path) -> None:
    """It told every five seconds that it does not serve the drone: the wall would draw both in turn."""
    hangar = Hangar(tmp_path)
    air = hangar.air()
    for on_bus in (False, True):
        hangar.book.tell([hangar.told(on_bus=on_bus)])
        await air.exchange()
        assert air.is_told_elsewhere("uav-1") is on_bus
    assert not air.is_told_elsewhere("uav-2")
    hangar.clock.advance(FRESH_S + 0.5)
    assert not air.is_told_elsewhere("uav-1")
