"""One flight with everything around it: record, tlog, reporter, driver; or the one an earlier controller left."""

from __future__ import annotations

import logging
from pathlib import Path

from drone.flight.brief import Brief
from drone.flight.driver import FlightDriver, Guard, Watch
from drone.flight.machine import FlightMachine
from drone.flight.memory import recall
from drone.flight.record import FlightRecord, RecordUnreadable, RecordUnwritable, Unfinished
from drone.flight.reporter import Emit, FlightReporter
from drone.mavlink.interface import Vehicle
from kernel.clock import Clock
from kernel.config.fleet import DroneConfig
from kernel.drone_events import FlightOutcome

LOG = logging.getLogger(__name__)


class FlightSession:
    """A flight from its record to its end.

    Args:
        brief: what is to be flown.
        drone: by whom.
        vehicle: connected, or about to be.
        emit: takes the events.
        watch: keeps the link alive; shared with whoever watches between flights.
        left: the flight that an earlier controller left, to be taken up.
        guard: looks whether the aircraft is where it may be.
    """

    def __init__(
        self,
        brief: Brief,
        drone: DroneConfig,
        data_dir: Path,
        vehicle: Vehicle,
        clock: Clock,
        emit: Emit,
        watch: Watch | None = None,
        left: Unfinished | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._vehicle, self._is_attached = vehicle, left is not None
        self.record = left.record if left is not None else FlightRecord(data_dir, brief.flight_id, drone.id)
        self.machine = FlightMachine(brief)
        started_at, change = (left.started_at, left.change) if left is not None else (None, 0)
        self.reporter = FlightReporter(
            brief, self.record, clock, emit, drone.camera or drone.id, started_at=started_at, change=change
        )
        if left is not None:
            try:
                recall(self.machine.core, left.memory)
                self.reporter.take_up(left.figures)
            except (KeyError, TypeError, ValueError) as error:
                raise RecordUnreadable(self.record.folder, f"no memory of a flight ({error})") from error
        self.driver = FlightDriver(vehicle, self.machine, self.reporter, clock, watch, guard)

    @property
    def brief(self) -> Brief:
        """What is flown."""
        return self.machine.core.brief

    async def run(self) -> FlightOutcome:
        """Fly, or watch on, to the end; the record stays open where this is cancelled.

        Raises:
            RecordUnwritable: the flight cannot be recorded, and was not begun.
        """
        if not self._is_attached:
            self.record.create()
        try:
            self._vehicle.start_log(self.record.tlog)
        except OSError as error:
            if not self._is_attached:
                raise RecordUnwritable(self.record.tlog, error.strerror or str(error)) from error
            LOG.error("flight goes on without a tlog drone_id=%s reason=%s", self.brief.drone_id, error.strerror)
        try:
            outcome = await self.driver.run(attach=self._is_attached)
        finally:
            self._vehicle.stop_log()
        self.record.close()
        return outcome
