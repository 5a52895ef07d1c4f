"""A drone to the place of an alert: ask which could go, send one."""

from __future__ import annotations

from command_api.access.guard import guarded_router
from command_api.access.sign_in import Principal
from command_api.alerts.unplaced import no_place
from command_api.context import ApiContext
from command_api.drones.desk import BusDoesNotTake
from command_api.drones.model import OrderSent, OrderTaken
from command_api.errors import not_found, refused
from command_api.routers.common import AlertId, Caller, Context, RequestBody
from command_api.routers.ordering import ORDER_RESPONSES, bus_away, give
from command_api.store import alerts
from kernel.config.base import Identifier
from kernel.events import DroneAction, GeoPoint

router = guarded_router("dispatch")


class NoDetails(RequestBody):
    """An empty object."""


class Dispatch(RequestBody):
    """Which drone is to go."""

    drone_id: Identifier


@router.post("/api/alerts/{alert_id}/dispatch/offer", status_code=202)
async def ask_for_drones(
    alert_id: AlertId, caller: Caller, context: Context, body: NoDetails | None = None
) -> OrderSent:
    """Have the drones ranked for an alert's place; the answer comes as an event `dispatch` and stands in the alert."""
    place, error_m = await _place(alert_id, caller, context)
    order = context.desk.order(DroneAction.OFFER, caller, alert_id=alert_id, place=place, place_error_m=error_m)
    try:
        await context.desk.send(order, caller)
    except BusDoesNotTake as error:
        raise bus_away() from error
    return OrderSent(command_id=order.id, action=order.action, expires_at=order.expires_at)


@router.post("/api/alerts/{alert_id}/dispatch", responses=ORDER_RESPONSES)
async def send_drone(alert_id: AlertId, body: Dispatch, caller: Caller, context: Context) -> OrderTaken:
    """Send a drone to an alert's place: this is the person's confirmation. Goes on record."""
    place, error_m = await _place(alert_id, caller, context)
    if body.drone_id not in {drone.id for drone in context.register.visible_drones(caller)}:
        raise not_found("无人机", "drone")
    where = {"place": place, "place_error_m": error_m}
    return await give(context, caller, DroneAction.DISPATCH, alert_id=alert_id, drone_id=body.drone_id, **where)


async def _place(alert_id: str, caller: Principal, context: ApiContext) -> tuple[GeoPoint, float | None]:
    """Where an alert is that the caller may see, and its error in metres.

    Raises:
        ApiError: 404, or 409 `no_place` with why there is none.
    """
    alert = await context.store.read(lambda connection: alerts.get(connection, alert_id))
    if alert is None or not context.register.may_see(caller, alert.camera_id):
        raise not_found("告警", "alert")
    if alert.place is None:
        flies = any(alert.camera_id in (drone.camera, drone.id) for drone in context.config.fleet)
        raise refused((no_place(alert.unplaced, flies),), "no_place")
    return alert.place, alert.place_error_m
