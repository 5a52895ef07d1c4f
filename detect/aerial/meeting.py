"""Where rays from the air meet uneven ground: vectorised over the rays and along each. Pure.

Each ray is looked at in steps of half a cell of the terrain from the highest to the lowest ground of the file; where it
first lies under the ground, the crossing is closed in on by straight lines.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from kernel.terrain import GridTerrain

Array = npt.NDArray[np.float64]
UNKNOWN, NOWHERE = math.nan, math.inf
_CLOSER = 2
_MOST_STEPS = 4_000


def meet(
    terrain: GridTerrain, origin: tuple[float, float], metres: tuple[float, float], rays: Array, furthest_m: float
) -> Array:
    """How far each ray descends until it meets the ground.

    Args:
        origin: latitude and longitude that the rays' starts are counted from, degrees.
        metres: metres in a degree of latitude, and of longitude, there.
        rays: k x 5: start north and east of the origin and height over the terrain's level, metres; then metres north
            and east for each metre that it descends.
        furthest_m: rays are not followed further, along the ground.

    Returns:
        k: metres of descent; UNKNOWN where the terrain's height is not known before that; NOWHERE within `furthest_m`.
    """
    lowest_m, highest_m = terrain.range_m
    if not math.isfinite(lowest_m):
        return np.full(len(rays), UNKNOWN)
    start, slope = rays[:, :3], rays[:, 3:]
    flat = np.hypot(slope[:, 0], slope[:, 1])
    first = np.maximum(0.0, start[:, 2] - highest_m)
    last = np.minimum(start[:, 2] - lowest_m, furthest_m / np.maximum(flat, 1e-9)) + 1e-3
    last = np.maximum(last, first)
    count = int(np.clip(math.ceil(float(((last - first) * flat).max()) / terrain.step_m), 1, _MOST_STEPS)) + 1

    def gap_m(descent: Array) -> Array:
        """Height over the ground after descents, k x n."""
        north = start[:, 0, None] + slope[:, 0, None] * descent
        east = start[:, 1, None] + slope[:, 1, None] * descent
        ground = terrain.heights_m(origin[0] + north / metres[0], origin[1] + east / metres[1])
        return np.asarray(start[:, 2, None] - descent - ground)

    descents = first[:, None] + (last - first)[:, None] * np.linspace(0.0, 1.0, count)
    gaps = gap_m(descents)
    stops = ~(gaps > 0.0)  # under the ground, or not known
    index = np.where(stops.any(axis=1), stops.argmax(axis=1), 0)
    rows = np.arange(len(rays))
    found = np.where(np.isnan(gaps[rows, index]), UNKNOWN, descents[rows, index])
    low, high = descents[rows, np.maximum(index - 1, 0)], descents[rows, index]
    low_m, high_m = gaps[rows, np.maximum(index - 1, 0)], gaps[rows, index]
    for _ in range(_CLOSER):
        share = np.clip(low_m / np.maximum(low_m - high_m, 1e-9), 0.0, 1.0)
        middle = low + (high - low) * share
        middle_m = gap_m(middle[:, None])[:, 0]
        is_over = middle_m > 0.0
        low, high = np.where(is_over, middle, low), np.where(is_over, high, middle)
        low_m, high_m = np.where(is_over, middle_m, low_m), np.where(is_over, high_m, middle_m)
    found = np.where(np.isnan(found), UNKNOWN, middle)
    return np.where(stops.any(axis=1), found, NOWHERE)
