"""Merge two states of one incident, whichever way round they arrive; pure.

The bus delivers at least once and after a restart not always in order, so merging is commutative and idempotent:

    opening facts (occurred, created)   the earliest
    progress (last seen, end, words)    of the newest update
    place                               of the newest update that has one: it may come after the alert
    snapshot                            of the earliest update that has one: the picture that opened the incident
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.events import AlertRaised


@dataclass(frozen=True, slots=True)
class Incident:
    """What is known of one incident.

    Attributes:
        alert: facts merged so far.
        snapshot_seen_at: last_seen_at of the update the snapshot came with; None while there is no snapshot.
    """

    alert: AlertRaised
    snapshot_seen_at: datetime | None


def first(event: AlertRaised) -> Incident:
    """The incident as one update tells it."""
    return Incident(event, event.last_seen_at if event.snapshot_path is not None else None)


def merge(known: Incident, event: AlertRaised) -> Incident:
    """The incident after one more update of the same id; equal to `known` where the update tells nothing new."""
    other = first(event)
    older, newer = sorted((known, other), key=_progress)
    pictured = [incident for incident in (older, newer) if incident.snapshot_seen_at is not None]
    picture = min(pictured, key=_picture_order, default=older)
    placed = older if newer.alert.place is None and older.alert.place is not None else newer
    merged = newer.alert.model_copy(
        update={
            "occurred_at": min(known.alert.occurred_at, event.occurred_at),
            "created_at": min(known.alert.created_at, event.created_at),
            "triggers": max(known.alert.triggers, event.triggers),
            "place": placed.alert.place,
            "place_error_m": placed.alert.place_error_m,
            "unplaced": placed.alert.unplaced,
            "snapshot_path": picture.alert.snapshot_path,
            "snapshot_sha256": picture.alert.snapshot_sha256,
        }
    )
    return Incident(merged, picture.snapshot_seen_at)


def _progress(incident: Incident) -> tuple[datetime, bool, int, str]:
    """Sort key: how far the incident had got; the words last, so that equal progress has one order too.

    Triggers are left out: they are merged on their own, so a merged incident would sort elsewhere than its parts.
    """
    alert = incident.alert
    told = (alert.detail, alert.detail_en, alert.confidence, alert.box_xyxy, alert.track_id, alert.class_name)
    words = "\n".join(map(str, (*told, alert.ended_at)))
    return alert.last_seen_at, alert.ended_at is not None, alert.class_changes, words


def _picture_order(incident: Incident) -> tuple[datetime, str]:
    seen_at = incident.snapshot_seen_at
    assert seen_at is not None
    return seen_at, incident.alert.snapshot_sha256 or ""
