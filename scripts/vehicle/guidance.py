"""Which velocity brings a vehicle to a place: straight, inside its speeds, slowing in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scripts.vehicle.vector import ZERO, Vector

_GAIN_PER_S = 1.0


@dataclass(frozen=True)
class Speeds:
    """What the autopilot's parameters allow, m/s and m/s2."""

    horizontal: float
    up: float
    down: float
    accel: float


def towards(place: Vector, target: Vector, speeds: Speeds, arrive_m_s: float = 0.0) -> Vector:
    """The wanted velocity along the straight line from `place` to `target`.

    Args:
        place: where the vehicle believes it is, metres.
        target: where it should be, metres.
        speeds: the limits; a climbing leg is flown slower so that the line stays straight.
        arrive_m_s: speed to have left at the target (a waypoint flown through), m/s.
    """
    way = target.minus(place)
    distance = way.length
    if distance < 1e-6:
        return ZERO
    most = _braking_speed(distance, speeds.accel, arrive_m_s)
    if way.horizontal > 1e-6:
        most = min(most, speeds.horizontal * distance / way.horizontal)
    if abs(way.up) > 1e-6:
        most = min(most, (speeds.up if way.up > 0 else speeds.down) * distance / abs(way.up))
    return way.times(most / distance)


def _braking_speed(distance_m: float, accel_m_s2: float, arrive_m_s: float) -> float:
    """The speed from which one can still stop: proportional close by, square root further out."""
    linear_m = accel_m_s2 / _GAIN_PER_S**2
    if distance_m <= linear_m:
        stop = distance_m * _GAIN_PER_S
    else:
        stop = math.sqrt(2 * accel_m_s2 * (distance_m - linear_m / 2))
    return math.hypot(stop, arrive_m_s)


def corner_speed(before: Vector, corner: Vector, after: Vector, speed_m_s: float) -> float:
    """The speed that may be left when flying through `corner`: all of it straight on, none at a right angle."""
    came, goes = corner.minus(before), after.minus(corner)
    if came.length < 1e-6 or goes.length < 1e-6:
        return 0.0
    cosine = (came.north * goes.north + came.east * goes.east + came.up * goes.up) / (came.length * goes.length)
    return max(0.0, cosine) * speed_m_s


def heading_deg(way: Vector) -> float:
    """Compass heading of a way, degrees."""
    return math.degrees(math.atan2(way.east, way.north)) % 360
