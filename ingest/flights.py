"""Cameras that fly: in service from pre-flight until landed, by what the drone service tells.

    telemetry:<drone> (2 Hz) --> is_flying: yes, no, or not known (then it stays as it was) --> turn(drone, flying)

A worker that starts again in the middle of a flight hears of it within half a second, from the same telemetry.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from pydantic import ValidationError

from kernel.bus.consumer import subscribe
from kernel.bus.names import telemetry_channel
from kernel.drone_events import DroneTelemetry, FlightState, LinkState

_LOG = logging.getLogger(__name__)
_UNREADABLE_LOGGED = 100


def is_flying(telemetry: DroneTelemetry) -> bool | None:
    """Whether a drone is in a flight: pre-flight to landed, or armed by whomever. None: nothing new is known.

    Without a link nothing is: a drone that went silent in the air has not landed, one never heard of does not fly.
    """
    if telemetry.link is not LinkState.UP:
        return None
    if telemetry.armed or _is_underway(telemetry.flight_state):
        return True
    return None if telemetry.armed is None else False


def _is_underway(state: FlightState) -> bool:
    return state is not FlightState.IDLE and not state.is_over


class FlightWatch:
    """Tells which drones fly.

    Args:
        address: of the bus.
        drone_ids: whom to listen for.
        turn: gets (drone, whether it flies) with each telemetry that tells; called on the event loop.
    """

    def __init__(self, address: str, drone_ids: Collection[str], turn: Callable[[str, bool], None]) -> None:
        self._address, self._turn = address, turn
        self._drone_ids = frozenset(drone_ids)
        self._unreadable = 0

    async def run(self) -> None:
        """Listen until cancelled; returns at once where no drone carries a camera."""
        if not self._drone_ids:
            return
        async for _, payload in subscribe(self._address, *map(telemetry_channel, sorted(self._drone_ids))):
            self._take(payload)

    def _take(self, payload: bytes) -> None:
        try:
            telemetry = DroneTelemetry.model_validate_json(payload)
        except ValidationError as error:
            self._unreadable += 1
            if self._unreadable % _UNREADABLE_LOGGED == 1:
                _LOG.error("telemetry is none errors=%d so_far=%d", error.error_count(), self._unreadable)
            return
        flying = is_flying(telemetry)
        if flying is not None and telemetry.drone_id in self._drone_ids:
            self._turn(telemetry.drone_id, flying)
