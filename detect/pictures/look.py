"""What the luma of a frame looks like, in a few numbers and two small pictures; pure, some tens of microseconds.

The luma is the one that was made small for the model, so nothing of full size is read again. Every eighth row of it is
kept as it is, because blur and freezing show in neighbouring pixels; a thumbnail stands for what there is to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Edges = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]
ROW_STEP = 8
THUMBNAIL_WH, GRID_WH = (64, 18), (16, 9)
NOISE_LEVELS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One picture's look.

    Attributes:
        rows: every eighth row of the luma, uint8 [n, width].
        thumbnail: means over the cells of a grid, float32 [18, 64].
        mean: of the thumbnail, 0-255.
        contrast: standard deviation of the thumbnail.
        detail: how much neighbouring pixels differ beyond noise, in the cells of a grid, float32 [9, 16].
    """

    rows: Bytes
    thumbnail: Floats
    mean: float
    contrast: float
    detail: Floats


def look_at(luma: Bytes) -> Look:
    """The look of a luma plane, uint8 [height, width], at least three pixels wide; it may be overwritten afterwards."""
    rows = luma[::ROW_STEP].copy()
    thumbnail = _cell_means(rows, THUMBNAIL_WH)
    steps = cv2.absdiff(rows[:, 2:], rows[:, :-2])
    edges = np.asarray(cv2.subtract(steps, _noise(*steps.shape)), np.uint8)
    return Look(rows, thumbnail, *_mean_and_deviation(thumbnail), _cell_means(edges, GRID_WH))


def _cell_means(plane: Bytes, grid_wh: tuple[int, int]) -> Floats:
    """Means over the cells of a grid, float32 [at most grid height, width]; from sums over rectangles."""
    columns, rows, area = _cells(plane.shape[1], plane.shape[0], grid_wh)
    corners = cv2.integral(plane)[rows[:, None], columns]
    upper, lower = corners[:-1], corners[1:]
    sums = (lower[:, 1:] - lower[:, :-1]) - (upper[:, 1:] - upper[:, :-1])
    return np.asarray(sums / area, np.float32)


@lru_cache(maxsize=16)
def _noise(height_px: int, width_px: int) -> Bytes:
    return np.full((height_px, width_px), NOISE_LEVELS, np.uint8)


def _mean_and_deviation(plane: Floats) -> tuple[float, float]:
    mean, deviation = cv2.meanStdDev(plane)
    return float(mean[0, 0]), float(deviation[0, 0])


@lru_cache(maxsize=16)
def _cells(width_px: int, height_px: int, grid_wh: tuple[int, int]) -> tuple[Edges, Edges, Floats]:
    """Where the cells of a grid begin, by column and by row, and how many pixels each holds; fewer on small planes."""
    columns = np.linspace(0, width_px, min(width_px, grid_wh[0]) + 1).astype(np.intp)
    rows = np.linspace(0, height_px, min(height_px, grid_wh[1]) + 1).astype(np.intp)
    return columns, rows, np.outer(np.diff(rows), np.diff(columns)).astype(np.float32)


def largest_difference(one: Look, other: Look) -> float:
    """The largest difference of a pixel in the rows of two looks at the same camera, grey levels."""
    return float(cv2.norm(one.rows, other.rows, cv2.NORM_INF))


def likeness(look: Look, thumbnail: Floats) -> float:
    """Correlation of a look's thumbnail with another, -1..1, whatever their brightness and contrast; 0 where flat."""
    mean, deviation = _mean_and_deviation(thumbnail)
    if look.contrast * deviation < 1e-3:
        return 0.0
    product = float(np.vdot(look.thumbnail, thumbnail)) / thumbnail.size - look.mean * mean
    return product / (look.contrast * deviation)
