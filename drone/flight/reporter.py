"""What a flight tells the world: its record on disk, events on the bus, alerts; in that order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ulid import ULID

from drone.flight.brief import Brief
from drone.flight.core import Core
from drone.flight.memory import memory_of
from drone.flight.outputs import Alarm, Calm, Changed, ErrandChanged
from drone.flight.record import FlightRecord, RecordUnwritable
from kernel.clock import Clock
from kernel.config.rules import Level
from kernel.drone_events import DispatchChanged, FlightChanged
from kernel.event_base import Event, GeoPoint
from kernel.events import AlertKind, AlertRaised
from kernel.geodesy import LatLon, distance_m

LOG = logging.getLogger(__name__)
RULE_ID = "drone"
_LEVELS = {
    AlertKind.DRONE_TAKEN_OVER: Level.ORANGE,
    AlertKind.DRONE_LINK_LOST: Level.ORANGE,
    AlertKind.DRONE_FAILED: Level.RED,
    AlertKind.DRONE_ATTENTION: Level.ORANGE,
}
_STEP_M = 0.5  # shorter moves are noise of the receiver

Emit = Callable[[Event], None]


class FlightReporter:
    """Tells of one flight.

    Args:
        emit: takes each event, once it is written down.
        camera_id: alerts carry it; the drone's own id where it has no camera.
        change: of the last change an earlier controller told of.
    """

    def __init__(
        self,
        brief: Brief,
        record: FlightRecord,
        clock: Clock,
        emit: Emit,
        camera_id: str,
        started_at: datetime | None = None,
        change: int = 0,
    ) -> None:
        self._brief, self._record, self._clock, self._emit = brief, record, clock, emit
        self._camera_id = camera_id
        self.started_at = started_at or clock.now()
        self._change = change
        self._alerts: dict[tuple[AlertKind, str], AlertRaised] = {}
        self._last_place: LatLon | None = None
        self.distance_flown_m = 0.0
        self.nearest: tuple[float, str] | None = None
        self.last: FlightChanged | None = None

    def look(self, core: Core) -> None:
        """Measure the way flown."""
        place = core.seen.place
        if place is None or not core.was_airborne:
            return
        if self._last_place is None:
            self._last_place = place
            return
        moved_m = distance_m(*self._last_place, *place)
        if moved_m >= _STEP_M:
            self.distance_flown_m += moved_m
            self._last_place = place

    def note_nearest(self, drone_id: str, apart_m: float) -> None:
        """Another drone is in the air too, so far away."""
        if self.nearest is None or apart_m < self.nearest[0]:
            self.nearest = apart_m, drone_id

    def take_up(self, figures: Mapping[str, Any]) -> None:
        """Go on from what an earlier controller of this flight had measured when it last wrote it down."""
        self.distance_flown_m = float(figures.get("distance_flown_m") or 0.0)
        apart_m, drone_id = figures.get("least_separation_m"), figures.get("nearest_drone_id")
        if apart_m is not None and drone_id is not None:
            self.note_nearest(str(drone_id), float(apart_m))

    def note(self, what: str, must: bool = False, **fields: Any) -> None:
        """A line in the flight's log.

        Args:
            must: raise where it cannot be written; else the flight goes on unwritten and says so.

        Raises:
            RecordUnwritable: it cannot, and must be.
        """
        try:
            self._record.note(self._clock.now(), what, **fields)
        except RecordUnwritable as error:
            if must:
                raise
            LOG.error("flight goes on unrecorded drone_id=%s reason=%s", self._brief.drone_id, error)

    async def changed(self, core: Core, change: Changed) -> None:
        """Write down and tell a change, in this order.

        Raises:
            RecordUnwritable: the disk does not take it and the aircraft is still on the ground.
        """
        self._change += 1
        event = self._event(core, change)
        figures, memory = event.model_dump(mode="json", exclude={"type"}), memory_of(core)
        try:
            await asyncio.to_thread(self._record.write, self._brief, memory, self.started_at, self._change, figures)
        except RecordUnwritable as error:
            if not core.was_airborne and not core.state.is_over:
                raise
            LOG.error("flight goes on unrecorded drone_id=%s reason=%s", self._brief.drone_id, error)
        if self.last is None or self.last.state is not event.state:
            LOG.info("flight drone_id=%s flight_id=%s state=%s", event.drone_id, event.flight_id, event.state.value)
        self.note(
            "changed",
            state=event.state.value,
            actor=event.actor,
            reached=f"{event.items_reached}/{event.items_total}",
            current=event.item_current,
            reasons=[one.code for one in event.reasons],
            outcome=event.outcome,
        )
        self.last = event
        self._emit(event)
        if event.outcome is not None:
            self._end_alerts()

    async def keep(self, core: Core) -> None:
        """Write down what a controller that takes the flight up has to know, between two changes."""
        if self.last is None:
            return
        figures, memory = self.last.model_dump(mode="json", exclude={"type"}), memory_of(core)
        try:
            await asyncio.to_thread(self._record.write, self._brief, memory, self.started_at, self._change, figures)
        except RecordUnwritable as error:
            LOG.error("flight goes on unrecorded drone_id=%s reason=%s", self._brief.drone_id, error)

    def _event(self, core: Core, change: Changed) -> FlightChanged:
        brief, now, place, progress = self._brief, self._clock.now(), core.seen.place, core.progress
        away_m = core.home_m
        return FlightChanged(
            flight_id=brief.flight_id,
            change=self._change,
            drone_id=brief.drone_id,
            patrol_id=brief.patrol_id,
            state=change.state,
            at=now,
            started_at=self.started_at,
            ended_at=now if change.outcome is not None else None,
            cause=brief.cause,
            actor=change.actor,
            outcome=change.outcome,
            reasons=change.reasons,
            items_total=progress.total,
            items_reached=progress.reached,
            item_current=progress.current,
            place=GeoPoint(lat=place[0], lon=place[1]) if place is not None else None,
            distance_from_home_m=round(away_m, 2) if away_m is not None else None,
            distance_flown_m=round(self.distance_flown_m, 1),
            least_separation_m=round(self.nearest[0], 1) if self.nearest is not None else None,
            nearest_drone_id=self.nearest[1] if self.nearest is not None else None,
            run_id=brief.run_id,
            alert_id=brief.alert_id,
            flight_log=str(self._record.folder),
        )

    def errand(self, core: Core, change: ErrandChanged, actor: str) -> None:
        """Tell how far a dispatch is."""
        place = change.place or core.seen.place
        event = DispatchChanged(
            alert_id=change.alert_id,
            drone_id=self._brief.drone_id,
            flight_id=self._brief.flight_id,
            stage=change.stage,
            at=self._clock.now(),
            actor=actor,
            place=GeoPoint(lat=place[0], lon=place[1]) if place is not None else GeoPoint(lat=0.0, lon=0.0),
            distance_m=round(change.distance_m, 2) if change.distance_m is not None else None,
            drift_m=round(change.drift_m, 2) if change.drift_m is not None else None,
            held_s=change.held_s,
            reasons=change.reasons,
        )
        self.note("dispatch", stage=event.stage.value, distance_m=event.distance_m, drift_m=event.drift_m)
        self._emit(event)

    def alarm(self, core: Core, alarm: Alarm) -> None:
        """Raise an alert; one that goes on is not raised twice."""
        now, place, key = self._clock.now(), core.seen.place, (alarm.kind, alarm.topic)
        known = self._alerts.get(key)
        detail = "；".join(one.message_zh for one in alarm.reasons)
        detail_en = "; ".join(one.message_en for one in alarm.reasons)
        if known is not None:
            later = {"last_seen_at": now, "triggers": known.triggers + 1, "detail": detail, "detail_en": detail_en}
            event = known.model_copy(update=later)
        else:
            event = AlertRaised(
                id=str(ULID()),
                camera_id=self._camera_id,
                rule_id=RULE_ID,
                kind=alarm.kind,
                level=alarm.level or _LEVELS[alarm.kind],
                class_name="drone",
                occurred_at=now,
                created_at=now,
                last_seen_at=now,
                place=GeoPoint(lat=place[0], lon=place[1]) if place is not None else None,
                detail=detail,
                detail_en=detail_en,
            )
        self._alerts[key] = event
        self.note("alarm", kind=alarm.kind.value, reasons=[one.code for one in alarm.reasons])
        self._emit(event)

    def calm(self, calm: Calm) -> None:
        """What an alert was about is over."""
        known = self._alerts.pop((calm.kind, calm.topic), None)
        if known is not None:
            now = self._clock.now()
            self._emit(known.model_copy(update={"last_seen_at": now, "ended_at": now}))

    def _end_alerts(self) -> None:
        for kind, topic in list(self._alerts):
            self.calm(Calm(kind, topic))
