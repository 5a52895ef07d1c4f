"""Statements on alerts, their clips and their steps. Every change of an alert takes the next `seq`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from command_api.alerts.merge import Incident, first, merge
from command_api.alerts.model import Alert, AlertStep, AlertWithSteps, Clip, ClipState
from command_api.alerts.transitions import FalseAlarmReason, Handling
from command_api.store import dispatches, tables
from kernel.config.rules import Level
from kernel.events import AlertKind, AlertRaised, AlertState, ClipReady

_ALERT = tables.alerts.c
_CLIP = tables.clips.c
_KINDS_WITHOUT_CLIP = tuple(
    kind.value
    for kind in (
        AlertKind.CAMERA_OFFLINE,
        AlertKind.DRONE_TAKEN_OVER,
        AlertKind.DRONE_LINK_LOST,
        AlertKind.DRONE_FAILED,
        AlertKind.DRONE_ATTENTION,
    )
)
_INCIDENT_FIELDS = tuple(name for name in AlertRaised.model_fields if name != "type")


@dataclass(frozen=True, slots=True)
class Names:
    """What the camera and the rule were called when the alert was made."""

    camera: str
    rule: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which alerts are asked for.

    Attributes:
        camera_ids: only of these cameras; None: of every camera, also of those no longer in the register.
        after_seq: only changed after this, oldest change first.
        before_seq: only changed before this, newest change first (also the order without either).
    """

    camera_ids: Collection[str] | None = None
    states: Collection[AlertState] = ()
    levels: Collection[Level] = ()
    kinds: Collection[AlertKind] = ()
    after_seq: int | None = None
    before_seq: int | None = None
    limit: int = 200


def last_seq(connection: Connection) -> int:
    """The newest seq given to any alert."""
    value: int = connection.execute(
        select(tables.counters.c.value).where(tables.counters.c.name == "alert_seq")
    ).scalar_one()
    return value


def record_incident(connection: Connection, event: AlertRaised, names: Names) -> Alert | None:
    """Store a raised alert or merge it with what is known of it; None where it tells nothing new."""
    row = connection.execute(select(tables.alerts).where(_ALERT.id == event.id)).one_or_none()
    if row is None:
        fields = _incident_columns(first(event))
        state = AlertState.NEW.value
        values = {**fields, "seq": _next_seq(connection), "state": state}
        connection.execute(insert(tables.alerts).values(**values, camera_name=names.camera, rule_name=names.rule))
        return get(connection, event.id)
    known = Incident(_incident_of(row), row.snapshot_seen_at)
    merged = merge(known, event)
    if merged == known:
        return None
    return _change(connection, event.id, _incident_columns(merged))


def record_clip(connection: Connection, event: ClipReady) -> Alert | None:
    """Store where the clip is; None where that was known, or the alert itself has not come yet."""
    state = ClipState.READY if event.clip_path is not None else ClipState.UNAVAILABLE
    fields = {
        "state": state.value,
        "path": event.clip_path,
        "sha256": event.clip_sha256,
        "duration_s": event.duration_s,
        "problem": event.problem,
    }
    row = connection.execute(select(tables.clips).where(_CLIP.alert_id == event.alert_id)).one_or_none()
    if row is not None:
        is_known = all(row._mapping[name] == value for name, value in fields.items())
        if is_known or (row.state == ClipState.READY.value and state is not ClipState.READY):
            return None
    statement = upsert(tables.clips).values(alert_id=event.alert_id, **fields)
    connection.execute(statement.on_conflict_do_update(index_elements=[_CLIP.alert_id], set_=fields))
    return _change(connection, event.alert_id, {})


def record_handling(connection: Connection, alert_id: str, handling: Handling, step: AlertStep) -> Alert | None:
    """Store how an alert is handled now, and the step that led there."""
    connection.execute(
        insert(tables.alert_steps).values(
            alert_id=alert_id, at=step.at, actor=step.actor, action=step.action, note=step.note
        )
    )
    fields = {
        "state": handling.state.value,
        "acknowledged_by": handling.acknowledged_by,
        "acknowledged_at": handling.acknowledged_at,
        "undo_until": handling.undo_until,
        "false_alarm_reason": handling.false_alarm_reason,
    }
    return _change(connection, alert_id, fields)


def unrequested_clips(connection: Connection, limit: int = 100) -> list[Alert]:
    """Camera alerts whose clip was not asked for yet, oldest first."""
    is_waiting = and_(_CLIP.requested_at.is_(None), func.coalesce(_CLIP.state, "") == "")
    statement = _joined().where(is_waiting, _ALERT.kind.not_in(_KINDS_WITHOUT_CLIP)).order_by(_ALERT.seq).limit(limit)
    return [_alert_of(row) for row in connection.execute(statement)]


def mark_clip_requested(connection: Connection, alert_id: str, now: datetime) -> None:
    """Note that the clip was asked for."""
    statement = upsert(tables.clips).values(
        alert_id=alert_id, state=ClipState.PENDING.value, problem="", requested_at=now
    )
    connection.execute(statement.on_conflict_do_update(index_elements=[_CLIP.alert_id], set_={"requested_at": now}))


def has_overdue_clips(connection: Connection, requested_before: datetime) -> bool:
    """Whether a clip was asked for before an instant and never came."""
    statement = select(func.count()).select_from(tables.clips).where(_overdue(requested_before))
    return connection.execute(statement).scalar_one() > 0


def give_up_clips(connection: Connection, requested_before: datetime, problem: str) -> list[Alert]:
    """Mark clips that were asked for long ago and never came as unavailable."""
    overdue = select(_CLIP.alert_id).where(_overdue(requested_before))
    changed = []
    for alert_id in connection.execute(overdue).scalars().all():
        connection.execute(
            update(tables.clips)
            .where(_CLIP.alert_id == alert_id)
            .values(state=ClipState.UNAVAILABLE.value, problem=problem)
        )
        alert = _change(connection, alert_id, {})
        if alert is not None:
            changed.append(alert)
    return changed


def get(connection: Connection, alert_id: str) -> Alert | None:
    """The alert of that id."""
    row = connection.execute(_joined().where(_ALERT.id == alert_id)).one_or_none()
    return None if row is None else _alert_of(row)


def get_with_steps(connection: Connection, alert_id: str) -> AlertWithSteps | None:
    """The alert of that id and what was done about it."""
    alert = get(connection, alert_id)
    if alert is None:
        return None
    steps = tables.alert_steps
    rows = connection.execute(select(steps).where(steps.c.alert_id == alert_id).order_by(steps.c.id))
    taken = tuple(AlertStep(at=row.at, actor=row.actor, action=row.action, note=row.note) for row in rows)
    return AlertWithSteps(**dict(alert), steps=taken, dispatch=dispatches.history(connection, alert_id))


def clip_path(connection: Connection, alert_id: str) -> str | None:
    """Where the clip of an alert lies, relative to the evidence directory."""
    path: str | None = connection.execute(select(_CLIP.path).where(_CLIP.alert_id == alert_id)).scalar_one_or_none()
    return path


def find(connection: Connection, selection: Selection) -> list[Alert]:
    """The alerts asked for."""
    conditions: list[ColumnElement[bool]] = []
    if selection.camera_ids is not None:
        conditions.append(_ALERT.camera_id.in_(list(selection.camera_ids)))
    if selection.states:
        conditions.append(_ALERT.state.in_([state.value for state in selection.states]))
    if selection.levels:
        conditions.append(_ALERT.level.in_([level.value for level in selection.levels]))
    if selection.kinds:
        conditions.append(_ALERT.kind.in_([kind.value for kind in selection.kinds]))
    if selection.after_seq is not None:
        conditions.append(_ALERT.seq > selection.after_seq)
    if selection.before_seq is not None:
        conditions.append(_ALERT.seq < selection.before_seq)
    order = _ALERT.seq.asc() if selection.after_seq is not None else _ALERT.seq.desc()
    statement = _joined().where(*conditions).order_by(order).limit(selection.limit)
    return [_alert_of(row) for row in connection.execute(statement)]


def count_by_level_and_state(connection: Connection) -> dict[tuple[str, str], int]:
    """How many alerts there are of each level and state."""
    rows = connection.execute(select(_ALERT.level, _ALERT.state, func.count()).group_by(_ALERT.level, _ALERT.state))
    return {(level, state): count for level, state, count in rows}


def open_outages(connection: Connection) -> dict[str, Alert]:
    """Camera-offline alerts that are not over, by camera; the newest of several."""
    statement = _joined().where(_ALERT.kind == AlertKind.CAMERA_OFFLINE.value, _ALERT.ended_at.is_(None))
    found = [_alert_of(row) for row in connection.execute(statement.order_by(_ALERT.occurred_at, _ALERT.seq))]
    return {camera_id: alert for alert in found for camera_id in alert.cameras or (alert.camera_id,)}


def handling_of(alert: Alert) -> Handling:
    """How far an alert has been handled."""
    return Handling(
        alert.state, alert.acknowledged_by, alert.acknowledged_at, alert.undo_until, alert.false_alarm_reason
    )


def raised_of(alert: Alert) -> AlertRaised:
    """The facts of a stored alert, as the event that would tell them."""
    return AlertRaised(**{name: getattr(alert, name) for name in _INCIDENT_FIELDS})


def _overdue(requested_before: datetime) -> ColumnElement[bool]:
    return and_(_CLIP.state == ClipState.PENDING.value, _CLIP.requested_at < requested_before)


def _next_seq(connection: Connection) -> int:
    counters = tables.counters
    value: int = connection.execute(
        update(counters)
        .where(counters.c.name == "alert_seq")
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    ).scalar_one()
    return value


def _change(connection: Connection, alert_id: str, fields: Mapping[str, Any]) -> Alert | None:
    """Write fields and take the next seq, where there is such an alert."""
    if get(connection, alert_id) is None:
        return None
    values = {**fields, "seq": _next_seq(connection)}
    connection.execute(update(tables.alerts).where(_ALERT.id == alert_id).values(**values))
    return get(connection, alert_id)


def _joined() -> Any:
    clip_columns = (
        _CLIP.state.label("clip_state"),
        _CLIP.duration_s.label("clip_duration_s"),
        _CLIP.problem.label("clip_problem"),
    )
    joined = tables.alerts.outerjoin(tables.clips, _CLIP.alert_id == _ALERT.id)
    return select(tables.alerts, *clip_columns).select_from(joined)


def _incident_columns(incident: Incident) -> dict[str, Any]:
    alert = incident.alert
    columns = {name: getattr(alert, name) for name in _INCIDENT_FIELDS}
    columns["kind"] = alert.kind.value
    columns["level"] = alert.level.value
    columns["box_xyxy"] = None if alert.box_xyxy is None else list(alert.box_xyxy)
    columns["cameras"] = list(alert.cameras)
    columns["place"] = None if alert.place is None else alert.place.model_dump()
    columns["snapshot_seen_at"] = incident.snapshot_seen_at
    return columns


def _incident_of(row: Row[Any]) -> AlertRaised:
    return AlertRaised.model_validate({name: row._mapping[name] for name in _INCIDENT_FIELDS})


def _alert_of(row: Row[Any]) -> Alert:
    fields = dict(row._mapping)
    has_clip = fields["kind"] not in _KINDS_WITHOUT_CLIP
    waiting = Clip(state=ClipState.PENDING) if has_clip else Clip(state=ClipState.UNAVAILABLE)
    clip_state = fields["clip_state"]
    clip = waiting
    if clip_state is not None:
        clip = Clip(state=clip_state, duration_s=fields["clip_duration_s"], problem=fields["clip_problem"])
    reason = fields["false_alarm_reason"]
    return Alert.model_validate(
        {**fields, "clip": clip, "false_alarm_reason": None if reason is None else FalseAlarmReason(reason)}
    )
