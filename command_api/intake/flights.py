"""Flights, runs, dispatches and answers from the bus into the store, then to pages and to whoever waits for an answer.

flights stream --answers--> order desk
                   --> one transaction --> acknowledge, board, pages
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import Connection

from command_api.context import ApiContext
from command_api.drones.retention import months_before
from command_api.intake.patience import write_patiently
from command_api.store import alerts, dispatches, flights, orders, runs
from command_api.store.database import StoreUnavailable
from kernel.bus.address import wait_or_stop
from kernel.bus.names import FLIGHTS
from kernel.events import CommandAnswered, DispatchChanged, DispatchOffered, FlightChanged, PatrolRunDecided

_LOGGER = logging.getLogger(__name__)
KEPT_MONTHS = 15
_FORGET_EVERY_S = timedelta(hours=6).total_seconds()

FlightEvent = FlightChanged | PatrolRunDecided | DispatchOffered | DispatchChanged | CommandAnswered


class FlightIntake:
    """Stores what the `flights` stream brings.

    Args:
        context: store, board, pages and order desk.
    """

    def __init__(self, context: ApiContext) -> None:
        self._context = context

    async def handle(self, batch: list[tuple[str, FlightEvent]]) -> None:
        """Commit a batch and tell what is new of it."""
        context = self._context
        events = [event for _entry, event in batch]
        for event in events:
            if isinstance(event, CommandAnswered):  # at once: a person waits for it, and the stream keeps it
                context.desk.answered(event)

        def work(connection: Connection) -> list[tuple[FlightEvent, str | None]]:
            news = [event for event in events if _record(connection, event)]
            return [(event, _camera_of(connection, event)) for event in news]

        for event, camera_id in await write_patiently(context.store, work, context.stopping):
            self._tell(event, camera_id)
        context.metrics.taken(FLIGHTS, [entry for entry, _event in batch], context.clock.now())

    async def forget_old(self) -> None:
        """Delete records that are older than they have to be kept, now and every few hours, until the service stops."""
        context = self._context
        while not context.stopping.is_set():
            before = months_before(context.clock.now(), KEPT_MONTHS)
            try:
                forgotten = await context.store.write(lambda connection, at=before: flights.forget(connection, at))  # type: ignore[misc]
            except StoreUnavailable as error:
                _LOGGER.warning("old flight records stay for now reason=%s", error.reason)
            else:
                if forgotten:
                    _LOGGER.info("deleted flight records before=%s records=%d", before.isoformat(), forgotten)
            await wait_or_stop(context.stopping, _FORGET_EVERY_S)

    def _tell(self, event: FlightEvent, camera_id: str | None) -> None:
        context = self._context
        if isinstance(event, FlightChanged):
            context.drones.changed(event)
            context.announcer.flight(context.drones.flight(event))
        elif isinstance(event, PatrolRunDecided):
            drones = context.register.drones_of(event.patrol_id)
            context.announcer.run(event, drones if event.drone_id is None else frozenset({event.drone_id}))
        elif isinstance(event, DispatchOffered | DispatchChanged):
            context.announcer.dispatch(event, camera_id)


def _record(connection: Connection, event: FlightEvent) -> bool:
    """Store an event; whether it is news."""
    if isinstance(event, FlightChanged):
        return flights.record_change(connection, event)
    if isinstance(event, PatrolRunDecided):
        return runs.record(connection, event)
    if isinstance(event, CommandAnswered):
        return orders.record_answer(connection, event)
    return dispatches.record(connection, event)


def _camera_of(connection: Connection, event: FlightEvent) -> str | None:
    """The camera (or drone) that the alert of a dispatch names, where the alert is known."""
    if not isinstance(event, DispatchOffered | DispatchChanged):
        return None
    alert = alerts.get(connection, event.alert_id)
    return None if alert is None else alert.camera_id
