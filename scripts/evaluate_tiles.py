"""Measure what tiles find on 4K pictures: `python -m scripts.evaluate_tiles --frames FRAMES`.

Nine frames of the simulated district (1280x720, what `scripts.district frames` made) are laid side by side to one
picture of 3840x2160, which is analysed whole and in tiles; for comparison each of the nine by itself, as the model was
trained. Recall by the objects' height, precision, and processor time a picture; truth that is ignored when a model is
judged is ignored here.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from time import process_time

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.boxes.average_precision import FrameTruth, iou_matrix
from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.detections import Detections
from detect.engines.choice import choose_engine
from detect.engines.engine import Engine
from detect.models.model import Model, load_model
from detect.pictures.preprocess import Preprocessor
from detect.pictures.tiled_input import TiledInput
from detect.pictures.tiles import tiles_of
from kernel.config.camera import AUTO_TILES, NO_TILES
from kernel.config.sections import DetectConfig
from scripts.evaluate_model import ROOT, Planes, frame_truth

COLUMNS, ROWS = 3, 3
FRAME_WIDTH_PX, FRAME_HEIGHT_PX = 1280, 720
CONFIDENCE = 0.25
HEIGHTS_PX = (16, 32, 64, 128, 4000)
IOU_MIN = 0.5
EACH = "each frame by itself"
Bytes = NDArray[np.uint8]


def mosaics(frames: Path, count: int) -> Iterator[tuple[Bytes, FrameTruth]]:
    """Pictures of nine frames each, BGR, with their truth."""
    pictures = sorted((frames / "images" / "val").glob("*.jpg"))[: count * COLUMNS * ROWS]
    left_over = iter(pictures)
    while nine := tuple(islice(left_over, COLUMNS * ROWS)):
        whole = np.zeros((ROWS * FRAME_HEIGHT_PX, COLUMNS * FRAME_WIDTH_PX, 3), np.uint8)
        boxes, classes, ignored = [], [], []
        for index, picture in enumerate(nine):
            left, top = index % COLUMNS * FRAME_WIDTH_PX, index // COLUMNS * FRAME_HEIGHT_PX
            size_px = (FRAME_WIDTH_PX, FRAME_HEIGHT_PX)
            bgr = np.asarray(cv2.resize(np.asarray(cv2.imread(str(picture))), size_px), np.uint8)
            whole[top : top + FRAME_HEIGHT_PX, left : left + FRAME_WIDTH_PX] = bgr
            truth = frame_truth(frames, picture.stem, *size_px)
            boxes.append(truth.boxes_xyxy + np.array([left, top, left, top], np.float32))
            classes.append(truth.class_id)
            ignored.append(truth.ignored)
        yield whole, FrameTruth(np.concatenate(boxes), np.concatenate(classes), np.concatenate(ignored))


def analysed(model: Model, engine: Engine, bgr: Bytes, tiles: str, overlap: float) -> tuple[Detections, int, float]:
    """What is found on a picture, pictures it cost, and processor seconds."""
    target, size_px = model.card.input, (bgr.shape[1], bgr.shape[0])
    tiled = TiledInput(Preprocessor, target, *size_px, (), tiles_of(*size_px, tiles, overlap, target))
    planes = Planes.of(bgr)
    slots = np.empty((tiled.pictures, *engine.slot_shape), np.uint8)
    decoder = Decoder(model.card.layout, target, Thresholds(CONFIDENCE, 0.6))
    began_s = process_time()
    boxes = tiled.fill(planes, slots, 0, tiled.pictures)
    found = [decoder.decode(answer, box) for answer, box in zip(engine.infer(slots), boxes, strict=True)]
    return tiled.merge(found), tiled.pictures, process_time() - began_s


def each_by_itself(model: Model, engine: Engine, bgr: Bytes) -> tuple[Detections, int, float]:
    """As `analysed`, frame by frame: what the model can do on these pictures, with no seam in them."""
    parts, cpu_s = [], 0.0
    for index in range(COLUMNS * ROWS):
        left, top = index % COLUMNS * FRAME_WIDTH_PX, index // COLUMNS * FRAME_HEIGHT_PX
        frame = np.ascontiguousarray(bgr[top : top + FRAME_HEIGHT_PX, left : left + FRAME_WIDTH_PX])
        found, _, took_s = analysed(model, engine, frame, NO_TILES, 0.2)
        parts.append(
            Detections(found.boxes_xyxy + np.array([left, top] * 2, np.float32), found.confidence, found.class_id)
        )
        cpu_s += took_s
    boxes = np.concatenate([part.boxes_xyxy for part in parts])
    confidence = np.concatenate([part.confidence for part in parts])
    return Detections.of(boxes, confidence, np.concatenate([part.class_id for part in parts])), len(parts), cpu_s


def matched(truth: FrameTruth, found: Detections) -> tuple[NDArray[np.bool_], int]:
    """Which truth was found (n,), and how many detections are of nothing, or of what was found already."""
    overlap = np.where(truth.class_id[:, None] == found.class_id, iou_matrix(truth.boxes_xyxy, found.boxes_xyxy), 0)
    is_found, wrong = np.zeros(len(truth.class_id), np.bool_), 0
    for column in np.argsort(-found.confidence):
        candidates = np.where(is_found | truth.ignored, 0, overlap[:, column])
        if candidates.max(initial=0) >= IOU_MIN:
            is_found[candidates.argmax()] = True
        elif overlap[truth.ignored, column].max(initial=0) < IOU_MIN:
            wrong += 1
    return is_found, wrong


def evaluate(model: Model, engine: Engine, frames: Path, count: int, tiles: str, overlap: float) -> dict[str, object]:
    """Figures of one way of analysing."""
    found_by, there_by = np.zeros(len(HEIGHTS_PX) - 1, int), np.zeros(len(HEIGHTS_PX) - 1, int)
    wrong, right, pictures, cpu_s, seen = 0, 0, 0, 0.0, 0
    for bgr, truth in mosaics(frames, count):
        found, pictures, took_s = (
            each_by_itself(model, engine, bgr) if tiles == EACH else analysed(model, engine, bgr, tiles, overlap)
        )
        is_found, more_wrong = matched(truth, found)
        heights_px = (truth.boxes_xyxy[:, 3] - truth.boxes_xyxy[:, 1])[~truth.ignored]
        there_by += np.histogram(heights_px, HEIGHTS_PX)[0]
        found_by += np.histogram(heights_px[is_found[~truth.ignored]], HEIGHTS_PX)[0]
        wrong, right, cpu_s, seen = wrong + more_wrong, right + int(is_found.sum()), cpu_s + took_s, seen + 1
    spans = [f"{low}-{high}" for low, high in pairwise(HEIGHTS_PX)]
    recall = {span: round(f / n, 3) if n else None for span, f, n in zip(spans, found_by, there_by, strict=True)}
    return {
        "tiles": tiles,
        "recall_by_height_px": recall,
        "objects_by_height_px": dict(zip(spans, there_by.tolist(), strict=True)),
        "recall": round(float(found_by.sum() / max(1, there_by.sum())), 3),
        "precision": round(right / max(1, right + wrong), 3),
        "pictures_a_frame": pictures,
        "cpu_ms_a_frame": round(1000 * cpu_s / max(1, seen), 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures, one JSON object a line."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_tiles", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "district-n", help="folder of the model")
    parser.add_argument("--frames", type=Path, required=True, help="what `scripts.district frames --out` made")
    parser.add_argument("--count", type=int, default=12, help="4K pictures (default: 12, of nine frames each)")
    parser.add_argument("--overlap", type=float, default=0.2, help="as cameras[].tile_overlap")
    parser.add_argument("--cache", type=Path, default=ROOT / "var" / "engines", help="where measurements are kept")
    options = parser.parse_args(arguments)
    folder: Path = options.model.resolve()
    model = load_model(str(folder), folder.parent)
    engine, _ = choose_engine(model, DetectConfig(), options.cache)
    try:
        for tiles in (NO_TILES, "2x2", AUTO_TILES, EACH):
            print(json.dumps(evaluate(model, engine, options.frames, options.count, tiles, options.overlap)))
    finally:
        engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
