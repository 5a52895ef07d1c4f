from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.monitor import StreamMonitor
from kernel.clock import ManualClock
from kernel.config.camera import StreamName
from kernel.events import CameraState, CameraStateChanged

START = datetime(2026, 1, 1, tzinfo=UTC)


class SetClock(ManualClock):
    """A clock whose wall time is set anew, as by a person or a time server; its durations go on."""

    def set_by(self, seconds_s: float) -> None:
        self._now += timedelta(seconds=seconds_s)


class Room:
    """One monitored stream that is online."""

    def __init__(self) -> None:
        self.clock = SetClock(START)
        self.changes: list[CameraStateChanged] = []
        self.monitor = StreamMonitor("cam-01", StreamName.MAIN, "ingest-0", "run", self.clock, self.changes.append)
        self.monitor.opening()
        self.packet()

    def packet(self) -> None:
        arrived_at_us = int(self.clock.now().timestamp() * 1e6)
        self.monitor.packet(arrived_at_us, 100, errors=0, pictures=None)

    def states(self) -> list[CameraState]:
        return [change.state for change in self.changes]


@pytest.fixture
def room() -> Room:
    return Room()


def test_without_packets_a_stream_stalls_after_the_limit(room: Room) -> None:
    room.clock.advance(4.9)
    room.monitor.watch(5.0)
    assert room.states()[-1] is CameraState.STREAMING
    room.clock.advance(0.1)
    room.monitor.watch(5.0)
    assert (room.states()[-1], room.changes[-1].changed_at) == (CameraState.STALLED, START)


def test_a_clock_set_forward_stalls_nobody(room: Room) -> None:
    room.clock.advance(0.05)
    room.clock.set_by(3600)
    room.monitor.watch(5.0)
    assert room.states()[-1] is CameraState.STREAMING


def test_a_clock_set_back_does_not_keep_a_dead_stream_online(room: Room) -> None:
    """It counted as streaming until the clock had caught up with its last packet: an hour for an hour."""
    room.clock.set_by(-3600)
    room.clock.advance(6.0)
    room.monitor.watch(5.0)
    assert room.states()[-1] is CameraState.STALLED
    assert room.changes[-1].changed_at == room.clock.now()
