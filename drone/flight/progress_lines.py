"""A flight as lines for the person at the terminal."""

from __future__ import annotations

from collections.abc import Callable

from kernel.drone_events import FlightChanged, FlightState, ReasonText
from kernel.event_base import Event
from kernel.events import AlertRaised


class ProgressLines:
    """Turns events into lines; what did not change is not said again."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._state: FlightState | None = None
        self._reached = 0
        self._told: set[str] = set()

    def tell(self, event: Event) -> None:
        """Say what is new in an event."""
        if isinstance(event, FlightChanged):
            self._flight(event)
        elif isinstance(event, AlertRaised) and event.ended_at is None:
            self._say(f"ALERT {event.kind.value}: {event.detail}")

    def _flight(self, event: FlightChanged) -> None:
        if event.state is not self._state or event.items_reached != self._reached:
            away = "" if event.distance_from_home_m is None else f", {event.distance_from_home_m:.1f} m from home"
            stamp = event.at.astimezone().strftime("%H:%M:%S")
            self._say(f"{stamp} {event.state.value} {event.items_reached}/{event.items_total} points{away}")
            self._state, self._reached = event.state, event.items_reached
        is_waiting = event.state is FlightState.PRE_FLIGHT and event.outcome is None
        for one in event.reasons:
            self._reason(one, "waiting: " if is_waiting else "")

    def _reason(self, why: ReasonText, lead: str) -> None:
        line = f"  {lead}{why.code}: {why.message_en} / {why.message_zh}"
        if line not in self._told:
            self._told.add(line)
            self._say(line)
