"""Patrols: when they fly, how they went; start one, confirm a run that waits."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Connection

from command_api.access.guard import guarded_router
from command_api.access.sign_in import Principal
from command_api.context import ApiContext
from command_api.drones.completion import LONGEST_SILENCE, WINDOW, completions
from command_api.drones.model import OrderTaken, Patrol
from command_api.drones.patrols import PatrolFacts, patrol_view
from command_api.drones.tables import rows
from command_api.errors import ApiError, not_found
from command_api.routers.common import Caller, Context, PatrolId, RequestBody, RunId
from command_api.routers.ordering import ORDER_RESPONSES, give
from command_api.store import flights, runs
from kernel.bus.names import PATROL_PLANS, PATROL_RUNS_NEXT
from kernel.config.base import Identifier
from kernel.drone_tables import NextRuns, PlanPicture
from kernel.events import DroneAction, PatrolRunDecided

router = guarded_router("patrols")

_MOST_AT_ONCE = 500


class Patrols(BaseModel):
    """Patrols."""

    patrols: list[Patrol]


class Runs(BaseModel):
    """Scheduled runs and what became of them."""

    runs: list[PatrolRunDecided]


class Start(RequestBody):
    """Which drone is to fly; left out: the first of the patrol's that is ready."""

    drone_id: Identifier | None = None


class NoDetails(RequestBody):
    """An empty object."""


@router.get("/api/patrols")
async def list_patrols(caller: Caller, context: Context) -> Patrols:
    """Every patrol that a drone the caller may see can fly."""
    drone_ids = context.register.visible_drone_ids(caller)
    facts = await _facts(context, drone_ids)
    return Patrols(
        patrols=[patrol_view(patrol, facts, drone_ids) for patrol in context.register.visible_patrols(caller)]
    )


@router.get("/api/patrols/runs")
async def list_runs(
    caller: Caller,
    context: Context,
    patrol: Annotated[Identifier | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_AT_ONCE)] = 100,
) -> Runs:
    """Scheduled runs, the one due last first: launched, refused, held, missed, skipped, or waiting for a person."""
    drone_ids = context.register.visible_drone_ids(caller)
    patrol_ids = None if drone_ids is None else {one.id for one in context.register.visible_patrols(caller)}
    if patrol is not None:
        patrol_ids = {patrol} if patrol_ids is None else patrol_ids & {patrol}
    found = await context.store.read(lambda connection: runs.newest(connection, limit, drone_ids, patrol_ids))
    return Runs(runs=found)


@router.post("/api/patrols/{patrol_id}/start", responses=ORDER_RESPONSES)
async def start_patrol(patrol_id: PatrolId, caller: Caller, context: Context, body: Start | None = None) -> OrderTaken:
    """Fly a patrol now. Everything that speaks against it comes back as reasons. Goes on record."""
    drone_id = body.drone_id if body is not None else None
    patrol = context.register.patrol(patrol_id)
    if patrol is None or patrol not in context.register.visible_patrols(caller):
        raise not_found("巡航", "patrol")
    if drone_id is not None and drone_id not in patrol.drones:
        raise not_found("无人机", "drone of that patrol")
    _check_drones(context, caller, drone_id, context.register.drones_of(patrol_id))
    return await give(context, caller, DroneAction.START, patrol_id=patrol_id, drone_id=drone_id)


@router.post("/api/patrols/runs/{run_id}/confirm", responses=ORDER_RESPONSES)
async def confirm_run(run_id: RunId, caller: Caller, context: Context, body: NoDetails | None = None) -> OrderTaken:
    """Launch a scheduled run that waits for a person. Goes on record."""
    run = await context.store.read(lambda connection: runs.get(connection, run_id))
    if run is None:
        raise not_found("巡航班次", "run")
    _check_drones(context, caller, run.drone_id, context.register.drones_of(run.patrol_id))
    return await give(
        context, caller, DroneAction.CONFIRM, run_id=run_id, patrol_id=run.patrol_id, drone_id=run.drone_id
    )


def _check_drones(context: ApiContext, caller: Principal, drone_id: str | None, choice: frozenset[str]) -> None:
    """Nobody moves a drone of another unit, also not by leaving the choice to the drone service."""
    visible = context.register.visible_drone_ids(caller)
    if visible is None:
        return
    if drone_id is not None:
        if drone_id not in visible:
            raise not_found("无人机", "drone")
        return
    if visible.isdisjoint(choice):
        raise not_found("巡航", "patrol")
    if not choice <= visible:
        message = "该巡航也可由其他单位的无人机执行，请用 start 指定 drone_id"
        message_en = "drones of other units may fly this patrol too: start it with drone_id"
        raise ApiError(422, "drone_needed", message, message_en)


async def _facts(context: ApiContext, drone_ids: frozenset[str] | None) -> PatrolFacts:
    now = context.clock.now()

    def look(connection: Connection) -> PatrolFacts:
        last = flights.last_of_patrols(connection, drone_ids)
        return PatrolFacts(
            next_runs=rows(NextRuns, next_runs),
            plans=rows(PlanPicture, plans),
            awaiting=runs.awaiting(connection, now),
            last_flights={patrol_id: context.drones.flight(flight) for patrol_id, flight in last.items()},
            completions=completions(runs.groups(connection, now - WINDOW, now, now - LONGEST_SILENCE)),
        )

    plans = await context.bus.table(PATROL_PLANS) or {}
    next_runs = await context.bus.table(PATROL_RUNS_NEXT) or {}
    return await context.store.read(look)
