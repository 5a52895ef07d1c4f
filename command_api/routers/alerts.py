"""Alerts: list, look at, acknowledge, take back, mark as false."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from command_api.access.guard import guarded_router
from command_api.access.sign_in import Principal
from command_api.alerts.book import AlertBook
from command_api.alerts.model import Alert, AlertWithSteps, ClipState
from command_api.alerts.transitions import FalseAlarmReason, Refusal, Step
from command_api.context import ApiContext
from command_api.errors import ApiError, not_found
from command_api.routers.common import AlertId, Caller, Context, RequestBody
from command_api.store import alerts as stored
from command_api.store import audit
from kernel.config.base import Identifier
from kernel.config.rules import Level
from kernel.events import AlertKind, AlertState, DispatchChanged, DispatchOffered

router = guarded_router("alerts")

_MOST_AT_ONCE = 1000
_NEWEST_SEQ = 2**53
Seq = Annotated[int, Query(ge=0, le=_NEWEST_SEQ)]

_REFUSALS = {
    Refusal.INVALID_TRANSITION: ("当前状态不允许此操作", "the alert's state does not allow this"),
    Refusal.UNDO_EXPIRED: ("超过 5 秒，不能撤销", "more than 5 s have passed; it cannot be taken back"),
    Refusal.UNDO_NOT_YOURS: ("只有签收人本人可以撤销", "only the person who acknowledged can take it back"),
}


class AlertPage(BaseModel):
    """Some alerts, and how far the sequence has got."""

    alerts: list[Alert]
    last_seq: int = Field(description="Newest seq when the page was made; ask with after=last_seq for what came later.")


class NoDetails(RequestBody):
    """An empty object."""


class FalseAlarm(RequestBody):
    """Why it was none."""

    reason: FalseAlarmReason
    note: Annotated[str, Field(max_length=500)] = ""


@router.get("/api/alerts")
async def list_alerts(
    caller: Caller,
    context: Context,
    after: Annotated[Seq | None, Query(description="Alerts changed after this seq, oldest change first.")] = None,
    before: Annotated[Seq | None, Query(description="Alerts changed before this seq, newest change first.")] = None,
    state: Annotated[list[AlertState] | None, Query(max_length=10)] = None,
    level: Annotated[list[Level] | None, Query(max_length=10)] = None,
    kind: Annotated[list[AlertKind] | None, Query(max_length=10)] = None,
    camera: Annotated[list[Identifier] | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_AT_ONCE)] = 200,
) -> AlertPage:
    """Alerts of the cameras the caller may see, newest change first unless `after` is given."""
    visible = context.register.visible_ids(caller)
    wanted = visible if camera is None else frozenset(camera) if visible is None else visible & frozenset(camera)
    selection = stored.Selection(wanted, state or (), level or (), kind or (), after, before, limit)
    last_seq, found = await context.store.read(
        lambda connection: (stored.last_seq(connection), stored.find(connection, selection))
    )
    return AlertPage(alerts=found, last_seq=last_seq)


@router.get("/api/alerts/{alert_id}")
async def get_alert(alert_id: AlertId, caller: Caller, context: Context) -> AlertWithSteps:
    """One alert and the steps taken."""
    alert = await context.store.read(lambda connection: stored.get_with_steps(connection, alert_id))
    if alert is None or not context.register.may_see(caller, alert.camera_id):
        raise not_found("告警", "alert")
    visible = context.register.visible_drone_ids(caller)
    return alert if visible is None else _without_other_drones(alert, visible)


@router.get("/api/alerts/{alert_id}/snapshot", response_class=FileResponse)
async def get_snapshot(alert_id: AlertId, caller: Caller, context: Context) -> FileResponse:
    """The picture that opened the incident, JPEG."""
    alert = await _visible(alert_id, caller, context)
    return _evidence(context, alert.snapshot_path, "image/jpeg", "截图", "snapshot")


@router.get("/api/alerts/{alert_id}/clip", response_class=FileResponse)
async def get_clip(alert_id: AlertId, caller: Caller, context: Context) -> FileResponse:
    """The video around the alert, MP4; takes Range. Looking at it goes on record."""
    alert = await _visible(alert_id, caller, context)
    if alert.clip.state is ClipState.PENDING:
        raise ApiError(409, "clip_pending", "录像片段尚未生成", "the clip is not ready yet", {"Retry-After": "2"})
    path = await context.store.read(lambda connection: stored.clip_path(connection, alert_id))
    answer = _evidence(context, path, "video/mp4", "录像片段", "clip")
    entry = audit.Entry(context.clock.now(), caller.name, caller.address, audit.Action.CLIP_VIEWED, alert_id)
    await context.store.write(lambda connection: audit.append(connection, entry))
    return answer


@router.post("/api/alerts/{alert_id}/acknowledge")
async def acknowledge(alert_id: AlertId, caller: Caller, context: Context, body: NoDetails | None = None) -> Alert:
    """Sign for an alert; doing it twice changes nothing."""
    return await _take(alert_id, Step.ACKNOWLEDGE, caller, context)


@router.post("/api/alerts/{alert_id}/undo")
async def undo(alert_id: AlertId, caller: Caller, context: Context, body: NoDetails | None = None) -> Alert:
    """Take an acknowledgement back: the same person, within 5 s."""
    return await _take(alert_id, Step.UNDO, caller, context)


@router.post("/api/alerts/{alert_id}/false_alarm")
async def false_alarm(alert_id: AlertId, body: FalseAlarm, caller: Caller, context: Context) -> Alert:
    """Mark an alert as none, with the reason."""
    return await _take(alert_id, Step.FALSE_ALARM, caller, context, body.reason, body.note)


def _without_other_drones(alert: AlertWithSteps, drone_ids: frozenset[str]) -> AlertWithSteps:
    """The alert with those drones of an offer that the caller may see."""

    def seen(step: DispatchOffered | DispatchChanged) -> DispatchOffered | DispatchChanged:
        if isinstance(step, DispatchChanged):
            return step
        kept = tuple(candidate for candidate in step.candidates if candidate.drone_id in drone_ids)
        return step.model_copy(update={"candidates": kept})

    return alert.model_copy(update={"dispatch": tuple(seen(step) for step in alert.dispatch)})


async def _visible(alert_id: str, caller: Principal, context: ApiContext) -> Alert:
    alert = await context.store.read(lambda connection: stored.get(connection, alert_id))
    if alert is None or not context.register.may_see(caller, alert.camera_id):
        raise not_found("告警", "alert")
    return alert


async def _take(
    alert_id: str,
    step: Step,
    caller: Principal,
    context: ApiContext,
    reason: FalseAlarmReason | None = None,
    note: str = "",
) -> Alert:
    await _visible(alert_id, caller, context)
    book = AlertBook(context.store, context.announcer, context.clock)
    outcome = await book.take(alert_id, step, caller, reason, note)
    if isinstance(outcome, Refusal):
        raise ApiError(409, outcome.value, *_REFUSALS[outcome])
    return outcome


def _evidence(context: ApiContext, path: str | None, media_type: str, what: str, what_en: str) -> FileResponse:
    if path is None:
        raise not_found(what, what_en)
    root = context.paths.evidence_dir.resolve()
    file: Path = (root / path).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        raise not_found(what, what_en)
    return FileResponse(file, media_type=media_type, headers={"Cache-Control": "private, max-age=31536000, immutable"})
