"""Heights of the ground: flat, or an ESRI ASCII grid (.asc).

The grid is a text: ncols, nrows, xllcorner (or xllcenter), yllcorner (or yllcenter), cellsize, NODATA_value, then nrows
lines of ncols heights in metres, the northern line first; x is longitude and y latitude, WGS-84 degrees. GIS programs
write it as "AAIGrid" or "Arc/Info ASCII Grid". Between the cells' middles heights are interpolated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from kernel.config.fleet import DroneConfig
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import FLAT
from kernel.errors import BadInputError

Array = npt.NDArray[np.float64]
LARGEST_CELLS = 50_000_000
_METRES_A_DEGREE = 111_320.0
_BEND_SHARE, _EDGE_SHARE = 0.4, 0.3
_REQUIRED = ("ncols", "nrows", "cellsize")
_CORNERS = (("xllcorner", "xllcenter"), ("yllcorner", "yllcenter"))


class Terrain(Protocol):
    """Heights of the ground in metres; NaN where they are not known."""

    def heights_m(self, lats: Array, lons: Array) -> Array:
        """Height at each position."""

    @property
    def step_m(self) -> float:
        """Distance in which the ground is looked at along a flight."""


@dataclass(frozen=True)
class FlatTerrain:
    """Ground as high as the dock everywhere."""

    def heights_m(self, lats: Array, lons: Array) -> Array:
        """Zero everywhere."""
        return np.zeros_like(lats)

    @property
    def step_m(self) -> float:
        """Nothing to look at between points."""
        return float("inf")


@dataclass(frozen=True)
class GridTerrain:
    """A grid of heights.

    Attributes:
        heights: rows from south to north, columns from west to east; NaN where the file says no data.
        west_deg, south_deg: of the middle of the south-western cell.
        cell_deg: between middles.
    """

    heights: Array
    west_deg: float
    south_deg: float
    cell_deg: float

    def heights_m(self, lats: Array, lons: Array) -> Array:
        """Bilinear between the four nearest middles; NaN outside of them or where one of them has no data."""
        rows, columns = self.heights.shape
        y, x = (lats - self.south_deg) / self.cell_deg, (lons - self.west_deg) / self.cell_deg
        inside = (y >= 0) & (x >= 0) & (y <= rows - 1) & (x <= columns - 1)
        row = np.clip(np.floor(np.where(inside, y, 0)).astype(int), 0, max(rows - 2, 0))
        column = np.clip(np.floor(np.where(inside, x, 0)).astype(int), 0, max(columns - 2, 0))
        up, right = y - row, x - column
        total = np.zeros_like(y)
        for rows_up, columns_right, weight in (
            (0, 0, (1 - up) * (1 - right)),
            (0, 1, (1 - up) * right),
            (1, 0, up * (1 - right)),
            (1, 1, up * right),
        ):
            # a neighbour without data does not matter to a position that lies right on the others
            corner = self.heights[row + rows_up, column + columns_right]
            total += np.where(weight > 0, corner * weight, 0.0)
        return np.where(inside, total, np.nan)

    @property
    def step_m(self) -> float:
        """Half a cell, but not less than a metre."""
        return max(1.0, self.cell_deg * _METRES_A_DEGREE / 2)

    @cached_property
    def range_m(self) -> tuple[float, float]:
        """Lowest and highest height of all; NaN where there is no data at all."""
        known = self.heights[np.isfinite(self.heights)]
        return (float(known.min()), float(known.max())) if known.size else (math.nan, math.nan)

    def errors_m(self, lat: float, lon: float) -> tuple[float, float]:
        """What interpolation between the cells may be off by there, one sigma each: upwards, and sideways.

        Upwards 0.4 of the largest second difference between heights around: nothing on an even slope.
        Sideways 0.3 of a cell, where an edge may lie anywhere within one; no more than the ground bends.
        """
        bends = self._bends_m
        row = min(max(round((lat - self.south_deg) / self.cell_deg), 0), bends.shape[0] - 1)
        column = min(max(round((lon - self.west_deg) / self.cell_deg), 0), bends.shape[1] - 1)
        bend_m = float(bends[row, column])
        return _BEND_SHARE * bend_m, min(bend_m, _EDGE_SHARE * self.cell_deg * _METRES_A_DEGREE)

    @cached_property
    def _bends_m(self) -> Array:
        """The largest second difference, either way, within a cell around each middle; unknown heights bend nothing."""
        bends = np.zeros_like(self.heights)
        for axis in (0, 1):
            second = np.abs(np.diff(self.heights, 2, axis=axis))
            padding = [(1, 1) if one == axis else (0, 0) for one in (0, 1)]
            bends = np.maximum(bends, np.pad(np.where(np.isfinite(second), second, 0.0), padding))
        wide = np.pad(bends, 1, mode="edge")
        rows, columns = bends.shape
        around = [wide[up : up + rows, right : right + columns] for up in range(3) for right in range(3)]
        return np.asarray(np.maximum.reduce(around))


def load_terrain(terrain: str) -> Terrain:
    """The terrain that a patrol states: flat, or a file's.

    Raises:
        BadInputError: the file is no such grid.
    """
    if terrain == FLAT:
        return FlatTerrain()
    file = Path(terrain)
    try:
        return _loaded(terrain, file.stat().st_mtime_ns)
    except OSError as error:
        raise BadInputError(f"{file}: cannot be read ({error.strerror}); give an ESRI ASCII grid") from error


@lru_cache(maxsize=4)
def _loaded(name: str, _changed_ns: int) -> GridTerrain:
    try:
        return parse_grid(Path(name).read_text(encoding="ascii"), name)
    except UnicodeDecodeError as error:
        raise BadInputError(f"{name}: no ASCII text; give an ESRI ASCII grid") from error


def terrain_of(config: LookoutConfig, drone: DroneConfig) -> str:
    """The terrain that heights of a drone are counted over: of the first patrol it flies, else of the dispatch."""
    named = [one.terrain for one in config.patrols if drone.id in one.drones]
    return named[0] if named else config.dispatch.terrain


def parse_grid(text: str, source: str) -> GridTerrain:
    """A grid from its text.

    Raises:
        BadInputError: no such grid, one that is too large, or one not in degrees.
    """
    words = text.split()
    header: dict[str, float] = {}
    while len(words) > 2 * len(header) + 1 and words[2 * len(header)][0].isalpha():
        name, value = words[2 * len(header)].lower(), words[2 * len(header) + 1]
        if name in header:
            break
        header[name] = _number(value, name, source)
    for name in _REQUIRED:
        if name not in header:
            raise BadInputError(f"{source}: {name} is missing; an ESRI ASCII grid begins with it")
    columns, rows, cell = int(header["ncols"]), int(header["nrows"]), header["cellsize"]
    if not (columns >= 2 and rows >= 2 and columns * rows <= LARGEST_CELLS and cell > 0):
        raise BadInputError(f"{source}: {columns} x {rows} cells of {cell}; needs 2 x 2 up to {LARGEST_CELLS} in all")
    west, south = (_corner(header, *names, cell, source) for names in _CORNERS)
    if not (-180 <= west <= 180 and -90 <= south <= 90 and cell < 1):
        raise BadInputError(f"{source}: not in degrees; reproject it to WGS-84 (EPSG:4326)")
    values = words[2 * len(header) :]
    if len(values) != columns * rows:
        raise BadInputError(f"{source}: has {len(values)} heights, its head says {columns} x {rows}")
    try:
        grid = np.array(values, dtype=np.float64).reshape(rows, columns)[::-1]
    except ValueError as error:
        raise BadInputError(f"{source}: a height is no number") from error
    grid = np.where(grid == header.get("nodata_value", -9999.0), np.nan, grid)
    return GridTerrain(np.ascontiguousarray(grid), west, south, cell)


def _corner(header: dict[str, float], corner: str, middle: str, cell: float, source: str) -> float:
    if middle in header:
        return header[middle]
    if corner not in header:
        raise BadInputError(f"{source}: {corner} is missing; an ESRI ASCII grid begins with it")
    return header[corner] + cell / 2


def _number(text: str, name: str, source: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise BadInputError(f"{source}: {name} {text!r} is no number") from error
    if not math.isfinite(number) and name != "nodata_value":
        raise BadInputError(f"{source}: {name} {text!r} is no number")
    return number
