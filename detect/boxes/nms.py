"""Non-maximum suppression, class by class; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import cv2
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
    return keep_in_each(boxes_xyxy, confidence, class_id, [len(boxes_xyxy)], iou_limit)[0]


def keep_in_each(
    boxes_xyxy: Floats,
    confidence: Floats,
    class_id: npt.NDArray[np.int64],
    ends: Sequence[int],
    iou_limit: float,
) -> tuple[npt.NDArray[np.intp], list[int]]:
    """`keep_by_class` in each of several pictures, whose boxes lie one after the other.

    Args:
        ends: where each picture's boxes end.

    Returns:
        Indices among all boxes, picture by picture, and where each picture's indices end.
    """
    extent = float(boxes_xyxy.max(initial=0.0) - boxes_xyxy.min(initial=0.0)) + 1.0
    rectangles = boxes_xyxy.astype(np.float64)
    rectangles[:, 2:] -= rectangles[:, :2]
    rectangles[:, :2] += class_id[:, None] * extent  # boxes of different classes never overlap
    kept: list[npt.NDArray[np.intp]] = []
    kept_ends: list[int] = []
    first = 0
    for end in ends:
        # to the stubs the boxes are lists; an array is read the same and eight times as fast
        part = cv2.dnn.NMSBoxes(cast(Any, rectangles[first:end]), cast(Any, confidence[first:end]), 0.0, iou_limit)
        stays = np.asarray(part, np.intp)[:MOST_BOXES]
        kept.append(stays + first)
        kept_ends.append((kept_ends[-1] if kept_ends else 0) + len(stays))
        first = end
    return np.concatenate(kept), kept_ends


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
