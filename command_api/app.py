"""The FastAPI app: routers, guard, errors, headers. Made from a context, so that tests bring their own."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from command_api.access.guard import SESSION_COOKIE
from command_api.context import ApiContext
from command_api.errors import install_handlers
from command_api.middleware import HeadAsGet, SecurityHeaders, Timing
from command_api.roles import Door, access_of
from command_api.routers import (
    alerts,
    cameras,
    dispatch,
    drones,
    events,
    flights,
    health,
    maintenance,
    patrols,
    service,
    sessions,
    site_map,
    users,
    wall,
    whep,
)

LARGEST_BODY_BYTES = 512 * 1024
ROUTERS = (
    sessions.router,
    cameras.router,
    alerts.router,
    drones.router,
    patrols.router,
    flights.router,
    dispatch.router,
    site_map.router,
    events.router,
    whep.router,
    health.router,
    maintenance.router,
    users.router,
    service.router,
    wall.router,  # last: it takes every other address
)


def build_app(context: ApiContext) -> FastAPI:
    """The app over a context."""
    app = FastAPI(
        title="Lookout 瞭望",
        version=cameras.lookout_version(),
        description="Cameras, alerts, live view, health and drones of a command room.",
        openapi_url=None,  # served by a guarded route; the stock pages for it load scripts from elsewhere
        middleware=[
            Middleware(Timing, metrics=context.metrics),
            Middleware(SecurityHeaders, has_tls=context.config.web.tls_certificate is not None),
            Middleware(HeadAsGet),
        ],
        max_body_size=LARGEST_BODY_BYTES,
    )
    app.state.context = context
    install_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    described = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_security(described())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the schema
    return app


def _with_security(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with both ways to show who one is, on the routes that ask for it."""
    schema.setdefault("components", {})["securitySchemes"] = {
        "cookie": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            access = access_of(method.upper(), path)
            if access is not None and access.door is not Door.OPEN:
                operation["security"] = [{"cookie": []}, {"bearer": []}]
    return schema
