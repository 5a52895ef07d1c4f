"""A bad radio link: losses, duplicates, delays that put packets out of order, silence; by seed."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Quality:
    """One direction of a link. Shares are 0 to 1, times seconds of link time."""

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0


@dataclass
class Radio:
    """Packets go in with a time and come out when they would arrive, if they do."""

    quality: Quality
    rng: random.Random
    silent: bool = False
    sent: int = 0
    lost: int = 0
    _queue: list[tuple[float, int, bytes]] = field(default_factory=list)
    _count: int = 0

    def push(self, packet: bytes, now_s: float) -> None:
        """Send one packet."""
        self.sent += 1
        if self.silent or self.rng.random() < self.quality.loss:
            self.lost += 1
            return
        copies = 2 if self.rng.random() < self.quality.duplicate else 1
        for _ in range(copies):
            late_s = self.quality.delay_s + self.rng.random() * self.quality.jitter_s
            if self.rng.random() < self.quality.reorder:
                late_s += 0.02 + self.rng.random() * 0.1
            self._count += 1
            heapq.heappush(self._queue, (now_s + late_s, self._count, packet))

    def due(self, now_s: float) -> list[bytes]:
        """What arrives by `now_s`, in order of arrival."""
        found = []
        while self._queue and self._queue[0][0] <= now_s:
            found.append(heapq.heappop(self._queue)[2])
        return found

    @property
    def next_s(self) -> float | None:
        """When the next packet arrives."""
        return self._queue[0][0] if self._queue else None
