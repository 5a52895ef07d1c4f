"""The ground of a scene: materials by polygon, textured in metres so that nothing shimmers or stretches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.district.canvas import SHIFT, Canvas
from scripts.district.noise import fractal_tile, hashed, sample
from scripts.district.scene import Point, Scene, Stripe

Array = NDArray[np.float32]
MATERIALS = (
    "asphalt",
    "concrete",
    "paving",
    "grass",
    "dirt",
    "haul",
    "water",
    "kerb",
    "white",
    "yellow",
    "red",
    "gravel",
)


class Patch:
    """Ground pixels of one material: metres x and y, size of a pixel on the ground in metres."""

    def __init__(self, x: Array, y: Array, pixel_m: Array, seed: int) -> None:
        self.x, self.y, self.pixel_m, self.seed = x, y, pixel_m, seed

    def noise(self, tile: int, slope: float, texels_per_m: float, stretch: float = 1.0) -> Array:
        """Noise that fades where a pixel covers several texels."""
        raw = sample(fractal_tile(tile, slope), self.x + self.seed * 3.1, self.y * stretch, texels_per_m)
        return np.asarray(np.clip(raw, -3, 3) / (1 + (self.pixel_m * texels_per_m / 2.5) ** 2), np.float32)

    def lines(self, values: Array, pitch_m: float, width_m: float) -> Array:
        """0..1 coverage of lines every `pitch_m`, antialiased by the pixel's size."""
        distance = np.abs(np.mod(values + pitch_m / 2, pitch_m) - pitch_m / 2)
        soft = np.maximum(self.pixel_m, 1e-3)
        cover = np.clip((width_m / 2 - distance) / soft + 0.5, 0, 1)
        return np.asarray(cover / (1 + (self.pixel_m / pitch_m * 2) ** 2), np.float32)


def _flat(patch: Patch, bgr: tuple[float, float, float]) -> Array:
    return np.repeat(np.array([bgr], np.float32), len(patch.x), axis=0)


def asphalt(patch: Patch) -> Array:
    tone = 1 + 0.10 * patch.noise(1, 0.25, 90) + 0.055 * patch.noise(2, 1.2, 14) + 0.06 * patch.noise(3, 1.4, 3)
    repair = patch.noise(4, 1.6, 2.2)
    tone *= np.where(repair > 1.25, 0.86, 1.0)
    crack = np.abs(patch.noise(7, 1.3, 7)) < 0.012
    tone *= np.where(crack & (patch.pixel_m < 0.06), 0.78, 1.0)
    return np.asarray(_flat(patch, (112, 110, 107)) * tone[:, None], np.float32)


def concrete(patch: Patch) -> Array:
    tone = 1 + 0.05 * patch.noise(1, 0.3, 70) + 0.05 * patch.noise(2, 1.2, 8)
    slab = hashed(np.floor(patch.x / 4), np.floor(patch.y / 4), patch.seed)
    tone *= 0.95 + 0.1 * slab
    joint = np.maximum(patch.lines(patch.x, 4.0, 0.04), patch.lines(patch.y, 4.0, 0.04))
    return np.asarray(_flat(patch, (158, 164, 168)) * (tone * (1 - 0.35 * joint))[:, None], np.float32)


def paving(patch: Patch) -> Array:
    tone = 1 + 0.05 * patch.noise(1, 0.4, 60) + 0.05 * patch.noise(2, 1.3, 6)
    row = np.floor(patch.y / 0.4)
    near = np.clip(1 - patch.pixel_m / 0.25, 0, 1)
    tone *= 1 + 0.12 * near * (hashed(np.floor(patch.x / 0.4 + 0.5 * np.mod(row, 2)), row, patch.seed) - 0.5)
    shifted = patch.x + 0.2 * np.mod(row, 2)
    joint = np.maximum(patch.lines(shifted, 0.4, 0.015), patch.lines(patch.y, 0.4, 0.015))
    band = np.mod(patch.x, 6.0) < 0.8
    colour = _flat(patch, (148, 158, 170))
    colour[band] = (122, 132, 152)
    return np.asarray(colour * (tone * (1 - 0.3 * joint))[:, None], np.float32)


def grass(patch: Patch) -> Array:
    fine = patch.noise(1, 0.2, 60)
    clumps = patch.noise(2, 1.0, 10)
    dry = np.clip(0.5 + 0.35 * patch.noise(3, 1.4, 2.0), 0, 1)[:, None]
    colour = _flat(patch, (58, 104, 92)) * (1 - dry) + _flat(patch, (92, 140, 146)) * dry
    return np.asarray(colour * (1 + 0.22 * fine + 0.16 * clumps)[:, None], np.float32)


def dirt(patch: Patch) -> Array:
    tone = 1 + 0.10 * patch.noise(1, 0.35, 70) + 0.12 * patch.noise(2, 1.1, 9) + 0.08 * patch.noise(3, 1.4, 2)
    return np.asarray(_flat(patch, (104, 128, 146)) * tone[:, None], np.float32)


def gravel(patch: Patch) -> Array:
    tone = 1 + 0.20 * patch.noise(1, 0.1, 45) + 0.10 * patch.noise(2, 0.9, 9) + 0.06 * patch.noise(3, 1.4, 2)
    return np.asarray(_flat(patch, (138, 142, 146)) * tone[:, None], np.float32)


def haul(patch: Patch) -> Array:
    tone = 1 + 0.08 * patch.noise(1, 0.35, 60) + 0.09 * patch.noise(2, 1.1, 7)
    ruts = patch.noise(9, 1.2, 5, stretch=0.06)
    tone *= 1 + 0.12 * ruts
    return np.asarray(_flat(patch, (132, 152, 166)) * tone[:, None], np.float32)


def water(patch: Patch) -> Array:
    wave = patch.noise(10, 0.9, 7, stretch=2.2)
    slow = patch.noise(3, 1.3, 1.2)
    return np.asarray(_flat(patch, (128, 122, 96)) * (1 + 0.16 * wave + 0.10 * slow)[:, None], np.float32)


def kerb(patch: Patch) -> Array:
    tone = 1 + 0.05 * patch.noise(1, 0.4, 50)
    joint = np.maximum(patch.lines(patch.x, 1.0, 0.03), patch.lines(patch.y, 1.0, 0.03))
    return np.asarray(_flat(patch, (176, 180, 182)) * (tone * (1 - 0.3 * joint))[:, None], np.float32)


def _paint(bgr: tuple[float, float, float]) -> Callable[[Patch], Array]:
    def material(patch: Patch) -> Array:
        worn = np.clip(0.16 + 0.20 * patch.noise(2, 1.0, 16) + 0.12 * patch.noise(1, 0.3, 60), 0, 0.75)[:, None]
        return np.asarray(_flat(patch, bgr) * (1 - worn) + asphalt(patch) * worn, np.float32)

    return material


SURFACES: dict[str, Callable[[Patch], Array]] = {
    "asphalt": asphalt,
    "concrete": concrete,
    "paving": paving,
    "grass": grass,
    "dirt": dirt,
    "gravel": gravel,
    "haul": haul,
    "water": water,
    "kerb": kerb,
    "white": _paint((214, 218, 218)),
    "yellow": _paint((58, 172, 222)),
    "red": _paint((66, 62, 168)),
}


def stripe_quads(stripe: Stripe) -> Iterator[tuple[Point, ...]]:
    """The painted rectangles of a line, dash by dash."""
    half = stripe.width_m / 2
    for (ax, ay), (bx, by) in zip(stripe.points, stripe.points[1:], strict=False):
        length = math.hypot(bx - ax, by - ay)
        ux, uy = (bx - ax) / length, (by - ay) / length
        on, off = stripe.dash_m or (length, 0.0)
        start = 0.0
        while start < length - 1e-6:
            end = min(start + on, length)
            x0, y0, x1, y1 = ax + ux * start, ay + uy * start, ax + ux * end, ay + uy * end
            dx, dy = -uy * half, ux * half
            yield ((x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy))
            start = end + off


def paint_ground(canvas: Canvas, scene: Scene, seed: int) -> NDArray[np.uint8]:
    """Fills the ground's colour; returns the material index + 1 per pixel (0 above the horizon)."""
    index = np.zeros(canvas.depth.shape, np.uint8)
    index[canvas.is_ground] = MATERIALS.index(scene.base) + 1
    for patch in scene.grounds:
        canvas.fill_ground(index, patch.polygon, MATERIALS.index(patch.material) + 1)
    for stripe in scene.stripes:
        for quad in stripe_quads(stripe):
            canvas.fill_ground(index, quad, MATERIALS.index(stripe.material) + 1)
    index[~canvas.is_ground] = 0
    _soften_edges(index, seed)
    for number, name in enumerate(MATERIALS, start=1):
        mask = index == number
        if not mask.any():
            continue
        depth = canvas.depth[mask]
        rays = canvas.rays[mask]
        pixel_m = depth * np.sqrt(np.maximum(depth, 1) / canvas.view.height_m) / canvas.camera.focal_px
        patch_pixels = Patch(rays[:, 0] * depth, rays[:, 1] * depth, pixel_m.astype(np.float32), seed)
        canvas.albedo[mask] = np.clip(SURFACES[name](patch_pixels), 0, 255).astype(np.uint8)
    return index


def _soften_edges(index: NDArray[np.uint8], seed: int) -> None:
    """Lets grass and dirt fray into what lies beside them."""
    rng = np.random.default_rng(seed)
    height, width = index.shape
    rough = cv2.resize(rng.standard_normal((height // 4, width // 4)).astype(np.float32), (width, height))
    rows = np.arange(height, dtype=np.float32)[:, None]
    reach = (2.0 + 5.0 * rows / height) * rough
    map_x = np.arange(width, dtype=np.float32)[None, :] + reach
    frayed = cv2.remap(index, map_x, np.repeat(rows, width, axis=1), cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    loose = [MATERIALS.index(name) + 1 for name in ("grass", "dirt", "gravel", "haul")]
    change = (np.isin(frayed, loose) | np.isin(index, loose)) & (index > 0) & (frayed > 0)
    hard = [MATERIALS.index(name) + 1 for name in ("white", "yellow", "red", "kerb", "water")]
    change &= ~np.isin(index, hard) & ~np.isin(frayed, hard)
    index[change] = frayed[change]


def draw_shadow(canvas: Canvas, polygon_m: object, strength: int = 255) -> None:
    """Darkens ground that lies inside the polygon."""
    outline = canvas.ground_outline(polygon_m)
    if outline is not None:
        cv2.fillPoly(canvas.shadow, [outline], strength, shift=SHIFT)
