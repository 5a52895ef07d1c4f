"""Local metres around a point: azimuthal equidistant, so that distances and directions from the middle are true.

Source: J. P. Snyder, Map Projections (USGS 1395), ch. 25, on the ellipsoid by kernel.geodesy's geodesics. Within 10 km
of the middle, distances between any two points are true to one part in a million.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kernel.geodesy import LatLon, bearing_deg, distance_m, shifted

XY = tuple[float, float]
_CLOSE_ENOUGH_M = 1e-6
_MOST_STEPS = 10


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """East and north of a middle, in metres."""

    lat: float
    lon: float

    def to_local(self, lat: float, lon: float) -> XY:
        """(east, north) metres of a WGS-84 position."""
        far_m = distance_m(self.lat, self.lon, lat, lon)
        if far_m == 0.0:
            return 0.0, 0.0
        towards = math.radians(bearing_deg(self.lat, self.lon, lat, lon))
        return far_m * math.sin(towards), far_m * math.cos(towards)

    def to_wgs84(self, east_m: float, north_m: float) -> LatLon:
        """WGS-84 latitude and longitude of local metres, degrees."""
        lat, lon = shifted(self.lat, self.lon, north_m, east_m)
        for _ in range(_MOST_STEPS):
            east, north = self.to_local(lat, lon)
            step_east, step_north = east_m - east, north_m - north
            lat, lon = shifted(lat, lon, step_north, step_east)
            if abs(step_east) + abs(step_north) < _CLOSE_ENOUGH_M:
                break
        return lat, lon
