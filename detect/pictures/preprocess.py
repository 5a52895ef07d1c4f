"""Frame views -> the model's batch: planes are resized first; the small ones go into a slot, colour-converted or not.

Nothing of full size is copied or converted. Values stay uint8; the engine's graph normalises them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from detect.models.card import ColourOrder, ModelInput
from detect.pictures.blocks import BLOCK_BYTES, BlockWriter, Corners
from detect.pictures.letterbox import Letterbox

Bytes = npt.NDArray[np.uint8]
Polygons = tuple[tuple[tuple[float, float], ...], ...]


class I420(Protocol):
    """A picture as three planes; `kernel.ring.FrameView` is one.

    y is uint8 [height, width]; u and v are [(height + 1) // 2, (width + 1) // 2].
    """

    @property
    def y(self) -> Bytes: ...
    @property
    def u(self) -> Bytes: ...
    @property
    def v(self) -> Bytes: ...


class _Planes(Protocol):
    """Room for the small planes of a picture, and what puts them into a slot."""

    y: Bytes
    u: Bytes
    v: Bytes

    def write(self, slot: Bytes) -> None: ...


class Preprocessor:
    """Puts pictures of one source size into slots of a model's batch: of pixels or of blocks, as the slots are.

    Where the letterbox begins is even, so that every 2x2 pixels which share their colour are one block.
    """

    def __init__(self, target: ModelInput, width_px: int, height_px: int, masks: Polygons = ()) -> None:
        fit = Letterbox.fit(width_px, height_px, target)
        self.letterbox = box = replace(fit, left_px=fit.left_px & ~1, top_px=fit.top_px & ~1)
        self._target = target
        self._masks = [
            np.array([[x * box.width_px, y * box.height_px] for x, y in polygon]).round().astype(np.int32)
            for polygon in masks
        ]
        self._in_blocks = False
        self._small: _Planes = _PixelWriter(target, box, self._masks)

    @property
    def luma(self) -> Bytes:
        """The luma of the picture filled in last, as small as the model takes it; the next one overwrites it."""
        return self._small.y

    def fill(self, planes: I420, slot: Bytes) -> None:
        """Write a picture into a slot of the batch.

        Args:
            planes: picture of the source size this was made for.
            slot: uint8 [height, width, 3] of the model's input, or of blocks; overwritten whole.
        """
        small = self._small_for(slot)
        for source, goal in ((planes.y, small.y), (planes.u, small.u), (planes.v, small.v)):
            cv2.resize(source, (goal.shape[1], goal.shape[0]), dst=goal, interpolation=cv2.INTER_LINEAR)
        small.write(slot)

    def _small_for(self, slot: Bytes) -> _Planes:
        """Planes that go into slots like this one; another engine may come to want others."""
        in_blocks = slot.shape[2] == BLOCK_BYTES
        if in_blocks is not self._in_blocks:
            make = BlockWriter if in_blocks else _PixelWriter
            self._in_blocks, self._small = in_blocks, make(self._target, self.letterbox, self._masks)
        return self._small


class _PixelWriter:
    """Holds the small planes of a picture, and writes them into slots of pixels; see `BlockWriter`."""

    def __init__(self, target: ModelInput, box: Letterbox, masks: Sequence[Corners]) -> None:
        self._box, self._masks, self._pad_value = box, masks, target.pad_value
        self._conversion = cv2.COLOR_YUV2RGB_I420 if target.color is ColourOrder.RGB else cv2.COLOR_YUV2BGR_I420
        self._small = np.empty((box.height_px * 3 // 2, box.width_px), np.uint8)
        flat = self._small.reshape(-1)
        luma_px = box.width_px * box.height_px
        chroma = (box.height_px // 2, box.width_px // 2)
        self.y: Bytes = flat[:luma_px].reshape(box.height_px, box.width_px)
        self.u: Bytes = flat[luma_px : luma_px * 5 // 4].reshape(chroma)
        self.v: Bytes = flat[luma_px * 5 // 4 :].reshape(chroma)

    def write(self, slot: Bytes) -> None:
        """Fill a slot, uint8 [height, width, 3], with the picture that is in the planes."""
        box = self._box
        rows, columns = slice(box.top_px, box.top_px + box.height_px), slice(box.left_px, box.left_px + box.width_px)
        for padding in (slot[: rows.start], slot[rows.stop :], slot[rows, : columns.start], slot[rows, columns.stop :]):
            if padding.size:
                padding[:] = self._pad_value
        inner = slot[rows, columns]
        cv2.cvtColor(self._small, self._conversion, dst=inner)
        for mask in self._masks:
            cv2.fillPoly(inner, [mask], (0, 0, 0))


def to_bgr(planes: I420, masks: Polygons = ()) -> Bytes:
    """The full-size picture as BGR, privacy masks burnt in: for snapshots only.

    Returns:
        uint8 [height, width, 3]; an odd last row or column is left out.
    """
    height_px, width_px = planes.y.shape[0] & ~1, planes.y.shape[1] & ~1
    packed = np.empty((height_px * 3 // 2, width_px), np.uint8)
    flat = packed.reshape(-1)
    luma_px = height_px * width_px
    packed[:height_px] = planes.y[:height_px, :width_px]
    chroma = (height_px // 2, width_px // 2)
    flat[luma_px : luma_px * 5 // 4].reshape(chroma)[:] = planes.u[: chroma[0], : chroma[1]]
    flat[luma_px * 5 // 4 :].reshape(chroma)[:] = planes.v[: chroma[0], : chroma[1]]
    picture: Bytes = np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_I420), np.uint8)
    for polygon in masks:
        corners = np.array([[x * width_px, y * height_px] for x, y in polygon]).round().astype(np.int32)
        cv2.fillPoly(picture, [corners], (0, 0, 0))
    return picture
