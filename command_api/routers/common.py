"""What the routers share: the context and the caller as dependencies, and strict request bodies."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict

from command_api.access.sign_in import Principal
from command_api.context import ApiContext, context_of
from command_api.errors import not_signed_in
from kernel.config.base import IDENTIFIER


def principal_of(request: Request) -> Principal:
    """Who is asking, as the guard found out."""
    principal = request.state.principal
    if not isinstance(principal, Principal):
        raise not_signed_in()
    return principal


Context = Annotated[ApiContext, Depends(context_of)]
Caller = Annotated[Principal, Depends(principal_of)]
CameraId = Annotated[str, Path(pattern=IDENTIFIER, description="Id of a camera.")]
AlertId = Annotated[str, Path(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$", description="ULID of an alert.")]
DroneId = Annotated[str, Path(pattern=IDENTIFIER, description="Id of a drone.")]
PatrolId = Annotated[str, Path(pattern=IDENTIFIER, description="Id of a patrol.")]
FlightId = Annotated[str, Path(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$", description="ULID of a flight.")]
RunId = Annotated[str, Path(min_length=1, max_length=200, description="Id of a scheduled run.")]
GatewaySession = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,128}$", description="Session at the live gateway.")]


class RequestBody(BaseModel):
    """Root of request bodies: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)
