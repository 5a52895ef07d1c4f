"""Triggers -> incidents: one alert for all triggers of a rule within its cooldown.

    (none) --trigger--> open --trigger within cooldown_s of the last--> open (same alert id, counted)
                         '--no trigger for cooldown_s--> ended

The book is pure: what is open travels as JSON to a place outside the process and back, so a restarted detector
continues an incident instead of opening a second one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import ValidationError

from detect.alerts.whereabouts import NOWHERE, Whereabouts
from detect.rules.sighting import Trigger
from kernel.events import AlertRaised
from kernel.incidents_merge import continues

SWEEP_SLACK_S = 2.0
"""A sweep waits this much longer than the cooldown: a frame taken in time may still be on its way."""


class IncidentChange(StrEnum):
    """What happened to an incident."""

    OPENED = "opened"
    CONTINUED = "continued"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class IncidentUpdate:
    """A change to publish: `alert` as it is now, and the field under which open incidents are kept."""

    change: IncidentChange
    field: str
    alert: AlertRaised


def field_of(camera_id: str, rule_id: str) -> str:
    """Name under which the open incident of a rule is kept."""
    return f"{camera_id}/{rule_id}"


class IncidentBook:
    """Open incidents by camera and rule."""

    def __init__(self, cooldowns_s: Mapping[str, float], new_id: Callable[[], str]) -> None:
        """An empty book.

        Args:
            cooldowns_s: cooldown of every configured rule, by `field_of`.
            new_id: gives a fresh ULID.
        """
        self._cooldowns_s = dict(cooldowns_s)
        self._new_id = new_id
        self._open: dict[str, AlertRaised] = {}

    def restore(self, stored: Mapping[str, str]) -> list[str]:
        """Take up the incidents another run left open; returns the fields that cannot be read."""
        unreadable = []
        for field, text in stored.items():
            try:
                self._open[field] = AlertRaised.model_validate_json(text)
            except ValidationError:
                unreadable.append(field)
        return unreadable

    def stored(self, field: str) -> str | None:
        """The open incident of that field as JSON for `restore`, or None where none is open."""
        alert = self._open.get(field)
        return None if alert is None else alert.model_dump_json()

    def accept(self, trigger: Trigger, now: datetime, where: Whereabouts = NOWHERE) -> list[IncidentUpdate]:
        """Merge a trigger.

        Args:
            trigger: what fired; its `at_s` decides, not `now`.
            now: instant of creation, should this open an incident.
            where: what it is about; an incident that opened without a place takes the first that is known.

        Returns:
            One update, or two where an incident past its cooldown ends because this trigger opens the next.
        """
        field = field_of(trigger.camera_id, trigger.rule_id)
        updates = []
        current = self._open.get(field)
        if current is not None:
            if continues(current.last_seen_at.timestamp(), trigger.at_s, trigger.cooldown_s):
                return [self._continued(field, current, trigger, where)]
            updates.append(self._ended(field, current))
        alert = _opened(trigger, self._new_id(), now, where)
        self._open[field] = alert
        return [*updates, IncidentUpdate(IncidentChange.OPENED, field, alert)]

    def opened(self, field: str) -> AlertRaised | None:
        """The open incident of that field."""
        return self._open.get(field)

    def cameras_in_alert(self) -> set[str]:
        """Cameras with an open incident."""
        return {alert.camera_id for alert in self._open.values()}

    def correct_class(self, field: str, class_name: str) -> list[IncidentUpdate]:
        """Tell the open incident of a field what its subject turned out to be; nothing where that is known already."""
        alert = self._open.get(field)
        if alert is None or alert.class_name == class_name:
            return []
        update = {"class_name": class_name, "class_changes": alert.class_changes + 1}
        return [IncidentUpdate(IncidentChange.CONTINUED, field, self._changed(field, update))]

    def attach_snapshot(self, field: str, path: str, sha256: str) -> AlertRaised:
        """The open incident with its snapshot's name and digest.

        Raises:
            KeyError: no incident is open there.
        """
        return self._changed(field, {"snapshot_path": path, "snapshot_sha256": sha256, "detail": "", "detail_en": ""})

    def note(self, field: str, detail: str, detail_en: str) -> AlertRaised:
        """The open incident with words for people, Chinese and English.

        Raises:
            KeyError: no incident is open there.
        """
        return self._changed(field, {"detail": detail, "detail_en": detail_en})

    def _changed(self, field: str, update: Mapping[str, object]) -> AlertRaised:
        alert = self._open[field] = self._open[field].model_copy(update=update)
        return alert

    def sweep(self, now: datetime) -> list[IncidentUpdate]:
        """End what no trigger can continue any more, and what belongs to a rule that is gone from the config.

        An incident of the future, left by a clock that was set back, is over too.
        """
        slack = timedelta(seconds=SWEEP_SLACK_S)
        over = []
        for field, alert in self._open.items():
            cooldown_s = self._cooldowns_s.get(field)
            if cooldown_s is None or abs(now - alert.last_seen_at) > timedelta(seconds=cooldown_s) + slack:
                over.append((field, alert))
        return [self._ended(field, alert) for field, alert in over]

    def _continued(self, field: str, current: AlertRaised, trigger: Trigger, where: Whereabouts) -> IncidentUpdate:
        last_seen_at = max(current.last_seen_at, _instant(trigger.at_s))
        update: dict[str, object] = {
            "last_seen_at": last_seen_at,
            "triggers": current.triggers + (not trigger.is_reminder),
        }
        if current.place is None and where.place is not None:
            update |= {"place": where.place, "place_error_m": where.error_m, "unplaced": ""}
        alert = current.model_copy(update=update)
        self._open[field] = alert
        return IncidentUpdate(IncidentChange.CONTINUED, field, alert)

    def _ended(self, field: str, current: AlertRaised) -> IncidentUpdate:
        del self._open[field]
        alert = current.model_copy(update={"ended_at": current.last_seen_at})
        return IncidentUpdate(IncidentChange.ENDED, field, alert)


def _opened(trigger: Trigger, alert_id: str, now: datetime, where: Whereabouts) -> AlertRaised:
    occurred_at = _instant(trigger.at_s)
    return AlertRaised(
        id=alert_id,
        camera_id=trigger.camera_id,
        rule_id=trigger.rule_id,
        kind=trigger.kind,
        level=trigger.level,
        class_name=trigger.class_name,
        occurred_at=occurred_at,
        created_at=now,
        last_seen_at=occurred_at,
        confidence=trigger.confidence,
        box_xyxy=trigger.box_xyxy,
        track_id=trigger.track_id,
        place=where.place,
        place_error_m=where.error_m,
        unplaced=where.unplaced,
    )


def _instant(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
