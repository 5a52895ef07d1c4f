from __future__ import annotations

import numpy as np
import pytest

from detect.boxes.average_precision import FrameDetections, FrameTruth, average_precision

BOX = [10.0, 10.0, 50.0, 90.0]
ELSEWHERE = [200.0, 10.0, 250.0, 90.0]


def truth(*boxes: list[float], ignored: tuple[bool, ...] | None = None) -> FrameTruth:
    return FrameTruth(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.zeros(len(boxes), np.int64),
        np.array(ignored if ignored is not None else [False] * len(boxes), bool),
    )


def found(*rows: tuple[list[float], float]) -> FrameDetections:
    return FrameDetections(
        np.array([box for box, _ in rows], np.float32).reshape(-1, 4),
        np.array([confidence for _, confidence in rows], np.float32),
        np.zeros(len(rows), np.int64),
    )


@pytest.mark.parametrize(
    ("truths", "detections", "expected"),
    [
        pytest.param(truth(BOX), found((BOX, 0.9)), 1.0, id="found"),
        pytest.param(truth(BOX), found(), 0.0, id="missed"),
        pytest.param(truth(BOX), found((ELSEWHERE, 0.9)), 0.0, id="elsewhere"),
        pytest.param(truth(BOX), found((ELSEWHERE, 0.9), (BOX, 0.5)), 0.5, id="stronger false one halves precision"),
        pytest.param(truth(BOX), found((BOX, 0.9), (BOX, 0.8)), 1.0, id="double after full recall costs nothing"),
        pytest.param(truth(BOX, ELSEWHERE), found((BOX, 0.9)), 51 / 101, id="half the recall"),
        pytest.param(
            truth(BOX, ELSEWHERE, ignored=(False, True)),
            found((ELSEWHERE, 0.95), (BOX, 0.9)),
            1.0,
            id="ignored truth neither helps nor harms",
        ),
    ],
)
def test_average_precision(truths: FrameTruth, detections: FrameDetections, expected: float) -> None:
    assert average_precision([truths], [detections], 0) == pytest.approx(expected)


def test_a_class_without_truth_has_no_figure() -> None:
    assert average_precision([truth()], [found((BOX, 0.9))], 0) is None
    assert average_precision([truth(BOX, ignored=(True,))], [found((BOX, 0.9))], 0) is None
