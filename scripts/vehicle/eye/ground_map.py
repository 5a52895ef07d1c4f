"""The ground from above, painted once with the district's materials and lit by its daylight: a square that repeats.

Only the pad at home is there once.
"""

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
PAD_PIXEL_M = 0.05
PAD_HALF_M = 12.0
_STRIP_ROWS = 256
_BASE = "grass"
_DETAIL_PIXEL_M = 0.05

_GROUNDS = (
    Ground("dirt", ((-256, -170), (-90, -150), (60, -180), (256, -170), (256, -120), (40, -110), (-256, -120))),
    Ground("gravel", ((-60, -60), (70, -60), (70, 50), (-60, 50))),
    Ground("haul", ((-256, 66), (0, 72), (256, 66), (256, 82), (0, 88), (-256, 82))),
    Ground("haul", ((100, -256), (114, -256), (104, 76), (114, 256), (100, 256), (90, 76))),
    Ground("asphalt", ((-84, -256), (-76, -256), (-76, 256), (-84, 256))),
    Ground("water", ((140, -60), (210, -70), (225, 10), (170, 40), (135, 0))),
    Ground("paving", ((-60, 40), (70, 40), (70, 50), (-60, 50))),
    Ground("concrete", ((20, -45), (60, -45), (60, -20), (20, -20))),
)
_STRIPES = (
    Stripe(((-80, -256), (-80, 256)), 0.2, "white", (4.0, 6.0)),
    Stripe(((-83.5, -256), (-83.5, 256)), 0.2),
    Stripe(((-76.5, -256), (-76.5, 256)), 0.2),
)
_PAD = (
    Stripe(((-2.5, -3), (-2.5, 3)), 0.6, "yellow"),
    Stripe(((2.5, -3), (2.5, 3)), 0.6, "yellow"),
    Stripe(((-2.5, 0), (2.5, 0)), 0.6, "yellow"),
    Stripe(((-6, -6), (6, -6), (6, 6), (-6, 6), (-6, -6)), 0.4, "white"),
)


@dataclass(frozen=True)
class GroundMap:
    """The lit ground from above, north at the top.

    `picture` (N, N, 3) B, G, R has `PIXEL_M` metres a pixel and repeats for ever, home in the middle of one of them;
    `pad` (K, K, 3) lies on it at home, `PAD_PIXEL_M` metres a pixel; `detail` (M, M) is a tile of fine structure around
    128, `_DETAIL_PIXEL_M` metres a pixel, laid over it where the camera is near.
    """

    picture: NDArray[np.uint8]
    pad: NDArray[np.uint8]
    detail: NDArray[np.uint8]

    @property
    def to_metres(self) -> NDArray[np.float64]:
        """(3, 3): a pixel of `picture` to metres east and north of home."""
        return _to_metres(PIXEL_M, HALF_M)

    @property
    def pad_to_metres(self) -> NDArray[np.float64]:
        """(3, 3): a pixel of `pad` to metres."""
        return _to_metres(PAD_PIXEL_M, PAD_HALF_M)

    @property
    def detail_to_metres(self) -> NDArray[np.float64]:
        """(3, 3): a pixel of `detail` to metres."""
        return np.diag([_DETAIL_PIXEL_M, _DETAIL_PIXEL_M, 1.0])


def paint_map(light: Light, seed: int) -> GroundMap:
    """Paints the ground; takes a few seconds."""
    picture = _painted(_materials(), PIXEL_M, HALF_M, light, seed)
    side = round(2 * PAD_HALF_M / PAD_PIXEL_M)
    marks = np.full((side, side), MATERIALS.index("concrete"), np.uint8)
    for stripe in _PAD:
        for quad in stripe_quads(stripe):
            _fill(marks, quad, stripe.material, PAD_PIXEL_M, PAD_HALF_M)
    pad = _painted(marks, PAD_PIXEL_M, PAD_HALF_M, light, seed)
    fine = np.clip(128 + 26 * fractal_tile(1 + seed % 7, 0.35), 0, 255).astype(np.uint8)
    return GroundMap(picture, pad, fine)


def _painted(index: NDArray[np.uint8], pixel_m: float, half_m: float, light: Light, seed: int) -> NDArray[np.uint8]:
    """The lit picture (N, N, 3) of a map of materials (N, N)."""
    side = index.shape[0]
    albedo = np.zeros((side, side, 3), np.uint8)
    for top in range(0, side, _STRIP_ROWS):
        _paint_strip(albedo, index, top, pixel_m, half_m, seed)
    up = float(light.to_sun[2])
    falling = np.array(light.sky_bgr, np.float32) + np.array(light.sun_bgr, np.float32) * np.float32(up)
    strips = np.array_split(albedo, max(1, side // _STRIP_ROWS))
    return np.concatenate([tone_map(linear_of(strip) * falling, light.exposure) for strip in strips])


def _to_metres(pixel_m: float, half_m: float) -> NDArray[np.float64]:
    return np.array([[pixel_m, 0.0, -half_m], [0.0, -pixel_m, half_m], [0.0, 0.0, 1.0]])


def _materials() -> NDArray[np.uint8]:
    side = round(2 * HALF_M / PIXEL_M)
    index = np.full((side, side), MATERIALS.index(_BASE), np.uint8)
    for ground in _GROUNDS:
        _fill(index, ground.polygon, ground.material)
    for stripe in _STRIPES:
        for quad in stripe_quads(stripe):
            _fill(index, quad, stripe.material)
    return index


def _fill(
    index: NDArray[np.uint8],
    polygon: tuple[Point, ...],
    material: str,
    pixel_m: float = PIXEL_M,
    half_m: float = HALF_M,
) -> None:
    pixels = [((x + half_m) / pixel_m * 16, (half_m - y) / pixel_m * 16) for x, y in polygon]
    cv2.fillPoly(index, [np.array(pixels, np.int32)], MATERIALS.index(material), shift=4)


def _paint_strip(
    albedo: NDArray[np.uint8], index: NDArray[np.uint8], top: int, pixel_m: float, half_m: float, seed: int
) -> None:
    rows = slice(top, top + _STRIP_ROWS)
    part = index[rows]
    grid = np.indices(part.shape).astype(np.float32)
    east: NDArray[np.float32] = grid[1] * np.float32(pixel_m) - np.float32(half_m)
    north: NDArray[np.float32] = np.float32(half_m) - (grid[0] + np.float32(top)) * np.float32(pixel_m)
    for number in np.unique(part):
        mask = part == number
        size = np.full(int(mask.sum()), pixel_m, np.float32)
        patch = Patch(east[mask], north[mask], size, seed)
        albedo[rows][mask] = np.clip(SURFACES[MATERIALS[int(number)]](patch), 0, 255).astype(np.uint8)
