import numpy as np
import pytest

from detect.boxes.detections import Detections


def test_of_casts_and_selects_by_mask_and_by_index() -> None:
    found = Detections.of([[0, 0, 10, 20], [5, 5, 9, 9]], [0.9, 0.2], [0, 3])
    assert found.boxes_xyxy.dtype == np.float32
    strong = found.select(found.confidence > 0.5)
    assert len(strong) == 1
    assert strong.boxes_xyxy.tolist() == [[0, 0, 10, 20]]
    assert found.select(np.array([1, 0])).class_id.tolist() == [3, 0]


def test_empty_has_the_promised_shapes() -> None:
    empty = Detections.empty()
    assert len(empty) == 0
    assert empty.boxes_xyxy.shape == (0, 4)


@pytest.mark.parametrize(
    ("boxes", "confidence", "class_id", "words"),
    [
        (np.zeros((2, 4), np.float32), np.zeros(1, np.float32), np.zeros(1, np.int64), "do not belong"),
        (np.zeros((1, 5), np.float32), np.zeros(1, np.float32), np.zeros(1, np.int64), "do not belong"),
        (np.zeros((1, 4), np.float64), np.zeros(1, np.float32), np.zeros(1, np.int64), "float32"),
        (np.zeros((1, 4), np.float32), np.zeros(1, np.float32), np.zeros(1, np.int32), "int64"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(
    boxes: np.ndarray, confidence: np.ndarray, class_id: np.ndarray, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Detections(boxes, confidence, class_id)


def test_boxes_of_unknown_classes_or_no_numbers_are_not_usable() -> None:
    """A card that names too few classes, or one NaN of the engine, ended the analysis of every camera."""
    boxes = [(0, 0, 1, 1), (0, 0, 2, 2), (0, float("nan"), 3, 3), (0, 0, 4, float("inf")), (0, 0, 5, 5)]
    found = Detections.of(boxes, [0.9] * 5, [0, 3, 0, 0, -1])
    assert found.usable(3).boxes_xyxy.tolist() == [[0, 0, 1, 1]]
    assert found.usable(4).class_id.tolist() == [0, 3]
