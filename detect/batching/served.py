"""What the engines got done in a while, and whether they were ever idle: so capacity follows service; pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from detect.batching.schedule import Lane

_NEVER_IDLE = 0.05  # of the time
_ONE_OF_TWO = 0.5  # stations, mostly: idle is where one is free


@dataclass(slots=True)
class Served:
    """A while of service, from `from_s` on (monotonic).

    Lanes share the machine: what a lane would do alone is what it did, over its share of all the batches' time.
    """

    from_s: float
    _idle_s: float = 0.0
    _pictures: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _under_way_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def idle(self, for_s: float) -> None:
        """Something was free and nothing to do for it."""
        self._idle_s += for_s

    def batch(self, lane: str, pictures: int, under_way_s: float) -> None:
        """A batch is back that was started so long ago."""
        self._pictures[lane] += pictures
        self._under_way_s[lane] += under_way_s

    def tell(self, name: str, lane: Lane, now_s: float) -> None:
        """Let a lane's capacity follow.

        Where there was more to do than could be done, what was done is the capacity. Where time was left it is at least
        that, and more by what the idle station could have done: turns are given out by the capacity, so one that was
        once measured too low would leave the engine idle for good.
        """
        elapsed_s, all_s = now_s - self.from_s, sum(self._under_way_s.values())
        if elapsed_s <= 0 or all_s <= 0:
            return
        pictures, its_s = self._pictures[name], elapsed_s * self._under_way_s[name] / all_s
        idle = self._idle_s / elapsed_s
        if idle <= _NEVER_IDLE:
            lane.measured(pictures, its_s)
        elif its_s > 0:
            lane.at_least(pictures / its_s * (1 + _ONE_OF_TWO * idle))
