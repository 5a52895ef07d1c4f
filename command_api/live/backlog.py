"""What is still to be sent to one viewer: bounded, on overflow emptied up to the next keyframe; pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from command_api.live.timeline import Timeline
from kernel.media import AccessUnit

MOST_LIVE_UNITS = 90
MOST_LIVE_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A unit with the viewer's own time (90 kHz)."""

    unit: AccessUnit
    pts: int
    replayed: bool


class Backlog:
    """Units waiting for one viewer, oldest first.

    Attributes:
        dropped: units given up because the viewer was behind or because no keyframe came before them.
    """

    def __init__(self, most_units: int = MOST_LIVE_UNITS, most_bytes: int = MOST_LIVE_BYTES) -> None:
        self._most_units = most_units
        self._most_bytes = most_bytes
        self._timeline = Timeline()
        self._replay: deque[Outgoing] = deque()
        self._live: deque[Outgoing] = deque()
        self._live_bytes = 0
        self._awaits_keyframe = True
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._replay) + len(self._live)

    @property
    def is_replaying(self) -> bool:
        """Whether a cached GOP is still being sent."""
        return bool(self._replay)

    def replay(self, units: Sequence[AccessUnit]) -> None:
        """Send a whole GOP first; whatever waited is part of it or older."""
        if not units:
            return
        self._clear()
        stamps = self._timeline.stamp_replay(units)
        self._replay.extend(Outgoing(unit, pts, True) for unit, pts in zip(units, stamps, strict=True))
        self._awaits_keyframe = False

    def offer(self, unit: AccessUnit) -> None:
        """Queue a live unit, unless the viewer has to wait for a keyframe."""
        if self._is_full(unit):
            self.dropped += len(self)
            self._clear()
            self._awaits_keyframe = True
        if self._awaits_keyframe and not unit.keyframe:
            self.dropped += 1
            return
        self._awaits_keyframe = False
        self._live.append(Outgoing(unit, self._timeline.stamp_live(unit), False))
        self._live_bytes += len(unit.payload)

    def take(self) -> Outgoing | None:
        """The next unit to send, or None."""
        if self._replay:
            return self._replay.popleft()
        if not self._live:
            return None
        outgoing = self._live.popleft()
        self._live_bytes -= len(outgoing.unit.payload)
        return outgoing

    def _is_full(self, unit: AccessUnit) -> bool:
        return len(self._live) >= self._most_units or self._live_bytes + len(unit.payload) > self._most_bytes

    def _clear(self) -> None:
        self._replay.clear()
        self._live.clear()
        self._live_bytes = 0
