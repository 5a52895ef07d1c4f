"""Compare the tracker with ultralytics' BYTE on the simulated district: `python -m scripts.evaluate_tracker`.

Both get the same detections, of the bundled model on rendered and coded pictures at 5 analysed frames a second, and are
judged by the district's truth with TrackEval; then both are timed on 20 objects. Needs `make setup EXTRAS=yolo`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from detect.engines.choice import choose_engine
from detect.models.model import load_model
from kernel.config.sections import DetectConfig
from scripts.district.scenes import SCENES
from scripts.evaluate_model import ROOT
from scripts.tracker_exam.footage import Footage, film
from scripts.tracker_exam.scoring import FrameTracks, score
from scripts.tracker_exam.trackers import OBJECTS, a_busy_street, cost_us, track_with_byte, track_with_ours

CAMERAS = ("cam-01", "cam-02", "cam-04", "cam-06", "cam-07", "cam-08")
COST_MAX = 0.5
TRACKERS: dict[str, Callable[[Footage], list[FrameTracks]]] = {
    "lookout": track_with_ours,
    "byte": track_with_byte,
    "byte, buffer 1.75 s": lambda footage: track_with_byte(footage, 9),
}


def footage_of(cameras: Sequence[str], seed: int, var: Path) -> tuple[list[Footage], str]:
    """The footage of some cameras, and the engine it was made with."""
    model = load_model("district-n", ROOT / "models")
    engine, _ = choose_engine(model, DetectConfig(), var / "engines")
    try:
        shown = track(cameras, "rendering, analysing", console=Console(stderr=True))
        return [film(camera_id, seed, var / "district", model, engine) for camera_id in shown], engine.name
    finally:
        engine.close()


def is_deterministic(footage: Footage) -> bool:
    """Whether the tracker says the same whatever the order of a frame's detections."""
    rng = np.random.default_rng(1)
    return all(
        np.array_equal(one.track_id, other.track_id) and np.array_equal(one.boxes_xyxy, other.boxes_xyxy)
        for one, other in zip(track_with_ours(footage), track_with_ours(footage, rng), strict=True)
    )


def compare(footage: Sequence[Footage]) -> dict[str, object]:
    """Figures of every tracker, over all cameras and for each."""
    runs = {name: [run(one) for one in footage] for name, run in TRACKERS.items()}
    return {
        name: score(footage, said).record()
        | {"cameras": {one.camera_id: score([one], [run]).record() for one, run in zip(footage, said, strict=True)}}
        for name, said in runs.items()
    }


def shown(report: dict[str, object]) -> str:
    """Markdown tables, as they stand in docs/performance.md."""
    columns = ("mota", "idf1", "hota", "recall", "precision", "switches", "missed", "wrong")
    lines = [f"| camera | tracker | {' | '.join(columns)} |", "| --- " * (len(columns) + 2) + "|"]
    trackers: dict[str, dict[str, object]] = report["trackers"]  # type: ignore[assignment]
    for name, figures in trackers.items():
        lines.append(f"| all | {name} | " + " | ".join(str(figures[column]) for column in columns) + " |")
    for name, figures in trackers.items():
        cameras: dict[str, dict[str, object]] = figures["cameras"]  # type: ignore[assignment]
        for camera_id, one in cameras.items():
            lines.append(f"| {camera_id} | {name} | " + " | ".join(str(one[column]) for column in columns) + " |")
    costs = "ours {ours_us} us, BYTE {byte_us} us, {cost_ratio} of it".format(**report)
    return "\n".join([*lines, "", f"{report['frames']} frames, {report['engine']}; {OBJECTS} objects: {costs}"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; 0 when ours is as right as BYTE and costs COST_MAX of it at most, 1 when not, 3 without a library."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_tracker", description=(__doc__ or "").split("\n", 1)[0]
    )
    known = [scene.id for scene in SCENES]
    parser.add_argument("--camera", action="append", choices=known, help=f"default: {', '.join(CAMERAS)}")
    parser.add_argument("--seed", type=int, default=41, help="who appears when; one that was not trained on")
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="folder for rendered loops and what was found")
    parser.add_argument("--json", action="store_true", dest="as_json", help="one object on the last line")
    options = parser.parse_args(arguments)
    missing = [name for name in ("ultralytics", "trackeval") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"evaluate_tracker: {', '.join(missing)} not installed: make setup EXTRAS=yolo", file=sys.stderr)
        return 3
    os.environ.setdefault("YOLO_OFFLINE", "1")
    footage, engine = footage_of(options.camera or CAMERAS, options.seed, options.var)
    ours_us, byte_us = cost_us(a_busy_street())
    trackers = compare(footage)
    report: dict[str, object] = {
        "trackers": trackers,
        "engine": engine,
        "frames": sum(len(one.shots) for one in footage),
        "analysed_fps": round(float(np.mean([one.analysed_fps for one in footage])), 2),
        "is_deterministic": all(map(is_deterministic, footage)),
        "ours_us": round(ours_us),
        "byte_us": round(byte_us),
        "cost_ratio": round(ours_us / byte_us, 3),
    }
    print(json.dumps(report) if options.as_json else shown(report))
    return 0 if is_good(report) else 1


def is_good(report: dict[str, object]) -> bool:
    """As right as BYTE, cheaper, and the same every time."""
    trackers: dict[str, dict[str, float]] = report["trackers"]  # type: ignore[assignment]
    as_right = all(trackers["lookout"][name] >= trackers["byte"][name] for name in ("mota", "idf1", "hota"))
    return as_right and float(str(report["cost_ratio"])) <= COST_MAX and bool(report["is_deterministic"])


if __name__ == "__main__":
    sys.exit(main())
