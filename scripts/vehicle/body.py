"""The point mass: what the air and the ground do to the vehicle, whatever its autopilot wishes."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from scripts.vehicle.vector import ZERO, Vector

_MOST_ACCEL_M_S2 = 3.0  # about 17 degrees of tilt
_MOST_ACCEL_UP_M_S2 = 3.0
_MOST_AIRSPEED_M_S = 15.0
_FALL_M_S2 = 9.81
_FALL_M_S = 25.0
_YAW_RATE_DEG_S = 60.0


@dataclass(frozen=True)
class Wind:
    """Steady wind and its gusts; `from_deg` is where it blows from."""

    speed_m_s: float = 0.0
    from_deg: float = 0.0
    gust_m_s: float = 0.0

    @property
    def steady(self) -> Vector:
        towards = math.radians(self.from_deg + 180)
        return Vector(self.speed_m_s * math.cos(towards), self.speed_m_s * math.sin(towards), 0.0)


@dataclass
class Drifting:
    """A first-order random walk pulled back to zero: the error of a position estimate, or a gust.

    `sigma` is its standard deviation, `tau_s` how long it remembers.
    """

    sigma: float
    tau_s: float
    rng: random.Random
    value: Vector = ZERO

    def step(self, dt_s: float) -> Vector:
        keep = math.exp(-dt_s / self.tau_s)
        spread = self.sigma * math.sqrt(1 - keep * keep)
        kick = Vector(*(self.rng.gauss(0, spread) for _ in range(3)))
        self.value = self.value.times(keep).plus(kick)
        return self.value


@dataclass
class Body:
    """True position (metres from home's ground, up positive), velocity and heading."""

    rng: random.Random
    wind: Wind = field(default_factory=Wind)
    position: Vector = ZERO
    velocity: Vector = ZERO
    yaw_deg: float = 0.0
    motors_dead: bool = False
    broken: bool = False
    flown_m: float = 0.0
    impact_m_s: float = 0.0

    def __post_init__(self) -> None:
        self._gust = Drifting(self.wind.gust_m_s / 2, 3.0, self.rng)

    @property
    def on_ground(self) -> bool:
        return self.position.up <= 0.0

    def step(self, wanted: Vector, dt_s: float, *, lifting: bool) -> None:
        """Move for `dt_s` towards the ground velocity `wanted`; without lift it falls, or stays on the ground."""
        if not lifting:
            self._fall(dt_s)
            return
        airflow = self.wind.steady.plus(self._gust.step(dt_s))
        reachable = airflow.plus(wanted.minus(airflow).shortened(_MOST_AIRSPEED_M_S))
        change = Vector(reachable.north, reachable.east, wanted.up).minus(self.velocity)
        change = change.shortened(_MOST_ACCEL_M_S2 * dt_s)
        most_up = _MOST_ACCEL_UP_M_S2 * dt_s
        change = change._replace(up=max(-most_up, min(most_up, change.up)))
        self._move(self.velocity.plus(change), dt_s)

    def turn(self, towards_deg: float, dt_s: float) -> None:
        """Yaw towards a heading at the rate a copter turns."""
        error = (towards_deg - self.yaw_deg + 180) % 360 - 180
        most = _YAW_RATE_DEG_S * dt_s
        self.yaw_deg = (self.yaw_deg + max(-most, min(most, error))) % 360

    def _fall(self, dt_s: float) -> None:
        if self.on_ground:
            self.velocity = ZERO
            return
        up = max(-_FALL_M_S, self.velocity.up - _FALL_M_S2 * dt_s)
        self._move(self.velocity._replace(up=up), dt_s)

    def _move(self, velocity: Vector, dt_s: float) -> None:
        before = self.position
        after = before.plus(velocity.times(dt_s))
        if after.up <= 0.0:
            if before.up > 0.0:
                self.impact_m_s = -velocity.up
            after = after._replace(up=0.0)
            velocity = ZERO if velocity.up < 0 else velocity
        self.flown_m += after.minus(before).horizontal
        self.position, self.velocity = after, velocity
