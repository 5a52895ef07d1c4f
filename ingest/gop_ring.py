"""The last seconds of a stream as coded pictures, for clips and for viewers that join. Pure, thread-safe."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from kernel.media import AccessUnit

SPAN_S = 45.0
LARGEST_BYTES = 64 << 20


@dataclass(frozen=True)
class Footage:
    """Consecutive access units from a keyframe on.

    Attributes:
        units: at least one, the first a keyframe.
        begins_late: the wanted beginning is no longer (or was never) held.
    """

    units: tuple[AccessUnit, ...]
    begins_late: bool


class GopRing:
    """Whole GOPs of one stream, oldest dropped first; bounded in time and in bytes.

    At least `span_s` seconds are held where they fit into `largest_bytes`. A single GOP larger than that is dropped and
    nothing is held until the next keyframe, so that memory stays bounded whatever a camera sends.
    """

    def __init__(self, span_s: float = SPAN_S, largest_bytes: int = LARGEST_BYTES) -> None:
        self._span_us = int(span_s * 1e6)
        self._largest_bytes = largest_bytes
        self._gops: deque[list[AccessUnit]] = deque()
        self._goes_on = False
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """Payload bytes held now."""
        return self._bytes

    def append(self, unit: AccessUnit) -> None:
        """Add the newest unit; units before the first keyframe are passed over."""
        with self._lock:
            if unit.keyframe:
                self._gops.append([unit])
                self._goes_on = True
            elif self._gops and self._goes_on:
                self._gops[-1].append(unit)
            else:
                return
            self._bytes += len(unit.payload)
            self._trim(unit.arrived_at_us)

    def _trim(self, now_us: int) -> None:
        while len(self._gops) > 1 and (
            self._bytes > self._largest_bytes or self._gops[1][0].arrived_at_us <= now_us - self._span_us
        ):
            self._drop_oldest()
        if self._bytes > self._largest_bytes:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        self._bytes -= sum(len(unit.payload) for unit in self._gops.popleft())

    def current_gop(self) -> tuple[AccessUnit, ...]:
        """The newest GOP from its keyframe on, empty before the session's first keyframe."""
        with self._lock:
            return tuple(self._gops[-1]) if self._gops and self._goes_on else ()

    def end_session(self) -> None:
        """What is held is of the past from now on: footage for clips, but nobody's newest picture."""
        with self._lock:
            self._goes_on = False

    def clear(self) -> None:
        """Drop all that is held."""
        with self._lock:
            self._gops.clear()
            self._bytes = 0
            self._goes_on = False

    def between(self, from_at: datetime, to_at: datetime) -> Footage | None:
        """What arrived from the last keyframe at or before `from_at` until `to_at`, or None where nothing is held.

        A reconnect or a jump of the times inside the span ends it: times start anew there, and one file has one clock.
        The part that holds more of the wanted span is taken.
        """
        from_us, to_us = _microseconds(from_at), _microseconds(to_at)
        with self._lock:
            gops = [tuple(gop) for gop in self._gops if gop[0].arrived_at_us <= to_us]
        starts = [gop for gop in gops if gop[0].arrived_at_us <= from_us]
        if starts:
            gops = gops[len(starts) - 1 :]
        runs = [run for run in _runs(gops, to_us) if run[-1].arrived_at_us >= from_us]
        if not runs:
            return None
        longest = max(runs, key=lambda run: run[-1].arrived_at_us - max(from_us, run[0].arrived_at_us))
        return Footage(tuple(longest), begins_late=longest[0].arrived_at_us > from_us)


def _runs(gops: list[tuple[AccessUnit, ...]], to_us: int) -> list[list[AccessUnit]]:
    """Units up to an instant, on one clock each; after a jump inside a GOP its rest has no keyframe and is left out."""
    runs: list[list[AccessUnit]] = []
    goes_on = False
    for gop in gops:
        if not goes_on or gop[0].discontinuity:
            runs.append([])
        jump = next((place for place, unit in enumerate(gop[1:], start=1) if unit.discontinuity), None)
        runs[-1].extend(unit for unit in gop[:jump] if unit.arrived_at_us <= to_us)
        goes_on = jump is None
    return [run for run in runs if run]


def _microseconds(instant: datetime) -> int:
    delta = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
