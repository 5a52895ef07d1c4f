"""Non-maximum suppression, class by class; pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
MOST_CANDIDATES = 512


def keep_by_class(
    boxes_xyxy: Floats, confidence: Floats, class_id: npt.NDArray[np.int64], iou_limit: float
) -> npt.NDArray[np.intp]:
    """Indices of the boxes that stay, most confident first; of two boxes of a class that overlap more, the weaker goes.

    Args:
        boxes_xyxy: (n, 4).
        confidence: (n,).
        class_id: (n,).
        iou_limit: intersection over union above which two boxes are one object.
    """
    order = np.argsort(-confidence, kind="stable")[:MOST_CANDIDATES]
    if len(order) < 2:
        return order
    boxes = boxes_xyxy[order]
    labels = class_id[order]
    suppresses = (pairwise_iou(boxes, boxes) > iou_limit) & (labels[:, None] == labels[None, :])
    stays = np.ones(len(order), np.bool_)
    for index in np.flatnonzero(np.triu(suppresses, 1).any(axis=1)):
        if stays[index]:
            stays[index + 1 :] &= ~suppresses[index, index + 1 :]
    return order[stays]


def pairwise_iou(first_xyxy: Floats, second_xyxy: Floats) -> Floats:
    """Intersection over union of every pair, (n, m); 0 where both are empty."""
    left_top = np.maximum(first_xyxy[:, None, :2], second_xyxy[None, :, :2])
    right_bottom = np.minimum(first_xyxy[:, None, 2:], second_xyxy[None, :, 2:])
    sides = np.clip(right_bottom - left_top, 0, None)
    shared = sides[..., 0] * sides[..., 1]
    union = _areas(first_xyxy)[:, None] + _areas(second_xyxy)[None, :] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0), np.float32)


def _areas(boxes_xyxy: Floats) -> Floats:
    return np.asarray(np.prod(np.clip(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], 0, None), axis=1), np.float32)
