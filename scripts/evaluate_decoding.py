"""What leaving out the decoder's loop filter costs: `python -m scripts.evaluate_decoding`.

Without the filter a picture is a little wrong, and those predicted from it are wrong too, until the next keyframe. So
loops of the district are coded anew with long GOPs; pictures far behind their keyframe are judged by themselves too.

    loop -> coded anew -> decoded with the filter and without -> difference, processor time, detections by the truth
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from rich.console import Console
from rich.progress import track

from detect.boxes.average_precision import FrameDetections, FrameTruth, average_precision
from detect.boxes.decode import Decoder, Thresholds
from detect.engines.choice import choose_engine
from detect.engines.engine import Engine
from detect.models.model import Model, load_model
from detect.pictures.preprocess import Preprocessor
from ingest.annexb import VideoCodec
from ingest.decoding import DecodedPicture, PictureDecoder
from kernel.config.sections import DetectConfig
from scripts.district.library import LoopTruth, load_truth, loops_dir, render_camera
from scripts.evaluate_model import CLASSES, LOWEST_CONFIDENCE, NMS_IOU, ROOT, Planes
from scripts.tracker_exam.footage import PICTURE_WH, pictures

CAMERAS = ("cam-01", "cam-02", "cam-06", "cam-08")
FRAMES = 600
FPS = 15
BITRATE = 1_500_000
JUDGED_EVERY = 5
OVERLAPS = tuple(0.5 + 0.05 * step for step in range(10))


@dataclass(slots=True)
class Side:
    """One way of decoding: what was found on the judged pictures, and what it cost."""

    decoder: PictureDecoder
    found: list[FrameDetections] = field(default_factory=list)
    cpu_s: float = 0.0

    def decode(self, payload: bytes, pts: int) -> DecodedPicture:
        """The picture of a payload."""
        started_s = time.thread_time()
        (picture,) = self.decoder.decode(payload, pts, 0)
        self.cpu_s += time.thread_time() - started_s
        return picture


@dataclass(slots=True)
class Judged:
    """Judged pictures: how far behind its keyframe each is, its truth, and how much the two differ."""

    distance: list[int] = field(default_factory=list)
    truths: list[FrameTruth] = field(default_factory=list)
    squared_error: list[float] = field(default_factory=list)


def coded(planes: Iterator[Planes], gop_frames: int) -> Iterator[bytes]:
    """Pictures coded as cameras do: main profile, constant bit rate, no B-frames."""
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = *PICTURE_WH, "yuv420p"
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    context.bit_rate, context.max_b_frames, context.thread_count = BITRATE, 0, 1
    context.options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "profile": "main",
        "x264-params": f"keyint={gop_frames}:min-keyint={gop_frames}:scenecut=0:repeat-headers=1:annexb=1:slices=1",
    }
    for number, one in enumerate(planes):
        packed = np.concatenate([one.y.reshape(-1), one.u.reshape(-1), one.v.reshape(-1)])
        frame = av.VideoFrame.from_ndarray(packed.reshape(-1, PICTURE_WH[0]), format="yuv420p")
        frame.pts = number
        yield from (bytes(packet) for packet in context.encode(frame))


def truth_of(loop: LoopTruth, index: int) -> FrameTruth:
    """Who is where; what is too small or too hidden is ignored."""
    boxes: Any = loop.frames[index]["boxes"]
    return FrameTruth(
        np.array([box["box_xyxy"] for box in boxes], np.float32).reshape(-1, 4),
        np.array([CLASSES.index(box["class"]) for box in boxes], np.int64),
        np.array([not box["counts"] for box in boxes], np.bool_),
    )


def judge(camera_id: str, folder: Path, gop_frames: int, sides: Sequence[Side], model: Model, engine: Engine) -> Judged:
    """Decode a camera's loop both ways, analyse every JUDGED_EVERY-th picture."""
    target, loop, judged = model.card.input, load_truth(folder / camera_id), Judged()
    decoder = Decoder(model.card.layout, target, Thresholds(LOWEST_CONFIDENCE, NMS_IOU))
    preprocessor = Preprocessor(target, *PICTURE_WH)
    batch = np.empty((1, *engine.slot_shape), np.uint8)
    whole = (one for one, _ in zip(pictures(folder / camera_id / "main.lkv"), range(FRAMES), strict=False))
    for index, payload in enumerate(coded(whole, gop_frames)):
        decoded = [side.decode(payload, index) for side in sides]
        if index % JUDGED_EVERY:
            continue
        for side, picture in zip(sides, decoded, strict=True):
            preprocessor.fill(picture, batch[0])
            found = decoder.decode(engine.infer(batch)[0], preprocessor.letterbox)
            side.found.append(FrameDetections(found.boxes_xyxy, found.confidence, found.class_id))
        judged.distance.append(index % gop_frames)
        judged.truths.append(truth_of(loop, index))
        difference = decoded[0].y.astype(np.float32) - decoded[1].y
        judged.squared_error.append(float(np.mean(difference**2)))
    return judged


def precision_of(judged: Judged, side: Side, chosen: Sequence[int]) -> tuple[float, float]:
    """mAP50 and mAP50-95 over some of the judged pictures."""
    truths, found = [judged.truths[i] for i in chosen], [side.found[i] for i in chosen]
    by_overlap = []
    for overlap in OVERLAPS:
        values = [average_precision(truths, found, index, overlap) for index in range(len(CLASSES))]
        by_overlap.append(float(np.mean([value for value in values if value is not None])))
    return round(by_overlap[0], 4), round(float(np.mean(by_overlap)), 4)


def evaluate(gop_frames: int, seed: int, var: Path, model: Model, engine: Engine) -> dict[str, object]:
    """Figures for one length of GOP: of all pictures, and of the last quarter of the GOPs."""
    folder = loops_dir(var, seed)
    folder.mkdir(parents=True, exist_ok=True)
    judged, sides = Judged(), (Side(PictureDecoder(VideoCodec.H264, None)), Side(PictureDecoder(VideoCodec.H264, None)))
    for camera_id in track(CAMERAS, f"GOPs of {gop_frames}", console=Console(stderr=True)):
        if not (folder / camera_id / "truth.json").is_file():
            render_camera(folder, seed, camera_id)
        sides[0].decoder = PictureDecoder(VideoCodec.H264, None)
        sides[1].decoder = PictureDecoder(VideoCodec.H264, None, loop_filter=False)
        one = judge(camera_id, folder, gop_frames, sides, model, engine)
        judged.distance += one.distance
        judged.truths += one.truths
        judged.squared_error += one.squared_error
    parts = {
        "all": range(len(judged.distance)),
        "last quarter of the GOP": [i for i, far in enumerate(judged.distance) if far >= 0.75 * gop_frames],
    }
    decoded = FRAMES * len(CAMERAS)
    return {
        "gop_frames": gop_frames,
        "ms_a_picture": [round(1000 * side.cpu_s / decoded, 2) for side in sides],
        "parts": {
            name: {
                "pictures": len(chosen),
                "psnr_db": round(psnr_db([judged.squared_error[i] for i in chosen]), 1),
                "map50_and_map50_95": [precision_of(judged, side, chosen) for side in sides],
            }
            for name, chosen in parts.items()
        },
    }


def psnr_db(squared_errors: Sequence[float]) -> float:
    """How alike pictures are, from their mean squared differences."""
    return float(10 * np.log10(255.0**2 / max(1e-9, float(np.mean(squared_errors)))))


def main() -> int:
    """Measure and print; the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m scripts.evaluate_decoding", description=__doc__)
    parser.add_argument("--var", type=Path, default=Path("var/decoding"), help="folder for loops")
    parser.add_argument("--seed", type=int, default=41, help="who appears when")
    parser.add_argument("--gop", type=int, nargs="+", default=[50, 150], help="pictures from keyframe to keyframe")
    options = parser.parse_args()
    model = load_model("district-n", ROOT / "models")
    engine, _ = choose_engine(model, DetectConfig(), options.var / "engines")
    report = [evaluate(gop, options.seed, options.var, model, engine) for gop in options.gop]
    print(json.dumps({"engine": engine.name, "gops": report}))
    engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
