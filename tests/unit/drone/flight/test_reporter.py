"""What is told of a flight: its nearness to other drones, over a restart of the controller too; its alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from drone.flight.outputs import Alarm, Calm
from drone.flight.record import FlightRecord
from drone.flight.reporter import FlightReporter
from drone.flight.translate import telemetry_of
from drone.mavlink.state import VehicleState
from drone.reasons import reason
from kernel.clock import ManualClock
from kernel.config.rules import Level
from kernel.drone_events import DroneTelemetry, FlightState
from kernel.event_base import Event
from kernel.events import AlertKind, AlertRaised
from tests.unit.drone.flight.paper_autopilot import Bench, brief

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def reporter(tmp_path: Path) -> FlightReporter:
    record = FlightRecord(tmp_path, "01F", "uav-1")
    return FlightReporter(brief(), record, ManualClock(NOW), lambda _: None, "uav-1-cam")


def test_the_least_distance_counts_and_names_the_other(tmp_path: Path) -> None:
    told = reporter(tmp_path)
    assert told.nearest is None
    for other, apart_m in (("uav-2", 60.0), ("uav-3", 24.6), ("uav-2", 31.0)):
        told.note_nearest(other, apart_m)
    assert told.nearest == (24.6, "uav-3")


def test_a_controller_that_takes_a_flight_up_goes_on_from_what_was_measured(tmp_path: Path) -> None:
    """After a restart the least distance began anew: a flight that had come near was told as one that had not."""
    told = reporter(tmp_path)
    told.take_up({"least_separation_m": 24.6, "nearest_drone_id": "uav-3", "distance_flown_m": 310.5})
    told.note_nearest("uav-2", 31.0)
    assert (told.nearest, told.distance_flown_m) == ((24.6, "uav-3"), 310.5)


def test_an_older_record_without_such_figures_is_taken_up(tmp_path: Path) -> None:
    told = reporter(tmp_path)
    told.take_up({"least_separation_m": None, "items_total": 3})
    assert (told.nearest, told.distance_flown_m) == (None, 0.0)


def telemetry(bench: Bench | None) -> DroneTelemetry:
    core = bench.machine.core if bench is not None else None
    near = (24.649, "uav-3")
    return telemetry_of("uav-1", VehicleState(), True, NOW, 0.0, home=(41.77, 109.97), core=core, nearest=near)


def test_telemetry_tells_it_of_a_flight_under_way_only() -> None:
    flying = telemetry(Bench.fresh().airborne())
    assert (flying.least_separation_m, flying.nearest_drone_id) == (24.6, "uav-3")
    grounded = telemetry(None)
    assert grounded.flight_state is FlightState.IDLE
    assert (grounded.least_separation_m, grounded.nearest_drone_id) == (None, None)


def test_alerts_of_one_kind_and_other_topics_begin_and_end_apart(tmp_path: Path) -> None:
    emitted: list[Event] = []
    record = FlightRecord(tmp_path, "01F", "uav-1")
    record.create()
    told = FlightReporter(brief(), record, ManualClock(NOW), emitted.append, "uav-1-cam")
    core, why = Bench.fresh().machine.core, (reason("late", "晚点", "it is late"),)
    told.alarm(core, Alarm(AlertKind.DRONE_ATTENTION, why, "progress"))
    told.alarm(core, Alarm(AlertKind.DRONE_ATTENTION, why, "way_home", Level.RED))
    told.calm(Calm(AlertKind.DRONE_ATTENTION, "progress"))
    told.calm(Calm(AlertKind.DRONE_ATTENTION, "position"))

    events = [one for one in emitted if isinstance(one, AlertRaised)]
    assert [(one.level, one.ended_at is None) for one in events] == [
        (Level.ORANGE, True),
        (Level.RED, True),
        (Level.ORANGE, False),
    ]
    assert events[2].id == events[0].id != events[1].id
    assert events[1].detail == "晚点"
