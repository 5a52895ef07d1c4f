"""Incidents -> alerts on the bus: the snapshot is written first, beside the loop, then the alert goes out.

    opened --snapshot being written--> settled --put incident, append alert--> bus
    continued, ended ------------------------------------------------------> bus (after its opening)

The open incident is put on the bus ahead of its alert, so that a detector that dies in between announces it at its next
start (`restore`) instead of losing it; receivers know alerts by their id, so twice is no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from detect.evidence import Snapshot, snapshot_path, write_snapshot
from detect.incidents import IncidentBook, IncidentChange, IncidentUpdate
from detect.preprocess import I420, Polygons
from kernel.bus.names import ALERTS, INCIDENTS
from kernel.bus.publisher import DurablePublisher
from kernel.events import AlertRaised

_log = logging.getLogger(__name__)


class AlertDesk:
    """Sends what the incident book says, each opening with its picture."""

    def __init__(self, book: IncidentBook, publisher: DurablePublisher, evidence_dir: Path) -> None:
        self._book = book
        self._publisher = publisher
        self._evidence_dir = evidence_dir
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="evidence")
        self._opening: dict[str, Future[Snapshot | None]] = {}

    def restore(self, stored: Mapping[str, str]) -> None:
        """Take up the incidents another run left open, and announce them in case it could not."""
        for field in self._book.restore(stored):
            _log.warning("dropped an unreadable open incident field=%s", field)
            self._publisher.delete(INCIDENTS, field)
        for field in stored:
            self._announce(field)

    def handle(self, update: IncidentUpdate, picture: I420 | None, masks: Polygons) -> None:
        """Send a change.

        Args:
            update: what happened.
            picture: for an opening the frame it is about, not touched by the caller again.
            masks: privacy masks of the camera.
        """
        if update.change is IncidentChange.OPENED and picture is not None:
            alert = update.alert
            path = snapshot_path(alert.id, alert.occurred_at)
            self._opening[update.field] = self._writer.submit(self._write, path, picture, masks)
        elif update.change is IncidentChange.ENDED:
            self.end(update)
        elif update.field not in self._opening:  # else the opening will carry it
            self._announce(update.field)

    def end(self, update: IncidentUpdate) -> None:
        """Send the end of an incident."""
        alert = update.alert
        opening = self._opening.pop(update.field, None)
        snapshot = opening.result() if opening is not None else None
        if snapshot is not None:
            alert = alert.model_copy(update={"snapshot_path": snapshot.path, "snapshot_sha256": snapshot.sha256})
        self._publisher.append(ALERTS, alert)
        self._publisher.delete(INCIDENTS, update.field)

    def settle(self) -> None:
        """Send the alerts whose pictures have been written since."""
        for field in [field for field, opening in self._opening.items() if opening.done()]:
            self._settle(field)

    def close(self) -> None:
        """Wait for the pictures being written and send their alerts."""
        for field in list(self._opening):
            self._settle(field)
        self._writer.shutdown()

    def _settle(self, field: str) -> None:
        snapshot = self._opening.pop(field).result()
        if snapshot is not None:
            self._book.attach_snapshot(field, snapshot.path, snapshot.sha256)
        self._announce(field)

    def _announce(self, field: str) -> None:
        """Send the incident as the book has it."""
        text = self._book.stored(field)
        if text is not None:
            self._publisher.put(INCIDENTS, field, text)
            self._publisher.append(ALERTS, AlertRaised.model_validate_json(text))

    def _write(self, path: Path, picture: I420, masks: Polygons) -> Snapshot | None:
        """The snapshot, or None where the disk does not take it: the alert matters more than its picture."""
        try:
            return write_snapshot(self._evidence_dir, path, picture, masks)
        except OSError as error:
            _log.error("alert goes out without its snapshot path=%s: %s", path, error.strerror or error)
            return None
