"""Another vehicle with the same sysid on the same link: its own boot clock, place, mode and sequence numbers."""

from __future__ import annotations

from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.modes import Mode
from scripts.vehicle.outbox import Codec

_BEAT_S, _POSITION_S = 1.0, 0.25
_BOOTED_EARLIER_S = 731.0
_AWAY_E7 = 20_000  # some 220 m north


class Twin:
    """Stands on the ground, disarmed, and talks from `start_s` to `end_s` of link time."""

    def __init__(self, sysid: int, lat_deg: float, lon_deg: float, start_s: float, end_s: float) -> None:
        self._codec = Codec(sysid, 1)
        self._codec.speaks_v2 = True
        self._lat_e7, self._lon_e7 = round(lat_deg * 1e7) + _AWAY_E7, round(lon_deg * 1e7)
        self._end_s = end_s
        self._beat_s, self._position_s = start_s + 0.4, start_s

    def frames(self, flight_s: float, link_s: float) -> list[bytes]:
        """What it sends by now."""
        if link_s > self._end_s:
            return []
        due = []
        if link_s >= self._beat_s:
            self._beat_s = link_s + _BEAT_S
            due.append(wire.MAVLink_heartbeat_message(2, 3, 81, int(Mode.STABILIZE), 3, 3))
        if link_s >= self._position_s:
            self._position_s = link_s + _POSITION_S
            boot_ms = round((flight_s + _BOOTED_EARLIER_S) * 1000)
            due.append(wire.MAVLink_global_position_int_message(boot_ms, self._lat_e7, self._lon_e7, 0, 0, 0, 0, 0, 0))
        frames = (self._codec.encode(message) for message in due)
        return [frame for frame in frames if frame is not None]
