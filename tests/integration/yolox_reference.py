"""YOLOX the plain way: ONNX Runtime and loops, written after its authors' `preproc` and `demo_postprocess`.

Source: https://github.com/Megvii-BaseDetection/YOLOX, yolox/data/data_augment.py and yolox/utils/demo_utils.py.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from detect.boxes.detections import Detections

_SIDE_PX = 416


class PlainYolox:
    """A picture in, boxes out; slow and obvious."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def detect(self, picture_bgr: npt.NDArray[np.uint8], min_confidence: float, iou_limit: float) -> Detections:
        """Everything found with at least that confidence."""
        height_px, width_px = picture_bgr.shape[:2]
        ratio = min(_SIDE_PX / height_px, _SIDE_PX / width_px)
        padded = np.full((_SIDE_PX, _SIDE_PX, 3), 114, np.uint8)
        small = cv2.resize(picture_bgr, (int(width_px * ratio), int(height_px * ratio)))
        padded[: small.shape[0], : small.shape[1]] = small
        blob = padded.transpose(2, 0, 1)[None].astype(np.float32)
        output = self._session.run(None, {"images": blob})[0][0]
        boxes: list[list[float]] = []
        confidences: list[float] = []
        classes: list[int] = []
        index = -1
        for stride in (8, 16, 32):
            for row in range(_SIDE_PX // stride):
                for column in range(_SIDE_PX // stride):
                    index += 1
                    values = output[index]
                    if values[4] < min_confidence:
                        continue
                    best = int(values[5:].argmax())
                    confidence = float(values[4] * values[5 + best])
                    if confidence < min_confidence:
                        continue
                    centre_x, centre_y = (values[0] + column) * stride, (values[1] + row) * stride
                    width, height = np.exp(values[2]) * stride, np.exp(values[3]) * stride
                    box = (centre_x - width / 2, centre_y - height / 2, width, height)
                    boxes.append([float(value) / ratio for value in box])
                    confidences.append(confidence)
                    classes.append(best)
        kept = cv2.dnn.NMSBoxesBatched(boxes, confidences, classes, min_confidence, iou_limit) if boxes else []
        corners = [[x, y, x + width, y + height] for x, y, width, height in (boxes[int(i)] for i in kept)]
        return Detections.of(corners, [confidences[int(i)] for i in kept], [classes[int(i)] for i in kept])
