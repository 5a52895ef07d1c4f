"""Where a picture lies in the model's input, and how boxes come back from there; pure geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detect.model_card import ModelInput, PadPosition


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
        scale_x = self.source_width_px / self.width_px
        scale_y = self.source_height_px / self.height_px
        offset = np.array([self.left_px, self.top_px, self.left_px, self.top_px], np.float32)
        scale = np.array([scale_x, scale_y, scale_x, scale_y], np.float32)
        limit = np.array(
            [self.source_width_px, self.source_height_px, self.source_width_px, self.source_height_px], np.float32
        )
        return np.asarray(np.clip((boxes_xyxy - offset) * scale, 0, limit), np.float32)


def _even(length_px: float) -> int:
    """The nearest even length, at least two."""
    return max(2, 2 * round(length_px / 2))
