"""Measure a model on held-out frames of the simulated district: `python -m scripts.evaluate_model`.

    scripts.district frames (other seeds)  ->  the detector's own path (resize, engine, decode)  ->  AP50 by class

Truth that is smaller than 16 px or more than half hidden is ignored. With --write-card the figures go into the
model's card, with the command that shows them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from detect.boxes.average_precision import FrameDetections, FrameTruth, average_precision
from detect.boxes.decode import Decoder, Thresholds
from detect.engines.choice import choose_engine
from detect.engines.engine import Engine
from detect.models.card import CARD_FILE, MODEL_FILE, ModelCard, ModelInput
from detect.models.model import Model, load_model, sha256_of
from detect.pictures.preprocess import Preprocessor
from kernel.config.sections import DetectConfig
from scripts.training_crops import read_labels, to_xyxy_px

ROOT = Path(__file__).resolve().parent.parent
LOWEST_CONFIDENCE = 0.01
NMS_IOU = 0.6
CLASSES = ("person", "car", "truck", "bicycle")
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as I420 planes, as the frame ring holds it."""

    y: Bytes
    u: Bytes
    v: Bytes

    @classmethod
    def of(cls, bgr: Bytes) -> Planes:
        """The planes of a BGR picture (height, width, 3) of even size."""
        height_px, width_px = bgr.shape[:2]
        packed = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
        flat, luma_px = packed.reshape(-1), height_px * width_px
        chroma = (height_px // 2, width_px // 2)
        u, v = flat[luma_px : luma_px * 5 // 4], flat[luma_px * 5 // 4 :]
        return cls(packed[:height_px], u.reshape(chroma), v.reshape(chroma))


def frame_truth(frames: Path, name: str, width_px: int, height_px: int) -> FrameTruth:
    """Truth of one frame: its labels, and its ignore list marked as such."""
    labels = read_labels(frames / "labels" / "val" / f"{name}.txt")
    counted = to_xyxy_px(labels, width_px, height_px)
    sidecar = frames / "ignore" / "val" / f"{name}.json"
    ignored = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.exists() else []
    boxes = np.concatenate([counted, np.array([one["box_xyxy"] for one in ignored], np.float64).reshape(-1, 4)])
    classes = [*labels[:, 0].astype(int), *(CLASSES.index(one["class"]) for one in ignored)]
    return FrameTruth(
        boxes.astype(np.float32),
        np.array(classes, np.int64),
        np.arange(len(boxes)) >= len(counted),
    )


def detect_frame(model: Model, engine: Engine, bgr: Bytes) -> FrameDetections:
    """What the model finds on one frame, down to LOWEST_CONFIDENCE."""
    target = model.card.input
    height_px, width_px = bgr.shape[:2]
    batch = np.empty((1, *engine.slot_shape), np.uint8)
    preprocessor = Preprocessor(target, width_px, height_px)
    preprocessor.fill(Planes.of(bgr), batch[0])
    decoder = Decoder(model.card.layout, target, Thresholds(LOWEST_CONFIDENCE, NMS_IOU))
    found = decoder.decode(engine.infer(batch)[0], preprocessor.letterbox)
    return FrameDetections(found.boxes_xyxy, found.confidence, found.class_id)


def evaluate(model: Model, engine: Engine, frames: Path) -> dict[str, float]:
    """AP50 by class, and their mean as `mAP50`.

    Raises:
        SystemExit: no frames there.
    """
    pictures = sorted((frames / "images" / "val").glob("*.jpg"))
    if not pictures:
        raise SystemExit(f"evaluate_model: no pictures in {frames / 'images' / 'val'}; make them with scripts.district")
    truths, found = [], []
    for picture in track(pictures, "evaluating", console=Console(stderr=True)):
        bgr = np.asarray(cv2.imread(str(picture)), np.uint8)
        truths.append(frame_truth(frames, picture.stem, bgr.shape[1], bgr.shape[0]))
        found.append(detect_frame(model, engine, bgr))
    by_class = {name: average_precision(truths, found, index) for index, name in enumerate(model.card.classes)}
    known = {f"AP50 {name}": round(value, 4) for name, value in by_class.items() if value is not None}
    return {"mAP50": round(float(np.mean(list(known.values()))), 4), **known, "frames": len(pictures)}


def data_of(folder: Path) -> str:
    """What the folder's card says the model was trained on, for the next card."""
    card = folder / CARD_FILE
    known = json.loads(card.read_text(encoding="utf-8")).get("data", "") if card.is_file() else ""
    return str(known or "frames drawn by scripts/district; no photograph, no person")


def make_card(folder: Path, metrics: dict[str, float], data: str, command: str) -> ModelCard:
    """The card of a bundle of the district: what it was trained on, and these figures."""
    return ModelCard(
        name=folder.name,
        layout=load_model(str((folder / MODEL_FILE).resolve()), folder).card.layout,
        classes=CLASSES,
        input=ModelInput(width_px=640, height_px=384),
        sha256=sha256_of(folder / MODEL_FILE),
        licence="AGPL-3.0-or-later",
        data=data,
        metrics={**metrics, "command": command},
        limits="knows the simulated district and nothing else: on any other camera it must not be used",
        district_only=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate; 0 when mAP50 reaches --min, 1 when not."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_model", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "district-n", help="folder of the model")
    parser.add_argument("--frames", type=Path, required=True, help="what `scripts.district frames --out` made")
    parser.add_argument("--min", type=float, default=0.85, help="mAP50 to reach (default: 0.85)")
    parser.add_argument(
        "--cache", type=Path, default=ROOT / "var" / "engines", help="where engine measurements are kept"
    )
    parser.add_argument("--write-card", action="store_true", help="write the figures into the model's card")
    parser.add_argument("--data", help="what it was trained on, for the card (default: what the card says)")
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args(arguments)
    folder: Path = options.model.resolve()
    model = load_model(str(folder / MODEL_FILE if options.write_card else folder), folder.parent)
    engine, _ = choose_engine(model, DetectConfig(), options.cache)
    try:
        metrics = evaluate(model, engine, options.frames)
    finally:
        engine.close()
    if options.write_card:
        command = (
            f"python -m scripts.evaluate_model --model models/{folder.name} --frames FRAMES; "
            "FRAMES by: python -m scripts.district frames --seed SEED --count 1 "
            f"--val-share {metrics['frames']} --out FRAMES"
        )
        card = make_card(folder, metrics, options.data or data_of(folder), command)
        (folder / CARD_FILE).write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    print(json.dumps({**metrics, "engine": engine.name}, ensure_ascii=False) if options.as_json else shown(metrics))
    return 0 if metrics["mAP50"] >= options.min else 1


def shown(metrics: dict[str, float]) -> str:
    """Figures for people, one a line."""
    return "\n".join(f"{name:14} {value}" for name, value in metrics.items())


if __name__ == "__main__":
    sys.exit(main())
