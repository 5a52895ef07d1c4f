"""Where a large picture is cut into overlapping tiles, so that what is small on it is not shrunk away; pure geometry.

    +--------+--+--------+     two columns: the strip between the inner edges is in both tiles,
    |   A    |AB|   B    |     so what is no wider than the strip is whole in one of them
    +--------+--+--------+

The whole picture is analysed beside its tiles: what is larger than the strips is seen whole there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from detect.models.card import ModelInput
from kernel.config.camera import AUTO_TILES, MOST_TILES, NO_TILES

AUTO_SHRINKS_FROM = 3.0
"""Pictures shrunk more than this for the model's input are tiled by `auto`: 4K is by 6, 1080p by 3 for 640x384."""
AUTO_SHRINKS_TO = 2.5


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, in its pixels; every number is even, so that I420 chroma planes are cut with it."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int

    @property
    def right_px(self) -> int:
        """First column behind it."""
        return self.left_px + self.width_px

    @property
    def bottom_px(self) -> int:
        """First row below it."""
        return self.top_px + self.height_px


def most_pictures(tiles: str) -> int:
    """How many pictures a frame is at most, the whole one among them, by a camera's `tiles`."""
    if tiles == NO_TILES:
        return 1
    return 1 + (MOST_TILES if tiles == AUTO_TILES else math.prod(_grid(tiles)))


def tiles_of(width_px: int, height_px: int, tiles: str, overlap: float, target: ModelInput) -> tuple[Tile, ...]:
    """The tiles of a picture, row by row; none where it is analysed whole only.

    Args:
        width_px, height_px: the picture's.
        tiles: off, auto or COLUMNSxROWS.
        overlap: share of a tile that its neighbour shows too.
        target: the model's input.
    """
    if tiles == NO_TILES:
        return ()
    columns, rows = _auto_grid(width_px, height_px, target) if tiles == AUTO_TILES else _grid(tiles)
    if columns * rows == 1:
        return ()
    across, down = _spans(width_px, columns, overlap), _spans(height_px, rows, overlap)
    return tuple(Tile(left, top, width, height) for top, height in down for left, width in across)


def _grid(tiles: str) -> tuple[int, int]:
    columns, rows = tiles.split("x")
    return int(columns), int(rows)


def _auto_grid(width_px: int, height_px: int, target: ModelInput) -> tuple[int, int]:
    """So many tiles that none is shrunk much; one where the whole picture is not."""
    across, down = width_px / target.width_px, height_px / target.height_px
    if max(across, down) <= AUTO_SHRINKS_FROM:
        return 1, 1
    shrinks_to = AUTO_SHRINKS_TO
    while (grid := (math.ceil(across / shrinks_to), math.ceil(down / shrinks_to))) and math.prod(grid) > MOST_TILES:
        shrinks_to *= 1.1
    return grid


def _spans(length_px: int, count: int, overlap: float) -> list[tuple[int, int]]:
    """Begin and length of `count` equal parts that cover a length and overlap by that share, all even."""
    length_px -= length_px % 2
    part_px = min(length_px, 2 * math.ceil(length_px / (1 + (count - 1) * (1 - overlap)) / 2))
    step_px = (length_px - part_px) / max(1, count - 1)
    return [(2 * int(index * step_px / 2), part_px) for index in range(count - 1)] + [(length_px - part_px, part_px)]
