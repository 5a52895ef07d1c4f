"""The camera's trigger: single photos, photos every so many metres, photos every so many seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scripts.vehicle.vector import Vector


@dataclass
class Camera:
    """Counts photos; `taken` hears of each with its number and true place."""

    taken: Callable[[int, Vector], None]
    photos: int = 0
    every_m: float = 0.0
    every_s: float = 0.0
    left: int = 0
    _last: Vector | None = None
    _next_s: float = 0.0

    def take(self, place: Vector) -> None:
        """One photo, now."""
        self.photos += 1
        self._last = place
        self.taken(self.photos, place)

    def by_distance(self, every_m: float) -> None:
        """A photo every `every_m` metres flown; 0 ends it."""
        self.every_m, self._last = max(0.0, every_m), None

    def by_time(self, every_s: float, count: int, flight_s: float) -> None:
        """`count` photos (0 without end) every `every_s` seconds."""
        self.every_s, self.left, self._next_s = every_s, count if count > 0 else -1, flight_s

    def stop(self) -> None:
        self.every_s, self.left = 0.0, 0

    def tick(self, place: Vector, flight_s: float) -> None:
        if self.every_m > 0 and (self._last is None or place.minus(self._last).horizontal >= self.every_m):
            self.take(place)
        if self.left != 0 and flight_s >= self._next_s:
            self.take(place)
            self.left -= 1 if self.left > 0 else 0
            self._next_s = flight_s + max(0.1, self.every_s)
