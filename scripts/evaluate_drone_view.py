"""Measure what a model sees from a drone: `python -m scripts.evaluate_drone_view --altitude 60 --fov 16 --pitch -45`.

The simulated drone's camera looks from any side at places near people and vehicles, and draws them (640x360). Who is
wholly in the picture is to be found: by a box of the right kind with an overlap of half or more, through the detector's
own resizing, engine and decoding. Recall by kind, precision, heights in pixels, cost of drawing.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.boxes.average_precision import iou_matrix
from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.detections import Detections
from detect.engines.choice import choose_engine
from detect.engines.engine import Engine
from detect.models.model import Model, load_model
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import Preprocessor
from kernel.config.sections import DetectConfig
from scripts.district.light import LIGHTS
from scripts.evaluate_model import ROOT, Planes
from scripts.vehicle.eye.ground_map import paint_map
from scripts.vehicle.eye.traffic import Traffic
from scripts.vehicle.eye.view import DEFAULT_FOV_DEG, HEIGHT_PX, WIDTH_PX, AirView, EyePose, Sighting

IOU_MIN = 0.5
_VEHICLES = frozenset({"car", "truck"})
_A_DAY_S = 86_400.0
_BESIDE_M = 6.0
Bytes = NDArray[np.uint8]
Picture = tuple[Bytes, list[Sighting]]


def kind_of(class_name: str) -> str:
    """person, bicycle or vehicle: what a room acts on; a car taken for a lorry is a vehicle all the same."""
    return "vehicle" if class_name in _VEHICLES else class_name


def pictures(count: int, seed: int, altitude_m: float, pitch_deg: float, fov_deg: float) -> Iterator[Picture]:
    """Pictures with somebody not far from their middle, from any side, with all who are in them."""
    view = AirView(paint_map(LIGHTS["day"], 7), LIGHTS["day"], fov_deg)
    traffic, rng = Traffic(7), np.random.default_rng(seed)
    ahead_m = altitude_m / math.tan(math.radians(-pitch_deg))
    for _ in range(count):
        time_s, heading_deg = float(rng.uniform(0, _A_DAY_S)), float(rng.uniform(0, 360))
        people = traffic.at(time_s)
        one = people[int(rng.integers(len(people)))].pose
        east_m = one.x_m + float(rng.uniform(-_BESIDE_M, _BESIDE_M)) - ahead_m * math.sin(math.radians(heading_deg))
        north_m = one.y_m + float(rng.uniform(-_BESIDE_M, _BESIDE_M)) - ahead_m * math.cos(math.radians(heading_deg))
        yield view.picture(EyePose(east_m, north_m, altitude_m, heading_deg, pitch_deg), people, "")


def is_whole(one: Sighting) -> bool:
    """Whether none of it lies outside the picture."""
    left, top, right, bottom = one.box_xyxy
    return left > 1 and top > 1 and right < WIDTH_PX - 1 and bottom < HEIGHT_PX - 1


def evaluate(model: Model, engine: Engine, drawn: Iterator[Picture], confidence: float) -> dict[str, object]:
    """Figures of one way of looking."""
    target = model.card.input
    preprocessor = Preprocessor(target, WIDTH_PX, HEIGHT_PX)
    letterbox = Letterbox.fit(WIDTH_PX, HEIGHT_PX, target)
    decoder = Decoder(model.card.layout, target, Thresholds(confidence, 0.6))
    slot = np.empty((1, *engine.slot_shape), np.uint8)
    there: dict[str, int] = {}
    found: dict[str, int] = {}
    heights_px: dict[str, list[float]] = {}
    told = wrong = count = 0
    draw_s = 0.0
    began_s = process_time()
    for bgr, sightings in drawn:
        draw_s, count = draw_s + process_time() - began_s, count + 1
        preprocessor.fill(Planes.of(bgr), slot[0])
        detections = decoder.decode(engine.infer(slot)[0], letterbox)
        kinds = [kind_of(model.card.classes[int(one)]) for one in detections.class_id]
        is_found, more_wrong = _matched(sightings, kinds, detections)
        told, wrong = told + len(kinds), wrong + more_wrong
        for one, was_found in zip(sightings, is_found, strict=True):
            if is_whole(one) and one.class_name in model.card.classes:
                kind = kind_of(one.class_name)
                there[kind] = there.get(kind, 0) + 1
                found[kind] = found.get(kind, 0) + was_found
                heights_px.setdefault(kind, []).append(one.box_xyxy[3] - one.box_xyxy[1])
        began_s = process_time()
    return {
        "pictures": count,
        "objects": there,
        "recall": {kind: round(found[kind] / n, 3) for kind, n in there.items()},
        "height_px_p50": {kind: round(float(np.median(values)), 1) for kind, values in heights_px.items()},
        "precision": round(1 - wrong / told, 3) if told else None,
        "false_a_picture": round(wrong / max(1, count), 3),
        "draw_cpu_ms": round(1000 * draw_s / max(1, count), 1),
    }


def _matched(sightings: Sequence[Sighting], kinds: Sequence[str], found: Detections) -> tuple[list[bool], int]:
    """Which truth was found, and how many detections are of nothing."""
    truth = np.array([one.box_xyxy for one in sightings], np.float32).reshape(-1, 4)
    truth = np.clip(truth, 0, [WIDTH_PX, HEIGHT_PX, WIDTH_PX, HEIGHT_PX])
    same = np.array([[kind_of(one.class_name) == kind for kind in kinds] for one in sightings], bool)
    overlap = np.where(same.reshape(len(truth), len(kinds)), iou_matrix(truth, found.boxes_xyxy), 0)
    is_found, wrong = [False] * len(truth), 0
    for column in np.argsort(-found.confidence):
        free = np.where(is_found, 0, overlap[:, column])
        if free.max(initial=0) >= IOU_MIN:
            is_found[int(free.argmax())] = True
        else:
            wrong += 1
    return is_found, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as one JSON object."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_drone_view", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "district-n", help="folder of the model")
    parser.add_argument("--altitude", type=float, default=60.0, help="metres above the ground")
    parser.add_argument("--pitch", type=float, default=-45.0, help="degrees: 0 level, -90 straight down")
    parser.add_argument("--fov", type=float, default=DEFAULT_FOV_DEG, help="horizontal field of view, degrees")
    parser.add_argument("--count", type=int, default=300, help="pictures")
    parser.add_argument("--seed", type=int, default=1, help="which places")
    parser.add_argument("--cache", type=Path, default=ROOT / "var" / "engines", help="where measurements are kept")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    folder: Path = options.model.resolve()
    model = load_model(str(folder), folder.parent)
    engine, _ = choose_engine(model, DetectConfig(), options.cache)
    way = {"altitude_m": options.altitude, "pitch_deg": options.pitch, "fov_deg": options.fov}
    try:
        drawn = pictures(options.count, options.seed, options.altitude, options.pitch, options.fov)
        print(json.dumps({**way, **evaluate(model, engine, drawn, DetectConfig().min_confidence)}))
    finally:
        engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
