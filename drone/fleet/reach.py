"""Where an aircraft may be at each moment of the next HORIZON_S: not a point, a piece of its way; pure.

    flies on   from slowest (it brakes for every corner, and picks up slowly) to fastest (it goes through, and its
               place was old when it came)
    is told    from where it is (it stands at once) to where it stands at the latest: on as before for as long as an
               order may take to act, then at the deceleration that can be relied on

What telemetry cannot show is assumed; docs/flight.md says from where.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

HORIZON_S = 20.0
STEP_S = 0.5
MOMENTS = round(HORIZON_S / STEP_S) + 1
ORDER_S = 2.0
"""From the decision to the first moment of braking: an order lost once (sent again after 1 s), a link of half a second
either way. Four times what it takes on a good link."""
TOLD_LATE_S = 0.4
"""How old a place may be when it arrives: a link of 0.3 s, and the autopilot's own filter."""
SPREAD = 7
STRAYS_M = 0.5
"""How far off its line a moving aircraft may be: what is left of its receiver's error between two near each other."""
_FINE_S = 0.25
_STILL_M_S = 0.3
# WPNAV_ACCEL as shipped with ArduCopter up to 4.0 (2.5 since); more than any patrol is flown at
_PICKS_UP_M_S2 = (1.0, 4.0)
_SLOW_SHARE = 0.95
_TURNS_M_S2, _SWINGS_S = 2.5, 8.0
XYZ = tuple[float, float, float]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Leg:
    """A point of a way: east, north, height in metres, and how long it stays there."""

    point: XYZ
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reach:
    """Places, moments x SPREAD x 3, and how far off each it may be, moments x SPREAD."""

    places: Array
    strays_m: Array


@dataclass(frozen=True, slots=True)
class Course:
    """A way as a line.

    Attributes:
        points, metres: of the line, and how far along it each is.
        holds_s: stays at each.
        kept, swings: shares of its speed that it keeps through each point, and has across the way on just after it.
    """

    points: Array
    metres: Array
    holds_s: tuple[float, ...]
    kept: tuple[float, ...]
    swings: tuple[float, ...]

    @classmethod
    def of(cls, place: XYZ, way: Sequence[Leg]) -> Course:
        """From a place along a way."""
        legs = (Leg(place), *way)
        points = np.array([leg.point for leg in legs], dtype=np.float64)
        metres = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))
        holds_s, kept = tuple(leg.hold_s for leg in legs), _kept(points)
        swings = tuple(
            0.0 if hold_s else share * math.sqrt(max(0.0, 1 - share**2))
            for share, hold_s in zip(kept, holds_s, strict=True)
        )
        return cls(points, metres, holds_s, kept, swings)

    def reach(self, metres: Array, speed_m_s: float) -> Reach:
        """Places at distances along it, and how far it swings out where it flies through a corner."""
        places = np.stack([np.interp(metres, self.metres, self.points[:, axis]) for axis in range(3)], axis=-1)
        strays_m = np.full(metres.shape, STRAYS_M)
        for at_m, swing in zip(self.metres, self.swings, strict=True):
            out_m = (swing * speed_m_s) ** 2 / (2 * _TURNS_M_S2)
            if out_m > 0.1:
                strays_m += out_m * np.clip(1.0 - np.abs(metres - at_m) / (_SWINGS_S * speed_m_s), 0.0, 1.0)
        return Reach(places, strays_m)

    def flown(self, v_m_s: float, most_m_s: float, moments: Array, *, is_slow: bool) -> Array:
        """Metres along it at rising moments, from `v_m_s` on."""
        picks_up = _PICKS_UP_M_S2[0 if is_slow else 1]
        kept = self.kept if is_slow else (1.0,) * len(self.kept)
        along, times, node, rests_s, now_s = [0.0], [0.0], 1, 0.0, 0.0
        metres: list[float] = self.metres.tolist()
        here, last, end_s = 0.0, len(metres), float(moments[-1])
        while now_s < end_s and node < last:
            now_s += _FINE_S
            if rests_s > 0.0:
                rests_s -= _FINE_S
            else:
                v_m_s = min(most_m_s, v_m_s + picks_up * _FINE_S)
                v_m_s = min(v_m_s, _braked(metres[node] - here, kept[node] * most_m_s, picks_up))
                here += v_m_s * _FINE_S
            while node < last and here >= metres[node] - 0.3:
                rests_s, node = self.holds_s[node], node + 1
                if rests_s > 0.0:
                    here, v_m_s = metres[node - 1], 0.0
                    break
            along.append(here)
            times.append(now_s)
        return np.interp(moments, times, along).astype(np.float64)


def _braked(left_m: float, kept_m_s: float, braking_m_s2: float) -> float:
    """The speed from which it still comes down to another in so many metres."""
    return max(_STILL_M_S, math.sqrt(kept_m_s**2 + 2 * braking_m_s2 * max(0.0, left_m)))


def _kept(points: Array) -> tuple[float, ...]:
    """Share of its speed that it keeps at each point: all of it straight on, none at a right angle, none at the end."""
    shares = [0.0] * len(points)
    ways = np.diff(points, axis=0)
    lengths = np.linalg.norm(ways, axis=1)
    for number, (before, after) in enumerate(pairwise(range(len(ways))), 1):
        if lengths[before] > 0.01 and lengths[after] > 0.01:
            shares[number] = max(0.0, float(ways[before] @ ways[after] / (lengths[before] * lengths[after])))
    return tuple(shares)


def standing(place: XYZ) -> Reach:
    """There, at every moment."""
    places = np.broadcast_to(np.array(place, dtype=np.float64), (MOMENTS, SPREAD, 3))
    return Reach(places, np.zeros((MOMENTS, SPREAD)))


def straight(place: XYZ, velocity_m_s: XYZ, age_s: float) -> Reach:
    """On as it flies, where no way is known."""
    shares = np.linspace(0.0, TOLD_LATE_S, SPREAD)
    seconds = age_s + np.arange(MOMENTS)[:, None] * STEP_S + shares[None, :]
    places = np.asarray(place) + seconds[:, :, None] * np.asarray(velocity_m_s)
    return Reach(places, np.full((MOMENTS, SPREAD), STRAYS_M))


def along(place: XYZ, velocity_m_s: XYZ, way: Sequence[Leg], speed_m_s: float, age_s: float) -> Reach:
    """On along a way."""
    course, moments = Course.of(place, way), age_s + np.arange(MOMENTS, dtype=np.float64) * STEP_S
    now_m_s = math.hypot(*velocity_m_s)
    most_m_s = max(speed_m_s, 0.1)
    slow_m_s = min(most_m_s, max(now_m_s, _SLOW_SHARE * most_m_s))
    slow_m = course.flown(min(now_m_s, slow_m_s), slow_m_s, moments, is_slow=True)
    fast_m = course.flown(now_m_s, max(now_m_s, most_m_s), moments + TOLD_LATE_S, is_slow=False)
    return course.reach(_between(slow_m, np.maximum(slow_m, fast_m)), max(now_m_s, most_m_s))


@dataclass(frozen=True, slots=True)
class Brakes:
    """How an aircraft comes to stand once it is told to.

    Attributes:
        late_s: until it begins to brake, at the latest.
        m_s2: deceleration that can be relied on.
        most_m_s: to which it may still pick up until then.
    """

    late_s: float
    m_s2: float
    most_m_s: float = 0.0


def stopping(place: XYZ, velocity_m_s: XYZ, way: Sequence[Leg] | None, age_s: float, brakes: Brakes) -> Reach:
    """Told to stand: anywhere between here and where it stands at the latest."""
    now_m_s, on_s = math.hypot(*velocity_m_s), age_s + brakes.late_s + TOLD_LATE_S
    v_m_s = max(now_m_s, min(brakes.most_m_s, now_m_s + _PICKS_UP_M_S2[1] * brakes.late_s))
    if v_m_s < _STILL_M_S:
        return standing(place)
    moments = age_s + np.arange(MOMENTS) * STEP_S + TOLD_LATE_S
    brakes_s = np.clip(moments - on_s, 0.0, v_m_s / brakes.m_s2)
    late_m = v_m_s * np.minimum(moments, on_s) + v_m_s * brakes_s - brakes.m_s2 * brakes_s**2 / 2
    if not way:
        ahead_s = (float(late_m[-1]) + 1.0) / max(now_m_s, _STILL_M_S)
        east, north, up = (here + speed * ahead_s for here, speed in zip(place, velocity_m_s, strict=True))
        way = (Leg((east, north, up)),)
    course = Course.of(place, way)
    return course.reach(_between(np.zeros_like(late_m), late_m), v_m_s)


def _between(low: Array, high: Array) -> Array:
    return low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, SPREAD)[None, :]
