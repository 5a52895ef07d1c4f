"""A model's raw output -> detections in source pixels; vectorised over anchors, pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from detect.boxes.detections import Detections
from detect.boxes.nms import keep_by_class
from detect.models.card import Layout, ModelInput
from detect.pictures.letterbox import Letterbox

Floats = npt.NDArray[np.float32]
YOLOX_STRIDES_PX = (8, 16, 32)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is dropped at once."""

    min_confidence: float
    nms_iou: float


@dataclass(frozen=True, slots=True)
class Decoder:
    """Reads the output of one model."""

    layout: Layout
    input: ModelInput
    thresholds: Thresholds

    def decode(self, output: Floats, letterbox: Letterbox) -> Detections:
        """Detections of one picture.

        Args:
            output: the picture's part of the engine's answer: [300, 6], [4 + C, N] or [N, 5 + C].
            letterbox: where the picture lay in the input.
        """
        boxes_xyxy, confidence, class_id = _READERS[self.layout](output, self.input, self.thresholds)
        return Detections.of(letterbox.to_source(boxes_xyxy), confidence, class_id)


_Read = tuple[Floats, Floats, npt.NDArray[np.int64]]


def _end2end(output: Floats, _: ModelInput, thresholds: Thresholds) -> _Read:
    """Rows of left, top, right, bottom, confidence, class; the head has dropped doubles itself."""
    kept = output[output[:, 4] >= thresholds.min_confidence]
    return kept[:, :4], kept[:, 4], kept[:, 5].astype(np.int64)


def _with_nms(output: Floats, _: ModelInput, thresholds: Thresholds) -> _Read:
    """Columns of centre x, centre y, width, height and one score a class."""
    best = output[4:].max(axis=0)
    candidates = (best >= thresholds.min_confidence).nonzero()[0]
    columns = output[:, candidates]
    centre, half = columns[:2], columns[2:4] / 2
    boxes_xyxy: Floats = np.concatenate((centre - half, centre + half), dtype=np.float32).T
    return _suppressed(boxes_xyxy, best[candidates], columns[4:].argmax(axis=0), thresholds)


def _yolox(output: Floats, model_input: ModelInput, thresholds: Thresholds) -> _Read:
    """Rows of offsets, log sizes, objectness and one score a class, strides 8, 16, 32 one after the other."""
    candidates = np.flatnonzero(output[:, 4] >= thresholds.min_confidence)
    rows = output[candidates]
    cells_xy, strides_px = yolox_grid(model_input.width_px, model_input.height_px)
    stride_px = strides_px[candidates, None]
    centre = (rows[:, :2] + cells_xy[candidates]) * stride_px
    half = np.exp(rows[:, 2:4]) * stride_px / 2
    scores = rows[:, 5:] * rows[:, 4:5]
    strong = scores.max(axis=1, initial=0.0) >= thresholds.min_confidence
    boxes_xyxy, scores = np.hstack([centre - half, centre + half])[strong], scores[strong]
    return _suppressed(boxes_xyxy, scores.max(axis=1, initial=0.0), scores.argmax(axis=1), thresholds)


def _suppressed(
    boxes_xyxy: Floats, confidence: Floats, class_id: npt.NDArray[np.int64], thresholds: Thresholds
) -> _Read:
    """Of overlapping boxes of a class the best one."""
    kept = keep_by_class(boxes_xyxy, confidence, class_id, thresholds.nms_iou)
    return boxes_xyxy[kept], confidence[kept], class_id[kept]


@lru_cache(maxsize=8)
def yolox_grid(width_px: int, height_px: int) -> tuple[Floats, Floats]:
    """Cell of each anchor (N, 2) and its stride in pixels (N,), in the order of YOLOX's output.

    Source: Ge et al., YOLOX (2021), section 2.1; `decode_outputs` of its reference implementation.
    """
    cells, strides = [], []
    for stride_px in YOLOX_STRIDES_PX:
        columns, rows = np.meshgrid(np.arange(width_px // stride_px), np.arange(height_px // stride_px))
        cells.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        strides.append(np.full(columns.size, stride_px))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


_READERS: dict[Layout, Callable[[Floats, ModelInput, Thresholds], _Read]] = {
    Layout.ULTRALYTICS_END2END: _end2end,
    Layout.ULTRALYTICS_NMS: _with_nms,
    Layout.YOLOX: _yolox,
}
