"""What flies the vehicle in one leg or mode: each is asked for the velocity it wants, and whether it has arrived."""

from __future__ import annotations

import math
from enum import Enum, auto
from typing import Protocol

from scripts.vehicle.guidance import Speeds, heading_deg, towards
from scripts.vehicle.helm import Helm
from scripts.vehicle.vector import ZERO, Vector

_LAND_LOW_M = 10.0
_STOPPING_S = 1.0
_RTL_LEAST_CLIMB_M = 2.5


class Controller(Protocol):
    """One way of flying."""

    def wanted(self, dt_s: float) -> Vector:
        """The ground velocity it wants now, m/s."""
        ...


class Hold:
    """Stay where it is, or at `place`."""

    def __init__(self, helm: Helm, place: Vector | None = None) -> None:
        self._helm = helm
        self.place = place or helm.position.plus(_stopping(helm))

    def wanted(self, dt_s: float) -> Vector:
        return towards(self._helm.position, self.place, self._helm.speeds)


class FlyTo:
    """Fly straight to a place; `arrive_m_s` is left over when it is flown through, `early_m` before it it counts."""

    def __init__(self, helm: Helm, target: Vector, arrive_m_s: float = 0.0, early_m: float = 0.0) -> None:
        self._helm, self.target, self._arrive_m_s, self._early_m = helm, target, arrive_m_s, early_m
        self.start = helm.position
        self.reached = False

    def wanted(self, dt_s: float) -> Vector:
        way = self.target.minus(self._helm.position)
        self.reached = self.reached or way.length <= max(self._early_m, self._helm.waypoint_radius_m)
        if self._helm.look_at is None and self._helm.fixed_yaw_deg is None and way.horizontal > 2.0:
            self._helm.body.turn(heading_deg(way), dt_s)
        return towards(self._helm.position, self.target, self._helm.speeds, self._arrive_m_s)


class TakeOff(FlyTo):
    """Straight up to an altitude above home, at least a metre."""

    def __init__(self, helm: Helm, alt_m: float) -> None:
        here = helm.position
        up = alt_m if math.isnan(alt_m) else max(alt_m, here.up, helm.home_local.up + 1.0)
        super().__init__(helm, Vector(here.north, here.east, up))


class Descend:
    """Hold the place and change height at the rate of the pilot's throttle stick; all the way down is its lowest."""

    def __init__(self, helm: Helm) -> None:
        self._helm = helm
        self._place = helm.position.plus(_stopping(helm))

    def wanted(self, dt_s: float) -> Vector:
        here = self._helm.position
        level = towards(here, Vector(self._place.north, self._place.east, here.up), self._helm.speeds)
        return level._replace(up=self._helm.climb_rate_m_s)


class LandThere:
    """Fly over a place at the present height, then down: fast above 10 m, LAND_SPEED below."""

    def __init__(self, helm: Helm, place: Vector | None = None) -> None:
        self._helm = helm
        self._over = None if place is None else FlyTo(helm, Vector(place.north, place.east, helm.position.up))
        self._place = place or helm.position.plus(_stopping(helm))

    def wanted(self, dt_s: float) -> Vector:
        if self._over is not None and not self._over.reached:
            return self._over.wanted(dt_s)
        here, value = self._helm.position, self._helm.parameters
        level = towards(here, Vector(self._place.north, self._place.east, here.up), self._helm.speeds)
        high_m_s = value["LAND_SPEED_HIGH"] or value["WPNAV_SPEED_DN"]
        low_m_s = value["LAND_SPEED"]
        return level._replace(up=-(high_m_s if here.up > _LAND_LOW_M else low_m_s) / 100)


class ReturnPhase(Enum):
    """climb -> fly back -> wait over home -> land."""

    CLIMB = auto()
    BACK = auto()
    WAIT = auto()
    LAND = auto()


class ReturnHome:
    """RTL: up to RTL_ALT (a cone near home keeps it lower), back, wait RTL_LOIT_TIME, land."""

    def __init__(self, helm: Helm) -> None:
        self._helm = helm
        helm.look_at = None
        here, value = helm.position, helm.parameters
        away_m = here.minus(helm.home_local).horizontal
        height_m = max(value["RTL_ALT"], 200.0) / 100
        if value["RTL_CONE_SLOPE"] > 0:
            height_m = min(height_m, max(away_m * value["RTL_CONE_SLOPE"], _RTL_LEAST_CLIMB_M))
        up = max(helm.home_local.up + height_m, here.up + max(0.0, value["RTL_CLIMB_MIN"] / 100))
        stop = here.plus(_stopping(helm))
        self.phase = ReturnPhase.CLIMB
        self._leg: Controller = FlyTo(helm, Vector(stop.north, stop.east, up))
        self._up, self._waited_s = up, 0.0

    def wanted(self, dt_s: float) -> Vector:
        if self.phase is ReturnPhase.WAIT:
            self._waited_s += dt_s
            if self._waited_s >= self._helm.parameters["RTL_LOIT_TIME"] / 1000:
                self.phase, self._leg = ReturnPhase.LAND, LandThere(self._helm, self._helm.home_local)
        elif isinstance(self._leg, FlyTo) and self._leg.reached:
            over = Vector(self._helm.home_local.north, self._helm.home_local.east, self._up)
            if self.phase is ReturnPhase.CLIMB:
                self.phase, self._leg = ReturnPhase.BACK, FlyTo(self._helm, over)
            else:
                self.phase, self._leg = ReturnPhase.WAIT, Hold(self._helm, over)
        return self._leg.wanted(dt_s)


class Orbit:
    """Round a centre at a radius and a rate (positive is clockwise), counting turns."""

    def __init__(self, helm: Helm, centre: Vector, radius_m: float, rate_deg_s: float) -> None:
        self._helm, self._centre, self._radius_m = helm, centre, max(radius_m, 0.0)
        self._rate_deg_s = rate_deg_s
        here = helm.position.minus(centre)
        self._angle_deg = heading_deg(here) if here.horizontal > 0.1 else helm.body.yaw_deg
        self._edge = FlyTo(helm, self._at(self._angle_deg))
        self._turned_deg = 0.0

    @property
    def turns(self) -> float:
        return abs(self._turned_deg) / 360

    def wanted(self, dt_s: float) -> Vector:
        if not self._edge.reached:
            return self._edge.wanted(dt_s)
        most_deg_s = math.degrees(self._helm.speeds.horizontal / max(self._radius_m, 1.0))
        rate = max(-most_deg_s, min(most_deg_s, self._rate_deg_s))
        self._angle_deg += rate * dt_s
        self._turned_deg += rate * dt_s
        along = math.radians(self._angle_deg + 90)
        forward = math.radians(rate) * self._radius_m
        run = Vector(math.cos(along) * forward, math.sin(along) * forward, 0.0)
        back = towards(self._helm.position, self._at(self._angle_deg), self._helm.speeds)
        self._helm.body.turn(self._angle_deg + 180, dt_s)
        return run.plus(back)

    def _at(self, angle_deg: float) -> Vector:
        angle = math.radians(angle_deg)
        offset = Vector(math.cos(angle) * self._radius_m, math.sin(angle) * self._radius_m, 0.0)
        return self._centre.plus(offset)


class Velocity:
    """GUIDED by velocity: stops when no new one came for three seconds."""

    def __init__(self, helm: Helm, velocity: Vector) -> None:
        self._helm, self._velocity, self._left_s = helm, velocity, 3.0

    def wanted(self, dt_s: float) -> Vector:
        self._left_s -= dt_s
        if self._left_s <= 0:
            return ZERO
        limits: Speeds = self._helm.speeds
        up = max(-limits.down, min(limits.up, self._velocity.up))
        return self._velocity.shortened(limits.horizontal)._replace(up=up)


def _stopping(helm: Helm) -> Vector:
    """How far it still runs before it stands."""
    return helm.body.velocity.times(_STOPPING_S)
