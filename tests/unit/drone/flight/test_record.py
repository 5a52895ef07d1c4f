"""A flight on disk survives its controller, and one drone has one controller."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drone.flight.core import Core
from drone.flight.lock import COMMAND_LINE, SERVICE, DroneLocked, Holder, drone_lock, holder
from drone.flight.memory import memory_of, recall
from drone.flight.record import FlightRecord, RecordUnreadable, RecordUnwritable, unfinished
from tests.unit.drone.flight.paper_autopilot import Bench, brief

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def written(data_dir: Path) -> FlightRecord:
    record = FlightRecord(data_dir, "01F", "uav-1")
    record.create()
    record.write(brief(), memory_of(Bench.fresh().airborne().machine.core), NOW, 7, {"items_total": 3})
    return record


def test_an_unfinished_flight_is_found_with_all_it_has_to_know(tmp_path: Path) -> None:
    flown = Bench.fresh().airborne()
    flown.reach(2)
    written(tmp_path).write(brief(), memory_of(flown.machine.core), NOW, 8, {})
    left = unfinished(tmp_path, "uav-1")
    assert left is not None
    again = Core(left.brief)
    recall(again, left.memory)

    assert (left.brief, left.started_at, left.change) == (brief(), NOW, 8)
    assert memory_of(again) == memory_of(flown.machine.core)
    assert (again.started, again.mission_started, again.progress.told) == (True, True, {2})


def test_a_flight_that_is_over_is_not_found(tmp_path: Path) -> None:
    written(tmp_path).close()

    assert unfinished(tmp_path, "uav-1") is None


def test_another_drones_flight_is_not_found(tmp_path: Path) -> None:
    written(tmp_path)

    assert unfinished(tmp_path, "uav-2") is None


def test_a_controller_that_died_before_the_first_word_left_nothing(tmp_path: Path) -> None:
    FlightRecord(tmp_path, "01F", "uav-1").create()

    assert unfinished(tmp_path, "uav-1") is None
    assert not (tmp_path / "flights" / "open" / "uav-1").exists()


@pytest.mark.parametrize("text", ["", "{", '{"brief": {}}', "[]"])
def test_a_damaged_record_stops_the_drone_and_says_where(tmp_path: Path, text: str) -> None:
    file = written(tmp_path).folder / "flight.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(RecordUnreadable, match=r"flight\.json: no record of a flight"):
        unfinished(tmp_path, "uav-1")


def test_what_cannot_be_recorded_is_not_flown(tmp_path: Path) -> None:
    (tmp_path / "flights").write_text("in the way", encoding="utf-8")

    with pytest.raises(RecordUnwritable):
        FlightRecord(tmp_path, "01F", "uav-1").create()


def test_decisions_are_lines_of_json(tmp_path: Path) -> None:
    record = written(tmp_path)
    record.note(NOW, "order", action="pause", actor="值班员")
    record.note(NOW, "step", step="SetMode mode=BRAKE")
    lines = (record.folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()

    assert [json.loads(line)["what"] for line in lines] == ["order", "step"]
    assert json.loads(lines[0])["actor"] == "值班员"


def test_a_drone_has_one_controller(tmp_path: Path) -> None:
    with drone_lock(tmp_path, "uav-1", SERVICE):
        assert holder(tmp_path, "uav-1") == Holder(SERVICE, os.getpid())
        with pytest.raises(DroneLocked, match=rf"uav-1: controlled by service .process {os.getpid()}"):
            drone_lock(tmp_path, "uav-1", COMMAND_LINE).__enter__()
        with drone_lock(tmp_path, "uav-2", COMMAND_LINE):
            pass

    assert holder(tmp_path, "uav-1") is None
    with drone_lock(tmp_path, "uav-1", COMMAND_LINE):
        assert holder(tmp_path, "uav-1") == Holder(COMMAND_LINE, os.getpid())
