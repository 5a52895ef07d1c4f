"""Which frames the tracker's exam takes, and what it leaves out of its judgement."""

from __future__ import annotations

import numpy as np

from scripts.district.truth import FPS, LOOP_FRAMES
from scripts.tracker_exam.footage import Truth, analysed_frames
from scripts.tracker_exam.scoring import lies_on_ignored


def test_five_frames_a_second_come_unevenly_and_sometimes_none_for_a_while() -> None:
    frames = analysed_frames(np.random.default_rng(3))
    steps = np.diff(frames)
    assert frames[-1] < LOOP_FRAMES
    assert 4.0 <= len(frames) / (LOOP_FRAMES / FPS) <= 5.2
    assert {2, 3, 4} < set(steps.tolist())
    assert 2 <= np.sum(steps >= 9) <= 8


def test_what_lies_on_somebody_who_need_not_be_found_is_left_out() -> None:
    boxes = np.array([[0, 0, 10, 20], [6, 0, 16, 20], [50, 0, 60, 20]], np.float64)
    truth = Truth(np.array([1, 2, 3]), boxes, np.array([True, False, False]))
    said = np.array([[1, 0, 11, 20], [52, 0, 62, 20], [90, 0, 99, 20]], np.float64)
    assert lies_on_ignored(truth, said).tolist() == [False, True, False]
    assert lies_on_ignored(truth, np.empty((0, 4))).tolist() == []
