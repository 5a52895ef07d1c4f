"""Time as a dependency: pure code takes `now_s`, edges take a `Clock`."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Wall-clock instants (UTC-aware) and a monotonic reading for durations."""

    def now(self) -> datetime:
        """The current instant, UTC-aware."""
        ...

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told to, for tests and replays."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("ManualClock needs a UTC-aware start")
        self._now = start
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def advance(self, seconds_s: float) -> None:
        """Move both readings forward by `seconds_s`."""
        if seconds_s < 0:
            raise ValueError(f"time does not go back: {seconds_s}")
        self._now += timedelta(seconds=seconds_s)
        self._monotonic_s += seconds_s
