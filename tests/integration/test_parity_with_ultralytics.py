"""district-n by the detector and by ultralytics' own predict: the same boxes, as sure (make test EXTRAS=yolo).

`python -m scripts.evaluate_parity` compares more pictures, and the I420 path by COCO's evaluator.
"""

from __future__ import annotations

import importlib.util

import numpy as np
import numpy.typing as npt
import pytest

from detect.boxes.average_precision import FrameTruth
from detect.boxes.detections import Detections
from detect.engines.openvino_engine import OpenVinoEngine
from detect.models.model import load_model
from kernel.config.sections import Precision
from scripts.district.background import make_background
from scripts.district.light import LIGHTS
from scripts.district.render import FrameRenderer
from scripts.district.schedule import parked_actors, schedule
from scripts.evaluate_model import ROOT
from scripts.evaluate_parity import coco_map, matches, peer_of, pictures_of_ultralytics, read_bgr
from scripts.rule_exam.watching import scene_of

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("ultralytics", "pycocotools")),
        reason="ultralytics and pycocotools are not installed: make test EXTRAS=yolo",
    ),
]


def test_the_detector_finds_what_ultralytics_finds_where_it_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOLO_OFFLINE", "1")
    scene = scene_of("cam-06")
    background = make_background(scene, scene.camera, LIGHTS[scene.light], 7)
    renderer, actors = FrameRenderer(background, parked_actors(scene, 100), scene.osd, 100), schedule(scene, 100)
    drawn = [renderer.frame(actors, at_s, round(at_s * 15))[0] for at_s in np.linspace(6, 52, 17).tolist()]
    model = load_model("district-n", ROOT / "models")
    engine = OpenVinoEngine(model, Precision.FP32)
    pairs = matches(model, engine, peer_of(model), [*map(read_bgr, pictures_of_ultralytics()), *drawn])
    engine.close()
    print(f"{len(pairs)} boxes of ultralytics, {sum(pair.iou > 0 for pair in pairs)} matched")
    assert len(pairs) >= 200
    assert min(pair.iou for pair in pairs) >= 0.99
    assert max(pair.confidence_difference for pair in pairs) <= 0.01


def truth_as_found(boxes: npt.NDArray[np.float32]) -> Detections:
    return Detections.of(boxes, np.full(len(boxes), 0.9), np.zeros(len(boxes)))


def test_coco_s_evaluator_is_asked_rightly() -> None:
    boxes = np.array([[10, 10, 50, 90], [100, 10, 140, 90], [200, 10, 204, 14]], np.float32)
    truth = FrameTruth(boxes, np.zeros(3, np.int64), np.array([False, False, True]))
    found = truth_as_found(boxes[:2])
    assert coco_map([truth], [found]) == pytest.approx(1.0)
    assert coco_map([truth], [truth_as_found(boxes[:1])]) == pytest.approx(0.505, abs=0.01)
    moved = truth_as_found(boxes[:2] + np.array([4, 0, 4, 0], np.float32))  # IoU 0.82: right for 7 of 10 overlaps
    assert coco_map([truth], [moved]) == pytest.approx(0.7, abs=0.01)
