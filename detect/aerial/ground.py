"""A pixel of a camera in the air -> the place on the ground, with its error; or why it cannot be told. Pure.

The ground is a level plane `height_m` below the camera, or a terrain. Errors of the pose, and what the terrain may be
off by, are carried to the ground to first order (by differences of the projection itself), as independent and normal. A
ray that nearly grazes the ground is refused: there a degree is hundreds of metres and first order means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from detect.aerial.eye import Eye, Lens, turned
from detect.aerial.meeting import meet
from kernel.geodesy import shifted
from kernel.terrain import GridTerrain

LOWEST_M = 5.0
"""Lower than this the aircraft is taking off or landing, and its height above the ground is mostly error."""
LEAST_DEPRESSION_DEG = 8.0
FURTHEST_M = 500.0
LARGEST_ERROR_M = 60.0
Array = npt.NDArray[np.float64]


class Unplaced(StrEnum):
    """Why there is no place. Never the same as a place of zero."""

    NO_POSE = "no_pose"  # nothing was heard of the aircraft around that instant
    POSE_OLD = "pose_old"  # the newest pose is too old to go on from
    GIMBAL_UNKNOWN = "gimbal_unknown"  # nobody tells where the camera looks
    TOO_LOW = "too_low"
    ABOVE_HORIZON = "above_horizon"
    GRAZING = "grazing"  # so flat a look that the place is anywhere
    TOO_FAR = "too_far"
    TERRAIN_UNKNOWN = "terrain_unknown"  # the terrain's file has no height on the way there
    CUT_OFF = "cut_off"  # the picture's edge hides where it stands


@dataclass(frozen=True, slots=True)
class GroundPlace:
    """A place on the ground.

    Attributes:
        lat, lon: WGS-84.
        error_m: root mean square of the distance to the true place; some 63-68% lie nearer, 95-98% within twice that.
        major_m, minor_m, major_bearing_deg: axes of the one-sigma ellipse, and which way the long one lies (0-180).
        range_m: from the camera, through the air.
        drop_m: how much lower than the camera.
    """

    lat: float
    lon: float
    error_m: float
    major_m: float
    minor_m: float
    major_bearing_deg: float
    range_m: float
    drop_m: float


def place_of(
    x_px: float, y_px: float, lens: Lens, eye: Eye, terrain: GridTerrain | None = None
) -> GroundPlace | Unplaced:
    """Where a pixel lies on the ground, or why that cannot be told.

    Args:
        terrain: the ground; None: level.
    """
    met = _met(x_px, y_px, lens, eye, terrain)
    if isinstance(met, Unplaced):
        return met
    cast, (north_m, east_m, drop_m) = met
    lat, lon = shifted(eye.lat, eye.lon, north_m, east_m)
    nn, ne, ee = _covariance(cast, (north_m, east_m), (lat, lon))
    error_m = math.sqrt(nn + ee)
    if not error_m <= LARGEST_ERROR_M:
        return Unplaced.TOO_FAR
    major_m, minor_m, bearing_deg = _ellipse(nn, ne, ee)
    range_m = math.hypot(north_m, east_m, drop_m)
    return GroundPlace(lat, lon, error_m, major_m, minor_m, bearing_deg, range_m, drop_m)


def reach_of(
    x_px: float, y_px: float, lens: Lens, eye: Eye, terrain: GridTerrain | None = None
) -> tuple[float, float] | Unplaced:
    """How far away, and how much lower, a pixel lies on the ground, metres; or why that cannot be told."""
    met = _met(x_px, y_px, lens, eye, terrain)
    return met if isinstance(met, Unplaced) else (math.hypot(*met[1]), met[1][2])


def _met(
    x_px: float, y_px: float, lens: Lens, eye: Eye, terrain: GridTerrain | None
) -> tuple[_Cast, tuple[float, float, float]] | Unplaced:
    """The ray of a pixel, and metres north, east and down to where it meets the ground."""
    if not eye.height_m >= LOWEST_M:
        return Unplaced.TOO_LOW
    if not _is_whole(eye):
        return Unplaced.NO_POSE
    ray = _ray(lens, eye, x_px, y_px)
    if ray[2] <= 0:
        return Unplaced.ABOVE_HORIZON
    depression_deg = math.degrees(math.asin(ray[2] / math.hypot(*ray)))
    tilt_sigma_deg = math.hypot(eye.sigmas.pitch_deg, eye.sigmas.roll_deg)
    if depression_deg < max(LEAST_DEPRESSION_DEG, 4 * tilt_sigma_deg):
        return Unplaced.GRAZING
    cast = _Cast(lens, eye, (x_px, y_px), terrain)
    north_m, east_m, drop_m = map(float, cast.offsets((_STILL,))[0])
    if math.isnan(drop_m):
        return Unplaced.TERRAIN_UNKNOWN
    if not math.hypot(north_m, east_m, drop_m) <= FURTHEST_M:
        return Unplaced.TOO_FAR
    return cast, (north_m, east_m, drop_m)


def _is_whole(eye: Eye) -> bool:
    """Whether every part is a number."""
    angles = (eye.heading_deg, eye.pitch_deg, eye.roll_deg, eye.mount_pitch_deg, eye.heading_deg_s, eye.pitch_deg_s)
    return all(map(math.isfinite, (eye.lat, eye.lon, *angles, eye.north_m_s, eye.east_m_s, eye.down_m_s)))


@dataclass(frozen=True, slots=True)
class _Off:
    """What a pose, a pixel and the ground are off by; the ground's places, as metres north and east."""

    height_m: float = 0.0
    heading_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    delay_s: float = 0.0
    x_px: float = 0.0
    y_px: float = 0.0
    ground_north_m: float = 0.0
    ground_east_m: float = 0.0


_STILL = _Off()


def _ray(lens: Lens, eye: Eye, x_px: float, y_px: float, off: _Off = _STILL) -> tuple[float, float, float]:
    ray = turned(lens.ray(x_px + off.x_px, y_px + off.y_px), 0.0, eye.mount_pitch_deg, 0.0)
    heading_deg = eye.heading_deg + off.heading_deg + off.delay_s * eye.heading_deg_s
    pitch_deg = eye.pitch_deg + off.pitch_deg + off.delay_s * eye.pitch_deg_s
    return turned(ray, heading_deg, pitch_deg, eye.roll_deg + off.roll_deg)


@dataclass(frozen=True, slots=True)
class _Cast:
    """The ray of a pixel, and rays off by a little from it, cast onto the ground."""

    lens: Lens
    eye: Eye
    pixel: tuple[float, float]
    terrain: GridTerrain | None

    def offsets(self, offs: Sequence[_Off]) -> Array:
        """n x 3: metres north, east and down from the camera to where each ray meets the ground.

        NaN where the terrain is not known; infinite where there is nothing to meet.
        """
        eye = self.eye
        rays = np.array([_ray(self.lens, eye, *self.pixel, off) for off in offs])
        late_s = np.array([off.delay_s for off in offs])
        heights_m = eye.height_m + np.array([off.height_m for off in offs]) - late_s * eye.down_m_s
        starts = late_s[:, None] * np.array([eye.north_m_s, eye.east_m_s])
        slopes = rays[:, :2] / rays[:, 2:]
        drops_m = heights_m
        if self.terrain is not None:
            shifts = np.array([(off.ground_north_m, off.ground_east_m) for off in offs])
            drops_m = self._drops_m(self.terrain, starts - shifts, heights_m, slopes)
        is_down = rays[:, 2] > 0  # a ray that is off may look up
        drops_m = np.where(is_down, drops_m, np.inf)
        with np.errstate(invalid="ignore"):
            places = starts + slopes * drops_m[:, None]
        return np.column_stack([places, drops_m])

    def _drops_m(self, terrain: GridTerrain, starts: Array, heights_m: Array, slopes: Array) -> Array:
        eye = self.eye
        one_lat, one_lon = shifted(eye.lat, eye.lon, 1.0, 1.0)
        metres = (1 / (one_lat - eye.lat), 1 / (one_lon - eye.lon))
        rays = np.column_stack([starts, eye.base_m + heights_m, slopes])
        return meet(terrain, (eye.lat, eye.lon), metres, rays, FURTHEST_M)


def _covariance(cast: _Cast, place_m: tuple[float, float], place: tuple[float, float]) -> tuple[float, float, float]:
    """(north north, north east, east east) of the place, square metres; infinite where a ray that is off meets nothing.

    On uneven ground the two sides of a ray differ: over an edge one lies far beyond. The larger counts.
    """
    of, terrain = cast.eye.sigmas, cast.terrain
    height_m, shift_m = terrain.errors_m(*place) if terrain is not None else (0.0, 0.0)
    sources = (
        _Off(height_m=math.hypot(of.height_m, height_m)),
        _Off(ground_north_m=shift_m),
        _Off(ground_east_m=shift_m),
        _Off(heading_deg=of.heading_deg),
        _Off(pitch_deg=of.pitch_deg),
        _Off(roll_deg=of.roll_deg),
        _Off(delay_s=of.delay_s),
        _Off(x_px=of.pixel_px),
        _Off(y_px=of.pixel_px),
    )
    found = cast.offsets([*sources, *map(_opposite, sources)])[:, :2]
    if not np.isfinite(found).all():
        return math.inf, 0.0, math.inf
    ahead, behind = found[: len(sources)], found[len(sources) :]
    spread = (ahead - behind) / 2
    if cast.terrain is not None:
        sides = np.stack([ahead - place_m, place_m - behind])
        larger = np.hypot(sides[..., 0], sides[..., 1]).argmax(axis=0)
        spread = sides[larger, np.arange(len(sources))]
    north, east = spread.T
    own = of.horizontal_m**2
    return own + float(north @ north), float(north @ east), own + float(east @ east)


def _opposite(off: _Off) -> _Off:
    return _Off(
        -off.height_m,
        -off.heading_deg,
        -off.pitch_deg,
        -off.roll_deg,
        -off.delay_s,
        -off.x_px,
        -off.y_px,
        -off.ground_north_m,
        -off.ground_east_m,
    )


def _ellipse(nn: float, ne: float, ee: float) -> tuple[float, float, float]:
    """Axes of the one-sigma ellipse, and the bearing of the long one."""
    middle, spread = (nn + ee) / 2, math.hypot((nn - ee) / 2, ne)
    bearing_deg = math.degrees(math.atan2(2 * ne, nn - ee)) / 2 % 180
    return math.sqrt(middle + spread), math.sqrt(max(0.0, middle - spread)), bearing_deg


RMS_TO_95 = 2.0
"""95% or more of a normal error in two dimensions lie within this many times its root mean square (1.96 on a line)."""
