"""Slots of blocks: a small picture as I420 planes, two by two pixels beside each other, never converted to RGB.

    a slot, uint8 [height / 2 + 1, width / 2 + left, 6]      a block: y y of its upper row, y y of its lower row, u, v
      row 0 and the `left` first columns lie outside the picture, where RGB is 0: y 16, u and v 128

A network whose first layer is a 3x3 convolution of stride 2 takes these as well as RGB, by other weights (see
`detect.engines.openvino_blocks`), which saves the conversion and half of the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from detect.models.card import ModelInput
from detect.pictures.letterbox import Letterbox

Bytes = npt.NDArray[np.uint8]
Corners = npt.NDArray[np.int32]

BLOCK_BYTES = 6
BLACK_Y, NEUTRAL_UV, _WHITE_Y, _WHITE = 16, 128, 235, 255
_OUTSIDE = np.array([BLACK_Y] * 4 + [NEUTRAL_UV] * 2, np.uint8)


class BlockWriter:
    """Holds the small planes of a picture, letterboxed, and writes them into slots of blocks.

    Args:
        target: the model's input, even in width and height.
        box: where the picture lies in it; every number is even.
        masks: privacy masks, int32 (corners, 2) in pixels of the picture in its box.

    Attributes:
        y, u, v: planes of the picture without its letterbox, to be filled before `write`.
    """

    def __init__(self, target: ModelInput, box: Letterbox, masks: Sequence[Corners]) -> None:
        height_px, width_px = target.height_px, target.width_px
        grey = round(BLACK_Y + target.pad_value * (_WHITE_Y - BLACK_Y) / _WHITE)
        luma = np.full((height_px, width_px), grey, np.uint8)
        self._chroma = [np.full((height_px // 2, width_px // 2), NEUTRAL_UV, np.uint8) for _ in range(2)]
        self._uv = np.empty((height_px // 2, width_px // 2, 2), np.uint8)
        self._pairs = [luma[0::2].view(np.uint16), luma[1::2].view(np.uint16), self._uv.view(np.uint16)[..., 0]]
        rows, columns = slice(box.top_px, box.top_px + box.height_px), slice(box.left_px, box.left_px + box.width_px)
        halves = slice(rows.start // 2, rows.stop // 2), slice(columns.start // 2, columns.stop // 2)
        self.y: Bytes = luma[rows, columns]
        self.u, self.v = (plane[halves] for plane in self._chroma)
        self._masked, self._hidden = _blocks_of(masks, box)

    def write(self, slot: Bytes) -> None:
        """Fill a slot with the picture that is in the planes.

        Args:
            slot: uint8 [height / 2 + 1, width / 2 + left, 6], overwritten whole.
        """
        left = slot.shape[1] - self._uv.shape[1]
        slot[0] = _OUTSIDE
        slot[1:, :left] = _OUTSIDE
        inner = slot[1:, left:]
        cv2.merge(self._chroma, dst=self._uv)
        cv2.merge(self._pairs, dst=inner.view(np.uint16))
        if self._hidden is not None:
            np.copyto(inner[self._masked], _OUTSIDE, where=self._hidden)


def _blocks_of(masks: Sequence[Corners], box: Letterbox) -> tuple[tuple[slice, slice], npt.NDArray[np.bool_] | None]:
    """The rectangle of blocks that masks touch, and which bytes of it they hide; colours wherever a pixel is hidden."""
    picture = np.zeros((box.height_px, box.width_px), np.uint8)
    for mask in masks:
        cv2.fillPoly(picture, [mask], (1,))
    of_block = [picture[row::2, column::2] for row in (0, 1) for column in (0, 1)]
    touched = np.maximum.reduce(of_block)
    hidden = np.stack([*of_block, touched, touched], axis=2).astype(np.bool_)
    rows, columns = np.flatnonzero(touched.any(axis=1)), np.flatnonzero(touched.any(axis=0))
    if not len(rows):
        return (slice(0), slice(0)), None
    top, left = box.top_px // 2, box.left_px // 2
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    place = slice(top + part[0].start, top + part[0].stop), slice(left + part[1].start, left + part[1].stop)
    return place, hidden[part]
