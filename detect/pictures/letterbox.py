"""Where a picture lies in the model's input, and how boxes come back from there; pure geometry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from detect.models.card import ModelInput, PadPosition


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture scaled evenly into a rectangle, the rest padded.

    Width and height of the scaled picture are even, so that I420 chroma planes scale with it.
    """

    source_width_px: int
    source_height_px: int
    left_px: int
    top_px: int
    width_px: int
    height_px: int

    @classmethod
    def fit(cls, source_width_px: int, source_height_px: int, target: ModelInput) -> Letterbox:
        """The largest picture of the source's proportions within the model's input."""
        scale = min(target.width_px / source_width_px, target.height_px / source_height_px)
        width_px = min(target.width_px, _even(source_width_px * scale))
        height_px = min(target.height_px, _even(source_height_px * scale))
        centred = target.pad_position is PadPosition.CENTRE
        left_px = (target.width_px - width_px) // 2 if centred else 0
        top_px = (target.height_px - height_px) // 2 if centred else 0
        return cls(source_width_px, source_height_px, left_px, top_px, width_px, height_px)

    def to_source(self, boxes_xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Boxes in pixels of the source picture, cut off at its edges.

        Args:
            boxes_xyxy: (n, 4) in pixels of the model's input.
        """
        offset, scale, limit = _mapping(self)
        moved = (boxes_xyxy - offset) * scale
        return np.asarray(np.minimum(np.maximum(moved, np.float32(0.0), out=moved), limit, out=moved), np.float32)


@lru_cache(maxsize=256)
def _mapping(box: Letterbox) -> npt.NDArray[np.float32]:
    """What is taken off input pixels, what they are multiplied by then, and the far edge: three rows of x, y, x, y."""
    offset, source = (box.left_px, box.top_px), (box.source_width_px, box.source_height_px)
    scale = (source[0] / box.width_px, source[1] / box.height_px)
    return np.array([2 * offset, 2 * scale, 2 * source], np.float32)


def _even(length_px: float) -> int:
    """The nearest even length, at least two."""
    return max(2, 2 * round(length_px / 2))
