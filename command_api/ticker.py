"""What happens by itself as time goes by: silence is noticed, the summary is sent."""

from __future__ import annotations

import asyncio

from command_api.context import ApiContext
from kernel.bus.address import wait_or_stop

_EVERY_S = 1.0


class Ticker:
    """Looks around once a second.

    Args:
        context: board and pages.
    """

    def __init__(self, context: ApiContext) -> None:
        self._context = context

    async def run(self, stop: asyncio.Event) -> None:
        """Look around until `stop` is set."""
        while not stop.is_set():
            for camera in self._context.board.take_changes(self._context.clock.now()):
                self._context.announcer.camera(camera)
            await wait_or_stop(stop, _EVERY_S)
