"""Alerts on a real bus and a real disk, with the detector dying at every step of their way, and disks that refuse."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from detect.alerts.desk import LONGEST_HOLD_S, AlertDesk
from detect.alerts.evidence import snapshot_path, write_snapshot
from detect.alerts.incidents import IncidentBook
from detect.pictures.frames import FrameCopy
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.keyvalue import HashTable
from kernel.bus.names import INCIDENTS
from kernel.bus.publisher import DurablePublisher
from kernel.clock import SystemClock
from kernel.events import AlertRaised
from kernel.runtime import RuntimePaths
from tests.integration.detector_room import Bus, eventually
from tests.unit.detect.triggers import FIELD, START, TRIGGER

pytestmark = pytest.mark.integration

PICTURE = FrameCopy(np.full((48, 64), 90, np.uint8), np.full((24, 32), 128, np.uint8), np.full((24, 32), 128, np.uint8))


@dataclass
class Run:
    """The alert side of one run of the detector."""

    book: IncidentBook
    publisher: DurablePublisher
    desk: AlertDesk
    evidence_dir: Path

    def trigger(self, now: datetime = START) -> None:
        """The rule fires."""
        for update in self.book.accept(TRIGGER, now):
            self.desk.handle(update, PICTURE, ())

    def part_file(self) -> Path:
        """Where the picture of the incident is written first."""
        path = self.evidence_dir / snapshot_path("id-1", START).with_suffix(".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@pytest.fixture
def events(bus: EmbeddedServer) -> Bus:
    return Bus(bus.address)


@pytest.fixture
def run(bus: EmbeddedServer, paths: RuntimePaths) -> Iterator[Run]:
    made = make_run(bus, paths, "id-1")
    yield made
    made.publisher.close(2.0)


def make_run(bus: EmbeddedServer, paths: RuntimePaths, new_id: str) -> Run:
    book = IncidentBook({FIELD: 10.0}, lambda: new_id)
    publisher = DurablePublisher(bus.address, SystemClock())
    return Run(book, publisher, AlertDesk(book, publisher, paths.evidence_dir), paths.evidence_dir)


def next_run_says(bus: EmbeddedServer, paths: RuntimePaths, events: Bus) -> list[AlertRaised]:
    """What a detector started now announces, having seen nobody; a trigger within the cooldown adds no second alert."""
    said = len(events.alerts())
    table = HashTable(bus.address, INCIDENTS)
    following = make_run(bus, paths, "id-of-the-next-run")
    following.desk.restore(table.load())
    table.close()
    following.desk.close()
    assert following.publisher.close(5.0)
    return events.alerts()[said:]


def wait_for_incident(events: Bus) -> None:
    eventually(lambda: events.connection.hexists(INCIDENTS, FIELD))


def test_killed_while_the_picture_is_being_written(
    bus: EmbeddedServer, paths: RuntimePaths, events: Bus, run: Run
) -> None:
    """The incident was known to the process alone until its picture was on the disk, and died with it."""
    os.mkfifo(run.part_file())  # opening it for writing blocks, as a hanging disk does
    run.trigger()
    wait_for_incident(events)
    assert events.alerts() == []
    [alert] = next_run_says(bus, paths, events)
    assert (alert.id, alert.snapshot_path) == ("id-1", None)
    assert "restarted" in alert.detail_en
    assert "重启" in alert.detail
    release(run.part_file())


def test_killed_after_the_picture_was_written(bus: EmbeddedServer, paths: RuntimePaths, events: Bus, run: Run) -> None:
    os.mkfifo(run.part_file())
    run.trigger()
    wait_for_incident(events)
    written = write_snapshot(paths.evidence_dir / "elsewhere", Path("a.jpg"), PICTURE, ())
    target = paths.evidence_dir / snapshot_path("id-1", START)
    (paths.evidence_dir / "elsewhere" / "a.jpg").rename(target)
    [alert] = next_run_says(bus, paths, events)
    assert (alert.id, alert.snapshot_sha256, alert.detail, alert.detail_en) == ("id-1", written.sha256, "", "")
    assert hashlib.sha256((paths.evidence_dir / str(alert.snapshot_path)).read_bytes()).hexdigest() == written.sha256
    release(run.part_file())


def test_killed_after_the_alert_was_sent_it_is_said_again_under_its_id(
    bus: EmbeddedServer, paths: RuntimePaths, events: Bus, run: Run
) -> None:
    run.trigger()
    run.desk.close()
    eventually(events.alerts)
    first = events.alerts()[0]
    assert first.snapshot_sha256 is not None
    assert next_run_says(bus, paths, events) == [first]


def test_killed_between_the_end_and_its_deletion(
    bus: EmbeddedServer, paths: RuntimePaths, events: Bus, run: Run
) -> None:
    run.trigger()
    run.desk.close()
    eventually(events.alerts)
    stored = events.connection.hget(INCIDENTS, FIELD)
    for update in run.book.sweep(datetime(2026, 3, 1, 8, 1, tzinfo=UTC)):
        run.desk.end(update)
    eventually(lambda: not events.connection.hexists(INCIDENTS, FIELD))
    events.connection.hset(INCIDENTS, FIELD, stored)
    assert {alert.id for alert in next_run_says(bus, paths, events)} == {"id-1"}


def test_slow_disk_holds_an_alert_back_for_a_moment_only(events: Bus, run: Run) -> None:
    os.mkfifo(run.part_file())
    run.trigger()
    run.desk.settle(100.0)
    run.desk.settle(100.0 + LONGEST_HOLD_S)
    wait_for_incident(events)
    assert events.alerts() == []
    run.desk.settle(100.1 + LONGEST_HOLD_S)
    [alert] = eventually(events.alerts)
    assert (alert.id, alert.snapshot_path) == ("id-1", None)
    run.desk.settle(110.0)
    release(run.part_file())
    run.desk.close()
    assert run.publisher.close(5.0)
    assert [alert.id for alert in events.alerts()] == ["id-1", "id-1"]


def test_full_disk_does_not_hold_an_alert_back_and_the_alert_says_so(events: Bus, run: Run) -> None:
    run.part_file().symlink_to("/dev/full")
    run.trigger()
    run.desk.close()
    [alert] = eventually(events.alerts)
    assert (alert.id, alert.snapshot_path) == ("id-1", None)
    assert "could not be stored" in alert.detail_en
    assert "未能保存" in alert.detail
    assert list(run.part_file().parent.iterdir()) == []


def release(pipe: Path) -> None:
    """Let the blocked writer go on."""
    with pipe.open("rb") as reader:
        reader.read()
