"""Average precision at one overlap, with truth that may be missed without blame; pure.

Interpolated at 101 recall points as COCO does (cocodataset.org, detection evaluation, 2014). A detection counts as
right when it overlaps a truth box of its class that no stronger detection took. A detection that overlaps only ignored
truth (too small, too hidden) counts neither way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
RECALL_POINTS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """Truth of one picture: boxes_xyxy (n, 4) px, class_id (n,), ignored (n,)."""

    boxes_xyxy: FloatArray
    class_id: IntArray
    ignored: BoolArray


@dataclass(frozen=True, slots=True)
class FrameDetections:
    """Detections on one picture: boxes_xyxy (n, 4) px, confidence (n,), class_id (n,)."""

    boxes_xyxy: FloatArray
    confidence: FloatArray
    class_id: IntArray


def iou_matrix(a_xyxy: FloatArray, b_xyxy: FloatArray) -> FloatArray:
    """Intersection over union of each pair, shape (len(a), len(b))."""
    top_left = np.maximum(a_xyxy[:, None, :2], b_xyxy[None, :, :2])
    bottom_right = np.minimum(a_xyxy[:, None, 2:], b_xyxy[None, :, 2:])
    intersection = np.prod(np.clip(bottom_right - top_left, 0, None), axis=2)
    area_a = np.prod(a_xyxy[:, 2:] - a_xyxy[:, :2], axis=1)
    area_b = np.prod(b_xyxy[:, 2:] - b_xyxy[:, :2], axis=1)
    union = area_a[:, None] + area_b[None, :] - intersection
    return np.asarray(np.where(union > 0, intersection / np.maximum(union, 1e-9), 0.0), dtype=np.float32)


def match_frame(
    truth: FrameTruth, found: FrameDetections, class_id: int, iou_min: float
) -> tuple[FloatArray, BoolArray]:
    """Judge one class on one picture.

    Returns:
        Confidence and right/wrong of each detection that counts, strongest first.
    """
    of_class = found.class_id == class_id
    order = np.argsort(-found.confidence[of_class], kind="stable")
    boxes, confidence = found.boxes_xyxy[of_class][order], found.confidence[of_class][order]
    wanted = truth.class_id == class_id
    truth_boxes, ignored = truth.boxes_xyxy[wanted], truth.ignored[wanted]
    overlaps = iou_matrix(boxes, truth_boxes)
    free = ~ignored
    right, counts = np.zeros(len(boxes), bool), np.ones(len(boxes), bool)
    for row in range(len(boxes)):
        candidates = np.where(free, overlaps[row], 0.0)
        best = int(np.argmax(candidates)) if len(candidates) else -1
        if best >= 0 and candidates[best] >= iou_min:
            right[row] = True
            free[best] = False
        elif np.any(overlaps[row][ignored] >= iou_min):
            counts[row] = False
    return confidence[counts], right[counts]


def average_precision(
    truths: Sequence[FrameTruth], found: Sequence[FrameDetections], class_id: int, iou_min: float = 0.5
) -> float | None:
    """Average precision of a class over pictures; None where the truth has none of it."""
    total = sum(int(np.sum((truth.class_id == class_id) & ~truth.ignored)) for truth in truths)
    if total == 0:
        return None
    judged = [match_frame(truth, frame, class_id, iou_min) for truth, frame in zip(truths, found, strict=True)]
    confidence = np.concatenate([pair[0] for pair in judged])
    right = np.concatenate([pair[1] for pair in judged])[np.argsort(-confidence, kind="stable")]
    true_positives = np.cumsum(right)
    recall = true_positives / total
    precision = true_positives / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    reached = np.searchsorted(recall, RECALL_POINTS, side="left")
    at_points = [float(envelope[index]) if index < len(envelope) else 0.0 for index in reached]
    return float(np.mean(at_points))
