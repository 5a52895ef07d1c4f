"""Telemetry of the drones from the bus onto the board and to the open pages; it is not kept."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from command_api.context import ApiContext
from kernel.bus.consumer import subscribe
from kernel.bus.names import ALL_TELEMETRY
from kernel.events import DroneTelemetry

_LOGGER = logging.getLogger(__name__)


class TelemetryIntake:
    """Takes in what drones say of themselves.

    Args:
        context: board and pages.
        address: of the bus.
    """

    def __init__(self, context: ApiContext, address: str) -> None:
        self._context = context
        self._address = address
        self._unreadable = 0

    async def run(self) -> None:
        """Take in telemetry until cancelled."""
        async for channel, payload in subscribe(self._address, ALL_TELEMETRY):
            self.take(channel, payload)

    def take(self, channel: str, payload: bytes) -> None:
        """Take in one message; what is none is counted and told in the log, the first and then every hundredth."""
        try:
            telemetry = DroneTelemetry.model_validate_json(payload)
        except ValidationError as error:
            self._unreadable += 1
            if self._unreadable % 100 == 1:
                _LOGGER.error(
                    "telemetry is none channel=%s errors=%d so_far=%d", channel, error.error_count(), self._unreadable
                )
            return
        drone = self._context.drones.heard(telemetry, self._context.clock.monotonic_s())
        if drone is not None:
            self._context.announcer.drone(drone)
