"""Add what the district's drone sees to a training set: `python -m scripts.aerial_frames --out FRAMES --count 1200`.

FRAMES is what `scripts.district frames --out FRAMES` made. A model that was shown cameras on posts only finds people
from above by luck, and each training has another. Heights, pitches and lenses are those that a patrol may have.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from scripts.district.dataset import MIN_SIDE_PX, Box, compressed, print_progress, write_frame
from scripts.district.scene import CLASSES
from scripts.evaluate_drone_view import pictures
from scripts.vehicle.eye.view import HEIGHT_PX, WIDTH_PX, Sighting
from scripts.worker_pool import worker_pool

PICTURES_A_LENS = 40
HEIGHT_M, PITCH_DEG, FOV_DEG = (40.0, 80.0), (-75.0, -35.0), (13.0, 24.0)
KEPT_SHARE = 0.3


@dataclass(frozen=True)
class Job:
    """Pictures from one height through one lens."""

    out: Path
    seed: int
    number: int
    count: int


def boxes_of(sightings: Sequence[Sighting]) -> list[Box]:
    """What is to be found, cut off at the picture's edges; what is mostly outside of it, or small, does not count."""
    boxes = []
    for one in sightings:
        left, top, right, bottom = one.box_xyxy
        x0, y0, x1, y1 = max(left, 0.0), max(top, 0.0), min(right, float(WIDTH_PX)), min(bottom, float(HEIGHT_PX))
        if one.class_name not in CLASSES or x1 - x0 < 2 or y1 - y0 < 2:
            continue
        visible = (x1 - x0) * (y1 - y0) / ((right - left) * (bottom - top))
        # These are half as large as the district's frames, which the limit is meant for
        counts = visible >= KEPT_SHARE and ((x1 - x0) * (y1 - y0)) ** 0.5 >= MIN_SIDE_PX["train"] / 2
        boxes.append(Box(CLASSES.index(one.class_name), (x0, y0, x1, y1), visible, counts))
    return boxes


def draw_job(job: Job) -> int:
    """Draw and write the pictures of a job; returns how many."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng([job.seed, job.number])
    height_m, pitch_deg, fov_deg = (float(rng.uniform(*span)) for span in (HEIGHT_M, PITCH_DEG, FOV_DEG))
    drawn = pictures(job.count, int(rng.integers(1 << 30)), height_m, pitch_deg, fov_deg)
    for index, (bgr, sightings) in enumerate(drawn):
        name = f"air-{job.seed}-{job.number:04d}-{index:02d}"
        write_frame(job.out, "train", name, compressed(bgr, rng), boxes_of(sightings))
    return job.count


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw; 0 when done, 2 where the folder is no training set."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.aerial_frames", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--out", type=Path, required=True, help="what `scripts.district frames --out` made")
    parser.add_argument("--seed", type=int, default=40_000, help="which places, heights and lenses")
    parser.add_argument("--count", type=int, default=1200, help="pictures")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args(arguments)
    if not (options.out / "data.yaml").exists():
        print(f"aerial_frames: {options.out} is no training set; make it by scripts.district frames", file=sys.stderr)
        return 2
    each = PICTURES_A_LENS
    jobs = [
        Job(options.out, options.seed, number, min(each, options.count - number * each))
        for number in range(-(-options.count // each))
    ]
    done = 0
    with worker_pool(options.workers) as pool:
        for count in pool.imap_unordered(draw_job, jobs):
            done += count
            print_progress(f"{done}/{options.count} pictures")
    print(f"{done} pictures added to {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
