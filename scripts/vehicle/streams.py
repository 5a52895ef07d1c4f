"""How often which message is sent: nothing but the heartbeat until somebody asks.

Intervals count in flight time, as a simulator's do, but nothing is sent more than 25 times a second of link time.
"""

from __future__ import annotations

from typing import Any

from scripts.vehicle.profiles import Profile
from scripts.vehicle.telemetry import Telemetry

_GROUPS = {
    1: (27,), 2: (1, 125, 152, 42, 24, 62, 162), 3: (36, 65), 6: (32, 33), 10: (30,), 11: (74,), 12: (2, 147, 158, 193),
}  # fmt: skip
_ALL = 0
_MOST_HZ = 50.0
_LEAST_LINK_S = 0.04


class Streams:
    """The rate of each message and when it is next due."""

    def __init__(self, profile: Profile, telemetry: Telemetry) -> None:
        self._profile, self._telemetry = profile, telemetry
        self._interval_s: dict[int, float] = {0: 1.0}
        self._due_s: dict[int, float] = {0: 0.0}
        self._sent_link_s: dict[int, float] = {}

    def on_request_data_stream(self, message: Any, link_s: float) -> None:
        """The old way to ask; group 0 is all of them."""
        rate_hz = message.req_message_rate if message.start_stop == 1 else 0
        groups = list(_GROUPS) if message.req_stream_id == _ALL else [message.req_stream_id]
        for group in groups:
            for message_id in _GROUPS.get(group, ()):
                self._set(message_id, 1 / min(_MOST_HZ, rate_hz) if rate_hz > 0 else None)
            if self._profile.is_modern and group == 12:
                self._set(285, 1 / min(_MOST_HZ, rate_hz) if rate_hz > 0 else None)

    def set_interval(self, message_id: int, interval_us: float) -> bool:
        """MAV_CMD_SET_MESSAGE_INTERVAL: -1 stops, 0 is the default (off); false for a message it cannot send."""
        if not self._telemetry.knows(message_id):
            return False
        self._set(message_id, max(1 / _MOST_HZ, interval_us / 1e6) if interval_us > 0 else None)
        return True

    def interval_us(self, message_id: int) -> int:
        """What MESSAGE_INTERVAL answers: 0 for a message it cannot send, -1 when it is off."""
        if not self._telemetry.knows(message_id):
            return 0
        return round(self._interval_s[message_id] * 1e6) if message_id in self._interval_s else -1

    def due(self, flight_s: float, link_s: float, only_heartbeat: bool) -> list[int]:
        """The messages to send now; during transfers only the heartbeat goes on."""
        found = []
        for message_id, interval_s in self._interval_s.items():
            if flight_s < self._due_s.get(message_id, 0.0) or (only_heartbeat and message_id != 0):
                continue
            if link_s - self._sent_link_s.get(message_id, -1.0) < _LEAST_LINK_S:
                continue
            next_s = self._due_s.get(message_id, 0.0) + interval_s
            self._due_s[message_id] = next_s if next_s > flight_s else flight_s + interval_s  # never two to catch up
            self._sent_link_s[message_id] = link_s
            found.append(message_id)
        return found

    def _set(self, message_id: int, interval_s: float | None) -> None:
        if interval_s is None:
            if message_id != 0:
                self._interval_s.pop(message_id, None)
        else:
            self._interval_s[message_id] = interval_s
