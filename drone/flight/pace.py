"""How often to beat: each 0.4 s of the vehicle's, which are shorter than ours where a simulator runs fast.

Its GCS failsafe counts in its own seconds, and acts after five without a heartbeat of ours. At one a second a link that
loses every fifth packet loses four on end, and with them the flight, once in ten minutes; at this rate hardly ever, and
one that loses two of five seldom (1 in 24,000 of eleven on end). The autopilots' own heartbeats come once a second.
"""

from __future__ import annotations

from collections import deque

BEAT_S = 0.4
_ITS_BEAT_S = 1.0
_SHORTEST_S = 0.02
_WINDOW_S = 3.0
_FAST_HZ = 1.6  # more than one vehicle's heartbeats with the extra one of each change of mode


class Pace:
    """Measures how often the vehicle beats."""

    def __init__(self) -> None:
        self._counted: deque[tuple[float, int]] = deque()

    def beat_s(self, heartbeats: int, now_s: float) -> float:
        """Seconds between two of our heartbeats.

        Args:
            heartbeats: how many of the vehicle's came so far.
            now_s: on our clock.
        """
        counted = self._counted
        if not counted or heartbeats != counted[-1][1]:
            counted.append((now_s, heartbeats))
        while len(counted) > 1 and counted[1][0] <= now_s - _WINDOW_S:
            counted.popleft()
        (first_s, first), (last_s, last) = counted[0], counted[-1]
        if last_s - first_s < _WINDOW_S / 2:
            return BEAT_S
        rate_hz = (last - first) / (last_s - first_s)
        return BEAT_S if rate_hz < _FAST_HZ else max(_SHORTEST_S, BEAT_S / _ITS_BEAT_S / rate_hz)
