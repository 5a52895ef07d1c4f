"""A model's raw output -> detections in source pixels; vectorised over anchors, pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from detect.boxes.detections import Detections
from detect.boxes.nms import keep_in_each
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
        return self.decode_all([output], [letterbox])[0]

    def decode_all(self, outputs: Sequence[Floats], letterboxes: Sequence[Letterbox]) -> list[Detections]:
        """`decode` of several pictures, whose candidates go the rest of the way together."""
        pick, read = _READERS[self.layout]
        picked = [pick(output, self.thresholds.min_confidence) for output in outputs]
        ends = np.cumsum([len(anchors) for _, anchors in picked]).tolist()
        rows, anchors = (np.concatenate(parts) for parts in zip(*picked, strict=True))
        boxes_xyxy, confidence, class_id = read(rows, anchors, self.input)
        if self.layout is not Layout.ULTRALYTICS_END2END:
            kept, ends = keep_in_each(boxes_xyxy, confidence, class_id, ends, self.thresholds.nms_iou)
            boxes_xyxy, confidence, class_id = boxes_xyxy[kept], confidence[kept], class_id[kept]
        parts = [slice(first, end) for first, end in zip([0, *ends], ends, strict=False)]
        if letterboxes.count(letterboxes[0]) == len(letterboxes):
            boxes_xyxy = letterboxes[0].to_source(boxes_xyxy)
        else:
            boxes_xyxy = np.concatenate(
                [box.to_source(boxes_xyxy[part]) for box, part in zip(letterboxes, parts, strict=True)]
            )
        return [Detections.of(boxes_xyxy[part], confidence[part], class_id[part]) for part in parts]


_Picked = tuple[Floats, npt.NDArray[np.intp]]
_Read = tuple[Floats, Floats, npt.NDArray[np.int64]]


def _pick_end2end(output: Floats, min_confidence: float) -> _Picked:
    """Rows that are confident enough, and which they are."""
    anchors = (output[:, 4] >= min_confidence).nonzero()[0]
    return output[anchors], anchors


def _read_end2end(rows: Floats, _: npt.NDArray[np.intp], __: ModelInput) -> _Read:
    """Rows of left, top, right, bottom, confidence, class; the head has dropped doubles itself."""
    return rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int64)


def _pick_with_nms(output: Floats, min_confidence: float) -> _Picked:
    anchors = (output[4:].max(axis=0) >= min_confidence).nonzero()[0]
    return output[:, anchors].T, anchors


def _read_with_nms(rows: Floats, _: npt.NDArray[np.intp], __: ModelInput) -> _Read:
    """Rows of centre x, centre y, width, height and one score a class."""
    centre, half, scores = rows[:, :2], rows[:, 2:4] / 2, rows[:, 4:]
    boxes_xyxy: Floats = np.concatenate((centre - half, centre + half), axis=1, dtype=np.float32)
    return boxes_xyxy, scores.max(axis=1, initial=0.0), scores.argmax(axis=1)


def _pick_yolox(output: Floats, min_confidence: float) -> _Picked:
    anchors = (output[:, 4] >= min_confidence).nonzero()[0]
    rows = output[anchors]
    strong = rows[:, 4] * rows[:, 5:].max(axis=1, initial=0.0) >= min_confidence
    return rows[strong], anchors[strong]


def _read_yolox(rows: Floats, anchors: npt.NDArray[np.intp], model_input: ModelInput) -> _Read:
    """Rows of offsets, log sizes, objectness and one score a class, strides 8, 16, 32 one after the other."""
    cells_xy, strides_px = yolox_grid(model_input.width_px, model_input.height_px)
    stride_px = strides_px[anchors, None]
    centre = (rows[:, :2] + cells_xy[anchors]) * stride_px
    half = np.exp(rows[:, 2:4]) * stride_px / 2
    scores = rows[:, 5:] * rows[:, 4:5]
    boxes_xyxy: Floats = np.concatenate((centre - half, centre + half), axis=1, dtype=np.float32)
    return boxes_xyxy, scores.max(axis=1, initial=0.0), scores.argmax(axis=1)


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


_Pick = Callable[[Floats, float], _Picked]
_ReadAll = Callable[[Floats, npt.NDArray[np.intp], ModelInput], _Read]
_READERS: dict[Layout, tuple[_Pick, _ReadAll]] = {
    Layout.ULTRALYTICS_END2END: (_pick_end2end, _read_end2end),
    Layout.ULTRALYTICS_NMS: (_pick_with_nms, _read_with_nms),
    Layout.YOLOX: (_pick_yolox, _read_yolox),
}
