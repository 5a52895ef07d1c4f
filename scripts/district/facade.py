"""What a wall looks like at (u, v) metres: plaster with windows, brick, sheet metal, shop fronts, rock, glass."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scripts.district.noise import fractal_tile, hashed, sample

Array = NDArray[np.float32]


class Wall:
    """Pixels of one wall: u along it, v up (metres), its size, a seed, and the colour and glow being made (N, 3)."""

    def __init__(self, u: Array, v: Array, size_m: tuple[float, float], tint: tuple[int, int, int], seed: int) -> None:
        self.u, self.v, self.seed = u, v, seed
        self.width_m, self.height_m = size_m
        self.tint = np.array(tint, np.float32)
        self.colour = np.repeat(self.tint[None, :], len(u), axis=0)
        self.glow = np.zeros_like(self.colour)

    def grain(self, texels_per_m: float, amount: float, slope: float = 1.0) -> None:
        offset = np.float32(self.seed * 7.3)
        noise = sample(fractal_tile(5, slope), self.u + offset, self.v, texels_per_m)
        self.colour *= (1 + amount * np.clip(noise, -2.5, 2.5))[:, None]

    def put(self, where: NDArray[np.bool_], colour: object) -> None:
        values = np.asarray(colour, np.float32)
        self.colour[where] = values[where] if values.ndim == 2 else values


def _weathered(wall: Wall) -> None:
    wall.grain(45, 0.025)
    wall.grain(6, 0.035)
    streaks = sample(fractal_tile(6, 0.8), wall.u * 6 + wall.seed, wall.v * 0.25, 24)
    wall.colour *= (1 - 0.035 * np.clip(streaks, 0, 2) * (0.4 + wall.v / max(wall.height_m, 1)))[:, None]
    wall.colour *= (0.80 + 0.20 * np.clip(wall.v / 1.1, 0, 1))[:, None]


def _windows(wall: Wall, cell: tuple[float, float], size: tuple[float, float], from_m: float, lit: float) -> None:
    usable = max(int(wall.width_m / cell[0]), 1)
    pitch = wall.width_m / usable
    column = np.floor(wall.u / pitch)
    row = np.floor((wall.v - from_m) / cell[1])
    x = wall.u - (column + 0.5) * pitch
    y = wall.v - from_m - row * cell[1] - 0.95
    fits = (row >= 0) & (from_m + (row + 1) * cell[1] <= wall.height_m + 0.1)
    opening = fits & (np.abs(x) < size[0] / 2) & (y > 0) & (y < size[1])
    chance = hashed(column, row, wall.seed)
    glass = np.stack([62 + 60 * y / size[1], 54 + 48 * y / size[1], 46 + 38 * y / size[1]], axis=1)
    glass *= (0.65 + 0.7 * hashed(column, row, wall.seed + 3))[:, None]
    curtain = (chance > 0.55) & (np.abs(x) > size[0] * (0.12 + 0.3 * hashed(column, row, wall.seed + 9)))
    glass[curtain] = glass[curtain] * 0.45 + np.array([95, 108, 112], np.float32)
    frame = (
        (np.abs(x) > size[0] / 2 - 0.07)
        | (y < 0.07)
        | (y > size[1] - 0.07)
        | (np.abs(x) < 0.035)
        | (np.abs(y - size[1] * 0.68) < 0.03)
    )
    wall.put(fits & (np.abs(x) < size[0] / 2 + 0.12) & (y > -0.14) & (y <= 0), wall.tint * 1.12)
    wall.put(fits & (np.abs(x) < size[0] / 2 + 0.05) & (y >= size[1]) & (y < size[1] + 0.12), wall.tint * 0.72)
    wall.put(opening, glass)
    wall.put(opening & frame, (205, 208, 205))
    burning = opening & ~frame & (chance < lit)
    warm = np.array([110, 175, 235], np.float32) * (0.35 + 0.65 * hashed(row, column, wall.seed + 21))[:, None]
    wall.glow[burning] = (warm * (0.55 + 0.45 * np.clip(y / size[1], 0, 1))[:, None])[burning]
    unit = fits & (hashed(row, column, wall.seed + 5) > 0.62)
    ac_x, ac_y = x - size[0] / 2 - 0.42, y - 0.15
    box = unit & (np.abs(ac_x) < 0.36) & (ac_y > -0.55) & (ac_y < 0.05)
    wall.put(box, (196, 198, 198))
    wall.put(box & ((ac_x + 0.08) ** 2 + (ac_y + 0.25) ** 2 < 0.05), (88, 88, 88))


def plaster(wall: Wall) -> None:
    _weathered(wall)
    _windows(wall, (3.3, 3.2), (1.7, 1.65), 0.0, 0.30)
    band = (np.mod(wall.v, 3.2) < 0.1) & (wall.v > 1)
    wall.colour[band] *= 0.9
    wall.put(wall.v > wall.height_m - 0.35, wall.tint * 0.78)


def brick(wall: Wall) -> None:
    course = np.floor(wall.v / 0.12)
    along = wall.u / 0.26 + 0.5 * np.mod(course, 2)
    tone = 0.86 + 0.28 * hashed(np.floor(along), course, wall.seed)
    wall.colour *= tone[:, None]
    joint = (np.mod(wall.v, 0.12) < 0.018) | (along - np.floor(along) < 0.06)
    wall.colour[joint] *= 1.16
    _weathered(wall)
    if wall.height_m > 3.0:
        _windows(wall, (3.6, 3.3), (1.6, 1.6), 0.0, 0.25)


def plain(wall: Wall) -> None:
    _weathered(wall)
    wall.put(wall.v > wall.height_m - 0.12, wall.tint * 0.82)
    panel = np.mod(wall.u, 3.0) < 0.22
    wall.colour[panel] *= 1.08
    wall.put(
        (np.mod(wall.u, 3.0) < 0.03) | ((np.mod(wall.u, 3.0) > 0.2) & (np.mod(wall.u, 3.0) < 0.23)), wall.tint * 0.7
    )


def metal(wall: Wall) -> None:
    phase = np.mod(wall.u, 0.25) / 0.25
    wall.colour *= (0.90 + 0.16 * np.abs(phase - 0.5) * 2)[:, None]
    wall.grain(9, 0.045)
    rust = sample(fractal_tile(8, 1.2), wall.u + wall.seed, wall.v * 0.5, 20)
    rusty = np.clip(rust - 1.0, 0, 1)[:, None] * 0.5
    wall.colour = wall.colour * (1 - rusty) + np.array([52, 84, 128], np.float32) * rusty


def shop(wall: Wall) -> None:
    _weathered(wall)
    _windows(wall, (3.0, 3.1), (1.6, 1.5), 4.0, 0.35)
    bay = np.floor(wall.u / 4.2)
    x = wall.u - bay * 4.2
    hue = hashed(bay, bay * 0 + 2, wall.seed)
    boards = np.array(
        [(38, 36, 186), (150, 92, 28), (46, 132, 40), (30, 130, 214), (120, 40, 110), (60, 60, 66)], np.float32
    )
    board_colour = boards[np.minimum((hue * len(boards)).astype(int), len(boards) - 1)]
    board = (wall.v > 2.95) & (wall.v < 3.85) & (x > 0.08)
    wall.put(board, board_colour)
    wall.glow[board] = board_colour[board] * 0.55
    _sign_writing(wall, board, x)
    opening = (wall.v < 2.75) & (x > 0.25) & (x < 3.95)
    kind = hashed(bay, bay * 0 + 5, wall.seed + 1)
    inside = np.repeat(np.array([[74, 86, 92]], np.float32), len(x), axis=0) * (0.5 + 0.5 * wall.v / 2.75)[:, None]
    goods = hashed(np.floor(x / 0.35), np.floor(wall.v / 0.4), wall.seed + 4)
    inside *= (0.55 + 0.9 * goods)[:, None]
    wall.put(opening, inside)
    wall.glow[opening] = (inside * np.array([0.75, 1.0, 1.15], np.float32) * 1.1)[opening]
    wall.put(
        opening & ((np.abs(x - 2.1) < 0.05) | (np.abs(x - 1.2) < 0.03) | (np.abs(x - 3.0) < 0.03)), (170, 172, 172)
    )
    shutter = opening & (kind > 0.68)
    wall.put(shutter, np.array([168, 170, 166], np.float32))
    wall.colour[shutter & (np.mod(wall.v, 0.14) < 0.04)] *= 0.72
    wall.glow[shutter] = 0


def _sign_writing(wall: Wall, board: NDArray[np.bool_], x: Array) -> None:
    """Strokes that read as characters from afar."""
    glyph = np.floor((x - 0.5) / 0.72)
    gx, gy = (x - 0.5) - glyph * 0.72, wall.v - 3.12
    in_glyph = board & (glyph >= 0) & (glyph < 4) & (gx > 0.06) & (gx < 0.62) & (gy > 0) & (gy < 0.56)
    stroke_h = hashed(glyph + 17 * np.floor(wall.u / 4.2), np.floor(gy / 0.11), wall.seed) > 0.42
    stroke_v = hashed(glyph + 31 * np.floor(wall.u / 4.2), np.floor(gx / 0.14), wall.seed) > 0.55
    ink = in_glyph & ((stroke_h & (np.mod(gy, 0.11) < 0.055)) | (stroke_v & (np.mod(gx, 0.14) < 0.055)))
    wall.put(ink, (235, 240, 240))
    wall.glow[ink] = 150


def glass(wall: Wall) -> None:
    column, row = np.floor(wall.u / 1.6), np.floor(wall.v / 1.9)
    tone = 0.8 + 0.4 * hashed(column, row, wall.seed)
    sky = np.clip(wall.v / max(wall.height_m, 1), 0, 1)
    wall.colour = np.stack([118 + 70 * sky, 104 + 62 * sky, 88 + 56 * sky], axis=1).astype(np.float32) * tone[:, None]
    lit = hashed(row, column, wall.seed + 2) < 0.35
    wall.glow[lit] = np.array([120, 165, 190], np.float32) * 0.6
    frame = (np.mod(wall.u, 1.6) < 0.09) | (np.mod(wall.v, 1.9) < 0.09)
    wall.put(frame, (150, 152, 150))
    wall.glow[frame] = 0
    wall.put(wall.v > wall.height_m - 0.7, wall.tint)


def rock(wall: Wall) -> None:
    strata = sample(fractal_tile(11, 1.1), wall.u * 0.25 + wall.seed, wall.v, 22)
    blocks = sample(fractal_tile(12, 0.75), wall.u, wall.v + wall.seed, 16)
    wall.colour *= (1 + 0.13 * np.clip(strata, -2, 2) + 0.14 * np.clip(blocks, -2, 2))[:, None]
    gully = sample(fractal_tile(13, 1.0), wall.u + wall.seed, wall.v * 0.12, 12)
    wall.colour *= (1 - 0.22 * np.clip(gully - 0.5, 0, 1.5))[:, None]


def hazard(wall: Wall) -> None:
    stripes = np.mod(wall.u + wall.v, 0.8) < 0.4
    wall.put(stripes, (30, 190, 235))
    wall.put(~stripes, (38, 38, 38))
    wall.grain(20, 0.05)


def light_box(wall: Wall) -> None:
    wall.grain(20, 0.03)
    wall.glow[:] = wall.tint * 0.8


STYLES: dict[str, Callable[[Wall], None]] = {
    "plaster": plaster,
    "brick": brick,
    "plain": plain,
    "metal": metal,
    "shop": shop,
    "glass": glass,
    "rock": rock,
    "hazard": hazard,
    "lightbox": light_box,
}
