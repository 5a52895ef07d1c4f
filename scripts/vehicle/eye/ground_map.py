"""The ground around home as one picture from above: painted once with the district's materials, lit by its daylight."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.district.background import linear_of, tone_map
from scripts.district.ground_paint import MATERIALS, SURFACES, Patch, stripe_quads
from scripts.district.light import Light
from scripts.district.noise import fractal_tile
from scripts.district.scene import Ground, Point, Stripe

PIXEL_M = 0.25
HALF_M = 256.0
_STRIP_ROWS = 256
_BASE = "grass"
_DETAIL_PIXEL_M = 0.05

_GROUNDS = (
    Ground("dirt", ((-256, -256), (256, -256), (256, -150), (-256, -110))),
    Ground("gravel", ((-60, -60), (70, -60), (70, 50), (-60, 50))),
    Ground("haul", ((-256, 60), (256, 84), (256, 98), (-256, 74))),
    Ground("haul", ((110, -256), (124, -256), (96, 90), (82, 88))),
    Ground("asphalt", ((-84, -256), (-76, -256), (-76, 256), (-84, 256))),
    Ground("water", ((140, -60), (210, -70), (225, 10), (170, 40), (135, 0))),
    Ground("paving", ((-60, 40), (70, 40), (70, 50), (-60, 50))),
    Ground("concrete", ((-12, -12), (12, -12), (12, 12), (-12, 12))),
    Ground("concrete", ((20, -45), (60, -45), (60, -20), (20, -20))),
)
_STRIPES = (
    Stripe(((-80, -256), (-80, 256)), 0.2, "white", (4.0, 6.0)),
    Stripe(((-83.5, -256), (-83.5, 256)), 0.2),
    Stripe(((-76.5, -256), (-76.5, 256)), 0.2),
    Stripe(((-2.5, -3), (-2.5, 3)), 0.6, "yellow"),
    Stripe(((2.5, -3), (2.5, 3)), 0.6, "yellow"),
    Stripe(((-2.5, 0), (2.5, 0)), 0.6, "yellow"),
    Stripe(((-6, -6), (6, -6), (6, 6), (-6, 6), (-6, -6)), 0.4, "white"),
)


@dataclass(frozen=True)
class GroundMap:
    """The lit ground from above.

    `picture` (N, N, 3) B, G, R with north at the top and `PIXEL_M` metres a pixel, home in its middle; `detail` (M, M)
    is a tile of fine structure around 128, `_DETAIL_PIXEL_M` metres a pixel, laid over it where the camera is near.
    """

    picture: NDArray[np.uint8]
    detail: NDArray[np.uint8]

    @property
    def to_metres(self) -> NDArray[np.float64]:
        """(3, 3): a pixel of `picture` to metres east and north of home."""
        return np.array([[PIXEL_M, 0.0, -HALF_M], [0.0, -PIXEL_M, HALF_M], [0.0, 0.0, 1.0]])

    @property
    def detail_to_metres(self) -> NDArray[np.float64]:
        """(3, 3): a pixel of `detail` to metres."""
        return np.diag([_DETAIL_PIXEL_M, _DETAIL_PIXEL_M, 1.0])


def paint_map(light: Light, seed: int) -> GroundMap:
    """Paints the ground; takes a few seconds."""
    index = _materials()
    side = index.shape[0]
    albedo = np.zeros((side, side, 3), np.uint8)
    for top in range(0, side, _STRIP_ROWS):
        _paint_strip(albedo, index, top, seed)
    up = float(light.to_sun[2])
    falling = np.array(light.sky_bgr, np.float32) + np.array(light.sun_bgr, np.float32) * np.float32(up)
    lit = np.concatenate(
        [tone_map(linear_of(strip) * falling, light.exposure) for strip in np.array_split(albedo, side // _STRIP_ROWS)]
    )
    fine = np.clip(128 + 26 * fractal_tile(1 + seed % 7, 0.35), 0, 255).astype(np.uint8)
    return GroundMap(lit, fine)


def _materials() -> NDArray[np.uint8]:
    side = round(2 * HALF_M / PIXEL_M)
    index = np.full((side, side), MATERIALS.index(_BASE), np.uint8)
    for ground in _GROUNDS:
        _fill(index, ground.polygon, ground.material)
    for stripe in _STRIPES:
        for quad in stripe_quads(stripe):
            _fill(index, quad, stripe.material)
    return index


def _fill(index: NDArray[np.uint8], polygon: tuple[Point, ...], material: str) -> None:
    pixels = [((x + HALF_M) / PIXEL_M * 16, (HALF_M - y) / PIXEL_M * 16) for x, y in polygon]
    cv2.fillPoly(index, [np.array(pixels, np.int32)], MATERIALS.index(material), shift=4)


def _paint_strip(albedo: NDArray[np.uint8], index: NDArray[np.uint8], top: int, seed: int) -> None:
    rows = slice(top, top + _STRIP_ROWS)
    part = index[rows]
    grid = np.indices(part.shape).astype(np.float32)
    east: NDArray[np.float32] = grid[1] * np.float32(PIXEL_M) - np.float32(HALF_M)
    north: NDArray[np.float32] = np.float32(HALF_M) - (grid[0] + np.float32(top)) * np.float32(PIXEL_M)
    for number in np.unique(part):
        mask = part == number
        size = np.full(int(mask.sum()), PIXEL_M, np.float32)
        patch = Patch(east[mask], north[mask], size, seed)
        albedo[rows][mask] = np.clip(SURFACES[MATERIALS[int(number)]](patch), 0, 255).astype(np.uint8)
