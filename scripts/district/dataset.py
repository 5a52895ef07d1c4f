"""Training frames for the bundled model: random cameras, weather and actors, as a YOLO dataset with an ignore list."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.district.actors import Actor, parked_actor, smooth_path
from scripts.district.background import make_background
from scripts.district.geometry import PinholeCamera
from scripts.district.light import LIGHTS, varied
from scripts.district.render import FrameRenderer, Seen
from scripts.district.scene import CLASSES, Scene
from scripts.district.scenes import SCENES
from scripts.worker_pool import worker_pool

MIN_SIDE_PX = {"train": 11.0, "val": 16.0}
MIN_VISIBLE = {"train": 0.3, "val": 0.5}
FRAMES_PER_BACKGROUND = 12
SLOW_KINDS = ("person", "dog", "litter", "bicycle")


@dataclass(frozen=True)
class Job:
    """One painted background and the frames to draw on it."""

    out: Path
    split: str
    seed: int
    number: int
    frames: int


@dataclass(frozen=True)
class Box:
    """A truth box clipped to the frame; `counts` is False for boxes too small or too hidden to ask of a detector.

    Training frames count smaller and more hidden ones than frames that judge: a network that is told such a person is
    background learns to doubt the one just large enough.
    """

    class_id: int
    xyxy: tuple[float, float, float, float]
    visible: float
    counts: bool


def boxes_of(seen: list[Seen], width_px: int, height_px: int, split: str = "val") -> list[Box]:
    """The truth boxes of a frame; distractors have none."""
    boxes = []
    for one in seen:
        name = one.actor.class_name
        if name is None or one.visible < 0.02:
            continue
        x0, y0, x1, y1 = one.geometry.box_xyxy
        clipped = (max(x0, 0.0), max(y0, 0.0), min(x1, float(width_px)), min(y1, float(height_px)))
        if clipped[2] - clipped[0] < 2 or clipped[3] - clipped[1] < 2:
            continue
        side = math.sqrt((clipped[2] - clipped[0]) * (clipped[3] - clipped[1]))
        counts = side >= MIN_SIDE_PX[split] and one.visible >= MIN_VISIBLE[split]
        boxes.append(Box(CLASSES.index(name), clipped, one.visible, counts))
    return boxes


def jittered(camera: PinholeCamera, rng: np.random.Generator) -> PinholeCamera:
    """The same camera hung a little differently."""
    return replace(
        camera,
        height_m=camera.height_m * float(rng.uniform(0.82, 1.25)),
        tilt_deg=camera.tilt_deg + float(rng.uniform(-3.0, 5.0)),
        focal_px=camera.focal_px * float(rng.uniform(0.88, 1.35)),
        pan_deg=float(rng.uniform(-14, 14)),
    )


def crowd(scene: Scene, rng: np.random.Generator, rain: bool, now_s: float) -> tuple[Actor, ...]:
    """Actors caught mid-way on the scene's routes at `now_s`, none inside another."""
    actors: list[Actor] = []
    spots: list[tuple[float, float, float]] = []
    for _ in range(int(rng.integers(6, 26))):
        route = scene.routes[int(rng.integers(len(scene.routes)))]
        kind = route.kinds[int(rng.integers(len(route.kinds)))]
        stray = route.spread_m * float(rng.normal(0, 1.2)) + (float(rng.normal(0, 1.5)) if kind in SLOW_KINDS else 0.0)
        points = route.points if kind not in SLOW_KINDS or rng.random() < 0.5 else route.points[::-1]
        path = smooth_path(points, stray, 1.5 if kind in SLOW_KINDS else 5.0)
        speed = float(rng.uniform(*route.speed_m_s)) * float(rng.uniform(0.7, 1.2))
        distance = float(rng.uniform(0.02, 0.98)) * path.length_m
        actor = Actor(
            len(actors),
            kind,
            int(rng.integers(1 << 30)),
            path,
            now_s - distance / speed,
            speed,
            scene.id == "cam-03",
            rain,
        )
        pose, reach = actor.pose(now_s), 0.5 if kind in SLOW_KINDS else 3.2
        if all(math.hypot(pose.x_m - x, pose.y_m - y) > reach + r for x, y, r in spots):
            spots.append((pose.x_m, pose.y_m, reach))
            actors.append(actor)
    return tuple(actors)


def compressed(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """What a video encoder leaves of a picture: smoothed, blocky where it is dark or busy."""
    if rng.random() < 0.6:
        picture = np.asarray(cv2.GaussianBlur(picture, (3, 3), float(rng.uniform(0.3, 0.8))), dtype=np.uint8)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 88))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def draw_job(job: Job) -> int:
    """Draws and writes the frames of one background; returns how many."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng([job.seed, job.number, 0 if job.split == "train" else 1])
    scene = SCENES[job.number % len(SCENES)]
    light, camera = LIGHTS[scene.light], scene.camera
    if job.split == "train":
        if rng.random() < 0.35:
            light = list(LIGHTS.values())[int(rng.integers(len(LIGHTS)))]
        light = varied(light, rng) if rng.random() < 0.7 else light
        camera = jittered(camera, rng) if rng.random() < 0.65 else camera
    background = make_background(scene, camera, light, int(rng.integers(1 << 20)))
    parked = tuple(
        parked_actor(1000 + i, spot, int(rng.integers(1 << 20)))
        for i, spot in enumerate(scene.parked)
        if rng.random() < 0.85
    )
    renderer = FrameRenderer(background, parked, scene.osd, int(rng.integers(1 << 20)))
    for number in range(job.frames):
        now_s = float(rng.uniform(0, 60))
        picture, seen = renderer.frame(crowd(scene, rng, light.rain, now_s), now_s, int(rng.integers(997)))
        name = f"{scene.id}-{job.seed}-{job.number:05d}-{number:02d}"
        boxes = boxes_of(seen, camera.width_px, camera.height_px, job.split)
        write_frame(job.out, job.split, name, compressed(picture, rng), boxes)
    return job.frames


def write_frame(out: Path, split: str, name: str, picture: NDArray[np.uint8], boxes: list[Box]) -> None:
    """images/SPLIT/NAME.jpg, labels/SPLIT/NAME.txt (what counts) and ignore/SPLIT/NAME.json (what does not)."""
    height, width = picture.shape[:2]
    cv2.imwrite(str(out / "images" / split / f"{name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
    lines = []
    for box in boxes:
        if box.counts:
            x0, y0, x1, y1 = box.xyxy
            centre, size = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height), ((x1 - x0) / width, (y1 - y0) / height)
            lines.append(f"{box.class_id} {centre[0]:.6f} {centre[1]:.6f} {size[0]:.6f} {size[1]:.6f}\n")
    (out / "labels" / split / f"{name}.txt").write_text("".join(lines), encoding="utf-8")
    left_out = [
        {"class": CLASSES[box.class_id], "box_xyxy": [round(v, 1) for v in box.xyxy], "visible": round(box.visible, 2)}
        for box in boxes
        if not box.counts
    ]
    (out / "ignore" / split / f"{name}.json").write_text(json.dumps(left_out), encoding="utf-8")


def make_dataset(
    out: Path, seed: int, count: int, workers: int, val_share: float, report: Callable[[str], None]
) -> int:
    """Writes about `count` training frames and a validation share of other seeds; returns the number of frames.

    Layout: images|labels|ignore/{train,val}/NAME and data.yaml, classes in the order of CLASSES.
    """
    for kind in ("images", "labels", "ignore"):
        for split in ("train", "val"):
            (out / kind / split).mkdir(parents=True, exist_ok=True)
    names = "".join(f"  {i}: {name}\n" for i, name in enumerate(CLASSES))
    (out / "data.yaml").write_text(
        f"path: {out.resolve()}\ntrain: images/train\nval: images/val\nnames:\n{names}", encoding="utf-8"
    )
    jobs = _jobs(out, "train", seed, count) + _jobs(out, "val", seed + 1_000_003, round(count * val_share))
    done, total, started = 0, sum(job.frames for job in jobs), time.monotonic()
    with worker_pool(workers) as pool:
        for frames in pool.imap_unordered(draw_job, jobs):
            done += frames
            report(f"{done}/{total} frames, {done / (time.monotonic() - started):.1f}/s")
    return done


def _jobs(out: Path, split: str, seed: int, count: int) -> list[Job]:
    each = FRAMES_PER_BACKGROUND
    return [Job(out, split, seed, i, min(each, count - i * each)) for i in range(-(-count // each))]


def print_progress(line: str) -> None:
    """One line that rewrites itself on a terminal, a line each elsewhere."""
    end = "\r" if sys.stderr.isatty() else "\n"
    print(line, end=end, file=sys.stderr, flush=True)
