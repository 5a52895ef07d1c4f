"""What every flight controller of the vehicle reads: where it believes it is, its limits, home, what it looks at."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from scripts.vehicle.body import Body, Drifting
from scripts.vehicle.guidance import Speeds
from scripts.vehicle.mission_items import ABSOLUTE, RELATIVE, StoredItem
from scripts.vehicle.parameters import ParameterTable
from scripts.vehicle.plan_store import Home
from scripts.vehicle.vector import ZERO, LocalFrame, Vector

_SLOWEST_M_S, _LEAST_ACCEL_M_S2 = 0.2, 0.5  # what the autopilot keeps to, whatever the parameters say
_ESTIMATE_SIGMA_M, _ESTIMATE_TAU_S = 0.04, 20.0


@dataclass
class Helm:
    """Shared by the modes, the mission and the telemetry of one vehicle.

    Attributes:
        frame: the plane around the place where the vehicle was switched on.
        ground_amsl_m: altitude of that (flat) ground above the sea.
        speed_m_s: what DO_CHANGE_SPEED asked for, else WPNAV_SPEED holds.
        climb_rate_m_s: what the pilot's throttle asks for in the modes where the pilot holds it.
        look_at: a region of interest; the nose points there.
    """

    body: Body
    parameters: ParameterTable
    frame: LocalFrame
    ground_amsl_m: float
    rng: random.Random
    home: Home
    home_local: Vector = ZERO
    speed_m_s: float | None = None
    climb_rate_m_s: float = -2.5
    look_at: Vector | None = None
    fixed_yaw_deg: float | None = None
    glitch: Vector = ZERO
    _error: Drifting = field(init=False)

    def __post_init__(self) -> None:
        self._error = Drifting(_ESTIMATE_SIGMA_M, _ESTIMATE_TAU_S, self.rng)

    @property
    def position(self) -> Vector:
        """Where the vehicle believes it is, metres from the switch-on place, up from the ground there."""
        return self.body.position.plus(self._error.value).plus(self.glitch)

    def drift(self, dt_s: float) -> None:
        """Let the estimate wander by its centimetres."""
        self._error.step(dt_s)

    @property
    def speeds(self) -> Speeds:
        value = self.parameters
        horizontal = self.speed_m_s if self.speed_m_s is not None else value["WPNAV_SPEED"] / 100
        up, down, accel = value["WPNAV_SPEED_UP"] / 100, value["WPNAV_SPEED_DN"] / 100, value["WPNAV_ACCEL"] / 100
        return Speeds(max(_SLOWEST_M_S, horizontal), max(0.1, up), max(0.1, down), max(_LEAST_ACCEL_M_S2, accel))

    @property
    def waypoint_radius_m(self) -> float:
        """How near counts as there."""
        return max(0.05, self.parameters["WPNAV_RADIUS"] / 100)

    def place_of(self, item: StoredItem) -> Vector | None:
        """The target an item names; None when it is above terrain that nobody has served. Up may be NaN."""
        return self.place(item.lat_e7 / 1e7, item.lon_e7 / 1e7, item.alt_m, item.frame)

    def place(self, lat_deg: float, lon_deg: float, alt_m: float, frame: int) -> Vector | None:
        """The local position of a global one; `frame` is RELATIVE (to home), ABSOLUTE or TERRAIN."""
        north, east = self.frame.to_local(lat_deg, lon_deg)
        if frame == RELATIVE:
            return Vector(north, east, alt_m + self.home_local.up)
        if frame == ABSOLUTE:
            return Vector(north, east, alt_m - self.ground_amsl_m)
        return None

    def set_home(self, place: Vector) -> None:
        """Home is where the vehicle stands, at the ground's altitude."""
        lat_deg, lon_deg = self.frame.to_global(place.north, place.east)
        self.home_local = place
        self.home = Home(lat_deg, lon_deg, self.ground_amsl_m + place.up)
