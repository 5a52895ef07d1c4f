from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detect.boxes.nms import keep_by_class, pairwise_iou


def test_iou_of_half_overlapping_boxes() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 20, 20]], np.float32)
    found = pairwise_iou(boxes, boxes)
    np.testing.assert_allclose(found, [[1.0, 1 / 3, 0.0], [1 / 3, 1.0, 0.0], [0.0, 0.0, 0.0]], atol=1e-6)


def test_weaker_double_goes_and_other_class_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 9.5]], np.float32)
    confidence = np.array([0.5, 0.9, 0.8], np.float32)
    kept = keep_by_class(boxes, confidence, np.array([0, 0, 1]), 0.6)
    assert kept.tolist() == [1, 2]


def test_box_suppressed_by_a_suppressed_one_stays() -> None:
    """A-B and B-C overlap, A-C do not: with B gone nothing speaks against C."""
    boxes = np.array([[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]], np.float32)
    kept = keep_by_class(boxes, np.array([0.9, 0.8, 0.7], np.float32), np.zeros(3, np.int64), 0.3)
    assert kept.tolist() == [0, 2]


def test_many_candidates_of_strong_objects_do_not_push_out_weak_ones() -> None:
    strong = np.tile(np.array([[0, 0, 10, 10]], np.float32), (2000, 1))
    boxes = np.vstack([strong, np.array([[50, 50, 60, 60]], np.float32)])
    confidence = np.append(np.full(2000, 0.9, np.float32), np.float32(0.2))
    assert keep_by_class(boxes, confidence, np.zeros(2001, np.int64), 0.6).tolist() == [0, 2000]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    count = draw(st.integers(0, 30))
    seed = draw(st.integers(0, 10_000))
    random = np.random.default_rng(seed)
    corners = random.uniform(0, 60, (count, 2))
    boxes = np.hstack([corners, corners + random.uniform(1, 40, (count, 2))]).astype(np.float32)
    confidence = random.permutation(np.linspace(0.1, 0.9, max(count, 1)))[:count].astype(np.float32)
    return boxes, confidence, random.integers(0, 3, count), draw(st.floats(0.1, 0.9))


@given(scenes())
def test_equals_the_textbook_loop(scene: tuple[np.ndarray, np.ndarray, np.ndarray, float]) -> None:
    boxes, confidence, labels, limit = scene
    expected: list[int] = []
    for index in np.argsort(-confidence, kind="stable"):
        rivals = [kept for kept in expected if labels[kept] == labels[index]]
        if all(_iou(boxes[index], boxes[rival]) <= limit for rival in rivals):
            expected.append(int(index))
    assert keep_by_class(boxes, confidence, labels, limit).tolist() == expected


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    return float(pairwise_iou(one[None], other[None])[0, 0])
