"""What the straight way home takes of a battery, from anywhere in the air; pure."""

from __future__ import annotations

from dataclasses import dataclass

from drone.plan.timeline import LANDING_EXTRA_S, ground_speed, power
from kernel.config.fleet import DroneConfig

_SLOWEST_M_S = 0.5


@dataclass(frozen=True, slots=True)
class WayHome:
    """How one drone gets home, counted as its plans count.

    Attributes:
        speed_m_s: over the ground, straight against the wind that its plan was reckoned with.
        descent_m_s, landing_s: down from its height, and the last slow metres.
        power: of that against the wind, as a multiple of that at cruise.
        endurance_s: time in the air on a full battery.
        reserve: share of it that plans never use.
    """

    speed_m_s: float
    descent_m_s: float
    landing_s: float
    power: float
    endurance_s: float
    reserve: float

    def seconds(self, away_m: float, height_m: float) -> float:
        """Straight home and down."""
        return away_m / self.speed_m_s + max(0.0, height_m) / self.descent_m_s + self.landing_s

    def percent(self, away_m: float, height_m: float) -> float:
        """Of a full battery that this takes, without any reserve."""
        return 100.0 * self.seconds(away_m, height_m) * self.power / self.endurance_s


def way_home(drone: DroneConfig, wind_m_s: float) -> WayHome:
    """Of a drone in a wind from the worst direction: from home."""
    speed_m_s, air_m_s = ground_speed((0, 0), (0, 1), drone.cruise_m_s, (0, -wind_m_s), drone.airspeed_max_m_s)
    return WayHome(
        speed_m_s=max(speed_m_s, _SLOWEST_M_S),
        descent_m_s=drone.descent_m_s,
        landing_s=LANDING_EXTRA_S,
        power=power(air_m_s, drone),
        endurance_s=drone.endurance_s,
        reserve=drone.reserve,
    )
