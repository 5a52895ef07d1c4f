"""Aircraft in the air: how far apart they are, how near they will come, and who holds so that they do not; pure.

positions and ways -> where each is in the next HORIZON_S -> least distance of each pair -> who holds

A plan keeps drones apart by where they should be; this looks at where they are. Who follows a known way (its mission,
an errand, the way home) is expected along it; everybody else straight on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise

HORIZON_S = 20.0
NOISE = 0.1  # plans keep exactly the minimum; receivers and barometers wander: acts when a tenth of it is used up
_STEP_S = 0.5
_CLEAR_S = 5.0
_OLD_S = 60.0
_BRAKING_M_S2 = 2.5
XYZ = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Leg:
    """A point of a way: east, north, height in metres, and how long it stays there."""

    point: XYZ
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Aircraft:
    """One aircraft in the air.

    Attributes:
        place: east, north, height in metres, all of one frame.
        velocity_m_s: along the same axes.
        age_s: of its place.
        least_m: others stay as far away.
        rank: who has the lower holds first.
        may_hold: it flies in our hands.
        way: where it flies from here; None: not known, straight on; empty: it stays.
        speed_m_s: along its way.
    """

    drone_id: str
    place: XYZ
    velocity_m_s: XYZ
    age_s: float
    least_m: float
    rank: tuple[int, str]
    may_hold: bool
    way: tuple[Leg, ...] | None = None
    speed_m_s: float = 0.0

    def ahead(self) -> list[XYZ]:
        """Where it is now and at every half second of the horizon."""
        moments = [self.age_s + number * _STEP_S for number in range(round(HORIZON_S / _STEP_S) + 1)]
        if self.way is None:
            return [_moved(self.place, self.velocity_m_s, moment) for moment in moments]
        return _along(self.place, self.way, self.speed_m_s, moments)

    def held(self) -> Aircraft:
        """The same, had it been told to stand still: where it comes to a stop."""
        speed_m_s = math.hypot(*self.velocity_m_s)
        stop_s = speed_m_s / _BRAKING_M_S2
        return replace(
            self, place=_moved(self.place, self.velocity_m_s, stop_s / 2), velocity_m_s=(0.0, 0.0, 0.0), way=()
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two aircraft.

    Attributes:
        now_m, least_m: how far apart they are, and the least within the horizon.
        in_s: until then.
        wanted_m: to be kept.
        hold: who is to hold; empty where nobody has to, or can.
    """

    first: str
    second: str
    now_m: float
    least_m: float
    in_s: float
    wanted_m: float
    hold: tuple[str, ...] = ()

    @property
    def is_too_near(self) -> bool:
        """Whether they are, or will be, nearer than may be."""
        return self.least_m < self.wanted_m * (1 - NOISE)


def pairs_of(aircraft: Sequence[Aircraft]) -> list[Pair]:
    """Every pair of aircraft whose places are known, with who has to hold."""
    known = [one for one in aircraft if one.age_s <= _OLD_S]
    return [_judged(one, two) for one, two in combinations(known, 2)]


def _judged(one: Aircraft, two: Aircraft) -> Pair:
    pair = nearest(one, two)
    if not pair.is_too_near:
        return pair
    later, earlier = sorted((one, two), key=lambda aircraft: aircraft.rank)
    best: tuple[float, tuple[str, ...]] = (pair.least_m, ())
    for holding in ((later,), (earlier,), (later, earlier)):
        if not all(aircraft.may_hold for aircraft in holding):
            continue
        ids = {aircraft.drone_id for aircraft in holding}
        then = nearest(*(aircraft.held() if aircraft.drone_id in ids else aircraft for aircraft in (one, two)))
        found = (then.least_m, tuple(aircraft.drone_id for aircraft in holding))
        if not then.is_too_near:
            return replace(pair, hold=found[1])
        best = max(best, found, key=lambda choice: choice[0])
    return replace(pair, hold=best[1])


def nearest(one: Aircraft, two: Aircraft) -> Pair:
    """How near two come within the horizon, on the ways they are on."""
    distances = [math.dist(a, b) for a, b in zip(one.ahead(), two.ahead(), strict=True)]
    least = min(range(len(distances)), key=distances.__getitem__)
    wanted_m = max(one.least_m, two.least_m)
    return Pair(one.drone_id, two.drone_id, distances[0], distances[least], least * _STEP_S, wanted_m)


@dataclass(slots=True)
class Holds:
    """Who holds because of whom, since when, and since when nothing is in the way any more."""

    because: dict[str, str] = field(default_factory=dict)
    since_s: dict[str, float] = field(default_factory=dict)
    clear_since_s: dict[str, float] = field(default_factory=dict)

    def held(self, drone_id: str, other_id: str, now_s: float) -> None:
        """It was told to hold."""
        self.because[drone_id] = other_id
        self.since_s.setdefault(drone_id, now_s)
        self.clear_since_s.pop(drone_id, None)

    def drop(self, drone_id: str) -> None:
        """Somebody else decides now."""
        self.because.pop(drone_id, None)
        self.since_s.pop(drone_id, None)
        self.clear_since_s.pop(drone_id, None)

    def lasts_s(self, drone_id: str, now_s: float) -> float:
        """How long it has been holding."""
        return now_s - self.since_s.get(drone_id, now_s)

    def freed(self, drone_id: str, is_clear: bool, now_s: float) -> bool:
        """Whether a drone that holds may go on: nothing was in its way for a while."""
        if drone_id not in self.because:
            return False
        if not is_clear:
            self.clear_since_s.pop(drone_id, None)
            return False
        return now_s - self.clear_since_s.setdefault(drone_id, now_s) >= _CLEAR_S


def _moved(place: XYZ, velocity_m_s: XYZ, seconds: float) -> XYZ:
    east, north, up = (here + speed * seconds for here, speed in zip(place, velocity_m_s, strict=True))
    return east, north, up


def _along(place: XYZ, way: Sequence[Leg], speed_m_s: float, moments: Sequence[float]) -> list[XYZ]:
    """Places on a way at rising moments, in seconds from now."""
    times, points = [0.0], [place]
    for before, leg in pairwise((Leg(place), *way)):
        took_s = math.dist(before.point, leg.point) / max(speed_m_s, 0.1)
        times += [times[-1] + took_s, times[-1] + took_s + leg.hold_s]
        points += [leg.point, leg.point]
    found, index = [], 0
    for moment in moments:
        while index < len(times) - 2 and times[index + 1] <= moment:
            index += 1
        found.append(_between(times, points, index, moment))
    return found


def _between(times: Sequence[float], points: Sequence[XYZ], index: int, moment: float) -> XYZ:
    if index + 1 >= len(points) or moment >= times[index + 1]:
        return points[min(index + 1, len(points) - 1)]
    span = times[index + 1] - times[index]
    share = (moment - times[index]) / span if span else 1.0
    return _moved(points[index], tuple(b - a for a, b in zip(points[index], points[index + 1], strict=True)), share)  # type: ignore[arg-type]
