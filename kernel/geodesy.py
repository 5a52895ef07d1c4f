"""Positions: WGS-84 inside; GCJ-02 and BD-09, which maps in China export, converted; distance, bearing, small steps.

GCJ-02 shifts WGS-84 by some hundred metres, BD-09 shifts GCJ-02 again. Neither is published officially: the formulas
are those in common use (github.com/googollee/eviltransform), and like them leave positions outside China's bounding box
alone. The ways back have no closed form and are iterated until less than a millimetre is left.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from kernel.config.camera import Datum

_KRASOVSKY_RADIUS_M = 6_378_245.0
_KRASOVSKY_ECCENTRICITY_2 = 0.00669342162296594323
_CHINA_LAT = (0.8293, 55.8271)
_CHINA_LON = (72.004, 137.8347)
_BD_PI = math.pi * 3000.0 / 180.0
_CLOSE_ENOUGH_DEG = 1e-10
_MOST_STEPS = 50

_RADIUS_M = 6_378_137.0  # WGS-84 semi-major axis
_FLATTENING = 1 / 298.257223563
_ECCENTRICITY_2 = _FLATTENING * (2 - _FLATTENING)
_MEAN_RADIUS_M = 6_371_008.8

LatLon = tuple[float, float]


def to_wgs84(lat: float, lon: float, datum: Datum) -> LatLon:
    """WGS-84 latitude and longitude of a position given in `datum`, degrees."""
    if datum is Datum.WGS84:
        return lat, lon
    if datum is Datum.BD09:
        lat, lon = _undone(_gcj02_to_bd09, lat, lon)
    return _undone(_wgs84_to_gcj02, lat, lon)


def from_wgs84(lat: float, lon: float, datum: Datum) -> LatLon:
    """Latitude and longitude in `datum` of a WGS-84 position, degrees."""
    if datum is Datum.WGS84:
        return lat, lon
    lat, lon = _wgs84_to_gcj02(lat, lon)
    return _gcj02_to_bd09(lat, lon) if datum is Datum.BD09 else (lat, lon)


def _is_outside_china(lat: float, lon: float) -> bool:
    return not (_CHINA_LAT[0] <= lat <= _CHINA_LAT[1] and _CHINA_LON[0] <= lon <= _CHINA_LON[1])


def _undone(forward: Callable[[float, float], LatLon], lat: float, lon: float) -> LatLon:
    """The position that `forward` moves to (lat, lon), by repeated correction."""
    if _is_outside_china(lat, lon):
        return lat, lon
    guess_lat, guess_lon = lat, lon
    for _ in range(_MOST_STEPS):
        there_lat, there_lon = forward(guess_lat, guess_lon)
        step_lat, step_lon = there_lat - lat, there_lon - lon
        guess_lat, guess_lon = guess_lat - step_lat, guess_lon - step_lon
        if max(abs(step_lat), abs(step_lon)) < _CLOSE_ENOUGH_DEG:
            break
    return guess_lat, guess_lon


def _wgs84_to_gcj02(lat: float, lon: float) -> LatLon:
    if _is_outside_china(lat, lon):
        return lat, lon
    x, y = lon - 105.0, lat - 35.0
    common = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    root_x = math.sqrt(abs(x))
    shift_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root_x
    shift_lat += (common + 20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    shift_lat += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y / 30.0 * math.pi)) * 2.0 / 3.0
    shift_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root_x
    shift_lon += (common + 20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    shift_lon += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    meridian_m, parallel_m = _metres_a_radian(lat, _KRASOVSKY_RADIUS_M, _KRASOVSKY_ECCENTRICITY_2)
    return lat + math.degrees(shift_lat / meridian_m), lon + math.degrees(shift_lon / parallel_m)


def _gcj02_to_bd09(lat: float, lon: float) -> LatLon:
    if _is_outside_china(lat, lon):
        return lat, lon
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BD_PI)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_PI)
    return radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065


def shifted(lat: float, lon: float, north_m: float, east_m: float) -> LatLon:
    """A position near another one, by the curvatures of the ellipsoid at that one.

    Off by 3 cm at 500 m at 53 degrees north, by less farther south; four times that at twice as far.
    """
    meridian_m, parallel_m = _metres_a_radian(lat, _RADIUS_M, _ECCENTRICITY_2)
    return lat + math.degrees(north_m / meridian_m), lon + math.degrees(east_m / parallel_m)


def offset_m(lat: float, lon: float, to_lat: float, to_lon: float) -> tuple[float, float]:
    """(north, east) metres from one position to another near it; the inverse of `shifted`."""
    meridian_m, parallel_m = _metres_a_radian(lat, _RADIUS_M, _ECCENTRICITY_2)
    return math.radians(to_lat - lat) * meridian_m, math.radians(to_lon - lon) * parallel_m


def _metres_a_radian(lat: float, radius_m: float, eccentricity_2: float) -> tuple[float, float]:
    """Metres along the meridian for a radian of latitude, and along the parallel for one of longitude."""
    curvature = 1 - eccentricity_2 * math.sin(math.radians(lat)) ** 2
    meridian_m = radius_m * (1 - eccentricity_2) / (curvature * math.sqrt(curvature))
    return meridian_m, radius_m / math.sqrt(curvature) * math.cos(math.radians(lat))


def distance_m(from_lat: float, from_lon: float, to_lat: float, to_lon: float) -> float:
    """Metres between two WGS-84 positions, along the ellipsoid.

    Source: T. Vincenty, Survey Review XXII/176 (1975), good to less than a millimetre; positions almost opposite on the
    globe, where it does not converge, are measured on the sphere (0.5%).
    """
    return _inverse(from_lat, from_lon, to_lat, to_lon)[0]


def bearing_deg(from_lat: float, from_lon: float, to_lat: float, to_lon: float) -> float:
    """Direction from one WGS-84 position to another when leaving, 0-360 clockwise from true north."""
    return _inverse(from_lat, from_lon, to_lat, to_lon)[1]


def _inverse(from_lat: float, from_lon: float, to_lat: float, to_lon: float) -> tuple[float, float]:
    """Distance and first bearing; symbols as in the paper."""
    big_l = math.radians((to_lon - from_lon + 540.0) % 360.0 - 180.0)
    u1 = math.atan((1 - _FLATTENING) * math.tan(math.radians(from_lat)))
    u2 = math.atan((1 - _FLATTENING) * math.tan(math.radians(to_lat)))
    sin_u1, cos_u1, sin_u2, cos_u2 = math.sin(u1), math.cos(u1), math.sin(u2), math.cos(u2)
    lam = big_l
    for _ in range(_MOST_STEPS):
        east = cos_u2 * math.sin(lam)
        north = cos_u1 * sin_u2 - sin_u1 * cos_u2 * math.cos(lam)
        sin_sigma = math.hypot(east, north)
        if sin_sigma == 0:
            return 0.0, 0.0
        cos_sigma = sin_u1 * sin_u2 + cos_u1 * cos_u2 * math.cos(lam)
        sigma = math.atan2(sin_sigma, cos_sigma)
        sin_alpha = cos_u1 * cos_u2 * math.sin(lam) / sin_sigma
        cos2_alpha = 1 - sin_alpha**2
        cos_2sm = cos_sigma - 2 * sin_u1 * sin_u2 / cos2_alpha if cos2_alpha else 0.0
        c = _FLATTENING / 16 * cos2_alpha * (4 + _FLATTENING * (4 - 3 * cos2_alpha))
        before = lam
        nested = cos_2sm + c * cos_sigma * (2 * cos_2sm**2 - 1)
        lam = big_l + (1 - c) * _FLATTENING * sin_alpha * (sigma + c * sin_sigma * nested)
        if abs(lam - before) < 1e-12:
            bearing = math.degrees(math.atan2(east, north)) % 360.0
            return _arc_m(cos2_alpha, sigma, sin_sigma, cos_sigma, cos_2sm), bearing % 360.0
    bearing = math.degrees(math.atan2(east, north)) % 360.0
    return _MEAN_RADIUS_M * sigma, bearing


def _arc_m(cos2_alpha: float, sigma: float, sin_sigma: float, cos_sigma: float, cos_2sm: float) -> float:
    """Length of the geodesic that spans `sigma` on the auxiliary sphere."""
    polar_m = _RADIUS_M * (1 - _FLATTENING)
    u2 = cos2_alpha * (_RADIUS_M**2 - polar_m**2) / polar_m**2
    big_a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    big_b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    inner = cos_sigma * (2 * cos_2sm**2 - 1)
    inner -= big_b / 6 * cos_2sm * (4 * sin_sigma**2 - 3) * (4 * cos_2sm**2 - 3)
    return polar_m * big_a * (sigma - big_b * sin_sigma * (cos_2sm + big_b / 4 * inner))
