"""Statements on orders to drones: who ordered what, and what was answered. Each goes on the audit trail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from command_api.store import audit, tables
from kernel.events import CommandAnswered, DroneCommand

_ORDER = tables.drone_orders.c
_BUS = "bus"


def record_order(connection: Connection, order: DroneCommand, address: str) -> None:
    """Store an order and put it on the audit trail; again, nothing."""
    statement = upsert(tables.drone_orders).values(
        command_id=order.id,
        at=order.issued_at,
        action=order.action.value,
        actor=order.actor,
        order=order.model_dump_json(),
    )
    text = order.model_dump_json()
    kept = statement.on_conflict_do_update(
        index_elements=[_ORDER.command_id], set_={"order": text}, where=_ORDER.order.is_(None)
    )
    if connection.execute(kept).rowcount:
        _audit(
            connection, order.issued_at, order.actor, address, audit.Action.DRONE_ORDER, _subject(order), _what(order)
        )


def record_answer(connection: Connection, answer: CommandAnswered) -> bool:
    """Store an answer, to an order of ours or of the command line, and audit it; False where it was known."""
    text = answer.model_dump_json()
    statement = upsert(tables.drone_orders).values(
        command_id=answer.command_id, at=answer.at, action=answer.action.value, actor=answer.actor, answer=text
    )
    kept = statement.on_conflict_do_update(
        index_elements=[_ORDER.command_id], set_={"answer": text}, where=_ORDER.answer.is_(None)
    )
    if not connection.execute(kept).rowcount:
        return False
    known = select(_ORDER.order).where(_ORDER.command_id == answer.command_id)
    order_text = connection.execute(known).scalar_one_or_none()
    subject = answer.drone_id or answer.flight_id or answer.command_id
    if order_text is not None:
        subject = _subject(DroneCommand.model_validate_json(order_text))
    said = "accepted" if answer.accepted else "refused: " + ", ".join(reason.code for reason in answer.reasons)
    detail = f"{answer.action.value} {said} command={answer.command_id}"
    _audit(connection, answer.at, answer.actor, _BUS, audit.Action.DRONE_ORDER_ANSWERED, subject, detail)
    return True


def record_unanswered(connection: Connection, order: DroneCommand, at: datetime, why: str) -> None:
    """Put on the audit trail that nobody answered an order."""
    detail = f"{order.action.value} {why} command={order.id}"
    _audit(connection, at, order.actor, _BUS, audit.Action.DRONE_ORDER_UNANSWERED, _subject(order), detail)


def _subject(order: DroneCommand) -> str:
    return order.drone_id or order.patrol_id or order.run_id or order.alert_id or order.id


def _what(order: DroneCommand) -> str:
    named = ("drone_id", "patrol_id", "run_id", "flight_id", "alert_id")
    parts = [f"{name}={value}" for name in named if (value := getattr(order, name)) is not None]
    return " ".join([order.action.value, *parts, f"command={order.id}"])


def _audit(
    connection: Connection, at: datetime, actor: str, address: str, action: audit.Action, subject: str, detail: str
) -> None:
    audit.append(connection, audit.Entry(at, actor, address, action, subject, detail))
