"""A flight plan: every point of the flight with its height, its speed and the second it is reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.config.patrols import FLAT


class PointKind(StrEnum):
    """What a point of the flight is for."""

    TAKEOFF = "takeoff"
    TRANSIT = "transit"
    WORK = "work"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class LookAt:
    """What the camera looks at: WGS-84, height above home."""

    lat: float
    lon: float
    alt_home_m: float


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """One point of the flight.

    Attributes:
        kind: takeoff (above home, first), transit, work, return (home, last; the vehicle lands there).
        lat, lon: WGS-84.
        alt_home_m: above home: what the autopilot gets.
        alt_ground_m: above the ground right below.
        speed_m_s: over the ground on the way here.
        hold_s: stay here.
        look_at: turn the camera there on the way here and while holding; None: as before.
        photo: take one picture here.
        photo_every_m: from here on take a picture each so many metres; 0 stops that; None changes nothing.
        arrive_s, leave_s: seconds after take-off began.
        number: of the route's point it is, counted from 1 (for an action, a message, the map); None for points the
            planner put in.
    """

    kind: PointKind
    lat: float
    lon: float
    alt_home_m: float
    alt_ground_m: float
    speed_m_s: float
    hold_s: float = 0.0
    look_at: LookAt | None = None
    photo: bool = False
    photo_every_m: float | None = None
    arrive_s: float = 0.0
    leave_s: float = 0.0
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """The dock: WGS-84, and the ground's height there in the terrain's own datum (0 where it is flat).

    Attributes:
        terrain: flat, or the file that ground_m is from: heights of two plans compare only over the same terrain.
    """

    lat: float
    lon: float
    ground_m: float = 0.0
    terrain: str = FLAT


@dataclass(frozen=True, slots=True)
class EnergyBudget:
    """What the flight takes of a full battery.

    Attributes:
        used: share of a full battery.
        allowed: share it may take (1 - reserve).
        wind_m_s: that it was reckoned with.
        wind_from_deg: None where the worst direction was taken.
    """

    used: float
    allowed: float
    wind_m_s: float
    wind_from_deg: float | None

    @property
    def is_enough(self) -> bool:
        """Whether the reserve stays untouched."""
        return self.used <= self.allowed


@dataclass(frozen=True, slots=True)
class FlightPlan:
    """A whole flight, from take-off to landing.

    Attributes:
        start_at: when take-off begins, UTC.
        distance_m: over the ground.
        duration_s: from take-off to landing.
        layer: how many separations higher than the patrol asks it is flown.
        notes: what a person should know although it is no reason to refuse, each (zh, en).
        coverage: share of a survey's area that the camera sees; None for other routes.
        separation_m: others stay as far away from its drone.
    """

    patrol_id: str
    drone_id: str
    home: Home
    points: tuple[PlannedPoint, ...]
    start_at: datetime
    distance_m: float
    duration_s: float
    energy: EnergyBudget
    layer: int = 0
    notes: tuple[tuple[str, str], ...] = field(default=())
    coverage: float | None = None
    separation_m: float = 0.0

    @property
    def work_points(self) -> tuple[PlannedPoint, ...]:
        """The points the patrol is flown for."""
        return tuple(point for point in self.points if point.kind is PointKind.WORK)

    @property
    def end_at(self) -> datetime:
        """When it has landed, UTC."""
        return self.start_at + timedelta(seconds=self.duration_s)
