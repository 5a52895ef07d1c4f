"""The detections of a frame as a tracker takes them, of one camera or of several after one another; pure."""

from __future__ import annotations

from collections.abc import Sequence
from operator import gt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detect.boxes.detections import Detections
from detect.tracking.association import Indices
from detect.tracking.kalman import Floats


class Found(NamedTuple):
    """Camera by camera, each one's most confident first; boxes are float64, `of` tells the camera."""

    boxes_xyxy: Floats
    confidence: npt.NDArray[np.float32]
    class_id: npt.NDArray[np.int64]
    of: Indices


def found_by(detections: Sequence[Detections], confidence_min: float) -> Found:
    """What several cameras found, in an order that does not depend on the one it is given in."""
    ordered = [_in_canonical_order(one, confidence_min) for one in detections]
    if len(ordered) == 1:
        (one,) = ordered
        return Found(one.boxes_xyxy.astype(np.float64), one.confidence, one.class_id, np.zeros(len(one), np.intp))
    return Found(
        np.concatenate([one.boxes_xyxy for one in ordered], dtype=np.float64),
        np.concatenate([one.confidence for one in ordered]),
        np.concatenate([one.class_id for one in ordered]),
        np.repeat(np.arange(len(ordered)), [len(one) for one in ordered]),
    )


def _in_canonical_order(detections: Detections, confidence_min: float) -> Detections:
    """Most confident first, so that the strong ones are a beginning; ties by place and class, whatever the order in."""
    confidence = detections.confidence.tolist()
    if (
        confidence and confidence[-1] >= confidence_min and all(map(gt, confidence, confidence[1:]))
    ):  # as NMS leaves them
        return detections
    falling = np.negative(detections.confidence)
    order = np.argsort(falling)
    falling = falling[order]
    if (falling[1:] == falling[:-1]).any():
        order = np.lexsort((detections.class_id, *detections.boxes_xyxy.T, -detections.confidence))
        falling = -detections.confidence[order]
    count = int(np.count_nonzero(falling <= -np.float32(confidence_min)))
    return detections.select(order[:count])
