"""What is not done by a place that is old: no point is reached, nothing measured, and nobody flies back to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from drone.flight.errand import Errand, Leg, Then, Waypoint
from drone.flight.snapshot import Snapshot
from drone.flight.steps import Goto, Result, SetMode, Verdict
from drone.flight.translate import telemetry_of
from drone.flight.ways import Ways
from drone.mavlink.state import Position, VehicleState
from kernel.drone_events import DroneAction, FlightState
from tests.integration.airfield import HOME, config, spot
from tests.unit.drone.flight.paper_autopilot import ALT_M, POINTS, Bench

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PLACE = POINTS[1]


def test_no_point_of_an_errand_is_reached_and_no_drift_measured_by_it() -> None:
    errand = Errand((Waypoint(*PLACE, ALT_M),), Then.HOLD, hold_s=30.0)
    old = Snapshot(lat=PLACE[0], lon=PLACE[1], alt_home_m=ALT_M, position_age_s=6.0)
    fresh = Snapshot(lat=PLACE[0], lon=PLACE[1], alt_home_m=ALT_M, position_age_s=0.2)
    assert errand.look(old, 1.0, 3.0) is Leg.GOING
    assert errand.look(fresh, 2.0, 3.0) is Leg.HOLDING
    errand.look(fresh, 3.0, 3.0)
    errand.look(old, 4.0, 3.0)
    assert [at_s for at_s, _, _ in errand.track] == [3.0]


def test_who_cannot_brake_is_not_told_to_stay_where_it_was_long_ago() -> None:
    """In guided mode it is told to stay where it is; where that is old it would turn round and fly there."""
    bench = Bench.fresh().airborne()
    bench.order(DroneAction.DISPATCH, errand=Errand((Waypoint(*PLACE, ALT_M),), Then.RESUME, hold_s=900.0))
    bench.answer_all()
    bench.answers[SetMode] = Result(Verdict.REFUSED)
    bench.look(position_age_s=9.0)
    before = bench.count(Goto)
    bench.order(DroneAction.PAUSE)
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer()
    assert (bench.state, bench.count(Goto)) == (FlightState.PAUSED, before)
    for _ in range(10):
        bench.look(1.0, position_age_s=0.3)
        if bench.pending is not None:
            bench.answer()
    assert bench.count(Goto) == before + 1
    assert bench.machine.core.stands


def test_the_way_home_begins_at_no_place_of_long_ago(tmp_path: Path) -> None:
    """Round a zone from where it was; the autopilot knows where it is."""
    square = [spot(90, -30), spot(90, 30), spot(110, 30), spot(110, -30)]
    zone = {"id": "magazine", "kind": "no_fly", "datum": "wgs84", "points": square, "clearance_m": 10.0}
    ways = Ways(config(tmp_path, ["udp:127.0.0.1:9"], airspace=[zone]), HOME)
    lat, lon = spot(200, 0)

    def level(place: tuple[float, float]) -> float:
        return 0.0

    near = Snapshot(lat=lat, lon=lon, alt_home_m=40.0, position_age_s=0.2)
    old = Snapshot(lat=lat, lon=lon, alt_home_m=40.0, position_age_s=6.0)
    assert len(ways.home(near, HOME, NOON, level)) >= 1
    assert ways.home(old, HOME, NOON, level) == ()


def test_telemetry_tells_how_old_the_place_is() -> None:
    position = Position(41.77, 109.97, 1600.0, 40.0, 0.0, 0.0, 0.0, None, at_s=91.5)
    told = telemetry_of("uav-1", VehicleState(position=position), True, NOON, 100.0, home=HOME)
    assert told.position_age_s == 8.5
    assert telemetry_of("uav-1", VehicleState(), True, NOON, 100.0, home=HOME).position_age_s is None
