"""An aircraft in the air that tells no more where it is: nobody is launched beside it, or let go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from drone.fleet.aloft import ACTOR, aloft_of, is_out_of_sight
from drone.fleet.keeper import DroneKeeper
from drone.fleet.launcher import Launcher
from drone.fleet.neighbours import neighbours
from drone.fleet.traffic import Traffic
from drone.flight.orders import Order
from kernel.clock import ManualClock
from kernel.drone_events import DroneAction, FlightState
from tests.integration.airfield import config
from tests.unit.drone.fleet.paper_fleet import MIDDLE, PaperDrone, in_flight
from tests.unit.drone.fleet.test_neighbours import Hangar

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def silent(drone: PaperDrone, since_s: float) -> PaperDrone:
    assert drone.vehicle_state is not None
    drone.silent_s = drone.now_s - since_s
    return drone


def two() -> tuple[PaperDrone, PaperDrone]:
    return (
        in_flight("uav-1", [(400, 0)], flight_id="01A", home=(0, 0), now_s=0.0),
        in_flight("uav-2", [(400, 900)], flight_id="01B", home=(0, 900), now_s=0.0),
    )


def pass_(seconds: float, traffic: Traffic, *drones: PaperDrone) -> None:
    for _ in range(round(2 * seconds)):
        for drone in drones:
            drone.fly(drone.now_s + 0.5)
        traffic.look(drones[0].now_s, (), "b", frozenset({"uav-1", "uav-2"}))


@pytest.mark.parametrize(
    ("since_s", "is_armed", "is_lost"), [(4.0, True, False), (6.0, True, True), (6.0, False, False)]
)
def test_it_is_out_of_sight_after_five_seconds_in_the_air(since_s: float, is_armed: bool, is_lost: bool) -> None:
    drone = silent(two()[0], since_s)
    drone.bench.seen = replace(drone.bench.seen, armed=is_armed)
    assert is_out_of_sight(drone) is is_lost


def test_no_other_is_launched_meanwhile(tmp_path: Path) -> None:
    """Its plan was planned around, as if it were where that says."""
    flying = two()[0]
    flying.held_plan = Hangar(tmp_path).plan()
    launcher = Launcher(
        config(tmp_path, ["udp:127.0.0.1:9"] * 2), cast("dict[str, DroneKeeper]", {"uav-1": flying}), ManualClock(NOW)
    )
    assert launcher.others("uav-2").reasons == ()
    silent(flying, 6.0)
    assert [why.code for why in launcher.others("uav-2").reasons] == ["place_unknown"]
    assert launcher.others("uav-1").reasons == ()


@pytest.mark.parametrize(("age_s", "codes"), [(4.0, []), (6.0, ["place_unknown"])])
def test_no_other_controller_launches_meanwhile(tmp_path: Path, age_s: float, codes: list[str]) -> None:
    hangar = Hangar(tmp_path)
    now_s = hangar.clock.monotonic_s()
    aloft = aloft_of(two()[0])
    assert aloft is not None
    hangar.book.intend(hangar.told(aloft=replace(aloft, at_s=now_s - age_s)), hangar.plan())
    found = neighbours(tmp_path, hangar.book, {"uav-2"}, NOW, now_s)
    assert [why.code for why in found.reasons] == codes


def test_the_other_flight_is_told_once_and_that_it_is_placed_again() -> None:
    one, other = two()
    traffic = Traffic({"uav-1": one, "uav-2": other}, None, MIDDLE)
    pass_(2.0, traffic, one, other)
    silent(one, 0.0)
    pass_(4.0, traffic, one, other)
    assert other.alarms == []
    pass_(10.0, traffic, one, other)
    assert other.alarms == ["other_unplaced"]
    assert "other_unplaced" not in one.alarms
    one.silent_s = None
    pass_(1.0, traffic, one, other)
    assert (other.alarms, other.calmed) == (["other_unplaced"], 1)


def test_who_holds_is_not_let_go_while_somebody_is_out_of_sight() -> None:
    """Reckoned on along its way it was believed to be gone."""
    one, other = two()
    traffic = Traffic({"uav-1": one, "uav-2": other}, None, MIDDLE)
    pass_(2.0, traffic, one, other)
    silent(one, 0.0)
    pass_(6.0, traffic, one, other)
    assert other.order(Order(DroneAction.PAUSE, ACTOR)) == ()
    pass_(30.0, traffic, one, other)
    states = [other.state]
    one.silent_s = None
    pass_(10.0, traffic, one, other)
    states.append(other.state)
    assert states == [FlightState.PAUSED, FlightState.PATROLLING]
