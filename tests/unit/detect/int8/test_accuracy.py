from __future__ import annotations

import numpy as np
import pytest

from detect.boxes.average_precision import FrameDetections, FrameTruth
from detect.int8.accuracy import judge
from detect.int8.footage import Picture
from detect.models.card import Measure
from detect.pictures.letterbox import Letterbox
from kernel.config.sections import Precision

BOX, OTHER = (10.0, 10.0, 30.0, 50.0), (60.0, 10.0, 90.0, 50.0)
FP32, BF16, INT8 = Precision.FP32, Precision.BF16, Precision.INT8


def found(*boxes: tuple[tuple[float, ...], float, int]) -> FrameDetections:
    return FrameDetections(
        np.array([box for box, _, _ in boxes], np.float32).reshape(-1, 4),
        np.array([confidence for _, confidence, _ in boxes], np.float32),
        np.array([class_id for _, _, class_id in boxes], np.int64),
    )


def picture(truth: FrameTruth | None = None) -> Picture:
    return Picture(np.zeros((32, 64, 3), np.uint8), Letterbox(64, 32, 0, 0, 64, 32), truth)


def labelled(*boxes: tuple[tuple[float, ...], int]) -> Picture:
    truth = np.array([box for box, _ in boxes], np.float32).reshape(-1, 4)
    classes = np.array([class_id for _, class_id in boxes], np.int64)
    return picture(FrameTruth(truth, classes, np.zeros(len(boxes), np.bool_)))


def test_labels_judge_where_every_picture_has_them() -> None:
    pictures = [labelled((BOX, 0)), labelled((OTHER, 1))]
    answers = {
        FP32: [found((BOX, 0.9, 0)), found((OTHER, 0.8, 1))],
        BF16: [found((BOX, 0.9, 0)), found((OTHER, 0.8, 1))],
        INT8: [found((BOX, 0.9, 0)), found()],
    }
    accuracy = judge(pictures, answers, 3)
    assert (accuracy.measure, accuracy.pictures, accuracy.boxes) == (Measure.MAP50, 2, 2)
    assert (accuracy.fp32, accuracy.bf16, accuracy.int8) == (1.0, 1.0, 0.5)
    assert accuracy.drop == 0.5


def test_without_labels_what_fp32_is_sure_of_is_the_truth() -> None:
    """Three boxes of class 0 and one of class 1; int8 misses one of class 0, and half of the picture is not classes."""
    sure = found((BOX, 0.9, 0), (OTHER, 0.5, 1))
    pictures = [picture(), picture(), picture()]
    fp32 = [sure, found((BOX, 0.8, 0)), found((OTHER, 0.7, 0))]
    accuracy = judge(pictures, {FP32: fp32, INT8: [sure, found((BOX, 0.8, 0)), found()]}, 2)
    assert (accuracy.measure, accuracy.boxes, accuracy.fp32, accuracy.bf16) == (Measure.AGREEMENT, 4, 1.0, None)
    assert accuracy.int8 == pytest.approx((3 * 67 / 101 + 1) / 4, abs=1e-4)  # of 101 recall points 0 to 0.66


def test_what_fp32_doubts_counts_neither_way() -> None:
    doubtful, nothing = found((BOX, 0.9, 0), (OTHER, 0.15, 0)), found((BOX, 0.9, 0))
    for answer in (doubtful, nothing, found((BOX, 0.9, 0), (OTHER, 0.6, 0))):
        assert judge([picture()], {FP32: [doubtful], INT8: [answer]}, 1).int8 == 1.0


def test_what_only_int8_is_sure_of_lowers_the_figure() -> None:
    accuracy = judge([picture()], {FP32: [found((BOX, 0.9, 0))], INT8: [found((BOX, 0.7, 0), (OTHER, 0.95, 0))]}, 1)
    assert accuracy.int8 == 0.5


def test_nothing_to_be_seen_is_told_by_the_number_of_boxes() -> None:
    accuracy = judge([picture()], {FP32: [found()], INT8: [found()]}, 1)
    assert (accuracy.boxes, accuracy.fp32, accuracy.int8) == (0, 0.0, 0.0)
