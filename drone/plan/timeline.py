"""When a drone is where, and what that takes of its battery, in the wind.

Energy is counted as time in the air against `endurance_s`: climbing takes more, and so does flying through the air
faster than at cruise. The speed through the air is the speed over the ground against the wind; where that is more than
the aircraft can do, it gets slower over the ground.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drone.areas.frame import XY
from kernel.config.fleet import DroneConfig

_CLIMB_FACTOR = 1.3
_DRAG_SHARE = 0.1  # of the power at cruise: that part rises with the third power of the speed through the air
ACCELERATION_M_S2 = 1.0
LANDING_EXTRA_S = 20.0  # the last metres are slow, and motors stop only then
_SLOWEST_M_S = 0.5
_WORST_DIRECTIONS = 8


@dataclass(frozen=True, slots=True)
class Wind:
    """Speed, and where it comes from (None: unknown)."""

    speed_m_s: float
    from_deg: float | None


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A point as time counts it: local metres, height, speed towards it, time spent there."""

    position: XY
    height_m: float
    speed_m_s: float
    hold_s: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Seconds after take-off began at which each point is reached and left, and the cost of it all.

    Attributes:
        used: share of a full battery.
        duration_s: until the motors stop.
        is_windbound: somewhere the wind is stronger than the aircraft can fly against.
    """

    arrive_s: tuple[float, ...]
    leave_s: tuple[float, ...]
    used: float
    duration_s: float
    is_windbound: bool
    wind_from_deg: float | None


def timeline(points: Sequence[Waypoint], drone: DroneConfig, wind: Wind) -> Timeline:
    """Times and energy of a flight: the first point is above the dock after the climb, the last the dock itself.

    With an unknown direction, the one that takes the most energy.
    """
    if wind.from_deg is not None or wind.speed_m_s == 0:
        return _timeline(points, drone, wind.speed_m_s, wind.from_deg or 0.0, wind.from_deg)
    turns = [360.0 / _WORST_DIRECTIONS * index for index in range(_WORST_DIRECTIONS)]
    found = [_timeline(points, drone, wind.speed_m_s, turn, None) for turn in turns]
    return max(found, key=lambda one: (one.is_windbound, one.used))


def _timeline(
    points: Sequence[Waypoint], drone: DroneConfig, wind_m_s: float, from_deg: float, known_deg: float | None
) -> Timeline:
    towards = math.radians(from_deg + 180.0)
    wind = (wind_m_s * math.sin(towards), wind_m_s * math.cos(towards))
    climb_s = max(0.0, points[0].height_m - points[-1].height_m) / drone.climb_m_s
    clock, spent_s = climb_s, climb_s * _CLIMB_FACTOR
    arrive, leave, windbound = [clock], [clock], False
    hover = power(wind_m_s, drone)
    for index in range(1, len(points)):
        start, end = points[index - 1], points[index]
        speed_m_s, air_m_s = ground_speed(start.position, end.position, end.speed_m_s, wind, drone.airspeed_max_m_s)
        windbound |= speed_m_s < _SLOWEST_M_S or wind_m_s > drone.airspeed_max_m_s
        leg_s, rises = _leg_s(points, index, max(speed_m_s, _SLOWEST_M_S), drone)
        clock += leg_s
        spent_s += leg_s * power(air_m_s, drone) * (_CLIMB_FACTOR if rises else 1.0)
        arrive.append(clock)
        clock += end.hold_s
        spent_s += end.hold_s * hover
        leave.append(clock)
    landing_s = max(0.0, points[-2].height_m - points[-1].height_m) / drone.descent_m_s + LANDING_EXTRA_S
    return Timeline(
        tuple(arrive),
        tuple(leave),
        (spent_s + landing_s * hover) / drone.endurance_s,
        clock + landing_s,
        windbound,
        known_deg,
    )


def ground_speed(start: XY, end: XY, wanted_m_s: float, wind: XY, airspeed_max_m_s: float) -> tuple[float, float]:
    """Speed over the ground on a leg, at most the wanted one, and the speed through the air it takes."""
    far_m = math.dist(start, end)
    if far_m == 0:
        return wanted_m_s, math.hypot(*wind)
    along = ((end[0] - start[0]) / far_m, (end[1] - start[1]) / far_m)
    tail = wind[0] * along[0] + wind[1] * along[1]
    across = wind[0] * along[1] - wind[1] * along[0]
    reach_2 = airspeed_max_m_s**2 - across**2
    if reach_2 <= 0:
        return 0.0, airspeed_max_m_s
    speed_m_s = min(wanted_m_s, tail + math.sqrt(reach_2))
    return max(0.0, speed_m_s), math.hypot(speed_m_s - tail, across)


def _leg_s(points: Sequence[Waypoint], index: int, speed_m_s: float, drone: DroneConfig) -> tuple[float, bool]:
    """Seconds of a leg with the turn at its end, and whether climbing it is what takes the time."""
    start, end = points[index - 1], points[index]
    is_home = index == len(points) - 1  # reached on one height; landing is counted apart
    rise_m = 0.0 if is_home else end.height_m - start.height_m
    across_s = math.dist(start.position, end.position) / speed_m_s
    up_s = rise_m / drone.climb_m_s if rise_m > 0 else -rise_m / drone.descent_m_s
    turn = _turn(points, index)
    return max(across_s, up_s) + speed_m_s / ACCELERATION_M_S2 * turn, rise_m > 0 and up_s > 0.5 * across_s


def _turn(points: Sequence[Waypoint], index: int) -> float:
    """How much of its speed a drone loses at a point: 1 where it stops, 0 where it goes straight on."""
    if index == len(points) - 1 or points[index].hold_s > 0:
        return 1.0
    before, here, after = (points[i].position for i in (index - 1, index, index + 1))
    first = math.atan2(here[1] - before[1], here[0] - before[0])
    second = math.atan2(after[1] - here[1], after[0] - here[0])
    return abs(math.sin((second - first) / 2))


def power(airspeed_m_s: float, drone: DroneConfig) -> float:
    """Power at a speed through the air as a multiple of that at cruise; never less than one."""
    return 1.0 + _DRAG_SHARE * max(0.0, (airspeed_m_s / drone.cruise_m_s) ** 3 - 1.0)
