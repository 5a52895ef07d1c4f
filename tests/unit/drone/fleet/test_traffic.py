"""Drones of different controllers, which share only a data directory, flown in simulated time."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drone.fleet.air import Air
from drone.fleet.traffic import Traffic
from drone.flight.outputs import Alarm, Calm
from kernel.clock import ManualClock
from kernel.drone_events import DroneAction, FlightOutcome, FlightState
from tests.unit.drone.fleet.paper_fleet import MIDDLE, PaperDrone, in_flight

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
_LOOK_S = 0.5


class Sky:
    """Controllers over one data directory, a drone each."""

    def __init__(self, folder: Path, *drones: PaperDrone) -> None:
        self.clock, self.drones = ManualClock(NOW), drones
        self.airs = [Air(folder, self.clock, {one.drone.id: one}) for one in drones]
        self.traffics = [Traffic({one.drone.id: one}, None, MIDDLE) for one in drones]
        self.crashed: set[str] = set()
        self.least_m = math.inf

    async def pass_(self, seconds_s: float) -> None:
        for _ in range(round(seconds_s / _LOOK_S)):
            self.clock.advance(_LOOK_S)
            for drone, air, traffic in zip(self.drones, self.airs, self.traffics, strict=True):
                drone.fly(self.clock.monotonic_s())
                if drone.drone.id not in self.crashed:
                    await air.exchange()
                    traffic.look(self.clock.monotonic_s(), air.heard, air.boot)
            flying = [one for one in self.drones if one.seen.armed]
            if len(flying) == 2:
                self.least_m = min(self.least_m, math.dist(flying[0].place, flying[1].place))

    async def until_landed(self, most_s: float = 200.0) -> None:
        while any(one.core for one in self.drones) and self.clock.monotonic_s() < most_s:
            await self.pass_(_LOOK_S)


def crossing() -> tuple[PaperDrone, PaperDrone]:
    """Two at one height whose ways cross half-way, at the same second."""
    return (
        in_flight("uav-1", [(200, 0)], flight_id="01A", home=(0, 0), now_s=0.0),
        in_flight("uav-2", [(100, 100)], flight_id="01B", home=(100, -100), now_s=0.0),
    )


async def test_the_later_of_two_controllers_flights_holds_and_both_are_flown_to_the_end(tmp_path: Path) -> None:
    first, second = crossing()
    sky = Sky(tmp_path, first, second)
    await sky.until_landed()

    assert sky.least_m >= 18.0
    assert first.orders == []
    assert [action for _, action in second.orders] == [DroneAction.PAUSE, DroneAction.RESUME]
    assert {one.bench.machine.outcome for one in sky.drones} == {FlightOutcome.DONE}
    assert first.nearest["uav-2"] == pytest.approx(sky.least_m, abs=1.0)
    assert "too_near" in first.alarms
    assert list((tmp_path / "flights" / "air").iterdir()) == []


async def test_without_being_told_of_each_other_they_would_have_met(tmp_path: Path) -> None:
    sky = Sky(tmp_path, *crossing())
    sky.crashed = {"uav-1", "uav-2"}
    await sky.until_landed()
    assert sky.least_m < 1.0


async def test_where_the_other_controller_does_not_hold_its_drone_ours_holds(tmp_path: Path) -> None:
    first, second = crossing()
    second.is_deaf = True
    sky = Sky(tmp_path, first, second)
    await sky.until_landed()

    assert [action for _, action in first.orders][:1] == [DroneAction.PAUSE]
    assert second.orders == []
    assert sky.least_m >= 18.0


async def test_a_controller_that_crashes_is_told_of_and_its_drone_reckoned_on(tmp_path: Path) -> None:
    first, second = crossing()
    second.is_deaf = True  # it dies before it can hold its drone
    sky = Sky(tmp_path, first, second)
    await sky.pass_(1.0)
    sky.crashed = {"uav-2"}
    await sky.pass_(60.0)

    assert first.alarms.count("other_unseen") == 1
    calmed = first.calmed
    sky.crashed.clear()
    await sky.pass_(1.0)
    assert first.calmed == calmed + 1
    assert sky.least_m >= 18.0
    assert [action for _, action in first.orders] == [DroneAction.PAUSE, DroneAction.RESUME]


async def test_what_an_earlier_start_of_the_machine_left_counts_for_nothing(tmp_path: Path) -> None:
    first, second = crossing()
    sky = Sky(tmp_path, first, second)
    await sky.airs[1].exchange()
    sky.crashed = {"uav-2"}
    sky.airs[0].boot = "after the power was cut"
    await sky.pass_(1.0)
    assert first.orders == []
    assert first.alarms == []


def head_on() -> tuple[PaperDrone, PaperDrone]:
    """Two at one height on one line, each with the other's home for its point."""
    return (
        in_flight("uav-1", [(160, 0)], flight_id="01A", home=(0, 0), now_s=0.0),
        in_flight("uav-2", [(0, 0)], flight_id="01B", home=(160, 0), now_s=0.0),
    )


async def test_two_that_hold_for_each_other_are_let_by_at_another_height(tmp_path: Path) -> None:
    """Each under a controller of its own; nobody at the desk."""
    first, second = head_on()
    sky = Sky(tmp_path, first, second)
    await sky.until_landed()

    assert {one.bench.machine.outcome for one in sky.drones} == {FlightOutcome.DONE}
    assert sky.least_m >= 18.0
    assert [action for _, action in first.orders] == [DroneAction.PAUSE, DroneAction.RESUME]
    assert [action for _, action in second.orders] == [DroneAction.PAUSE, DroneAction.PAUSE, DroneAction.RESUME]
    assert "makes_room" in second.alarms
    ends = [type(out).__name__ for out in second.bench.outputs if isinstance(out, Alarm | Calm)]
    assert ends[-1] == "Calm"
    assert "held_long" not in first.alarms + second.alarms


async def test_where_no_room_can_be_made_both_stand_and_a_person_is_told_after_a_minute(tmp_path: Path) -> None:
    first, second = head_on()
    first.levels = second.levels = (35.0, 45.0)
    sky = Sky(tmp_path, first, second)
    await sky.pass_(50.0)
    assert first.state is second.state is FlightState.PAUSED
    assert "held_long" not in first.alarms + second.alarms
    await sky.pass_(40.0)
    assert [one.alarms.count("held_long") for one in sky.drones] == [1, 1]
    assert [one.orders[-1][1] for one in sky.drones] == [DroneAction.PAUSE, DroneAction.PAUSE]
    assert sky.least_m >= 18.0
