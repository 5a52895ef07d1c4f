"""What machines ask: is it up, its figures, its schema."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import Request, Response
from pydantic import BaseModel

from command_api.access.guard import guarded_router
from command_api.figures import exposition
from command_api.routers.common import Context

router = guarded_router("service")


class Vitals(BaseModel):
    """Whether the service can do its work."""

    status: Literal["ok", "degraded"]
    bus: Literal["ok", "away"]
    store: Literal["ok", "not_writing"]


@router.get("/healthz")
async def healthz(response: Response, context: Context) -> Vitals:
    """200 when all is well, 503 when the bus is away or the store does not write."""
    bus_is_up = await context.bus.is_up()
    store_writes = not context.store.problem
    is_well = bus_is_up and store_writes
    response.status_code = 200 if is_well else 503
    response.headers["Cache-Control"] = "no-store"
    return Vitals(
        status="ok" if is_well else "degraded",
        bus="ok" if bus_is_up else "away",
        store="ok" if store_writes else "not_writing",
    )


@router.get("/metrics", response_class=Response)
async def metrics(context: Context) -> Response:
    """Figures in Prometheus' text format; from this machine, or with a maintainer's token."""
    return Response(await exposition(context), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> dict[str, Any]:
    """The schema of this API."""
    schema: dict[str, Any] = request.app.openapi()
    return schema
