"""A hold of the separation watch over a restart of the controller: taken up where it was its own, and only then."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from drone.fleet.aloft import ACTOR
from drone.fleet.traffic import Traffic
from drone.flight.errand import Errand, Then, Waypoint
from drone.flight.machine import FlightMachine
from drone.flight.memory import memory_of, recall
from drone.flight.orders import Order
from drone.flight.outputs import Changed
from drone.flight.steps import CompareMission
from kernel.drone_events import DroneAction, FlightState
from tests.unit.drone.fleet.paper_fleet import MIDDLE, PaperDrone, in_flight, spot


def held_by(*orders: Order) -> PaperDrone:
    """Half-way, stopped by these orders; what is on disk is what was told with the last change."""
    drone = in_flight("uav-2", [(0, 200)], flight_id="01B", home=(0, -100), now_s=0.0)
    drone.fly(3.0)
    for order in orders:
        assert drone.order(order) == ()
        drone.fly(drone.now_s + 6.0)
    return drone


def restarted(drone: PaperDrone, **changes: object) -> PaperDrone:
    """The same under a controller that knows the record and the vehicle, and nothing else."""
    written = json.loads(json.dumps(memory_of(drone.bench.machine.core)))
    machine = FlightMachine(drone.bench.machine.core.brief)
    recall(machine.core, written)
    drone.bench.machine, drone.bench.pending = machine, None
    drone.bench.seen = replace(drone.bench.seen, **changes)  # type: ignore[arg-type]
    drone.bench.take(machine.attach(drone.now_s))
    drone.bench.look(0.1)
    assert isinstance(drone.bench.pending.step if drone.bench.pending else None, CompareMission)
    drone.bench.answer()
    drone.actor = machine.core.ordered_by
    return drone


def watched(drone: PaperDrone, seconds: int, open_flights: frozenset[str] | None = frozenset({"uav-2"})) -> PaperDrone:
    traffic = Traffic({"uav-2": drone}, None, MIDDLE)
    for _ in range(2 * seconds):
        drone.fly(drone.now_s + 0.5)
        traffic.look(drone.now_s, (), "b", open_flights)
    return drone


HOLD = Order(DroneAction.PAUSE, ACTOR)


def test_a_hold_of_the_watch_is_released_by_the_next_controller_once_the_way_is_clear() -> None:
    drone = restarted(held_by(HOLD))
    states = [watched(drone, seconds).state for seconds in (0, 4, 15)]
    assert states == [FlightState.PAUSED, FlightState.PAUSED, FlightState.PATROLLING]


def test_it_is_not_released_while_the_other_may_be_near() -> None:
    drone = restarted(held_by(HOLD))
    traffic = Traffic(
        {"uav-2": drone, "uav-1": (other := in_flight("uav-1", [(0, -10)], flight_id="01A"))}, None, MIDDLE
    )
    other.place = (drone.place[0], drone.place[1] + 60.0, drone.place[2])
    other.bench.seen = replace(other.seen, mode="BRAKE")
    for _ in range(60):
        drone.fly(drone.now_s + 0.5)
        other.now_s = drone.now_s
        traffic.look(drone.now_s, (), "b", frozenset({"uav-1", "uav-2"}))
    assert drone.state is FlightState.PAUSED


@pytest.mark.parametrize("unknown", [None, frozenset({"uav-1", "uav-2"})])
def test_nor_before_everybody_who_may_be_in_the_air_was_heard(unknown: frozenset[str] | None) -> None:
    assert watched(restarted(held_by(HOLD)), 30, unknown).state is FlightState.PAUSED


@pytest.mark.parametrize(
    "orders",
    [
        (Order(DroneAction.PAUSE, "operator"),),
        (HOLD, Order(DroneAction.PAUSE, "operator")),
    ],
)
def test_a_pause_that_a_person_ordered_last_stays(orders: tuple[Order, ...]) -> None:
    drone = held_by(*orders)
    assert [out.actor for out in drone.bench.outputs if isinstance(out, Changed)][-1] == orders[-1].actor
    assert watched(restarted(drone), 30).state is FlightState.PAUSED


@pytest.mark.parametrize("mode", ["BRAKE", "LOITER"])
def test_what_a_pilot_holds_is_not_ours_after_the_restart_either(mode: str) -> None:
    drone = held_by(HOLD)
    drone.bench.look(0.5, mode="LOITER")
    assert drone.state is FlightState.TAKEN_OVER
    drone.bench.look(0.5, mode=mode)
    taken_up = watched(restarted(drone), 30)
    assert taken_up.state is FlightState.TAKEN_OVER


def test_a_pause_on_the_way_to_an_alert_stops_the_aircraft() -> None:
    """It flies to its point in GUIDED, where ArduCopter also holds: that it is in that mode does not mean it stands."""
    drone = held_by()
    there = Errand((Waypoint(*spot(150.0, 100.0), 40.0),), Then.RESUME, hold_s=5.0)
    assert drone.order(Order(DroneAction.DISPATCH, "operator", errand=there)) == ()
    drone.fly(drone.now_s + 6.0)
    assert drone.seen.mode == "GUIDED"
    assert drone.order(HOLD) == ()
    drone.fly(drone.now_s + 6.0)
    assert drone.seen.mode == "BRAKE"
    assert max(map(abs, drone.velocity_m_s)) < 0.1
