"""Flight records, kept 15 months."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, StringConstraints

from command_api.access.guard import guarded_router
from command_api.drones.model import Flight, FlightWithChanges
from command_api.errors import not_found
from command_api.routers.common import Caller, Context, FlightId
from command_api.store import flights
from kernel.config.base import Identifier

router = guarded_router("flights")

_MOST_AT_ONCE = 500


class Flights(BaseModel):
    """Flights."""

    flights: list[Flight]


@router.get("/api/flights")
async def list_flights(
    caller: Caller,
    context: Context,
    drone: Annotated[Identifier | None, Query()] = None,
    patrol: Annotated[Identifier | None, Query()] = None,
    before: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")] | None,
        Query(description="Flights born before that one: the last flight_id of the page before."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_AT_ONCE)] = 50,
) -> Flights:
    """Flights of the drones the caller may see, newest first; refused ones too."""
    drone_ids = context.register.visible_drone_ids(caller)
    if drone is not None:
        drone_ids = frozenset({drone}) if drone_ids is None else drone_ids & {drone}
    selection = flights.Selection(drone_ids, patrol, before, limit)
    found = await context.store.read(lambda connection: flights.find(connection, selection))
    return Flights(flights=[context.drones.flight(change) for change in found])


@router.get("/api/flights/{flight_id}")
async def get_flight(flight_id: FlightId, caller: Caller, context: Context) -> FlightWithChanges:
    """One flight and every change of it."""
    newest, changes = await context.store.read(
        lambda connection: (flights.get(connection, flight_id), flights.changes_of(connection, flight_id))
    )
    visible = context.register.visible_drone_ids(caller)
    if newest is None or (visible is not None and newest.drone_id not in visible):
        raise not_found("飞行记录", "flight")
    return FlightWithChanges(**dict(context.drones.flight(newest)), changes=changes)
