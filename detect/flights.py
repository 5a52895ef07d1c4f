"""Batches on their way through the engines: while some are worked on, the next one is put together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from detect.batching.batch_path import Underway
from detect.camera_analysis import CameraAnalysis
from detect.errors import EngineError
from detect.pictures.letterbox import Letterbox

_WAIT_S = 0.004


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame in its slot of the batch; `captured_at_us` in microseconds since the epoch, `pts` in 90 kHz."""

    analysis: CameraAnalysis
    letterbox: Letterbox
    captured_at_us: int
    pts: int


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """A batch on its way.

    Attributes:
        lane: whose engine works on it.
        station: part of the lane's slots that it lies in.
        entries: its frames, in order.
        is_tiled: its pictures are all of one frame.
        pictures: how many they are.
    """

    lane: str
    station: int
    entries: tuple[Taken, ...]
    underway: Underway
    started_s: float
    is_tiled: bool
    pictures: int


class Flights:
    """Batches on their way, in the order they were started.

    Attributes:
        away: cameras with a frame in one of them; they have to wait until it is back, so that frames stay in order.
    """

    def __init__(self) -> None:
        self._flights: list[Flight] = []
        self.away: set[str] = set()

    def __len__(self) -> int:
        return len(self._flights)

    def __iter__(self) -> Iterator[Flight]:
        return iter(self._flights)

    def add(self, flight: Flight) -> None:
        """A batch was started."""
        self._flights.append(flight)
        self.away.update(entry.analysis.camera.id for entry in flight.entries)

    def remove(self, flight: Flight) -> None:
        """A batch is back."""
        self._flights.remove(flight)
        self.away.difference_update(entry.analysis.camera.id for entry in flight.entries)

    def free_station(self, lane: str, stations: int) -> int | None:
        """A part of the lane's slots that no batch lies in, None where there is none."""
        taken = {flight.station for flight in self._flights if flight.lane == lane}
        return next((station for station in range(stations) if station not in taken), None)

    def tiled_lanes(self) -> set[str]:
        """Lanes that work on a frame in tiles: they have room for one at a time."""
        return {flight.lane for flight in self._flights if flight.is_tiled}

    def first_done(self, at_most_s: float) -> Flight | None:
        """A batch that is done or failed, waited for a little; None where none is."""
        for flight in self._flights:
            if _is_done(flight, 0.0):
                return flight
        oldest = self._flights[0]
        comes_first = all(flight.lane == oldest.lane and not flight.is_tiled for flight in self._flights)
        return oldest if _is_done(oldest, at_most_s if comes_first else min(at_most_s, _WAIT_S)) else None


def _is_done(flight: Flight, at_most_s: float) -> bool:
    with suppress(EngineError):  # told again to whoever asks for the answers
        return flight.underway.wait(at_most_s)
    return True
