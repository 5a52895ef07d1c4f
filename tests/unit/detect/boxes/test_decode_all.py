"""Pictures that are decoded together: each gets what it would get alone, whatever it was made from."""

from __future__ import annotations

import numpy as np
import pytest

from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.nms import MOST_BOXES
from detect.models.card import Layout, ModelInput
from detect.pictures.letterbox import Letterbox

INPUT = ModelInput(width_px=640, height_px=384)
SHAPES = {
    Layout.ULTRALYTICS_END2END: (300, 6),
    Layout.ULTRALYTICS_NMS: (4 + 3, 5040),
    Layout.YOLOX: (5040, 5 + 3),
}
WIDE, TALL = Letterbox.fit(1280, 720, INPUT), Letterbox.fit(768, 576, INPUT)


def answer(layout: Layout, seed: int, share: float) -> np.ndarray:
    """A model's output with about that share of it confident."""
    rng = np.random.default_rng(seed)
    output = rng.random(SHAPES[layout], np.float32)
    if layout is Layout.ULTRALYTICS_NMS:
        output[:4] *= 200
        output[4:] *= rng.random(5040) < share
    else:
        output[:, 4] *= rng.random(len(output)) < share
        if layout is Layout.ULTRALYTICS_END2END:
            output[:, :4] *= 300
            output[:, 5] = rng.integers(0, 3, 300)
    return output


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("boxes", [(WIDE,) * 4, (WIDE, TALL, TALL, WIDE)])
def test_each_picture_gets_what_it_would_get_alone(layout: Layout, boxes: tuple[Letterbox, ...]) -> None:
    decoder = Decoder(layout, INPUT, Thresholds(min_confidence=0.25, nms_iou=0.6))
    outputs = [answer(layout, seed, share) for seed, share in enumerate((0.02, 0.0, 0.01, 0.03))]
    together = decoder.decode_all(outputs, boxes)
    assert [len(found) > 0 for found in together] == [True, False, True, True]
    for output, box, found in zip(outputs, boxes, together, strict=True):
        alone = decoder.decode(output, box)
        np.testing.assert_array_equal(found.boxes_xyxy, alone.boxes_xyxy)
        np.testing.assert_array_equal(found.confidence, alone.confidence)
        np.testing.assert_array_equal(found.class_id, alone.class_id)


def test_the_most_boxes_are_of_each_picture() -> None:
    decoder = Decoder(Layout.ULTRALYTICS_NMS, INPUT, Thresholds(min_confidence=0.25, nms_iou=1.0))
    outputs = [answer(Layout.ULTRALYTICS_NMS, seed, 1.0) for seed in range(2)]
    assert [len(found) for found in decoder.decode_all(outputs, (WIDE, WIDE))] == [MOST_BOXES] * 2
