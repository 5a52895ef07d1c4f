"""Times of day and weather: what the sun, the sky and the lamps do to a picture. Colours are linear B, G, R."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from scripts.district.geometry import Floats

Bgr = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """One lighting condition; intensities are relative to a sunlit white surface at 1."""

    name: str
    sun_bgr: Bgr
    sun_azimuth_deg: float
    sun_elevation_deg: float
    sky_bgr: Bgr
    zenith_bgr: Bgr
    horizon_bgr: Bgr
    haze_m: float
    exposure: float
    shadow: float
    lamps: float
    noise: float
    clouds: float
    rain: bool = False
    wet: float = 0.0

    @property
    def night(self) -> bool:
        return self.lamps > 0.5

    @property
    def to_sun(self) -> Floats:
        """Unit vector towards the sun (3,)."""
        azimuth, elevation = math.radians(self.sun_azimuth_deg), math.radians(self.sun_elevation_deg)
        flat = math.cos(elevation)
        return np.array([flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(elevation)])


LIGHTS: dict[str, Light] = {
    light.name: light
    for light in (
        Light(
            "day",
            (1.02, 1.20, 1.32),
            -118,
            40,
            (0.40, 0.33, 0.28),
            (0.70, 0.45, 0.24),
            (0.86, 0.78, 0.70),
            700,
            0.86,
            0.94,
            0.0,
            1.3,
            0.5,
        ),
        Light(
            "overcast",
            (0.18, 0.18, 0.18),
            -60,
            60,
            (0.66, 0.64, 0.62),
            (0.66, 0.62, 0.58),
            (0.80, 0.77, 0.74),
            300,
            0.88,
            0.55,
            0.0,
            1.6,
            0.85,
        ),
        Light(
            "dusk",
            (0.22, 0.42, 0.75),
            70,
            13,
            (0.30, 0.22, 0.19),
            (0.34, 0.19, 0.13),
            (0.30, 0.48, 0.80),
            330,
            1.12,
            0.65,
            0.45,
            2.4,
            0.7,
        ),
        Light(
            "rain",
            (0.04, 0.04, 0.04),
            30,
            70,
            (0.50, 0.46, 0.43),
            (0.42, 0.39, 0.36),
            (0.56, 0.53, 0.50),
            260,
            0.95,
            0.35,
            0.30,
            2.4,
            0.9,
            rain=True,
            wet=1.0,
        ),
        Light(
            "night",
            (0.02, 0.015, 0.012),
            40,
            60,
            (0.030, 0.023, 0.017),
            (0.018, 0.012, 0.008),
            (0.045, 0.036, 0.034),
            260,
            1.25,
            0.2,
            1.0,
            4.0,
            0.6,
        ),
    )
}


def varied(light: Light, rng: np.random.Generator) -> Light:
    """The same condition on another day: other sun, exposure, haze and noise (for training frames)."""
    return replace(
        light,
        sun_azimuth_deg=light.sun_azimuth_deg + float(rng.uniform(-70, 70)),
        sun_elevation_deg=float(np.clip(light.sun_elevation_deg * rng.uniform(0.7, 1.3), 9, 75)),
        exposure=light.exposure * float(rng.uniform(0.8, 1.2)),
        haze_m=light.haze_m * float(rng.uniform(0.7, 1.4)),
        noise=light.noise * float(rng.uniform(0.6, 1.5)),
        clouds=float(rng.uniform(0.2, 0.95)),
    )
