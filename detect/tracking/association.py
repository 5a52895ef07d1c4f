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

from detect.tracking.kalman import POSITION, VAR_POSITION, Floats, box_area_px2, to_xyxy

Indices = npt.NDArray[np.intp]

_BUFFER_MIN, _BUFFER_MAX = 0.1, 1.0  # of the box's size
_CLASS_CHANGE_COST = 0.25
_SIZE_RATIO_MAX = 2.5
_FORBIDDEN_COST = 1e6


def iou_matrix(left_xyxy: Floats, right_xyxy: Floats) -> Floats:
    """Intersection over union (n, m) of boxes (n, 4) and (m, 4)."""
    return _overlap(left_xyxy, right_xyxy, None)


def _overlap(one_xyxy: Floats, other_xyxy: Floats, buffer_px: Floats | None) -> Floats:
    """IoU (…, n, m) after both boxes of each pair grew on every side by the first one's buffer (…, n, 2: x, y)."""
    one, other = _axes_first(one_xyxy)[..., None], _axes_first(other_xyxy)[..., None, :]
    shared = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])  # both axes of a box at once
    sides, other_sides = one[2:] - one[:2], other[2:] - other[:2]
    if buffer_px is not None:
        growth = 2 * _axes_first(buffer_px)[..., None]
        shared += growth
        sides, other_sides = sides + growth, other_sides + growth
    np.maximum(shared, 0.0, out=shared)
    intersection = shared[0] * shared[1]
    union = sides[0] * sides[1] + other_sides[0] * other_sides[1] - intersection
    return np.asarray(np.divide(intersection, np.maximum(union, 1e-9, out=union), out=intersection))


def _axes_first(values: Floats) -> Floats:
    """(…, n, k) as (k, …, n)."""
    return np.ascontiguousarray(values.T if values.ndim == 2 else values.transpose(2, 0, 1))


def association_cost(
    state: Floats, track_class: Indices, boxes_xyxy: Floats, class_id: npt.NDArray[np.int64]
) -> Floats:
    """Cost (…, n, m) of continuing predicted tracks (…, n, 5, 4) by boxes (…, m, 4): 0 same place and class.

    Over 1 is unlike. Pairs whose sizes differ more than a body can change between two frames are forbidden (a very
    large cost). Several cameras may lie one behind the other as the first axis of everything.
    """
    position = state[..., POSITION, :]
    area_px2 = box_area_px2(position)
    size_px = np.sqrt(area_px2)
    buffer_px = np.sqrt(state[..., VAR_POSITION, :2])
    buffer_px = np.minimum(np.maximum(buffer_px, _BUFFER_MIN * size_px), _BUFFER_MAX * size_px)
    overlap = _overlap(to_xyxy(position), boxes_xyxy, buffer_px)
    cost = np.subtract(1.0, overlap, out=overlap)
    cost += _CLASS_CHANGE_COST * (track_class[..., None] != class_id[..., None, :])
    sides = boxes_xyxy[..., 2:] - boxes_xyxy[..., :2]
    ratio = area_px2 / np.maximum(sides[..., 0] * sides[..., 1], 1.0)[..., None, :]
    cost[(ratio > _SIZE_RATIO_MAX**2) | (ratio < 1 / _SIZE_RATIO_MAX**2)] = _FORBIDDEN_COST
    return cost


def assign(cost: Floats, cost_max: float) -> tuple[Indices, Indices]:
    """Pairs (rows, columns) of the assignment with the least total cost, dearer ones than `cost_max` left out.

    Pairs over the limit do not take part: their cost is levelled, so they cannot push a good pair aside.
    """
    _, rows, columns = assign_layers(cost[None], (cost <= cost_max)[None])
    return rows, columns


def assign_layers(cost: Floats, allowed: npt.NDArray[np.bool_]) -> tuple[Indices, Indices, Indices]:
    """`assign` in each layer of (layers, n, m), of the pairs that are allowed: (layers, rows, columns)."""
    layers, rows, columns = allowed.nonzero()
    tracks, detections = rows, columns
    if len(cost) > 1:
        tracks, detections = layers * cost.shape[1] + rows, layers * cost.shape[2] + columns
    if (tracks[1:] != tracks[:-1]).all() and len(set(detections.tolist())) == len(detections):
        return layers, rows, columns  # nobody competes, so these are the pairs of the least total cost
    contested = np.zeros(len(cost), np.bool_)
    contested[layers[_repeated(tracks) | _repeated(detections)]] = True
    is_quiet = ~contested[layers]
    found = [(layers[is_quiet], rows[is_quiet], columns[is_quiet])]
    for layer in contested.nonzero()[0].tolist():
        rows, columns = linear_sum_assignment(np.where(allowed[layer], cost[layer], _FORBIDDEN_COST))
        kept = allowed[layer, rows, columns]
        rows = rows[kept]
        found.append((np.full(len(rows), layer), rows, columns[kept]))
    layers, rows, columns = map(np.concatenate, zip(*found, strict=True))
    return layers, rows, columns


def _repeated(places: Indices) -> npt.NDArray[np.bool_]:
    """Which of some places occur more than once, (n,)."""
    return np.asarray(np.bincount(places)[places] > 1, np.bool_)
