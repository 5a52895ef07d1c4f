"""The drones the caller may see, and orders to one in the air."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from command_api.access.guard import guarded_router
from command_api.drones.model import Drone, OrderTaken
from command_api.errors import ApiError, not_found
from command_api.routers.common import Caller, Context, DroneId, RequestBody
from command_api.routers.ordering import ORDER_RESPONSES, give
from kernel.events import DroneAction

router = guarded_router("drones")


class Drones(BaseModel):
    """Drones."""

    drones: list[Drone]


class DroneOrder(StrEnum):
    """What may be ordered of one drone.

    pause: hold the place. resume: go on at the same item. return: fly home and land. abort: the same, and the flight
    counts as aborted. land: come down where it is. orbit: circle the place it was dispatched to.
    """

    PAUSE = "pause"
    RESUME = "resume"
    RETURN = "return"
    LAND = "land"
    ABORT = "abort"
    ORBIT = "orbit"


class DroneOrderDetails(RequestBody):
    """What the order is for, as far as it has to be said."""

    flight_id: Annotated[
        str | None,
        Field(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$", description="Where given, the order is for that flight only."),
    ] = None
    radius_m: Annotated[float | None, Field(gt=0, le=500, description="Of an orbit; empty: the configured one.")] = None


@router.get("/api/drones")
async def drones(caller: Caller, context: Context) -> Drones:
    """Every drone the caller may see: its telemetry, and the flight that is not over."""
    now_s = context.clock.monotonic_s()
    return Drones(drones=[context.drones.drone(drone, now_s) for drone in context.register.visible_drones(caller)])


@router.post("/api/drones/{drone_id}/{order}", responses=ORDER_RESPONSES)
async def order_drone(
    drone_id: DroneId, order: DroneOrder, caller: Caller, context: Context, body: DroneOrderDetails | None = None
) -> OrderTaken:
    """Order something of a drone and wait for its answer. Goes on record."""
    if drone_id not in {drone.id for drone in context.register.visible_drones(caller)}:
        raise not_found("无人机", "drone")
    details = body or DroneOrderDetails()
    if details.radius_m is not None and order is not DroneOrder.ORBIT:
        raise ApiError(422, "invalid_request", "只有 orbit 可带 radius_m", "radius_m: only an orbit has one")
    action = DroneAction(order.value)
    return await give(
        context, caller, action, drone_id=drone_id, flight_id=details.flight_id, radius_m=details.radius_m
    )
