"""A picture scaled and padded for a model, as ultralytics does it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.models.card import ColourOrder, ModelInput
from detect.pictures.letterbox import Letterbox

Bytes = NDArray[np.uint8]


def put_letterboxed(bgr: Bytes, target: ModelInput, slot: Bytes) -> Letterbox:
    """A BGR picture scaled and padded into a slot uint8 [height, width, 3] in the model's order of colours."""
    box = Letterbox.fit(bgr.shape[1], bgr.shape[0], target)
    slot[:] = target.pad_value
    small = cv2.resize(bgr, (box.width_px, box.height_px), interpolation=cv2.INTER_LINEAR)
    if target.color is ColourOrder.RGB:
        small = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)
    slot[box.top_px : box.top_px + box.height_px, box.left_px : box.left_px + box.width_px] = small
    return box
