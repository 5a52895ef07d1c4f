"""State changes and heartbeats from the bus: into the ledger, onto the board, and where due into alerts.

camera_state stream --> LedgerFold --rows--> OutageWatch --due--> one transaction --> acknowledge, pages, bus
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection
from ulid import ULID

from command_api.alerts.model import Alert
from command_api.cameras.board import StreamStatus
from command_api.context import ApiContext
from command_api.health.outages import Due, OutageWatch, Turn
from command_api.health.together import groups_of
from command_api.health.words import (
    Words,
    cause_words,
    joined_words,
    partly_back_words,
    recovered_words,
    taken_out_words,
    together_words,
)
from command_api.intake.patience import write_patiently
from command_api.register import live_stream
from command_api.store import alerts, ledger, states
from kernel.bus.names import CAMERA_STATE
from kernel.config.camera import StreamName
from kernel.config.rules import Level
from kernel.events import (
    AlertKind,
    AlertRaised,
    AnalysisHeartbeat,
    CameraStateChanged,
    GeoPoint,
    ObserverHeartbeat,
)
from kernel.ledger import LedgerChanges, LedgerFold

CameraStateEvent = CameraStateChanged | ObserverHeartbeat | AnalysisHeartbeat
OFFLINE_RULE_ID = "offline"
_SHORTEST_MEMORY_S = 3600.0


class CameraStateIntake:
    """Stores what the `camera_state` stream brings. Make one with `begun_intake`.

    Args:
        context: store, board and pages.
        kept: ledger rows of the last while.
        outages: camera-offline alerts that stand, by camera.
    """

    def __init__(self, context: ApiContext, kept: LedgerChanges, outages: dict[str, Alert]) -> None:
        self._context = context
        self._live = {camera.id: live_stream(camera) for camera in context.register.cameras if camera.enabled}
        self._fold = LedgerFold(kept.intervals, kept.spans)
        self._alerts = {camera_id: alerts.raised_of(alert) for camera_id, alert in outages.items()}
        begun = {camera_id: alert.occurred_at.timestamp() for camera_id, alert in self._alerts.items()}
        self._watch = OutageWatch(
            context.config.health.offline_debounce_s,
            begun,
            context.outages.spans_of,
            groups_of(context.register.cameras),
        )
        self._first_due = self._watch.out_of_service(self._live, context.clock.now().timestamp())
        self._first_due += self._watch.take(self._live_rows(kept))

    async def handle(self, batch: list[tuple[str, CameraStateEvent]]) -> None:
        """Commit a batch, then show and tell it."""
        context = self._context
        events = [event for _entry, event in batch]
        folded = [self._fold.apply(event) for event in events]
        statuses = self._statuses(zip(events, folded, strict=True))
        changes = ledger.joined(folded)
        first, self._first_due = self._first_due, []
        due = first + [due for rows in folded for due in self._watch.take(self._live_rows(rows))]
        raised = [alert for turn in due for alert in self._told(turn)]

        def work(connection: Connection) -> list[Alert]:
            for status in statuses:
                states.put_status(connection, status)
            ledger.put(connection, changes)
            names = context.register.names
            recorded = [alerts.record_incident(connection, alert, names(alert)) for alert in raised]
            return [alert for alert in recorded if alert is not None]

        stored = await write_patiently(context.store, work, context.stopping)
        context.announcer.alerts(stored)
        self._show(events)
        context.metrics.taken(CAMERA_STATE, [entry for entry, _event in batch], context.clock.now())

    def _statuses(self, folded: Iterable[tuple[CameraStateEvent, LedgerChanges]]) -> list[StreamStatus]:
        """What is known of each stream after its changes; those the ledger knew already change nothing."""
        return [
            self._context.board.changed(event, row)
            for event, rows in folded
            if isinstance(event, CameraStateChanged)
            for row in rows.intervals
            if row.is_open
        ]

    def _show(self, events: list[CameraStateEvent]) -> None:
        context = self._context
        for event in events:
            if isinstance(event, ObserverHeartbeat):
                context.board.beat(event)
            elif isinstance(event, AnalysisHeartbeat):
                context.board.analysed(event)
        now = context.clock.now()
        for camera in context.board.take_changes(now):
            context.announcer.camera(camera)

    def _live_rows(self, rows: LedgerChanges) -> LedgerChanges:
        """Those of the live stream of cameras in service."""

        def is_live(camera_id: str, stream: StreamName | None) -> bool:
            return stream is not None and self._live.get(camera_id) == stream

        return LedgerChanges(
            tuple(row for row in rows.intervals if is_live(row.camera_id, row.stream)),
            tuple(row for row in rows.spans if is_live(row.camera_id, row.stream)),
        )

    def _told(self, due: Due) -> list[AlertRaised]:
        """The alert of an outage, new or nearer to its end; and those of its cameras that were told alone before."""
        known_at = datetime.fromtimestamp(due.known_s, UTC)
        if due.turn is not Turn.RAISED:
            words = recovered_words if due.turn is Turn.RECOVERED else taken_out_words
            return [self._left(due.camera_id, known_at, words(due.known_s - due.start_s))]
        joined = [self._left(one, known_at, joined_words()) for one in due.together if one in self._alerts]
        alert = self._new_alert(due, known_at)
        self._alerts.update(dict.fromkeys(due.together or (due.camera_id,), alert))
        return [*joined, alert]

    def _left(self, camera_id: str, known_at: datetime, words: Words) -> AlertRaised:
        """A camera's alert without it: ended where it was the last."""
        alert = self._alerts.pop(camera_id)
        still = [one for one, other in self._alerts.items() if other.id == alert.id]
        later = {"last_seen_at": max(known_at, alert.last_seen_at + timedelta(microseconds=1))}
        if not still:
            return alert.model_copy(update={**later, "ended_at": known_at, **_detail(words)})
        told = partly_back_words(len(alert.cameras), self._names(still))
        changed = alert.model_copy(update={**later, **_detail(told)})
        self._alerts.update(dict.fromkeys(still, changed))
        return changed

    def _names(self, camera_ids: Iterable[str]) -> list[str]:
        found = [(camera_id, self._context.register.get(camera_id)) for camera_id in camera_ids]
        return [camera_id if camera is None else camera.name for camera_id, camera in found]

    def _new_alert(self, due: Due, known_at: datetime) -> AlertRaised:
        camera = self._context.register.get(due.camera_id)
        assert camera is not None
        words = together_words(due.cause, self._names(due.together)) if due.together else cause_words(due.cause)
        flies = any(drone.camera == due.camera_id for drone in self._context.config.fleet)
        place = None if flies else self._context.board.camera(camera, known_at).place
        return AlertRaised(
            id=str(ULID()),
            camera_id=due.camera_id,
            rule_id=OFFLINE_RULE_ID,
            kind=AlertKind.CAMERA_OFFLINE,
            level=Level.ORANGE,
            class_name="camera",
            occurred_at=datetime.fromtimestamp(due.start_s, UTC),
            created_at=self._context.clock.now(),
            last_seen_at=known_at,
            place=None if place is None else GeoPoint(lat=place.lat, lon=place.lon),
            cameras=due.together,
            detail=words[0],
            detail_en=words[1],
        )


def _detail(words: Words) -> dict[str, str]:
    """Fields of an alert that tell it."""
    return {"detail": words[0], "detail_en": words[1]}


async def begun_intake(context: ApiContext) -> CameraStateIntake:
    """An intake that goes on where the service stopped."""
    memory_s = max(_SHORTEST_MEMORY_S, 2 * context.config.health.offline_debounce_s)
    since_s = context.clock.now().timestamp() - memory_s
    kept = await context.store.read(lambda connection: ledger.recent(connection, since_s))
    outages = await context.store.read(alerts.open_outages)
    return CameraStateIntake(context, kept, outages)
