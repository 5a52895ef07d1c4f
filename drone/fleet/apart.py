"""Aircraft in the air: how far apart they are, how near they may come, and who holds so that they do not; pure.

positions and ways -> where each may be in the next HORIZON_S (drone.fleet.reach) -> least distance of each pair
  -> who has to hold, and whether that can wait

A plan keeps drones apart by where they should be; this looks at where they are. Who follows a known way (its mission,
an errand, the way home) is expected along it, sooner or later; everybody else straight on. Who will plainly meet the
other holds at once. Where that is doubtful nobody holds before it is needed: an order can wait while it would still do
when it is given SPARE_S later, and much of what looks like an encounter 20 s ahead is none 10 s later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations

import numpy as np

from drone.fleet.reach import HORIZON_S, ORDER_S, STEP_S, XYZ, Brakes, Leg, Reach, along, stopping, straight

__all__ = ["HORIZON_S", "NOISE", "SPARE_S", "XYZ", "Aircraft", "Holds", "Leg", "Pair", "nearest", "pairs_of"]
NOISE = 0.1  # plans stack drones by exactly the minimum, and barometers wander: a tenth of a layer may be used up
SPARE_S = 3.0  # to see that an order does nothing (another controller is given as long), and to tell the other one
_PLAIN = 0.5
_CLEAR_S = 5.0
_OLD_S = 60.0


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
        way: where it flies from here; None: not known, straight on; empty: it stays, or comes to a stop.
        speed_m_s: along its way.
        braking_m_s2: deceleration that can be relied on.
        order_s: from the decision that it holds until it begins to, at the latest.
        stops_in_s: it was told to hold, and begins to within so long; None: it was not.
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
    braking_m_s2: float = 2.5
    order_s: float = ORDER_S
    stops_in_s: float | None = None

    def held(self, after_s: float = 0.0) -> Aircraft:
        """The same, were it told to stand still after so many seconds; nothing new to who was told already."""
        return self if self.stops_in_s is not None else replace(self, stops_in_s=after_s + self.order_s)

    @property
    def fastest_m_s(self) -> float:
        """No faster within the horizon, as far as is known."""
        return max(self.speed_m_s, math.hypot(*self.velocity_m_s))


@lru_cache(maxsize=512)
def ahead(one: Aircraft) -> Reach:
    """Where it may be now and at every half second of the horizon."""
    if one.stops_in_s is not None and one.way != ():
        brakes = Brakes(one.stops_in_s, one.braking_m_s2, one.speed_m_s if one.way else 0.0)
        return stopping(one.place, one.velocity_m_s, one.way, one.age_s, brakes)
    if one.way is None:
        return straight(one.place, one.velocity_m_s, one.age_s)
    if not one.way:
        return stopping(one.place, one.velocity_m_s, None, 0.0, Brakes(0.0, one.braking_m_s2))
    return along(one.place, one.velocity_m_s, one.way, one.speed_m_s, one.age_s)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two aircraft.

    Attributes:
        now_m, least_m: how far apart they are, and the least that they may come to within the horizon.
        in_s: until then.
        wanted_m: to be kept.
        is_too_near: they are, or may come, nearer than may be.
        is_plain: they come nearer than half of that if nothing holds either up.
        hold: who is to hold; empty where nobody has to, or can.
        may_wait: that does as well when they are told a little later.
    """

    first: str
    second: str
    now_m: float
    least_m: float
    in_s: float
    wanted_m: float
    is_too_near: bool
    is_plain: bool = False
    hold: tuple[str, ...] = ()
    may_wait: bool = False

    @property
    def comes_too_near(self) -> bool:
        """Whether they will be nearer than may be, and nearer than they are."""
        return self.is_too_near and self.least_m < self.now_m


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
        ids = tuple(aircraft.drone_id for aircraft in holding)
        then = _nearest_held(one, two, ids, 0.0)
        if not then.is_too_near:
            may_wait = not pair.is_plain and not _nearest_held(one, two, ids, SPARE_S).is_too_near
            return replace(pair, hold=ids, may_wait=may_wait)
        best = max(best, (then.least_m, ids), key=lambda choice: choice[0])
    return replace(pair, hold=best[1])


def _nearest_held(one: Aircraft, two: Aircraft, ids: Sequence[str], after_s: float) -> Pair:
    return nearest(*(each.held(after_s) if each.drone_id in ids else each for each in (one, two)))


def nearest(one: Aircraft, two: Aircraft) -> Pair:
    """How near two may come within the horizon, on the ways they are on.

    A layer (nine tenths of the distance above each other) keeps them apart by itself.
    """
    wanted_m = max(one.least_m, two.least_m)
    reach_m = sum(each.fastest_m_s * (HORIZON_S + each.age_s + ORDER_S) for each in (one, two))
    far_m = math.dist(one.place, two.place)
    if far_m > reach_m + wanted_m:
        return Pair(one.drone_id, two.drone_id, far_m, far_m, 0.0, wanted_m, is_too_near=False)
    here, there = ahead(one), ahead(two)
    gaps = here.places[:, :, None, :] - there.places[:, None, :, :]
    apart = np.sqrt(np.einsum("tabx,tabx->tab", gaps, gaps))
    strays = here.strays_m[:, :, None] + there.strays_m[:, None, :]
    is_layer = np.abs(gaps[..., 2]) >= wanted_m * (1 - NOISE)
    near = np.where(is_layer, wanted_m, apart - strays)
    is_too_near = bool(near.min() < wanted_m)
    moment, *which = np.unravel_index(int((near if is_too_near else apart).argmin()), apart.shape)
    least_m, in_s = float(apart[moment, *which]), float(moment) * STEP_S
    is_plain = bool(near[:, -1, -1].min() < wanted_m * _PLAIN)
    return Pair(one.drone_id, two.drone_id, float(apart[0, 0, 0]), least_m, in_s, wanted_m, is_too_near, is_plain)


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
