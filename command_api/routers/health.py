"""How the cameras did: the online rate against its target, and the last hour by the minute."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from command_api.access.guard import guarded_router
from command_api.errors import ApiError
from command_api.health.model import HealthReport, Strip
from command_api.health.report import build_report, build_strip, strip_window
from command_api.health.window import BadWindow, checked_window, named_window
from command_api.routers.common import Caller, Context
from command_api.store import ledger, planned
from kernel.ledger import Span

router = guarded_router("health")


@router.get("/api/health")
async def health(
    caller: Caller,
    context: Context,
    window: Annotated[str | None, Query(max_length=20, description="1h, 30m, 7d, today, yesterday, last-week")] = None,
    start: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
) -> HealthReport:
    """Online rate of the caller's cameras; the last hour where nothing else is asked for."""
    now = context.clock.now()
    span = _window(window, start, end, context.config.site.timezone, now)
    rows, outages = await context.store.read(
        lambda connection: (
            ledger.within(connection, span),
            planned.touching(connection, Span(span.start_s, now.timestamp() + 1.0)),
        )
    )
    cameras = context.register.visible(caller)
    present = context.board.present(cameras, now)
    return build_report(cameras, rows, present, span, context.config.health, outages, now)


@router.get("/api/health/strip")
async def strip(caller: Caller, context: Context, minutes: Annotated[int, Query(ge=1, le=24 * 60)] = 60) -> Strip:
    """The last minutes of the caller's cameras, one character each."""
    span = strip_window(minutes, context.clock.now().timestamp())
    rows, outages = await context.store.read(
        lambda connection: (ledger.within(connection, span), planned.touching(connection, span))
    )
    return build_strip(context.register.visible(caller), rows, span, minutes, outages)


def _window(name: str | None, start: datetime | None, end: datetime | None, timezone: str, now: datetime) -> Span:
    try:
        if start is None and end is None:
            return named_window(name or "1h", timezone, now)
        if name is not None:
            raise BadWindow("give either a name or from and to")
        if start is None:
            raise BadWindow("to without from")
        return checked_window(start, end or now, now)
    except BadWindow as error:
        raise ApiError(422, "invalid_request", "时间范围有误", f"window: {error.why}") from error
