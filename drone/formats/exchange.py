"""What a plan file holds, whichever its format, and what it is refused for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from drone.areas.drawing import Ring
from drone.mission.items import Mission, MissionItem
from kernel.errors import BadInputError


@dataclass(frozen=True, slots=True)
class FencePolygon:
    """A polygon of a fence: to stay in, or to keep out of."""

    corners: Ring
    is_inclusion: bool


@dataclass(frozen=True, slots=True)
class FenceCircle:
    """A circle of a fence."""

    lat: float
    lon: float
    radius_m: float
    is_inclusion: bool


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A mission (item 0 is home), its fence and its rally points.

    Attributes:
        home_amsl_m: height of home above the sea, as the file says; 0 where it does not.
        rally: (lat, lon, height above home).
        cruise_m_s: speed the file states for the whole plan, or None.
    """

    mission: Mission
    polygons: tuple[FencePolygon, ...] = ()
    circles: tuple[FenceCircle, ...] = ()
    rally: tuple[tuple[float, float, float], ...] = ()
    home_amsl_m: float = 0.0
    cruise_m_s: float | None = None


def checked_item(item: MissionItem, number: int, source: str) -> MissionItem:
    """The item, if its numbers are numbers and its place is one.

    Raises:
        BadInputError: they are not.
    """
    values = (item.param1, item.param2, item.param3, item.param4, item.lat_deg, item.lon_deg, item.alt_m)
    if not all(map(math.isfinite, values)):
        raise BadInputError(f"{source}: item {number} holds a number that is none; correct it")
    if item.is_positioned:
        if not (-90 <= item.lat_deg <= 90 and -180 <= item.lon_deg <= 180):
            raise BadInputError(f"{source}: item {number} lies at {item.lat_deg}, {item.lon_deg}: out of range")
        if item.lat_deg == 0 and item.lon_deg == 0:
            raise BadInputError(f"{source}: item {number} lies at 0, 0; a position is missing")
    return item
