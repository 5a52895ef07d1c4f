"""Orders of people to drones: on record, onto the bus, and back comes what the drone service says.

    who may -> audit -> commands stream -> wait up to 5 s for CommandAnswered -> 200 taken | 409 refused | 504 silence

What brings a drone down or holds it (pause, return, land, abort) goes out first and is recorded after, so that a store
that does not write never stands between a person and the aircraft; its answer is audited in any case.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ulid import ULID

from command_api.access.sign_in import Principal
from command_api.bus_out import BusOut
from command_api.store import orders
from command_api.store.database import Store, StoreUnavailable
from kernel.bus.names import COMMANDS
from kernel.clock import Clock
from kernel.errors import LookoutError
from kernel.events import CommandAnswered, DroneAction, DroneCommand

_LOGGER = logging.getLogger(__name__)
EXPIRES_AFTER = timedelta(seconds=15)
ANSWER_WITHIN_S = 5.0
_RECORD_WITHIN_S = 1.0
_SAFE = frozenset({DroneAction.PAUSE, DroneAction.RETURN, DroneAction.LAND, DroneAction.ABORT})


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody answered; until the order expires it may still be carried out."""

    order: DroneCommand


class BusDoesNotTake(LookoutError):
    """The bus did not say that it took an order."""

    def __init__(self, order: DroneCommand) -> None:
        super().__init__(f"order {order.action.value} {order.id}: the bus does not answer; is `lookout up` running?")
        self.order = order


class OrderDesk:
    """Gives orders and waits for the answers.

    Args:
        store: audit trail and orders.
        bus: takes the orders.
        clock: time.
        answer_within_s: how long an answer is waited for.
    """

    def __init__(self, store: Store, bus: BusOut, clock: Clock, answer_within_s: float = ANSWER_WITHIN_S) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._answer_within_s = answer_within_s
        self._waiting: dict[str, asyncio.Future[CommandAnswered]] = {}
        self._recordings: set[asyncio.Task[None]] = set()

    def order(self, action: DroneAction, who: Principal, **named: Any) -> DroneCommand:
        """An order that is not given yet.

        Args:
            action: what is ordered.
            who: the person.
            named: other fields of the order, e.g. drone_id.
        """
        now = self._clock.now()
        return DroneCommand(
            id=str(ULID()), action=action, actor=who.name, issued_at=now, expires_at=now + EXPIRES_AFTER, **named
        )

    async def give(self, order: DroneCommand, who: Principal) -> CommandAnswered | Silence:
        """Give an order and wait for its answer.

        Raises:
            StoreUnavailable: the order is not on record and was not given.
            BusDoesNotTake: nobody knows whether it went out.
        """
        with self._awaited(order) as answer:
            await self.send(order, who)
            done, _ = await asyncio.wait({answer}, timeout=self._answer_within_s)
            if done:
                return answer.result()
        await self._note(order, f"no answer within {self._answer_within_s:g} s")
        return Silence(order)

    async def send(self, order: DroneCommand, who: Principal) -> None:
        """Give an order without waiting; raises as `give`."""
        if order.action in _SAFE:
            is_taken = await self._bus.order(COMMANDS, order)
            self._begin(self._recorded(order, who))
        else:
            await self._store.write(lambda connection: orders.record_order(connection, order, who.address))
            is_taken = await self._bus.order(COMMANDS, order)
        if not is_taken:
            await self._note(order, "the bus did not take it")
            raise BusDoesNotTake(order)

    def answered(self, answer: CommandAnswered) -> None:
        """Hand an answer to whoever waits for it."""
        waiting = self._waiting.get(answer.command_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    @contextmanager
    def _awaited(self, order: DroneCommand) -> Iterator[asyncio.Future[CommandAnswered]]:
        answer: asyncio.Future[CommandAnswered] = asyncio.get_running_loop().create_future()
        self._waiting[order.id] = answer
        try:
            yield answer
        finally:
            del self._waiting[order.id]

    async def _recorded(self, order: DroneCommand, who: Principal) -> None:
        """Put an order that is out already on record; its answer goes there in any case."""
        try:
            await self._store.write(lambda connection: orders.record_order(connection, order, who.address))
        except StoreUnavailable as error:
            _LOGGER.error("order is not on record %s reason=%s", _named(order), error.reason)

    async def _note(self, order: DroneCommand, why: str) -> None:
        """Tell in the log and on record that an order has no answer; a store that hangs is not waited for."""
        _LOGGER.error("order without an answer %s why=%s", _named(order), why)
        at = self._clock.now()

        async def noted() -> None:
            try:
                await self._store.write(lambda connection: orders.record_unanswered(connection, order, at, why))
            except StoreUnavailable as error:
                _LOGGER.error("silence is not on record %s reason=%s", _named(order), error.reason)

        await asyncio.wait({self._begin(noted())}, timeout=_RECORD_WITHIN_S)

    def _begin(self, recording: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin to write without waiting; the writer keeps the order of what is begun."""
        task = asyncio.get_running_loop().create_task(recording)
        self._recordings.add(task)
        task.add_done_callback(self._recordings.discard)
        return task


def _named(order: DroneCommand) -> str:
    return f"command={order.id} action={order.action.value} drone_id={order.drone_id} actor={order.actor}"
