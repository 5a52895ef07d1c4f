"""Non-maximum suppression, class by class; pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
MOST_BOXES = 300


def keep_by_class(
    boxes_xyxy: Floats, confidence: Floats, class_id: npt.NDArray[np.int64], iou_limit: float
) -> npt.NDArray[np.intp]:
    """Indices of the boxes that stay, most confident first; of two boxes of a class that overlap more, the weaker goes.

    Args:
        boxes_xyxy: (n, 4).
        confidence: (n,).
        class_id: (n,).
        iou_limit: intersection over union above which two boxes are one object.

    Returns:
        At most MOST_BOXES indices.
    """
    order = np.argsort(-confidence, kind="stable")
    extent = float(boxes_xyxy.max(initial=0.0) - boxes_xyxy.min(initial=0.0)) + 1.0
    apart = boxes_xyxy.astype(np.float64) + class_id[:, None] * extent  # boxes of different classes never overlap
    left_top, right_bottom = apart[order, :2], apart[order, 2:]
    area = np.prod(np.maximum(right_bottom - left_top, 0.0), axis=1)
    kept: list[int] = []
    while len(order) and len(kept) < MOST_BOXES:
        kept.append(int(order[0]))
        sides = np.minimum(right_bottom[0], right_bottom[1:]) - np.maximum(left_top[0], left_top[1:])
        shared = np.prod(np.maximum(sides, 0.0), axis=1)
        stays = np.flatnonzero(shared <= iou_limit * (area[0] + area[1:] - shared)) + 1
        order, left_top, right_bottom, area = order[stays], left_top[stays], right_bottom[stays], area[stays]
    return np.array(kept, np.intp)


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
