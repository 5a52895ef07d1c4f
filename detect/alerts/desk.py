"""Incidents -> alerts on the bus: the snapshot is written first, beside the loop, then the alert goes out.

    opened    --put incident; snapshot being written--> settled --put incident, append alert--> bus
    continued --put incident; append alert (while the picture is being written the opening carries it)--> bus
    ended     --append alert, delete incident--> bus

A disk that hangs does not hold an alert back: after a while it goes out without its picture, which follows.

Why a SIGKILL loses no alert and doubles none. Everything goes through one queue that reaches Redis in order
(`DurablePublisher`), so what is there is a beginning of this list, and the process may die after each of its steps:

1. The rule fired, nothing is on the bus yet (milliseconds). The stays (`kernel.bus.names.STAYS`) are put later than
   the incident, so they do not know the visitor either: the next run sees somebody new in the zone and raises the
   alert. Only who left the zone meanwhile, or crossed a line in that moment, is lost: nobody else knew of them.
2. The incident is put, its picture not written. `restore` takes it up and announces it, saying that the picture is
   missing; a trigger within the cooldown continues it under the same id, and the stays, put right behind the incident,
   keep the visitor from firing. (Between those two puts a second alert needs a cooldown shorter than the restart.)
3. The picture is written too. It lies under the alert's own id: `restore` finds it, whole or not at all.
4. The incident is put with its picture, the alert not appended. `restore` announces it.
5. The alert is appended. `restore` announces it again: receivers upsert by id, so twice is once.
6. The end is appended, the incident not deleted. `restore` takes it up, the next sweep ends it again, same id.
7. It is deleted. Nothing is left to do; who still stays in the zone is known by the stays.

The picture's file of step 3 without its incident cannot be: the incident is queued before the picture is begun, and
a bus that is away longer than the process lives is the one case left in which a queued alert dies with the process.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2

from detect.alerts.evidence import Snapshot, snapshot_path, write_snapshot, written_snapshot
from detect.alerts.incidents import IncidentBook, IncidentChange, IncidentUpdate
from detect.pictures.preprocess import I420, Polygons
from kernel.bus.names import ALERTS, INCIDENTS
from kernel.bus.publisher import DurablePublisher
from kernel.events import AlertRaised

_log = logging.getLogger(__name__)

LONGEST_HOLD_S = 1.0
_LAST_CHANCE_S = 1.0
_NOT_WRITTEN = ("快照未能保存", "the snapshot could not be stored")
_RESTARTED = ("分析程序重启，无快照", "the detector was restarted, no snapshot")


@dataclass(slots=True)
class _Opening:
    """An incident whose picture is being written.

    Attributes:
        picture: the snapshot, or None where the disk does not take it.
        holds_alert: the alert waits for it.
        since_s: since when, monotonic; None until `settle` first sees it.
    """

    picture: Future[Snapshot | None]
    holds_alert: bool = True
    since_s: float | None = None


class AlertDesk:
    """Sends what the incident book says, each opening with its picture."""

    def __init__(self, book: IncidentBook, publisher: DurablePublisher, evidence_dir: Path) -> None:
        self._book = book
        self._publisher = publisher
        self._evidence_dir = evidence_dir
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="evidence")
        self._opening: dict[str, _Opening] = {}

    def restore(self, stored: Mapping[str, str]) -> None:
        """Take up the incidents another run left open, and announce them in case it could not."""
        for field in self._book.restore(stored):
            _log.warning("dropped an unreadable open incident field=%s", field)
            self._publisher.delete(INCIDENTS, field)
        for field in stored:
            self._find_picture(field)
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
            self._keep(update.field)
            path = snapshot_path(alert.id, alert.occurred_at)
            self._opening[update.field] = _Opening(self._writer.submit(self._write, path, picture, masks))
        elif update.change is IncidentChange.ENDED:
            self.end(update)
        elif (opening := self._opening.get(update.field)) is not None and opening.holds_alert:
            self._keep(update.field)
        else:
            self._announce(update.field)

    def end(self, update: IncidentUpdate) -> None:
        """Send the end of an incident."""
        alert = update.alert
        opening = self._opening.pop(update.field, None)
        if opening is not None:
            alert = alert.model_copy(update=_picture_fields(_in_time(opening.picture)))
        self._publisher.append(ALERTS, alert)
        self._publisher.delete(INCIDENTS, update.field)

    def settle(self, now_s: float) -> None:
        """Send the alerts whose pictures have been written since, and those that waited too long for theirs."""
        for field, opening in list(self._opening.items()):
            if opening.picture.done():
                self._settle(field)
            elif opening.since_s is None:
                opening.since_s = now_s
            elif opening.holds_alert and now_s - opening.since_s > LONGEST_HOLD_S:
                _log.warning("disk is slow, alert goes out ahead of its snapshot field=%s", field)
                opening.holds_alert = False
                self._announce(field)

    def close(self) -> None:
        """Give the pictures being written a moment, and send their alerts."""
        for field in list(self._opening):
            self._settle(field)
        self._writer.shutdown(wait=False, cancel_futures=True)

    def _settle(self, field: str) -> None:
        snapshot = _in_time(self._opening.pop(field).picture)
        if snapshot is not None:
            self._book.attach_snapshot(field, snapshot.path, snapshot.sha256)
        else:
            self._book.note(field, *_NOT_WRITTEN)
        self._announce(field)

    def _find_picture(self, field: str) -> None:
        """Where the run before died between writing a picture and saying so, or before it wrote one."""
        alert = self._book.opened(field)
        if alert is None or alert.snapshot_path is not None or alert.detail:
            return
        try:
            found = written_snapshot(self._evidence_dir, snapshot_path(alert.id, alert.occurred_at))
        except OSError as error:
            _log.error("snapshot of an open incident cannot be read field=%s: %s", field, error.strerror or error)
            found = None
        if found is not None:
            self._book.attach_snapshot(field, found.path, found.sha256)
        else:
            self._book.note(field, *_RESTARTED)

    def _announce(self, field: str) -> None:
        """Send the incident as the book has it."""
        alert = self._keep(field)
        if alert is not None:
            self._publisher.append(ALERTS, alert)

    def _keep(self, field: str) -> AlertRaised | None:
        """Put the open incident outside the process, as the book has it."""
        text = self._book.stored(field)
        if text is not None:
            self._publisher.put(INCIDENTS, field, text)
        return self._book.opened(field)

    def _write(self, path: Path, picture: I420, masks: Polygons) -> Snapshot | None:
        """The snapshot, or None where the disk does not take it: the alert matters more than its picture."""
        try:
            return write_snapshot(self._evidence_dir, path, picture, masks)
        except (OSError, cv2.error) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            _log.error("alert goes out without its snapshot path=%s: %s", path, reason or error)
            return None


def _in_time(picture: Future[Snapshot | None]) -> Snapshot | None:
    """The snapshot; one that the disk does not take within a second from now is given up."""
    try:
        return picture.result(_LAST_CHANCE_S)
    except TimeoutError:
        return None


def _picture_fields(snapshot: Snapshot | None) -> dict[str, str]:
    if snapshot is None:
        return {"detail": _NOT_WRITTEN[0], "detail_en": _NOT_WRITTEN[1]}
    return {"snapshot_path": snapshot.path, "snapshot_sha256": snapshot.sha256, "detail": "", "detail_en": ""}
