"""What happens by itself as time goes by: silence is noticed, the summary of the day is sent."""

from __future__ import annotations

import asyncio
import logging

from command_api.access.sign_in import Principal
from command_api.context import ApiContext
from command_api.health.model import HealthSummary
from command_api.health.planned import PlannedOutage
from command_api.health.report import build_summary
from command_api.health.window import named_window
from command_api.outages import read_outages
from command_api.push.hub import Mailbox, Message, Topic
from command_api.store import ledger, planned
from command_api.store.database import StoreUnavailable
from kernel.bus.address import wait_or_stop
from kernel.ledger import LedgerChanges, Span

_LOGGER = logging.getLogger(__name__)
_EVERY_S = 1.0
_SUMMARY_EVERY_TICKS = 5
_WINDOW = "today"


class Ticker:
    """Looks around once a second.

    Args:
        context: board, store and pages.
    """

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self._told: frozenset[Mailbox] = frozenset()

    async def run(self, stop: asyncio.Event) -> None:
        """Look around until `stop` is set."""
        ticks = 0
        while not stop.is_set():
            await read_outages(self._context)
            changed = self._context.board.take_changes(self._context.clock.now())
            for camera in changed:
                self._context.announcer.camera(camera)
            for drone in self._context.drones.take_silent(self._context.clock.monotonic_s()):
                self._context.announcer.drone(drone)
            try:
                await self._summarise(to_all=bool(changed) or ticks % _SUMMARY_EVERY_TICKS == 0)
            except StoreUnavailable as error:
                _LOGGER.warning("no summary for now reason=%s", error.reason)
            ticks += 1
            await wait_or_stop(stop, _EVERY_S)

    async def _summarise(self, to_all: bool) -> None:
        """Send the day's summary: to pages just opened at once, to all every few seconds."""
        open_now = self._context.hub.mailboxes
        addressed = open_now if to_all else open_now - self._told
        self._told = open_now
        if not addressed:
            return
        now = self._context.clock.now()
        window = named_window(_WINDOW, self._context.config.site.timezone, now)
        rows, outages = await self._context.store.read(
            lambda connection: (ledger.within(connection, window), planned.touching(connection, window))
        )
        bodies: dict[str, str] = {}
        for mailbox in addressed:
            unit = mailbox.principal.unit
            if unit not in bodies:
                bodies[unit] = self._summary(mailbox.principal, rows, outages, window).model_dump_json()
            mailbox.put(Message(Topic.HEALTH, bodies[unit]))

    def _summary(
        self, principal: Principal, rows: LedgerChanges, outages: list[PlannedOutage], window: Span
    ) -> HealthSummary:
        context = self._context
        cameras, now = context.register.visible(principal), context.clock.now()
        present = context.board.present(cameras, now)
        return build_summary(cameras, rows, present, window, _WINDOW, context.config.health, outages, now)
