"""Which detection continues which track: buffered IoU and a least-cost assignment.

At 5 analysed frames a second a walker moves half a box between frames and a car a whole one, so plain IoU is often 0.
Both boxes of a pair are grown by the uncertainty of the track's prediction before they are compared.

Source: Yang, Odashima, Masui, Jiang, Hard to Track Objects with Irregular Motions and Similar Appearances?
Make It Easier by Buffering the Matching Space (WACV 2023), here with the buffer taken from the filter.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from detect.tracking.kalman import POSITION, VAR_POSITION, Floats, box_size_px, to_xyxy

Indices = npt.NDArray[np.intp]

_BUFFER_MIN, _BUFFER_MAX = 0.1, 1.0  # of the box's size
_CLASS_CHANGE_COST = 0.25
_SIZE_RATIO_MAX = 2.5
_FORBIDDEN_COST = 1e6


def iou_matrix(left_xyxy: Floats, right_xyxy: Floats) -> Floats:
    """Intersection over union (n, m) of boxes (n, 4) and (m, 4)."""
    return _buffered_iou(left_xyxy, right_xyxy, 0.0, 0.0)


def _buffered_iou(one_xyxy: Floats, other_xyxy: Floats, grow_x: Floats | float, grow_y: Floats | float) -> Floats:
    """IoU (n, m) after both boxes of each pair grew on every side by the first one's growth (n, 1)."""
    left, top, right, bottom = one_xyxy.T[:, :, None]
    other_left, other_top, other_right, other_bottom = other_xyxy.T[:, None]
    width = np.minimum(right, other_right) - np.maximum(left, other_left)
    height = np.minimum(bottom, other_bottom) - np.maximum(top, other_top)
    width += 2 * grow_x
    height += 2 * grow_y
    intersection: Floats = np.maximum(width, 0.0) * np.maximum(height, 0.0)
    area = (right - left + 2 * grow_x) * (bottom - top + 2 * grow_y)
    other_area = (other_right - other_left + 2 * grow_x) * (other_bottom - other_top + 2 * grow_y)
    union = area + other_area - intersection
    overlap: Floats = intersection / np.maximum(union, 1e-9)
    return overlap


def association_cost(
    state: Floats, track_class: Indices, boxes_xyxy: Floats, class_id: npt.NDArray[np.int64]
) -> Floats:
    """Cost (n, m) of continuing predicted tracks (n, 5, 4) by boxes (m, 4): 0 same place and class, over 1 unlike.

    Pairs whose sizes differ more than a body can change between two frames are forbidden (a very large cost).
    """
    size_px = box_size_px(state[:, POSITION])
    buffer_px = np.sqrt(state[:, VAR_POSITION, :2])
    buffer_px = np.minimum(np.maximum(buffer_px, _BUFFER_MIN * size_px), _BUFFER_MAX * size_px)
    cost = 1.0 - _buffered_iou(to_xyxy(state[:, POSITION]), boxes_xyxy, buffer_px[:, :1], buffer_px[:, 1:])
    cost += _CLASS_CHANGE_COST * (track_class[:, None] != class_id[None])
    sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    ratio = size_px / np.sqrt(np.maximum(sides[:, 0] * sides[:, 1], 1.0))[None]
    cost[(ratio > _SIZE_RATIO_MAX) | (ratio < 1 / _SIZE_RATIO_MAX)] = _FORBIDDEN_COST
    return cost


def assign(cost: Floats, cost_max: float) -> tuple[Indices, Indices]:
    """Pairs (rows, columns) of the assignment with the least total cost, dearer ones than `cost_max` left out.

    Pairs over the limit do not take part: their cost is levelled, so they cannot push a good pair aside.
    """
    if cost.size == 0:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    rows, columns = linear_sum_assignment(np.where(cost > cost_max, _FORBIDDEN_COST, cost))
    kept = cost[rows, columns] <= cost_max
    return rows[kept], columns[kept]
