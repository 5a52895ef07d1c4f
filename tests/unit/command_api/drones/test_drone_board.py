"""The board of drones: fresh, stale, in flight, forgotten; never how a drone was shown as how it is."""

from __future__ import annotations

import pytest

from command_api.drones.board import DroneBoard
from command_api.drones.model import Drone
from kernel.config.fleet import DroneConfig
from kernel.events import FlightChanged, FlightState
from tests.unit.command_api.drones.fleet_config import FLIGHT_ID, fleet_config, flight, telemetry

CONFIG = fleet_config()
UAV_1: DroneConfig = CONFIG.drone("uav-1")


def _board(*flights: FlightChanged) -> DroneBoard:
    return DroneBoard(CONFIG, flights)


def test_a_drone_nobody_heard_of_is_stale_and_has_no_telemetry() -> None:
    drone = _board().drone(UAV_1, 0.0)
    assert (drone.telemetry, drone.telemetry_age_s, drone.is_stale) == (None, None, True)
    assert (drone.name, drone.unit, drone.home.lat) == ("巡逻一号", "bureau/kuangshanlu", 41.77)


def test_a_drone_without_a_unit_belongs_to_the_root() -> None:
    assert _board().drone(CONFIG.drone("uav-2"), 0.0).unit == "bureau"


def test_telemetry_grows_stale_after_five_seconds_and_silence_is_told_once() -> None:
    board = _board()
    board.heard(telemetry(0), 100.0)
    assert not board.drone(UAV_1, 105.0).is_stale
    assert board.take_silent(105.0) == []
    drone = board.drone(UAV_1, 105.1)
    assert (drone.is_stale, drone.telemetry_age_s) == (True, 5.1)
    assert [one.id for one in board.take_silent(105.1)] == ["uav-1"]
    assert board.take_silent(106.0) == []
    board.heard(telemetry(7), 107.0)
    assert [one.id for one in board.take_silent(113.0)] == ["uav-1"], "silent again"


def test_pages_are_told_at_most_twice_a_second() -> None:
    board = _board()
    told = [board.heard(telemetry(tenth / 10), tenth / 10) is not None for tenth in range(0, 20)]
    assert sum(told) == 4
    assert isinstance(board.heard(telemetry(9, "uav-2"), 1.95), Drone), "each drone has its own turn"


def test_telemetry_of_a_drone_that_is_not_in_the_config_is_passed_over() -> None:
    board = _board()
    assert board.heard(telemetry(0, "uav-9"), 0.0) is None
    assert board.take_silent(60.0) == []


def test_the_newest_change_counts_in_any_order_and_an_ended_flight_is_none() -> None:
    board = _board()
    for change in (flight(2), flight(1, FlightState.ARMING), flight(2)):
        board.changed(change)
    current = board.drone(UAV_1, 0.0).flight
    assert current is not None
    assert (current.change, current.patrol_name, current.drone_name) == (2, "北环", "巡逻一号")
    board.changed(flight(3, FlightState.LANDED))
    board.changed(flight(2))
    assert board.drone(UAV_1, 0.0).flight is None


def test_open_flights_of_the_store_are_shown_after_a_restart_the_newest_of_a_drone() -> None:
    older = flight(7, flight_id="01JDA0T6J4Q2V0S3M8R7K5C9AA", started_at=telemetry(-60).at)
    shown = _board(flight(1), older).drone(UAV_1, 0.0).flight
    assert shown is not None
    assert shown.flight_id == FLIGHT_ID


@pytest.mark.parametrize(
    ("seconds", "is_shown"),
    [(5.0, True), (30.0, False)],
    ids=["the flight may be newer than the telemetry", "the drone service knows no flight"],
)
def test_a_flight_the_drone_service_no_longer_knows_of_is_not_shown(seconds: float, is_shown: bool) -> None:
    board = _board(flight(1))
    board.heard(telemetry(seconds), 0.0)
    assert (board.drone(UAV_1, 1.0).flight is not None) is is_shown
    assert board.drone(UAV_1, 60.0).flight is not None, "silence does not end a flight"


def test_a_drone_that_falls_silent_in_the_air_stays_airborne() -> None:
    board = _board()
    assert not board.may_be_airborne("uav-1")
    board.heard(telemetry(0, flight_state=FlightState.PATROLLING, flight_id=FLIGHT_ID), 0.0)
    assert board.drone(UAV_1, 600.0).is_stale
    assert board.may_be_airborne("uav-1")
    board.heard(telemetry(601, flight_state=FlightState.LANDED), 601.0)
    assert not board.may_be_airborne("uav-1")


def test_an_open_flight_counts_as_airborne_without_any_telemetry() -> None:
    assert _board(flight(1, FlightState.TAKEN_OVER)).may_be_airborne("uav-1")
    assert not _board(flight(1, FlightState.UPLOADING)).may_be_airborne("uav-1")
