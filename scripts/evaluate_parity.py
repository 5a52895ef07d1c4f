"""Compare the detector's boxes with ultralytics' own predict: `python -m scripts.evaluate_parity --frames FRAMES`.

    the same ONNX file, input shape and BGR pictures through both -> boxes matched: overlap, difference of confidence
    the same I420 planes resized first (the detector) and converted first (others): mAP50-95 by COCO's evaluator

Pictures are held-out frames of the simulated district and those shipped with ultralytics. Needs
`make setup EXTRAS=yolo`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from detect.boxes.average_precision import FrameTruth
from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.detections import Detections
from detect.boxes.nms import pairwise_iou
from detect.engines.engine import Engine, pixels_shape
from detect.engines.openvino_engine import OpenVinoEngine
from detect.models.model import Model, load_model
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import Preprocessor, to_bgr
from kernel.config.sections import Precision
from scripts.evaluate_model import CLASSES, ROOT, Planes, frame_truth
from scripts.letterboxed import put_letterboxed
from scripts.torchvision_nms import mend_torchvision

MATCH_CONFIDENCE, COCO_CONFIDENCE, NMS_IOU = 0.1, 0.01, 0.6
MATCHED_MIN, IOU_MIN, CONFIDENCE_MAX, MAP_MAX = 200, 0.99, 0.01, 0.005
Bytes = NDArray[np.uint8]
Fill = Callable[[Model, Bytes, Bytes], Letterbox]
"""(model, picture (height, width, 3) B, G, R, slot) -> where the picture lies in the slot."""


@dataclass(frozen=True, slots=True)
class Match:
    """One box of ultralytics and ours nearest to it, of the same class.

    Attributes:
        iou: their overlap; 0 where we have none.
        confidence_difference: between the two.
    """

    iou: float
    confidence_difference: float


def fill_bgr(model: Model, bgr: Bytes, slot: Bytes) -> Letterbox:
    """A BGR picture scaled and padded into a slot uint8 [height, width, 3], as ultralytics does it."""
    return put_letterboxed(bgr, model.card.input, slot)


def fill_i420(model: Model, bgr: Bytes, slot: Bytes) -> Letterbox:
    """By the detector's own path, from the I420 planes that a camera sends; a slot of blocks where that is its path."""
    preprocessor = Preprocessor(model.card.input, bgr.shape[1], bgr.shape[0])
    preprocessor.fill(Planes.of(bgr), slot)
    return preprocessor.letterbox


def fill_converted(model: Model, bgr: Bytes, slot: Bytes) -> Letterbox:
    """The same planes made a full-size picture first, as a decoder that hands out BGR does."""
    return fill_bgr(model, to_bgr(Planes.of(bgr)), slot)


def found_by(model: Model, engine: Engine, bgr: Bytes, fill: Fill, min_confidence: float) -> Detections:
    """What the detector finds on a picture (height, width, 3)."""
    target = model.card.input
    shape = engine.slot_shape if fill is fill_i420 else pixels_shape(target)
    batch = np.empty((1, *shape), np.uint8)
    box = fill(model, bgr, batch[0])
    return Decoder(model.card.layout, target, Thresholds(min_confidence, NMS_IOU)).decode(engine.infer(batch)[0], box)


def peer_of(model: Model) -> Any:
    """ultralytics on the model's own ONNX file.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    os.environ.setdefault("YOLO_OFFLINE", "1")
    mend_torchvision()
    return importlib.import_module("ultralytics").YOLO(str(model.path), task="detect")


def pictures_of_ultralytics() -> list[Path]:
    """The photographs in its package."""
    return sorted(Path(importlib.import_module("ultralytics.utils").ASSETS).glob("*.jpg"))


def matches(model: Model, engine: Engine, peer: Any, pictures: Iterable[Bytes]) -> list[Match]:
    """Each box that ultralytics is surer of than MATCH_CONFIDENCE, beside ours of the same class that overlaps most."""
    target, found = model.card.input, []
    same_input = {"imgsz": [target.height_px, target.width_px], "rect": False}  # else tall pictures are padded less
    for bgr in pictures:
        answer = peer.predict(bgr, **same_input, conf=MATCH_CONFIDENCE, iou=NMS_IOU, device="cpu", verbose=False)
        said = answer[0].boxes
        ours = found_by(model, engine, bgr, fill_bgr, MATCH_CONFIDENCE - CONFIDENCE_MAX)
        overlap = pairwise_iou(said.xyxy.numpy().astype(np.float32), ours.boxes_xyxy)
        overlap[said.cls.numpy().astype(np.int64)[:, None] != ours.class_id[None, :]] = 0.0
        for row, confidence in zip(overlap, said.conf.numpy(), strict=True):
            nearest = int(row.argmax()) if row.size else -1
            if nearest < 0 or row[nearest] < 0.5:
                found.append(Match(0.0, 1.0))
            else:
                found.append(Match(float(row[nearest]), abs(float(ours.confidence[nearest]) - float(confidence))))
    return found


def coco_map(truths: Sequence[FrameTruth], found: Sequence[Detections]) -> float:
    """mAP over overlaps of 0.50 to 0.95, by pycocotools; what is ignored counts as a crowd."""
    boxes = [
        {
            "id": 0,
            "image_id": image,
            "category_id": int(class_id),
            "bbox": [float(x0), float(y0), float(x1 - x0), float(y1 - y0)],
            "area": float((x1 - x0) * (y1 - y0)),
            "iscrowd": int(ignored),
        }
        for image, truth in enumerate(truths)
        for (x0, y0, x1, y1), class_id, ignored in zip(truth.boxes_xyxy, truth.class_id, truth.ignored, strict=True)
    ]
    for number, box in enumerate(boxes, start=1):
        box["id"] = number
    answers = [
        [image, x0, y0, x1 - x0, y1 - y0, confidence, class_id]
        for image, one in enumerate(found)
        for (x0, y0, x1, y1), confidence, class_id in zip(one.boxes_xyxy, one.confidence, one.class_id, strict=True)
    ]
    coco, evaluation = importlib.import_module("pycocotools.coco"), importlib.import_module("pycocotools.cocoeval")
    with contextlib.redirect_stdout(io.StringIO()):  # it prints as it goes
        truth = coco.COCO()
        truth.dataset = {
            "images": [{"id": image} for image in range(len(truths))],
            "categories": [{"id": number} for number in range(len(CLASSES))],
            "annotations": boxes,
        }
        truth.createIndex()
        judged = evaluation.COCOeval(truth, truth.loadRes(np.array(answers, np.float64)), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return float(judged.stats[0])


def compare(model: Model, frames: Path, most_pictures: int) -> dict[str, object]:
    """Every figure.

    Raises:
        SystemExit: no frames there.
    """
    files = sorted((frames / "images" / "val").glob("*.jpg"))
    if not files:
        raise SystemExit(
            f"evaluate_parity: no pictures in {frames / 'images' / 'val'}; make them with scripts.district"
        )
    engine = OpenVinoEngine(model, Precision.FP32)
    try:
        some = [*pictures_of_ultralytics(), *files[:: max(1, len(files) // most_pictures)]]
        pairs = matches(model, engine, peer_of(model), map(read_bgr, some))
        truths, untouched, by_bgr, by_i420 = [], [], [], []
        for file in track(files, "I420 beside BGR", console=Console(stderr=True)):
            bgr = read_bgr(file)
            truths.append(frame_truth(frames, file.stem, bgr.shape[1], bgr.shape[0]))
            untouched.append(found_by(model, engine, bgr, fill_bgr, COCO_CONFIDENCE))
            by_bgr.append(found_by(model, engine, bgr, fill_converted, COCO_CONFIDENCE))
            by_i420.append(found_by(model, engine, bgr, fill_i420, COCO_CONFIDENCE))
    finally:
        engine.close()
    matched = [pair for pair in pairs if pair.iou > 0]
    map_bgr, map_i420 = coco_map(truths, by_bgr), coco_map(truths, by_i420)
    return {
        "pictures": len(some),
        "boxes": len(pairs),
        "matched": len(matched),
        "iou_least": round(min((pair.iou for pair in matched), default=0.0), 5),
        "confidence_difference_most": round(max((pair.confidence_difference for pair in matched), default=1.0), 5),
        "frames": len(files),
        "map50_95_full_colour": round(coco_map(truths, untouched), 4),
        "map50_95_bgr": round(map_bgr, 4),
        "map50_95_i420": round(map_i420, 4),
        "map50_95_difference": round(abs(map_bgr - map_i420), 4),
        "engine": engine.name,
    }


def read_bgr(file: Path) -> Bytes:
    """A picture (height, width, 3); an odd last row or column is left out, as I420 has none."""
    bgr = np.asarray(cv2.imread(str(file)), np.uint8)
    return np.ascontiguousarray(bgr[: bgr.shape[0] & ~1, : bgr.shape[1] & ~1])


def is_same(report: dict[str, Any]) -> bool:
    """Every box of ultralytics found, in its place, as surely; and as right from I420 as from BGR."""
    return bool(
        report["matched"] >= MATCHED_MIN
        and report["matched"] == report["boxes"]
        and report["iou_least"] >= IOU_MIN
        and report["confidence_difference_most"] <= CONFIDENCE_MAX
        and report["map50_95_difference"] <= MAP_MAX
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; 0 when nothing differs by more than is allowed, 1 when it does, 3 without a library."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_parity", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--model", default="district-n", help="name of a model in models/, or its folder")
    parser.add_argument("--frames", type=Path, required=True, help="what `scripts.district frames --out` made")
    parser.add_argument("--pictures", type=int, default=60, help="how many of them are shown to ultralytics too")
    parser.add_argument("--json", action="store_true", dest="as_json", help="one object on the last line")
    options = parser.parse_args(arguments)
    missing = [name for name in ("ultralytics", "pycocotools") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"evaluate_parity: {', '.join(missing)} not installed: make setup EXTRAS=yolo", file=sys.stderr)
        return 3
    report = compare(load_model(options.model, ROOT / "models"), options.frames, options.pictures)
    print(json.dumps(report) if options.as_json else "\n".join(f"{name:28} {value}" for name, value in report.items()))
    return 0 if is_same(report) else 1


if __name__ == "__main__":
    sys.exit(main())
