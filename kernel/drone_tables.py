"""What the drone service leaves in hashes for whoever draws it: zones, plans, next runs. WGS-84.

    drone_zones       field zone id               ZonePicture
    patrol_plans      field `patrol_id/drone_id`  PlanPicture
    patrol_runs_next  field patrol id             NextRuns

The drone service alone writes them: at its start, when it plans anew, and when a timed zone turns.
"""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kernel.config.airspace import AirspaceKind
from kernel.drone_events import ReasonText


class TableRow(BaseModel):
    """Root of the rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ZonePicture(TableRow):
    """A zone of the airspace, and whether it counts now."""

    id: str
    name: str
    kind: AirspaceKind
    points: tuple[tuple[float, float], ...] = Field(description="Corners in order, each [lat, lon].")
    active_now: bool
    active: tuple[str, ...] = Field(default=(), description="When it counts, as configured; empty: always.")
    floor_m: float = Field(default=0.0, description="Lowest height above ground it counts at.")
    ceiling_m: float | None = Field(default=None, description="Highest; None: as high as drones fly.")


class PlanPicturePoint(TableRow):
    """A point of a planned flight."""

    lat: float
    lon: float
    alt_ground_m: float | None = Field(description="Above ground.")
    kind: str = Field(description="takeoff, transit, work or return.")
    arrive_s: float | None = Field(default=None, description="After the start.")


class PlanPicture(TableRow):
    """How a drone would fly a patrol, or why it may not."""

    patrol_id: str
    drone_id: str
    points: tuple[PlanPicturePoint, ...] = ()
    distance_m: float | None = None
    duration_s: float | None = None
    energy_share: float | None = Field(default=None, description="Of the endurance, 0-1.")
    problems: tuple[ReasonText, ...] = Field(default=(), description="Why it may not be flown as planned.")
    planned_at: AwareDatetime


class NextRuns(TableRow):
    """When a patrol is due next."""

    next: tuple[AwareDatetime, ...] = ()


def plan_field(patrol_id: str, drone_id: str) -> str:
    """Field of a plan in `patrol_plans`."""
    return f"{patrol_id}/{drone_id}"
