"""Real clips through our own path and through plain ONNX Runtime: frame by frame the same within one box."""

from __future__ import annotations

import importlib
import importlib.util
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.detections import Detections
from detect.boxes.nms import pairwise_iou
from detect.engines.engine import Engine
from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16
from detect.models.model import Model, load_model
from detect.pictures.preprocess import Preprocessor
from kernel.config.sections import Precision
from tests.integration.clip_frames import keyframes_of
from tests.integration.shared_files import shared_file
from tests.integration.yolox_reference import PlainYolox

pytestmark = pytest.mark.integration

PERSON = 0
SURE = 0.4
NEARLY = 0.3
NMS_IOU = 0.6
SAME_IOU = 0.5


def engines(model: Model) -> dict[str, Engine]:
    """Every engine that runs here."""
    formats = [Precision.FP32, *([Precision.BF16] if cpu_has_bf16() else [])]
    found: dict[str, Engine] = {f"openvino {precision}": OpenVinoEngine(model, precision) for precision in formats}
    if importlib.util.find_spec("torch") is not None:
        found["torch"] = importlib.import_module("detect.engines.torch_engine").TorchEngine(model)
    return {**found, "onnxruntime": OnnxRuntimeEngine(model)}


def unmatched(sure: Detections, others: Detections) -> int:
    """How many sure boxes have no counterpart of their class among the others, weaker ones included."""
    mine = sure.select(sure.confidence >= SURE)
    if not len(mine) or not len(others):
        return len(mine)
    same = pairwise_iou(mine.boxes_xyxy, others.boxes_xyxy) > SAME_IOU
    same &= mine.class_id[:, None] == others.class_id[None, :]
    return int((~same.any(axis=1)).sum())


@pytest.mark.parametrize(
    ("clip", "every"), [("pedestrians_h264.mp4", 2), ("pedestrians_h265.mp4", 2), ("one_by_one_person.mp4", 5)]
)
def test_people_on_real_clips_are_found_as_by_plain_onnxruntime(clip: str, every: int) -> None:
    path = shared_file(f"footage/{clip}")
    model = load_model(str(shared_file("models/yolox_nano.onnx")), Path("models"))
    plain = PlainYolox(model.path)
    decoder = Decoder(model.card.layout, model.card.input, Thresholds(NEARLY, NMS_IOU))
    slots = np.empty((1, 416, 416, 3), np.uint8)
    running = engines(model)
    people, frames = Counter[str](), 0
    for planes, picture in islice(keyframes_of(path), 0, None, every):
        height_px, width_px = planes.y.shape
        preprocessor = Preprocessor(model.card.input, width_px, height_px)
        preprocessor.fill(planes, slots[0])
        theirs = plain.detect(picture, NEARLY, NMS_IOU)
        for name, engine in running.items():
            ours = decoder.decode(engine.infer(slots)[0], preprocessor.letterbox)
            assert unmatched(ours, theirs) <= 1, f"{name} frame {frames}"
            assert unmatched(theirs, ours) <= 1, f"{name} frame {frames}"
            people[name] += int(((ours.class_id == PERSON) & (ours.confidence >= SURE)).sum())
        frames += 1
    for engine in running.values():
        engine.close()
    assert frames >= 15
    assert min(people.values()) > 0.3 * frames
