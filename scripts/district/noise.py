"""Deterministic noise that tiles: fractal textures for surfaces and clouds, hashes for windows and leaves."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
TILE_PX = 1024


@lru_cache(maxsize=16)
def fractal_tile(seed: int, slope: float) -> Array:
    """A tiling (1024, 1024) field of mean 0 and deviation 1 with a 1/f^slope amplitude spectrum."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(rng.standard_normal((TILE_PX, TILE_PX)))
    fy = np.fft.fftfreq(TILE_PX)[:, None]
    fx = np.fft.rfftfreq(TILE_PX)[None, :]
    radius = np.sqrt(fx * fx + fy * fy)
    radius[0, 0] = 1.0
    spectrum *= radius**-slope
    spectrum[0, 0] = 0.0
    field = np.fft.irfft2(spectrum, s=(TILE_PX, TILE_PX))
    return np.asarray(field / field.std(), dtype=np.float32)


def sample(tile: Array, u: Array, v: Array, texels_per_unit: float) -> Array:
    """The tile's values at (u, v), wrapped, bilinear; any equal shapes."""
    shape = u.shape
    flat_u = np.mod(u.reshape(1, -1) * texels_per_unit, TILE_PX).astype(np.float32)
    flat_v = np.mod(v.reshape(1, -1) * texels_per_unit, TILE_PX).astype(np.float32)
    count = flat_u.shape[1]
    width = 8192
    padded = -(-count // width) * width
    map_u = np.zeros(padded, np.float32)
    map_v = np.zeros(padded, np.float32)
    map_u[:count], map_v[:count] = flat_u[0], flat_v[0]
    out = cv2.remap(
        tile, map_u.reshape(-1, width), map_v.reshape(-1, width), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )
    return np.asarray(out, dtype=np.float32).reshape(-1)[:count].reshape(shape)


def hashed(a: Array, b: Array, seed: int) -> Array:
    """A pseudo-random number in 0..1 for each pair of cell indices."""
    mixed = np.sin(a * 12.9898 + b * 78.233 + (seed % 977) * 37.719) * 43758.547
    return np.asarray(mixed - np.floor(mixed), dtype=np.float32)
