"""What a camera of other proportions finds in its own input: `python -m scripts.evaluate_shapes --frames FRAMES`.

Held-out district frames (what `scripts.district frames` made) are cut to the middle, to 4:3 and to 9:16, as cameras of
these proportions show it. Average precision and processor time a picture with the model's input, and with others.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from detect.boxes.average_precision import FrameDetections, FrameTruth, average_precision, iou_matrix
from detect.engines.choice import measure
from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16
from detect.models.model import load_model
from kernel.config.sections import Precision
from scripts.evaluate_model import ROOT, Bytes, detect_frame, frame_truth

SHAPES = {(4, 3): ("", "@512x384", "@576x416", "@640x480"), (9, 16): ("", "@384x640")}
SURE = 0.25
KEPT_SHARE = 0.5


def cut(bgr: Bytes, truth: FrameTruth, columns: int, rows: int) -> tuple[Bytes, FrameTruth]:
    """The middle of a frame in other proportions; what is cut in half is ignored, what is gone is gone."""
    height_px, width_px = bgr.shape[:2]
    wide_px = height_px * columns // rows & ~1
    left_px = (width_px - wide_px) // 2
    boxes = truth.boxes_xyxy - np.array([[left_px, 0, left_px, 0]], np.float32)
    inside = np.clip(boxes, 0, np.array([[wide_px, height_px] * 2], np.float32))
    share = np.prod(inside[:, 2:] - inside[:, :2], axis=1) / np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    seen = share > 0
    ignored = truth.ignored | (share < KEPT_SHARE)
    part = np.ascontiguousarray(bgr[:, left_px : left_px + wide_px])
    return part, FrameTruth(inside[seen].astype(np.float32), truth.class_id[seen], ignored[seen])


def figures(truths: Sequence[FrameTruth], found: Sequence[FrameDetections], classes: int) -> dict[str, float]:
    """mAP50, and recall of what is sure."""
    by_class = [average_precision(truths, found, class_id) for class_id in range(classes)]
    known = [value for value in by_class if value is not None]
    return {"mAP50": round(float(np.mean(known)), 4), "recall": round(recall(truths, found), 4)}


def recall(truths: Sequence[FrameTruth], found: Sequence[FrameDetections]) -> float:
    """Share of the truth that a sure box of its class overlaps by half."""
    right = total = 0
    for truth, frame in zip(truths, found, strict=True):
        sure = frame.confidence >= SURE
        overlap = iou_matrix(truth.boxes_xyxy, frame.boxes_xyxy[sure])
        overlap = np.where(truth.class_id[:, None] == frame.class_id[sure], overlap, np.float32(0))
        right += int(np.sum(overlap.max(axis=1, initial=0.0)[~truth.ignored] >= KEPT_SHARE))
        total += int(np.sum(~truth.ignored))
    return right / max(total, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of each shape, one line of JSON each."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_shapes", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--frames", type=Path, required=True, help="what `scripts.district frames --out` made")
    parser.add_argument("--model", default="district-n", help="a model of models/")
    options = parser.parse_args(arguments)
    pictures = sorted((options.frames / "images" / "val").glob("*.jpg"))
    if not pictures:
        parser.error(f"no pictures in {options.frames / 'images' / 'val'}; make them with scripts.district")
    precision = Precision.BF16 if cpu_has_bf16() else Precision.FP32
    for proportions, names in SHAPES.items():
        frames = []
        for picture in pictures:
            bgr = np.asarray(cv2.imread(str(picture)), np.uint8)
            whole = frame_truth(options.frames, picture.stem, bgr.shape[1], bgr.shape[0])
            frames.append(cut(bgr, whole, *proportions))
        for name in names:
            model = load_model(options.model + name, ROOT / "models")
            with closing(OpenVinoEngine(model, precision)) as engine:
                found = [detect_frame(model, engine, bgr) for bgr, _ in frames]
                cost_ms = measure(engine, 1.0).cpu_s_per_picture * 1000
            row = figures([truth for _, truth in frames], found, len(model.card.classes))
            target = model.card.input
            shape = f"{target.width_px}x{target.height_px}"
            print(
                json.dumps({"camera": "{}:{}".format(*proportions), "input": shape, **row, "cpu_ms": round(cost_ms, 1)})
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
