"""Somebody else changes the mode, or the autopilot starts anew: nobody is fought."""

from __future__ import annotations

import pytest

from drone.flight.outputs import Alarm
from drone.flight.steps import (
    SetMode,
)
from kernel.drone_events import DroneAction, FlightOutcome, FlightState
from kernel.events import AlertKind
from tests.unit.drone.flight.paper_autopilot import ALT_M, HOME, Bench


@pytest.mark.parametrize("mode", ["LOITER", "STABILIZE", "ALT_HOLD", "POSHOLD"])
def test_a_pilot_who_takes_the_sticks_keeps_them(mode: str) -> None:
    bench = Bench.fresh().airborne()
    before = len(bench.steps)
    bench.look(1.0, mode=mode)
    for _ in range(30):
        bench.look()

    assert bench.state is FlightState.TAKEN_OVER
    assert len(bench.steps) == before
    assert [one.kind for one in bench.outputs if isinstance(one, Alarm)] == [AlertKind.DRONE_TAKEN_OVER]
    assert bench.order(DroneAction.RESUME) != ()
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.TAKEN_OVER


def test_a_pilot_who_gives_it_back_lets_the_patrol_go_on() -> None:
    bench = Bench.fresh().airborne()
    bench.look(1.0, mode="LOITER")
    bench.look(5.0, mode="AUTO")
    assert bench.state is FlightState.PATROLLING
    bench.reach(2, 3, 4)
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.DONE
    assert bench.count(SetMode) == 2


def test_a_failsafe_that_returns_is_watched_home() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    before = len(bench.steps)
    bench.look(1.0, mode="RTL")
    for _ in range(10):
        bench.look()
    assert bench.state is FlightState.RETURNING
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.RETURNED
    assert len(bench.steps) == before
    assert {"vehicle_returns", "points_missed"} <= bench.why


def test_an_autopilot_that_restarts_in_the_air_is_told_as_that() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    bench.look(0.5, armed=False, mode="STABILIZE")
    alarms = [one for one in bench.outputs if isinstance(one, Alarm)]
    assert [one.kind for one in alarms] == [AlertKind.DRONE_FAILED]
    assert bench.machine.outcome is None
    before = len(bench.steps)
    bench.look(2.0, boots=1, alt_home_m=0.0)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert {"rebooted", "disarmed_high", "points_missed"} <= bench.why
    assert len(bench.steps) == before


def test_motors_that_stop_in_the_air_are_no_landing() -> None:
    """Also over home, with every point reached."""
    bench = Bench.fresh().airborne()
    bench.reach(2, 3, 4)
    bench.look(20.0, lat=HOME[0], lon=HOME[1], alt_home_m=ALT_M)
    bench.look(1.0, armed=False)
    assert bench.machine.outcome is None
    bench.look(6.0)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "disarmed_high" in bench.why
    assert "rebooted" not in bench.why


def test_a_restart_that_stays_armed_is_told_and_watched() -> None:
    bench = Bench.fresh().airborne()
    bench.look(1.0, boots=1, mode="ALT_HOLD")

    assert bench.state is FlightState.TAKEN_OVER
    assert {"rebooted", "taken_over"} <= bench.why
