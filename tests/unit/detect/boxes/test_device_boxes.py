"""Boxes on the device, against the CPU's own decoding and suppression."""

from __future__ import annotations

import numpy as np
import pytest

from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.nms import MOST_BOXES, keep_by_class
from detect.models.card import Layout, ModelInput
from detect.pictures.letterbox import Letterbox

torch = pytest.importorskip("torch", reason="the extra yolo is not installed")

from detect.boxes.device_boxes import candidates, strong_count, strongest, survivors  # noqa: E402

TARGET = ModelInput(width_px=64, height_px=32)
BOX = Letterbox.fit(64, 32, TARGET)
ANCHORS = 8 * 4 + 4 * 2 + 2 * 1
THRESHOLDS = Thresholds(min_confidence=0.3, nms_iou=0.5)


def raw(layout: Layout, pictures: int, seed: int) -> np.ndarray:
    """Something a network could say: overlapping boxes, most of them weak."""
    random = np.random.default_rng(seed)
    centre = random.uniform([8, 6], [56, 26], (pictures, ANCHORS, 2))
    size = random.uniform(8, 20, (pictures, ANCHORS, 2))
    scores = random.uniform(0, 1, (pictures, ANCHORS, 3)) ** 3
    if layout is Layout.ULTRALYTICS_NMS:
        return np.concatenate([centre, size, scores], axis=2).transpose(0, 2, 1).astype(np.float32)
    if layout is Layout.YOLOX:
        offsets, logs = random.uniform(-1, 2, (pictures, ANCHORS, 2)), random.uniform(-0.5, 1, (pictures, ANCHORS, 2))
        objectness = random.uniform(0.5, 1, (pictures, ANCHORS, 1))
        return np.concatenate([offsets, logs, objectness, scores], axis=2).astype(np.float32)
    rows = np.concatenate([centre - size / 2, centre + size / 2, scores[..., :1], scores[..., :1] > 0.2], axis=2)
    return rows.astype(np.float32)


@pytest.mark.parametrize("layout", [Layout.ULTRALYTICS_NMS, Layout.YOLOX])
@pytest.mark.parametrize("seed", range(4))
def test_boxes_of_a_batch_are_those_that_the_cpu_finds_picture_by_picture(layout: Layout, seed: int) -> None:
    output = raw(layout, 3, seed)
    rows = candidates(torch.from_numpy(output), layout, TARGET)
    count = int(strong_count(rows, THRESHOLDS.min_confidence))
    assert 5 < count < ANCHORS
    rows = strongest(rows, count)
    stays = survivors(rows, THRESHOLDS.min_confidence, THRESHOLDS.nms_iou)
    decoder = Decoder(layout, TARGET, THRESHOLDS)
    for index in range(3):
        expected = decoder.decode(output[index], BOX)
        order = np.argsort(-expected.confidence, kind="stable")
        found = rows[index][stays[index]].numpy()
        assert len(found) == len(expected)
        np.testing.assert_allclose(BOX.to_source(found[:, :4]), expected.boxes_xyxy[order], atol=1e-3)
        np.testing.assert_allclose(found[:, 4], expected.confidence[order], rtol=1e-5)
        np.testing.assert_array_equal(found[:, 5], expected.class_id[order])


def test_end_to_end_rows_come_as_they_are() -> None:
    output = raw(Layout.ULTRALYTICS_END2END, 2, 1)
    np.testing.assert_array_equal(candidates(torch.from_numpy(output), Layout.ULTRALYTICS_END2END, TARGET), output)


def chain(length: int) -> np.ndarray:
    """Boxes that overlap their neighbours alone: every second one stays, decided one after the other."""
    left = 4.0 * np.arange(length)
    confidence = np.linspace(0.9, 0.5, length)
    return np.stack([left, 0 * left, left + 10, 0 * left + 10, confidence, 0 * left], axis=1).astype(np.float32)


@pytest.mark.parametrize("length", [1, 2, 3, 8, 9, 10, 41])
def test_a_chain_longer_than_a_round_is_settled_all_the_same(length: int) -> None:
    rows = chain(length)
    stays = survivors(torch.from_numpy(rows)[None], 0.3, 0.4)[0].numpy()
    expected = np.zeros(length, np.bool_)
    expected[keep_by_class(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int64), 0.4)] = True
    np.testing.assert_array_equal(stays, expected)
    assert stays.sum() == (length + 1) // 2


def test_no_more_boxes_than_anybody_counts() -> None:
    apart = chain(400) * np.array([10, 1, 10, 1, 1, 1], np.float32)
    apart[:, 2] = apart[:, 0] + 10
    assert int(survivors(torch.from_numpy(apart)[None], 0.3, 0.4).sum()) == MOST_BOXES


def test_a_picture_without_anything_gives_nothing() -> None:
    rows = torch.zeros((2, 5, 6))
    assert int(strong_count(rows, 0.3)) == 0
    assert not survivors(rows, 0.3, 0.5).any()
