"""Orders over a real Redis and a real store, also when one of them fails: nothing is silently lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from command_api.access.sign_in import Principal
from command_api.bus_out import BusOut
from command_api.drones.desk import BusDoesNotTake, OrderDesk, Silence
from command_api.roles import Role
from command_api.store import audit
from command_api.store.database import Store, StoreUnavailable, database_url
from kernel.bus.address import connect_async
from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import COMMANDS
from kernel.clock import SystemClock
from kernel.events import CommandAnswered, DroneAction, DroneCommand
from kernel.runtime import RuntimePaths

pytestmark = pytest.mark.integration

LI = Principal("li", "Li", Role.PILOT, "bureau", False, "0" * 64, datetime(2027, 1, 1, tzinfo=UTC), "127.0.0.1")


class _Desk:
    """A desk with what stands behind it."""

    def __init__(self, paths: RuntimePaths, answer_within_s: float) -> None:
        self.paths = paths
        self.redis = connect_async(f"unix://{paths.bus_socket}")
        self.store = Store(database_url(paths.database, ""))
        self.store.migrate()
        self.desk = OrderDesk(self.store, BusOut(self.redis), SystemClock(), answer_within_s)

    async def trail(self) -> list[tuple[str, str]]:
        """What stands on the audit trail; a write first, which comes after everything begun before it."""
        await self.store.write(lambda _connection: None)
        records = await self.store.read(lambda connection: audit.read(connection, 0, 100))
        return [(record.entry.action.value, record.entry.detail) for record in records]

    async def on_bus(self) -> list[DroneCommand]:
        """Every order that went out."""
        entries: Any = await self.redis.xrange(COMMANDS)
        return [DroneCommand.model_validate_json(fields[b"event"]) for _, fields in entries]

    async def close(self) -> None:
        await self.redis.aclose()
        self.store.close()


@pytest.fixture
async def room(paths: RuntimePaths, bus: EmbeddedServer) -> AsyncIterator[_Desk]:
    """A desk that waits 0.2 s for an answer."""
    desk = _Desk(paths, 0.2)
    yield desk
    await desk.close()


def _answer(order: DroneCommand) -> CommandAnswered:
    return CommandAnswered(
        command_id=order.id,
        action=order.action,
        drone_id=order.drone_id,
        accepted=True,
        at=datetime.now(UTC),
        actor=order.actor,
    )


async def _given_and_answered(room: _Desk, order: DroneCommand) -> CommandAnswered | Silence:
    giving = asyncio.create_task(room.desk.give(order, LI))
    async with asyncio.timeout(10):
        while order not in await room.on_bus():
            assert not giving.done(), giving.result()
    room.desk.answered(_answer(order))
    room.desk.answered(_answer(order))
    return await giving


async def test_an_answer_reaches_who_asked(room: _Desk) -> None:
    room.desk = OrderDesk(room.store, BusOut(room.redis), SystemClock(), 10.0)
    order = room.desk.order(DroneAction.START, LI, patrol_id="loop")
    answer = await _given_and_answered(room, order)
    assert isinstance(answer, CommandAnswered)
    assert answer.command_id == order.id
    assert [action for action, _ in await room.trail()] == ["drone_order"]
    room.desk.answered(_answer(order))


async def test_silence_is_said_and_on_record(room: _Desk) -> None:
    order = room.desk.order(DroneAction.RESUME, LI, drone_id="uav-1")
    assert await room.desk.give(order, LI) == Silence(order)
    assert await room.on_bus() == [order]
    assert await room.trail() == [
        ("drone_order", f"resume drone_id=uav-1 command={order.id}"),
        ("drone_order_unanswered", f"resume no answer within 0.2 s command={order.id}"),
    ]


@pytest.mark.parametrize("action", [DroneAction.PAUSE, DroneAction.RETURN, DroneAction.LAND, DroneAction.ABORT])
async def test_what_brings_a_drone_down_goes_out_without_a_store(room: _Desk, action: DroneAction) -> None:
    room.paths.database.unlink()
    room.desk = OrderDesk(room.store, BusOut(room.redis), SystemClock(), 10.0)
    order = room.desk.order(action, LI, drone_id="uav-1")
    assert isinstance(await _given_and_answered(room, order), CommandAnswered)


async def test_nothing_takes_off_that_is_not_on_record(room: _Desk) -> None:
    room.paths.database.unlink()
    for action, named in (
        (DroneAction.START, {"patrol_id": "loop"}),
        (DroneAction.CONFIRM, {"run_id": "r"}),
        (DroneAction.RESUME, {"drone_id": "uav-1"}),
    ):
        with pytest.raises(StoreUnavailable):
            await room.desk.give(room.desk.order(action, LI, **named), LI)
    assert await room.on_bus() == []


@pytest.mark.parametrize("action", [DroneAction.RESUME, DroneAction.RETURN])
async def test_a_bus_that_is_away_is_said_and_on_record(room: _Desk, bus: EmbeddedServer, action: DroneAction) -> None:
    bus.stop()
    order = room.desk.order(action, LI, drone_id="uav-1")
    with pytest.raises(BusDoesNotTake):
        await room.desk.give(order, LI)
    trail = await room.trail()
    assert [entry for entry, _ in trail] == ["drone_order", "drone_order_unanswered"]
    assert "the bus did not take it" in trail[1][1]


async def test_an_order_lives_fifteen_seconds(room: _Desk) -> None:
    order = room.desk.order(DroneAction.LAND, LI, drone_id="uav-1")
    assert order.expires_at - order.issued_at == timedelta(seconds=15)
    assert order.actor == "li"
