from __future__ import annotations

import math

import numpy as np
import pytest

from detect.boxes.decode import Decoder, Thresholds, yolox_grid
from detect.models.card import Layout, ModelInput, PadPosition
from detect.pictures.letterbox import Letterbox

INPUT = ModelInput(width_px=640, height_px=384)
LETTERBOX = Letterbox.fit(1280, 720, INPUT)  # half size, 12 px down
BOX_IN_INPUT = (100.0, 112.0, 140.0, 212.0)
BOX_IN_SOURCE = (200.0, 200.0, 280.0, 400.0)


def decoder(layout: Layout, model_input: ModelInput = INPUT) -> Decoder:
    return Decoder(layout, model_input, Thresholds(min_confidence=0.25, nms_iou=0.6))


def test_end_to_end_rows_are_boxes() -> None:
    output = np.zeros((300, 6), np.float32)
    output[0] = (*BOX_IN_INPUT, 0.9, 2)
    output[1] = (*BOX_IN_INPUT, 0.2, 1)
    found = decoder(Layout.ULTRALYTICS_END2END).decode(output, LETTERBOX)
    np.testing.assert_allclose(found.boxes_xyxy, [BOX_IN_SOURCE])
    assert found.confidence.tolist() == pytest.approx([0.9])
    assert found.class_id.tolist() == [2]


def test_nms_head_takes_the_best_class_and_the_best_of_doubles() -> None:
    output = np.zeros((4 + 3, 5040), np.float32)
    left, top, right, bottom = BOX_IN_INPUT
    centre_size = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
    output[:4, 10], output[4:, 10] = centre_size, (0.1, 0.8, 0.3)
    output[:4, 11], output[4:, 11] = (centre_size[0] + 1, *centre_size[1:]), (0.0, 0.7, 0.0)
    output[:4, 12], output[4:, 12] = centre_size, (0.0, 0.0, 0.6)
    output[:4, 13], output[4:, 13] = centre_size, (0.24, 0.0, 0.0)
    found = decoder(Layout.ULTRALYTICS_NMS).decode(output, LETTERBOX)
    assert found.class_id.tolist() == [1, 2]
    assert found.confidence.tolist() == pytest.approx([0.8, 0.6])
    np.testing.assert_allclose(found.boxes_xyxy[0], BOX_IN_SOURCE, atol=1e-3)


@pytest.mark.parametrize(("anchor", "stride_px", "column", "row"), [(0, 8, 0, 0), (5, 8, 5, 0), (2704 + 27, 16, 1, 1)])
def test_yolox_offsets_and_log_sizes_are_in_units_of_the_stride(
    anchor: int, stride_px: int, column: int, row: int
) -> None:
    model_input = ModelInput(width_px=416, height_px=416, pad_position=PadPosition.TOP_LEFT)
    output = np.zeros((3549, 7), np.float32)
    output[anchor] = (0.5, 0.25, math.log(4), math.log(6), 0.9, 0.1, 0.8)
    found = decoder(Layout.YOLOX, model_input).decode(output, Letterbox.fit(416, 416, model_input))
    centre_x, centre_y = (column + 0.5) * stride_px, (row + 0.25) * stride_px
    half_width, half_height = 2 * stride_px, 3 * stride_px
    expected = [
        max(0.0, centre_x - half_width),
        max(0.0, centre_y - half_height),
        centre_x + half_width,
        centre_y + half_height,
    ]
    np.testing.assert_allclose(found.boxes_xyxy, [expected], rtol=1e-5)
    assert found.confidence.tolist() == pytest.approx([0.72])
    assert found.class_id.tolist() == [1]


def test_yolox_confidence_is_objectness_times_class_score() -> None:
    model_input = ModelInput(width_px=416, height_px=416)
    output = np.zeros((3549, 6), np.float32)
    output[7] = (0, 0, 1, 1, 0.45, 0.5)
    letterbox = Letterbox.fit(416, 416, model_input)
    assert len(decoder(Layout.YOLOX, model_input).decode(output, letterbox)) == 0


@pytest.mark.parametrize(
    ("layout", "shape"),
    [(Layout.ULTRALYTICS_END2END, (300, 6)), (Layout.ULTRALYTICS_NMS, (84, 5040)), (Layout.YOLOX, (5040, 85))],
)
def test_empty_scene_gives_no_detections_of_the_promised_types(layout: Layout, shape: tuple[int, int]) -> None:
    found = decoder(layout).decode(np.zeros(shape, np.float32), LETTERBOX)
    assert found.boxes_xyxy.shape == (0, 4)
    assert found.confidence.dtype == np.float32
    assert found.class_id.dtype == np.int64


def test_yolox_grid_has_every_cell_of_every_stride() -> None:
    cells, strides_px = yolox_grid(416, 416)
    assert len(cells) == 52 * 52 + 26 * 26 + 13 * 13
    assert cells[52].tolist() == [0, 1]
    assert (strides_px[0], strides_px[2704], strides_px[-1]) == (8, 16, 32)
