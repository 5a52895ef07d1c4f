"""Statements on dispatches: which drones were offered for an alert, and what became of the one that was sent."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from command_api.store import tables
from kernel.events import DispatchChanged, DispatchOffered

_STEP = tables.dispatch_steps.c
_OFFERED = "offered"
_NO_DRONE = ""
_STEPS: TypeAdapter[DispatchOffered | DispatchChanged] = TypeAdapter(
    Annotated[DispatchOffered | DispatchChanged, Field(discriminator="type")]
)


def record(connection: Connection, event: DispatchOffered | DispatchChanged) -> bool:
    """Store a step of a dispatch; False where it was known."""
    stage, drone_id = (
        (_OFFERED, _NO_DRONE) if isinstance(event, DispatchOffered) else (event.stage.value, event.drone_id)
    )
    statement = upsert(tables.dispatch_steps).values(
        alert_id=event.alert_id, at=event.at, stage=stage, drone_id=drone_id, body=event.model_dump_json()
    )
    return connection.execute(statement.on_conflict_do_nothing()).rowcount > 0


def history(connection: Connection, alert_id: str) -> tuple[DispatchOffered | DispatchChanged, ...]:
    """Every step for an alert, in order."""
    statement = select(_STEP.body).where(_STEP.alert_id == alert_id).order_by(_STEP.at, _STEP.stage)
    return tuple(_STEPS.validate_json(body) for body in connection.execute(statement).scalars())
