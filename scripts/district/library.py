"""The rendered loops of a seed on disk: made once, one process a core, kept under a key of seed and code."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from scripts.district.background import make_background
from scripts.district.dataset import boxes_of
from scripts.district.faults import FAULTY_CAMERA
from scripts.district.light import LIGHTS
from scripts.district.motion import track_of
from scripts.district.render import FrameRenderer, Seen
from scripts.district.scene import CLASSES, Scene
from scripts.district.scenes import SCENES
from scripts.district.schedule import parked_actors, schedule
from scripts.district.truth import FPS, LOOP_FRAMES, LOOP_S, RuleEvent, event_from_record, event_record, rule_events
from scripts.district.video_file import write_video
from scripts.worker_pool import worker_pool

MAIN_BITRATE = 2_000_000
SUB_BITRATE = 450_000
SUB_SIZE_PX = (640, 360)
NOT_IN_PICTURE = ("rtsp", "rtp", "cli", "serving", "config", "credential", "fault", "sent", "testing", "__main__")


@dataclass(frozen=True)
class LoopTruth:
    """What a loop shows: the events of its rules and, per frame, the boxes."""

    camera_id: str
    seed: int
    events: tuple[RuleEvent, ...]
    frames: tuple[dict[str, object], ...]


def code_key() -> str:
    """Changes when any module that can change a picture or the truth changes."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if not path.name.startswith(NOT_IN_PICTURE):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def loops_dir(var: Path, seed: int) -> Path:
    """Where the loops of a seed lie, made by this version of the code."""
    return var / "loops" / f"seed{seed}-{code_key()}"


def missing(var: Path, seed: int) -> tuple[Scene, ...]:
    """The cameras whose loop is not rendered yet."""
    return tuple(scene for scene in SCENES if not (loops_dir(var, seed) / scene.id / "truth.json").is_file())


def render_all(var: Path, seed: int, workers: int, report: Callable[[str], None]) -> Path:
    """Renders what is missing, and removes loops that older code left; returns the folder."""
    target = loops_dir(var, seed)
    wanted = missing(var, seed)
    if not wanted:
        return target
    target.mkdir(parents=True, exist_ok=True)
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    started = time.monotonic()
    with worker_pool(min(workers, len(wanted))) as pool:
        longest_first = sorted(wanted, key=lambda scene: (scene.codec != "hevc", -scene.traffic - 8 * scene.sub_stream))
        report(f"rendering {len(wanted)} cameras, {LOOP_S:.0f} s each, on {workers} processes")
        finished = pool.imap_unordered(partial(render_camera, target, seed), [s.id for s in longest_first], 1)
        for done, camera_id in enumerate(finished, start=1):
            report(f"{done}/{len(wanted)} {camera_id} ready after {time.monotonic() - started:.0f} s")
    _drop_stale(target)
    return target


def _drop_stale(current: Path) -> None:
    suffix = current.name.rsplit("-", 1)[1]
    for folder in current.parent.iterdir():
        if not folder.name.endswith(suffix):
            shutil.rmtree(folder, ignore_errors=True)


def render_camera(target: Path, seed: int, camera_id: str, frames: int = LOOP_FRAMES) -> str:
    """Renders, encodes and describes one camera's loop; its folder appears whole or not at all.

    Fewer `frames` than LOOP_FRAMES give the beginning of the loop, for tests.
    """
    from scripts.district.encode import LoopEncoder

    cv2.setNumThreads(1)
    scene = next(scene for scene in SCENES if scene.id == camera_id)
    camera = scene.camera
    moving = schedule(scene, seed)
    background = make_background(scene, camera, LIGHTS[scene.light], 7)
    renderer = FrameRenderer(background, parked_actors(scene, seed), scene.osd, seed)
    main = LoopEncoder(scene.codec, camera.width_px, camera.height_px, FPS, MAIN_BITRATE)
    sub = LoopEncoder("h264", *SUB_SIZE_PX, FPS, SUB_BITRATE) if scene.sub_stream else None
    shown: list[list[Seen]] = []
    for number in range(frames):
        picture, seen = renderer.frame(moving, number / FPS, number)
        shown.append(seen)
        main.add(picture)
        if sub is not None:
            sub.add(np.asarray(cv2.resize(picture, SUB_SIZE_PX, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    unfinished = target / f".{camera_id}.{os.getpid()}"
    unfinished.mkdir(parents=True, exist_ok=True)
    write_video(unfinished / "main.lkv", main.finish(), main.units)
    if sub is not None:
        write_video(unfinished / "sub.lkv", sub.finish(), sub.units)
    if scene.id == FAULTY_CAMERA:
        _write_stand_ins(unfinished, scene, renderer)
    truth = _truth_record(scene, seed, shown)
    (unfinished / "truth.json").write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")
    final = target / camera_id
    shutil.rmtree(final, ignore_errors=True)
    unfinished.rename(final)
    return camera_id


def _write_stand_ins(folder: Path, scene: Scene, renderer: FrameRenderer) -> None:
    """One GOP each of what the failing camera shows when it is frozen and when its lens is covered."""
    from scripts.district.encode import GOP_FRAMES, LoopEncoder

    still, _ = renderer.frame((), 0.0, 0)
    dark = np.random.default_rng(1).integers(6, 14, still.shape, dtype=np.uint8)
    for name, picture in (("frozen", still), ("covered", dark)):
        encoder = LoopEncoder(scene.codec, scene.camera.width_px, scene.camera.height_px, FPS, MAIN_BITRATE)
        for _ in range(GOP_FRAMES):
            encoder.add(picture)
        write_video(folder / f"{name}.lkv", encoder.finish(), encoder.units)


def _truth_record(scene: Scene, seed: int, shown: list[list[Seen]]) -> dict[str, object]:
    camera = scene.camera
    times = np.arange(len(shown)) / FPS
    visible: dict[int, list[float]] = {}
    actors = {}
    for number, seen in enumerate(shown):
        for one in seen:
            actors[one.actor.id] = one.actor
            visible.setdefault(one.actor.id, [0.0] * len(shown))[number] = one.visible
    events = [
        event
        for actor in actors.values()
        if actor.id < 1000
        for event in rule_events(scene, camera, track_of(actor, camera, times), np.array(visible[actor.id]))
    ]
    frames = [_frame_record(seen, camera.width_px, camera.height_px) for seen in shown]
    return {
        "camera_id": scene.id,
        "seed": seed,
        "fps": FPS,
        "loop_s": LOOP_S,
        "rules": [asdict(rule) for rule in scene.rules],
        "events": [event_record(event) for event in sorted(events, key=lambda event: event.time_s)],
        "frames": frames,
    }


def _frame_record(seen: list[Seen], width_px: int, height_px: int) -> dict[str, object]:
    boxes = []
    for one in seen:
        found = boxes_of([one], width_px, height_px)
        if found:
            box, contact = found[0], one.geometry.contact_px
            full = one.geometry.box_xyxy
            boxes.append(
                {
                    "actor": one.actor.id,
                    "class": CLASSES[box.class_id],
                    "box_xyxy": [round(v, 1) for v in box.xyxy],
                    "visible": round(one.visible, 3),
                    "truncated": bool(full[0] < 0 or full[1] < 0 or full[2] > width_px or full[3] > height_px),
                    "contact_px": [round(v, 1) for v in contact],
                    "contact_m": [round(float(one.ground_m[0]), 2), round(float(one.ground_m[1]), 2)],
                    "counts": box.counts,
                }
            )
    return {"boxes": boxes}


def load_truth(folder: Path) -> LoopTruth:
    """Reads a camera's truth file from its folder."""
    record = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return LoopTruth(
        record["camera_id"],
        record["seed"],
        tuple(event_from_record(event) for event in record["events"]),
        tuple(record["frames"]),
    )
