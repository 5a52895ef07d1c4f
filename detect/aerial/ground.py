"""A pixel of a camera in the air -> the place on the ground, with its error; or why it cannot be told. Pure.

The ground is a level plane `height_m` below the camera. Errors of the pose are carried to the ground to first order
(by differences of the projection itself), taken as independent and normal. A ray that nearly grazes the ground is
refused: there a degree is hundreds of metres and first order means nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from detect.aerial.eye import Eye, Lens, turned

LOWEST_M = 5.0
"""Lower than this the aircraft is taking off or landing, and its height above the ground is mostly error."""
LEAST_DEPRESSION_DEG = 8.0
FURTHEST_M = 500.0
LARGEST_ERROR_M = 60.0
_METRES_A_DEGREE = 111_320.0
_ECCENTRICITY_2 = 0.00669437999014
_RADIUS_M = 6_378_137.0


class Unplaced(StrEnum):
    """Why there is no place. Never the same as a place of zero."""

    NO_POSE = "no_pose"  # nothing was heard of the aircraft around that instant
    POSE_OLD = "pose_old"  # the newest pose is too old to go on from
    GIMBAL_UNKNOWN = "gimbal_unknown"  # nobody tells where the camera looks
    TOO_LOW = "too_low"
    ABOVE_HORIZON = "above_horizon"
    GRAZING = "grazing"  # so flat a look that the place is anywhere
    TOO_FAR = "too_far"
    CUT_OFF = "cut_off"  # the picture's edge hides where it stands


@dataclass(frozen=True, slots=True)
class GroundPlace:
    """A place on the ground.

    Attributes:
        lat, lon: WGS-84.
        error_m: root mean square of the distance to the true place; some 63-68% lie nearer, 95-98% within twice that.
        major_m, minor_m, major_bearing_deg: axes of the one-sigma ellipse, and which way the long one lies (0-180).
        range_m: from the camera, through the air.
    """

    lat: float
    lon: float
    error_m: float
    major_m: float
    minor_m: float
    major_bearing_deg: float
    range_m: float


def place_of(x_px: float, y_px: float, lens: Lens, eye: Eye) -> GroundPlace | Unplaced:
    """Where a pixel lies on the ground, or why that cannot be told."""
    if not eye.height_m >= LOWEST_M:
        return Unplaced.TOO_LOW
    if not _is_whole(eye):
        return Unplaced.NO_POSE
    ray = _ray(lens, eye, x_px, y_px)
    length = math.hypot(*ray)
    if ray[2] <= 0:
        return Unplaced.ABOVE_HORIZON
    depression_deg = math.degrees(math.asin(ray[2] / length))
    tilt_sigma_deg = math.hypot(eye.sigmas.pitch_deg, eye.sigmas.roll_deg)
    if depression_deg < max(LEAST_DEPRESSION_DEG, 4 * tilt_sigma_deg):
        return Unplaced.GRAZING
    range_m = eye.height_m / math.sin(math.radians(depression_deg))
    if range_m > FURTHEST_M:
        return Unplaced.TOO_FAR
    north_m, east_m = _offset(lens, eye, (x_px, y_px), _STILL)
    nn, ne, ee = _covariance(lens, eye, (x_px, y_px))
    error_m = math.sqrt(nn + ee)
    if not error_m <= LARGEST_ERROR_M:
        return Unplaced.TOO_FAR
    major_m, minor_m, bearing_deg = _ellipse(nn, ne, ee)
    lat, lon = shifted(eye.lat, eye.lon, north_m, east_m)
    return GroundPlace(lat, lon, error_m, major_m, minor_m, bearing_deg, range_m)


def _is_whole(eye: Eye) -> bool:
    """Whether every part is a number."""
    angles = (eye.heading_deg, eye.pitch_deg, eye.roll_deg, eye.mount_pitch_deg, eye.heading_deg_s, eye.pitch_deg_s)
    return all(map(math.isfinite, (eye.lat, eye.lon, *angles, eye.north_m_s, eye.east_m_s, eye.down_m_s)))


def shifted(lat: float, lon: float, north_m: float, east_m: float) -> tuple[float, float]:
    """A position some hundred metres away: by the ellipsoid's curvatures, millimetres off within a kilometre."""
    sine = math.sin(math.radians(lat))
    curvature = 1 - _ECCENTRICITY_2 * sine * sine
    meridian_m = _RADIUS_M * (1 - _ECCENTRICITY_2) / curvature**1.5
    parallel_m = _RADIUS_M / math.sqrt(curvature) * math.cos(math.radians(lat))
    return lat + math.degrees(north_m / meridian_m), lon + math.degrees(east_m / parallel_m)


def offset_m(lat: float, lon: float, to_lat: float, to_lon: float) -> tuple[float, float]:
    """(north, east) metres from one position to another near it; the inverse of `shifted`."""
    one_lat, one_lon = shifted(lat, lon, 1.0, 1.0)
    return (to_lat - lat) / (one_lat - lat), (to_lon - lon) / (one_lon - lon)


@dataclass(frozen=True, slots=True)
class _Off:
    """What a pose and a pixel are off by."""

    height_m: float = 0.0
    heading_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    delay_s: float = 0.0
    x_px: float = 0.0
    y_px: float = 0.0


_STILL = _Off()


def _ray(lens: Lens, eye: Eye, x_px: float, y_px: float, off: _Off = _STILL) -> tuple[float, float, float]:
    ray = turned(lens.ray(x_px + off.x_px, y_px + off.y_px), 0.0, eye.mount_pitch_deg, 0.0)
    heading_deg = eye.heading_deg + off.heading_deg + off.delay_s * eye.heading_deg_s
    pitch_deg = eye.pitch_deg + off.pitch_deg + off.delay_s * eye.pitch_deg_s
    return turned(ray, heading_deg, pitch_deg, eye.roll_deg + off.roll_deg)


def _offset(lens: Lens, eye: Eye, pixel: tuple[float, float], off: _Off) -> tuple[float, float]:
    """(north, east) metres from the camera to where the ray meets the ground."""
    north, east, down = _ray(lens, eye, *pixel, off)
    height_m = eye.height_m + off.height_m - off.delay_s * eye.down_m_s
    reach = height_m / down
    return north * reach + off.delay_s * eye.north_m_s, east * reach + off.delay_s * eye.east_m_s


def _covariance(lens: Lens, eye: Eye, pixel: tuple[float, float]) -> tuple[float, float, float]:
    """(north north, north east, east east) of the place, square metres."""
    of = eye.sigmas
    sources = (
        _Off(height_m=of.height_m),
        _Off(heading_deg=of.heading_deg),
        _Off(pitch_deg=of.pitch_deg),
        _Off(roll_deg=of.roll_deg),
        _Off(delay_s=of.delay_s),
        _Off(x_px=of.pixel_px),
        _Off(y_px=of.pixel_px),
    )
    nn = ee = of.horizontal_m**2
    ne = 0.0
    for source in sources:
        ahead, behind = _offset(lens, eye, pixel, source), _offset(lens, eye, pixel, _opposite(source))
        north, east = (ahead[0] - behind[0]) / 2, (ahead[1] - behind[1]) / 2
        nn, ne, ee = nn + north * north, ne + north * east, ee + east * east
    return nn, ne, ee


def _opposite(off: _Off) -> _Off:
    return _Off(-off.height_m, -off.heading_deg, -off.pitch_deg, -off.roll_deg, -off.delay_s, -off.x_px, -off.y_px)


def _ellipse(nn: float, ne: float, ee: float) -> tuple[float, float, float]:
    """Axes of the one-sigma ellipse, and the bearing of the long one."""
    middle, spread = (nn + ee) / 2, math.hypot((nn - ee) / 2, ne)
    bearing_deg = math.degrees(math.atan2(2 * ne, nn - ee)) / 2 % 180
    return math.sqrt(middle + spread), math.sqrt(max(0.0, middle - spread)), bearing_deg
