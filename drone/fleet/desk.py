"""Orders of persons from the bus: each is carried out once or refused, and answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from drone.fleet.dispatch import Dispatcher
from drone.fleet.keeper import DroneKeeper
from drone.fleet.launcher import Launcher
from drone.fleet.runs import Runs
from drone.flight.orders import Order
from drone.flight.record import replace_file
from drone.reasons import reason
from kernel.clock import Clock
from kernel.config.lookout import LookoutConfig
from kernel.drone_events import (
    CommandAnswered,
    DispatchChanged,
    DispatchStage,
    DroneAction,
    DroneCommand,
    FlightCause,
    ReasonText,
)
from kernel.event_base import Event
from kernel.events import ClipRequested

LOG = logging.getLogger(__name__)
_REMEMBERED = 500
_SLOW = frozenset({DroneAction.START, DroneAction.CONFIRM, DroneAction.DISPATCH, DroneAction.OFFER})
"""These plan first, for a second or more; a return must not wait behind them."""

EXPIRED = reason("expired", "命令已过期，未执行", "the order came too late and was not carried out")
UNKNOWN_DRONE = reason("unknown_drone", "配置中没有这架无人机", "no such drone in the config")
UNKNOWN_PATROL = reason("unknown_patrol", "配置中没有这条巡逻", "no such patrol in the config")
WRONG_DRONE = reason("wrong_drone", "该无人机不飞这条巡逻", "that drone does not fly the patrol")


class Desk:
    """Carries out orders.

    Args:
        book: file of the orders that were taken already: the bus may bring one twice.
        emit: takes the answers.
    """

    def __init__(
        self,
        config: LookoutConfig,
        keepers: Mapping[str, DroneKeeper],
        launcher: Launcher,
        runs: Runs,
        dispatcher: Dispatcher,
        clock: Clock,
        book: Path,
        emit: Callable[[Event], None],
    ) -> None:
        self._config, self._keepers, self._launcher = config, keepers, launcher
        self._runs, self._dispatcher, self._clock, self._emit = runs, dispatcher, clock, emit
        self._book = book
        self._taken = _read_book(book)
        self._slow: set[asyncio.Task[None]] = set()

    async def handle(self, batch: list[tuple[str, DroneCommand | ClipRequested]]) -> None:
        """Carry out what came; requests for clips are none of ours."""
        for _, command in batch:
            if isinstance(command, DroneCommand) and command.id not in self._taken:
                self._take(command)
                if command.action in _SLOW:
                    task = asyncio.create_task(self._serve(command))
                    self._slow.add(task)
                    task.add_done_callback(self._slow_done)
                else:
                    await self._serve(command)

    async def close(self) -> None:
        """Wait for what is being carried out."""
        await asyncio.gather(*self._slow)

    def _slow_done(self, task: asyncio.Task[None]) -> None:
        self._slow.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.critical("order failed order=%s", task.get_name(), exc_info=error)

    async def _serve(self, command: DroneCommand) -> None:
        why, flight_id = await self._carry_out(command)
        self._answer(command, why, flight_id)

    def _take(self, command: DroneCommand) -> None:
        """Remembered before it is carried out: rather lost in a crash than flown twice."""
        self._taken = [*self._taken[-_REMEMBERED:], command.id]
        replace_file(self._book, "\n".join(self._taken))

    async def _carry_out(self, command: DroneCommand) -> tuple[tuple[ReasonText, ...], str | None]:
        """The reasons against it, and the flight it began."""
        if self._clock.now() > command.expires_at:
            return (EXPIRED,), None
        keeper = self._keepers.get(command.drone_id) if command.drone_id is not None else None
        if command.drone_id is not None and keeper is None:
            return (UNKNOWN_DRONE,), None
        match command.action:
            case DroneAction.START:
                return await self._start(command)
            case DroneAction.CONFIRM:
                return await self._runs.confirm(command.run_id or "", command.actor), None
            case DroneAction.OFFER:
                return await self._offer(command), None
            case _ if keeper is not None:
                return await self._to_drone(keeper, command), None
        return (UNKNOWN_DRONE,), None

    async def _start(self, command: DroneCommand) -> tuple[tuple[ReasonText, ...], str | None]:
        patrol = next((one for one in self._config.patrols if one.id == command.patrol_id), None)
        if patrol is None:
            return (UNKNOWN_PATROL,), None
        if command.drone_id is not None and command.drone_id not in patrol.drones:
            return (WRONG_DRONE,), None
        drones = (command.drone_id,) if command.drone_id is not None else patrol.drones
        launched = await self._launcher.launch(
            patrol, drones, actor=command.actor, cause=FlightCause.OPERATOR, patrol_id=patrol.id
        )
        return launched.reasons, launched.flight_id

    async def _offer(self, command: DroneCommand) -> tuple[ReasonText, ...]:
        if command.alert_id is not None and command.place is not None:
            where = command.alert_id, command.place, command.place_error_m
            self._emit(await asyncio.to_thread(self._dispatcher.offer, *where))
        return ()

    async def _to_drone(self, keeper: DroneKeeper, command: DroneCommand) -> tuple[ReasonText, ...]:
        if command.action is DroneAction.DISPATCH:
            return await self._dispatch(keeper, command)
        if command.action is DroneAction.ORBIT:
            return self._dispatcher.orbit(keeper, command.radius_m, command.actor)
        goes_home = command.action in (DroneAction.RETURN, DroneAction.ABORT)
        path = self._dispatcher.way_home(keeper) if goes_home else ()
        return keeper.order(Order(command.action, command.actor, path=path), command.flight_id)

    async def _dispatch(self, keeper: DroneKeeper, command: DroneCommand) -> tuple[ReasonText, ...]:
        if command.alert_id is None or command.place is None:
            return (UNKNOWN_DRONE,)
        why = await self._dispatcher.send(keeper.drone.id, command.alert_id, command.place, command.actor)
        brief = keeper.brief
        self._emit(
            DispatchChanged(
                alert_id=command.alert_id,
                drone_id=keeper.drone.id,
                flight_id=brief.flight_id if brief is not None else None,
                stage=DispatchStage.REFUSED if why else DispatchStage.ACCEPTED,
                at=self._clock.now(),
                actor=command.actor,
                place=command.place,
                reasons=why,
            )
        )
        return why

    def _answer(self, command: DroneCommand, why: tuple[ReasonText, ...], flight_id: str | None) -> None:
        codes = ",".join(one.code for one in why)
        LOG.info("order action=%s drone_id=%s refused=%s", command.action.value, command.drone_id, codes or "no")
        self._emit(
            CommandAnswered(
                command_id=command.id,
                action=command.action,
                drone_id=command.drone_id,
                accepted=not why,
                at=self._clock.now(),
                actor=command.actor,
                reasons=why,
                flight_id=flight_id,
            )
        )


def _read_book(book: Path) -> list[str]:
    try:
        return book.read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return []
