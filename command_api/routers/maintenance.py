"""Planned outages (报备停用): announced, listed and ended; each is on record with who and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from ulid import ULID

from command_api.access.guard import guarded_router
from command_api.errors import ApiError, not_found
from command_api.health.model import PlannedLine
from command_api.health.planned import OutageRefused, PlannedOutage, Request, cameras_named, ended, filed
from command_api.health.report import planned_lines
from command_api.outages import read_outages
from command_api.routers.common import Caller, Context, RequestBody
from command_api.store import planned
from kernel.config.maintenance import LONGEST_APPROVER, LONGEST_REASON

router = guarded_router("maintenance")

_MOST_NAMES = 1000
OutageId = Annotated[str, Path(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$", description="ULID of a planned outage.")]


class NewOutage(RequestBody):
    """Cameras that are to be out of service for a while."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "stations": ["矿山路派出所"],
                "ends_at": "2026-12-01T10:00:00Z",
                "reason": "更换交换机",
                "approver": "王所长",
            }
        }
    )

    cameras: Annotated[tuple[str, ...], Field(max_length=_MOST_NAMES)] = Field(default=(), description="Ids.")
    stations: Annotated[tuple[str, ...], Field(max_length=_MOST_NAMES)] = ()
    begins_at: AwareDatetime | None = Field(default=None, description="Now where it is left out; may lie in the past.")
    ends_at: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    approver: Annotated[str, Field(max_length=LONGEST_APPROVER)] = ""


class Outages(BaseModel):
    """Planned outages in the order they begin."""

    outages: list[PlannedLine]


@router.get("/api/maintenance")
async def list_outages(
    caller: Caller, context: Context, days: Annotated[int, Query(ge=0, le=400, description="So far back.")] = 31
) -> Outages:
    """Planned outages of the caller's cameras: those to come, under way, and over in the last days."""
    since_s = (context.clock.now() - timedelta(days=days)).timestamp()
    found = await context.store.read(lambda connection: planned.since(connection, since_s))
    return Outages(outages=planned_lines(found, {camera.id for camera in context.register.visible(caller)}))


@router.post("/api/maintenance", status_code=201)
async def file_outage(new: NewOutage, caller: Caller, context: Context) -> PlannedLine:
    """Announce a planned outage; what lies in the past already is flagged as backdated."""
    visible = {camera.id for camera in context.register.visible(caller)}
    named, unknown = cameras_named(context.config, new.cameras, new.stations)
    if unknown or not visible.issuperset(named):
        odd = ", ".join(unknown or sorted(set(named) - visible))
        raise ApiError(422, "unknown_camera", f"没有这些摄像机或派出所：{odd}", f"no such camera or station: {odd}")
    now = context.clock.now()
    request = Request(named, new.begins_at or now, new.ends_at, new.reason, new.approver)
    try:
        outage = filed(request, str(ULID()), caller.name, now)
    except OutageRefused as error:
        raise ApiError(422, "refused", error.why_zh, error.why_en) from error
    await context.store.write(lambda connection: planned.add(connection, outage, caller.address))
    await read_outages(context)
    return planned_lines([outage], visible)[0]


@router.post("/api/maintenance/{outage_id}/end")
async def end_outage(outage_id: OutageId, caller: Caller, context: Context) -> PlannedLine:
    """End a planned outage now, or withdraw one that has not begun."""
    visible, now = context.register.visible_ids(caller), context.clock.now()

    def work(connection: Connection) -> PlannedOutage:
        known = planned.get(connection, outage_id)
        if known is None or (visible is not None and not visible.issuperset(known.camera_ids)):
            raise not_found("停用", "planned outage")
        changed = ended(known, caller.name, now)
        planned.end(connection, changed, caller.address, now)
        return changed

    try:
        changed = await context.store.write(work)
    except OutageRefused as error:
        raise ApiError(409, "invalid_transition", error.why_zh, error.why_en) from error
    await read_outages(context)
    return planned_lines([changed], set(changed.camera_ids))[0]
