"""How every route that orders something of a drone answers."""

from __future__ import annotations

from typing import Any

from command_api.access.sign_in import Principal
from command_api.context import ApiContext
from command_api.drones.desk import ANSWER_WITHIN_S, BusDoesNotTake, Silence
from command_api.drones.model import OrderTaken
from command_api.errors import ApiError, ErrorBody, RefusedBody, refused, retry_later
from kernel.events import DroneAction, DroneCommand

ORDER_RESPONSES: dict[int | str, dict[str, Any]] = {
    409: {"model": RefusedBody, "description": "The drone service refuses, with every reason."},
    504: {
        "model": ErrorBody,
        "description": "The drone service did not answer in 5 s; until it expires, 15 s after it was given, the order "
        "may still be carried out.",
    },
}


async def give(context: ApiContext, caller: Principal, action: DroneAction, **named: Any) -> OrderTaken:
    """Give an order and wait for the answer.

    Raises:
        ApiError: 409 refused, 503 it did not go out, 504 nobody answered.
    """
    order = context.desk.order(action, caller, **named)
    try:
        answer = await context.desk.give(order, caller)
    except BusDoesNotTake as error:
        raise bus_away() from error
    if isinstance(answer, Silence):
        raise no_answer(answer.order)
    if not answer.accepted:
        raise refused(answer.reasons)
    return OrderTaken(command_id=order.id, flight_id=answer.flight_id)


def bus_away() -> ApiError:
    """503: nobody knows whether the order went out."""
    return retry_later(
        "bus_away",
        "总线无应答，不知指令是否发出；请先确认飞行状态再重试",
        "the bus does not answer; whether the order went out is not known: look at the drone, then try again",
        2,
    )


def no_answer(order: DroneCommand) -> ApiError:
    """504: it went out and nobody answered."""
    lives_s = (order.expires_at - order.issued_at).total_seconds()
    return ApiError(
        504,
        "no_answer",
        f"无人机服务在 {ANSWER_WITHIN_S:g} 秒内没有答复，不知指令是否执行；下达后 {lives_s:g} 秒内仍可能执行",
        f"the drone service did not answer within {ANSWER_WITHIN_S:g} s; whether the order is carried out is not "
        f"known, it may be until {lives_s:g} s after it was given",
    )
