"""A camera in the air: where it is, where it looks, how sure that is; and the ray of a pixel. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Lens:
    """A pinhole without distortion.

    Attributes:
        fov_deg: horizontal field of view.
        width_px, height_px: size of the picture.
    """

    fov_deg: float
    width_px: int
    height_px: int

    @property
    def focal_px(self) -> float:
        """Distance of the picture plane, in pixels."""
        return self.width_px / 2 / math.tan(math.radians(self.fov_deg) / 2)

    def ray(self, x_px: float, y_px: float) -> Vector:
        """Direction of a pixel: forward, right, down of the camera; not of length one."""
        return self.focal_px, x_px - self.width_px / 2, y_px - self.height_px / 2


@dataclass(frozen=True, slots=True)
class Sigmas:
    """What the parts of a pose are off by, one standard deviation each.

    Attributes:
        horizontal_m: of the position, in each of north and east.
        height_m: of the height above the ground that is looked at: the aircraft's own, and of ground taken for flat.
        heading_deg, pitch_deg, roll_deg: of the optical axis.
        delay_s: of the instant the pose belongs to, against that of the picture.
        pixel_px: of the pixel itself, each way.
    """

    horizontal_m: float = 2.0
    height_m: float = 2.0
    heading_deg: float = 2.0
    pitch_deg: float = 1.0
    roll_deg: float = 1.0
    delay_s: float = 0.1
    pixel_px: float = 2.0


@dataclass(frozen=True, slots=True)
class Eye:
    """A camera at an instant.

    Attributes:
        lat, lon: WGS-84.
        height_m: above the ground right below, which lies `base_m` over the terrain's level.
        heading_deg, pitch_deg, roll_deg: of what the camera is mounted on: its stabilised gimbal (then against the
            horizon), else the aircraft; pitch 0 level, -90 straight down.
        mount_pitch_deg: of the optical axis against that.
        north_m_s, east_m_s, down_m_s: how it moves.
        heading_deg_s, pitch_deg_s: how it turns.
        sigmas: how sure all that is.
    """

    lat: float
    lon: float
    height_m: float
    heading_deg: float
    pitch_deg: float
    roll_deg: float = 0.0
    mount_pitch_deg: float = 0.0
    north_m_s: float = 0.0
    east_m_s: float = 0.0
    down_m_s: float = 0.0
    heading_deg_s: float = 0.0
    pitch_deg_s: float = 0.0
    base_m: float = 0.0
    sigmas: Sigmas = field(default_factory=Sigmas)


def turned(ray: Vector, heading_deg: float, pitch_deg: float, roll_deg: float) -> Vector:
    """A direction (forward, right, down) of something with this attitude, as (north, east, down)."""
    forward, right, down = ray
    sine, cosine = math.sin(math.radians(roll_deg)), math.cos(math.radians(roll_deg))
    right, down = right * cosine - down * sine, right * sine + down * cosine
    sine, cosine = math.sin(math.radians(pitch_deg)), math.cos(math.radians(pitch_deg))
    forward, down = forward * cosine + down * sine, down * cosine - forward * sine
    sine, cosine = math.sin(math.radians(heading_deg)), math.cos(math.radians(heading_deg))
    return forward * cosine - right * sine, forward * sine + right * cosine, down
