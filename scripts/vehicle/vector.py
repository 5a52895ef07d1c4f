"""A position or velocity in metres: north, east, up; and the plane that stands for the earth around home."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

_M_PER_DEG = 111_319.490793  # WGS-84 equator, what ArduPilot's Location uses


class Vector(NamedTuple):
    """North, east, up; metres or m/s."""

    north: float
    east: float
    up: float

    def plus(self, other: Vector) -> Vector:
        return Vector(self.north + other.north, self.east + other.east, self.up + other.up)

    def minus(self, other: Vector) -> Vector:
        return Vector(self.north - other.north, self.east - other.east, self.up - other.up)

    def times(self, factor: float) -> Vector:
        return Vector(self.north * factor, self.east * factor, self.up * factor)

    @property
    def horizontal(self) -> float:
        """Length without the vertical part."""
        return math.hypot(self.north, self.east)

    @property
    def length(self) -> float:
        return math.sqrt(self.north**2 + self.east**2 + self.up**2)

    def shortened(self, most: float) -> Vector:
        """The same direction, horizontally no longer than `most`; the vertical part as it is."""
        length = self.horizontal
        if length <= most:
            return self
        return Vector(self.north * most / length, self.east * most / length, self.up)


ZERO = Vector(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class LocalFrame:
    """The plane around a place: good to centimetres over a district, wrong over continents, as a vehicle's own is."""

    lat_deg: float
    lon_deg: float

    def to_local(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """North and east of the place, metres."""
        east_deg = (lon_deg - self.lon_deg + 180) % 360 - 180
        return (lat_deg - self.lat_deg) * _M_PER_DEG, east_deg * _M_PER_DEG * self._scale

    def to_global(self, north_m: float, east_m: float) -> tuple[float, float]:
        """Latitude and longitude, degrees."""
        lat_deg = self.lat_deg + north_m / _M_PER_DEG
        lon_deg = self.lon_deg + east_m / (_M_PER_DEG * self._scale)
        return max(-90.0, min(90.0, lat_deg)), (lon_deg + 180) % 360 - 180

    @property
    def _scale(self) -> float:
        return max(0.01, math.cos(math.radians(self.lat_deg)))
