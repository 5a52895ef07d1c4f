"""What the model finds on a camera's loop, at the frames a busy detector would analyse, beside the truth of each.

main.lkv --decoded--> every second to fourth of 15 frames a second, now and then none for up to 1.4 s
         --the detector's own resize, engine, decode--> detections; truth.json --> who is where
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.detections import Detections
from detect.engines.engine import Engine
from detect.models.model import Model
from detect.pictures.preprocess import Preprocessor
from kernel.config.sections import DetectConfig
from scripts.district.library import LoopTruth, load_truth, loops_dir, render_camera
from scripts.district.truth import FPS, LOOP_FRAMES
from scripts.district.video_file import read_video
from scripts.evaluate_model import Planes

STEPS, STEP_SHARES = (2, 3, 4), (0.25, 0.5, 0.25)
GAP_EVERY_S, GAP_FRAMES = 12.0, (9, 21)
PICTURE_WH = (1280, 720)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Who is where on one frame: actor (n,), boxes_xyxy (n, 4) px, counts (n,): large and visible enough to ask for."""

    actor: NDArray[np.int64]
    boxes_xyxy: NDArray[np.float64]
    counts: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shot:
    """One analysed frame."""

    at_s: float
    found: Detections
    truth: Truth


@dataclass(frozen=True, slots=True)
class Footage:
    """The analysed frames of one camera's loop."""

    camera_id: str
    shots: tuple[Shot, ...]

    @property
    def analysed_fps(self) -> float:
        """Frames a second, gaps included."""
        return (len(self.shots) - 1) / (self.shots[-1].at_s - self.shots[0].at_s)


def analysed_frames(rng: np.random.Generator, frames: int = LOOP_FRAMES) -> list[int]:
    """Which of a loop's frames are analysed: 5 a second on average, unevenly, with gaps."""
    chosen, at, gap_at = [], 0, int(rng.uniform(0.5, 1.5) * GAP_EVERY_S * FPS)
    while at < frames:
        chosen.append(at)
        at += int(rng.choice(STEPS, p=STEP_SHARES))
        if at >= gap_at:
            at += int(rng.integers(*GAP_FRAMES))
            gap_at = at + int(rng.uniform(0.5, 1.5) * GAP_EVERY_S * FPS)
    return chosen


def film(camera_id: str, seed: int, var: Path, model: Model, engine: Engine) -> Footage:
    """The footage of a camera; its loop is rendered, and the model's answers are kept, the first time.

    Args:
        camera_id: one of the district.
        seed: of the loop: who appears when.
        var: folder for loops and answers.
        model: what finds.
        engine: runs it.
    """
    folder = loops_dir(var, seed)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / camera_id / "truth.json").is_file():
        render_camera(folder, seed, camera_id)
    chosen = analysed_frames(np.random.default_rng([seed, int(camera_id[-2:])]))
    kept = folder / camera_id / f"found-{model.card.sha256[:12]}-{engine.name.replace(' ', '-')}.json"
    if not kept.is_file():
        found = _detect(folder / camera_id / "main.lkv", chosen, model, engine)
        kept.write_text(json.dumps([_record(one) for one in found]), encoding="utf-8")
    answers = [Detections.of(*record) for record in json.loads(kept.read_text(encoding="utf-8"))]
    truth = load_truth(folder / camera_id)
    shots = zip(chosen, answers, strict=True)
    return Footage(camera_id, tuple(Shot(index / FPS, found, _truth(truth, index)) for index, found in shots))


def _record(found: Detections) -> list[Any]:
    return [found.boxes_xyxy.tolist(), found.confidence.tolist(), found.class_id.tolist()]


def _truth(loop: LoopTruth, index: int) -> Truth:
    boxes: Any = loop.frames[index]["boxes"]
    return Truth(
        np.array([box["actor"] for box in boxes], np.int64),
        np.array([box["box_xyxy"] for box in boxes], np.float64).reshape(-1, 4),
        np.array([box["counts"] for box in boxes], np.bool_),
    )


def _detect(video: Path, chosen: Sequence[int], model: Model, engine: Engine) -> Iterator[Detections]:
    """What the model finds on some frames of a loop, by the detector's own thresholds."""
    target, config, wanted = model.card.input, DetectConfig(), set(chosen)
    decoder = Decoder(model.card.layout, target, Thresholds(config.min_confidence, config.nms_iou))
    preprocessor = Preprocessor(target, *PICTURE_WH)
    batch = np.empty((1, *engine.slot_shape), np.uint8)
    for index, planes in enumerate(pictures(video)):
        if index in wanted:
            preprocessor.fill(planes, batch[0])
            yield decoder.decode(engine.infer(batch)[0], preprocessor.letterbox)


def pictures(video: Path) -> Iterator[Planes]:
    """Every picture of a loop, as the frame ring would hold it."""
    header, units = read_video(video)
    context = av.CodecContext.create(header.codec, "r")
    assert isinstance(context, av.VideoCodecContext)
    for packet in [*(av.Packet(unit.data) for unit in units), None]:
        for frame in context.decode(packet):
            packed = np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8)
            height, width = frame.height, frame.width
            luma_px, flat = height * width, packed.reshape(-1)
            chroma = (height // 2, width // 2)
            u, v = flat[luma_px : luma_px * 5 // 4], flat[luma_px * 5 // 4 :]
            yield Planes(packed[:height], u.reshape(chroma), v.reshape(chroma))
