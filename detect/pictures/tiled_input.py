"""A frame in several pictures: whole, and in tiles; see `detect.pictures.tiles`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from detect.boxes.detections import Detections
from detect.models.card import ModelInput
from detect.pictures.frames import FrameCopy
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import I420, Polygons
from detect.pictures.slots import MakePutsIn, PutsIn, Slots
from detect.pictures.tile_merge import merge_tiles
from detect.pictures.tiles import Tile


class TiledInput:
    """Puts frames of one size into slots, whole first, then tile by tile.

    Args:
        puts_in: makes what puts a picture into a slot.
        target: the model's input.
        width_px, height_px: of the frames.
        masks: privacy masks, as fractions of the frame.
        tiles: where the tiles lie; none for pictures that are analysed whole only.
    """

    def __init__(
        self,
        puts_in: MakePutsIn,
        target: ModelInput,
        width_px: int,
        height_px: int,
        masks: Polygons,
        tiles: Sequence[Tile],
    ) -> None:
        self.tiles = tuple(tiles)
        self.whole: PutsIn = puts_in(target, width_px, height_px, masks)
        self._parts = [
            puts_in(target, tile.width_px, tile.height_px, _within(tile, masks, width_px, height_px)) for tile in tiles
        ]

    @property
    def pictures(self) -> int:
        """What a frame costs."""
        return 1 + len(self._parts)

    def fill(self, planes: I420, slots: Slots, first: int, room: int) -> tuple[Letterbox, ...]:
        """Write a frame into the slots from `first` on; only the whole picture where there are not slots enough.

        Returns:
            How to map boxes back, for each slot that was filled.
        """
        self.whole.fill(planes, slots[first])
        if self.pictures > room:
            return (self.whole.letterbox,)
        for index, (part, tile) in enumerate(zip(self._parts, self.tiles, strict=True), first + 1):
            part.fill(_cut_out(planes, tile), slots[index])
        return (self.whole.letterbox, *(part.letterbox for part in self._parts))

    def merge(self, found: Sequence[Detections]) -> Detections:
        """What was found on the frame, each object once, by what was found on its pictures."""
        return merge_tiles(found[0], found[1:], self.tiles) if len(found) > 1 else found[0]


def _cut_out(planes: I420, tile: Tile) -> Any:
    """The tile's part of each plane, not copied."""
    halves = slice(tile.top_px // 2, tile.bottom_px // 2), slice(tile.left_px // 2, tile.right_px // 2)
    y = planes.y[tile.top_px : tile.bottom_px, tile.left_px : tile.right_px]
    return FrameCopy(y, planes.u[halves], planes.v[halves])


def _within(tile: Tile, masks: Polygons, width_px: int, height_px: int) -> Polygons:
    """Masks as fractions of the tile; they may reach beyond it."""
    return tuple(
        tuple(
            ((x * width_px - tile.left_px) / tile.width_px, (y * height_px - tile.top_px) / tile.height_px)
            for x, y in mask
        )
        for mask in masks
    )
