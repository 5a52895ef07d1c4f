"""The two trackers that are compared, each told only what was found on a frame and when."""

from __future__ import annotations

import importlib
import statistics
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from detect.boxes.detections import Detections
from detect.tracking import Tracker
from scripts.district.scene import CLASSES
from scripts.tracker_exam.footage import Footage
from scripts.tracker_exam.scoring import FrameTracks

OBJECTS, FRAMES, TURNS = 20, 300, 5
PICTURE_HW = (720, 1280)


def track_with_ours(footage: Footage, shuffle: np.random.Generator | None = None) -> list[FrameTracks]:
    """What Lookout's tracker says: the confirmed tracks that are seen; the order of detections may be shuffled."""
    tracker, said = Tracker(len(CLASSES)), []
    for shot in footage.shots:
        found = shot.found if shuffle is None else shot.found.select(shuffle.permutation(len(shot.found)))
        tracks = [track for track in tracker.update(found, shot.at_s) if track.is_confirmed]
        boxes = np.array([track.box_xyxy for track in tracks], np.float64).reshape(-1, 4)
        said.append(FrameTracks(np.array([track.track_id for track in tracks], np.int64), boxes))
    return said


def track_with_byte(footage: Footage, track_buffer: int | None = None) -> list[FrameTracks]:
    """What ultralytics' BYTE says, as `YOLO.track(tracker="bytetrack.yaml")` runs it.

    Args:
        footage: what was found.
        track_buffer: frames for which it keeps lost tracks; its default else.

    Raises:
        ModuleNotFoundError: ultralytics is not installed.
    """
    tracker, said = byte_tracker(track_buffer), []
    for shot in footage.shots:
        rows = np.asarray(tracker.update(as_results(shot.found)), np.float64).reshape(-1, 8)
        said.append(FrameTracks(rows[:, 4].astype(np.int64), rows[:, :4]))
    return said


def byte_tracker(track_buffer: int | None = None) -> Any:
    """Ultralytics' tracker with its own settings."""
    utils: Any = importlib.import_module("ultralytics.utils")
    checks: Any = importlib.import_module("ultralytics.utils.checks")
    settings = dict(utils.YAML.load(checks.check_yaml("bytetrack.yaml")))
    if track_buffer is not None:
        settings["track_buffer"] = track_buffer
    module: Any = importlib.import_module("ultralytics.trackers.byte_tracker")
    return module.BYTETracker(utils.IterableSimpleNamespace(**settings))


def as_results(found: Detections) -> Any:
    """Detections as ultralytics hands them to its tracker."""
    results: Any = importlib.import_module("ultralytics.engine.results")
    columns = np.column_stack([found.boxes_xyxy, found.confidence, found.class_id]).astype(np.float32)
    return results.Boxes(columns, PICTURE_HW)


def a_busy_street(objects: int = OBJECTS, frames: int = FRAMES) -> list[Detections]:
    """So many objects that walk to and fro at 5 frames a second, one in ten not found."""
    rng = np.random.default_rng(4)
    centre, speed = rng.uniform((60, 60), (1220, 660), (objects, 2)), rng.uniform(-40, 40, (objects, 2))
    size = np.column_stack([rng.uniform(20, 60, objects), rng.uniform(40, 120, objects)])
    classes, street = rng.integers(0, 2, objects), []
    for _ in range(frames):
        centre = centre + speed * 0.2
        speed = np.where((centre < (60, 60)) | (centre > (1220, 660)), -speed, speed)
        seen = rng.random(objects) > 0.1
        boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=1) + rng.normal(0, 1.5, (objects, 4))
        street.append(Detections.of(boxes[seen], rng.uniform(0.15, 0.95, int(seen.sum())), classes[seen]))
    return street


def cost_us(street: Sequence[Detections]) -> tuple[float, float]:
    """Microseconds a frame of Lookout's tracker and of BYTE, the medians of turns taken by turns.

    Raises:
        ModuleNotFoundError: ultralytics is not installed.
    """
    results = [as_results(found) for found in street]
    ours, theirs = [], []
    for _ in range(TURNS):
        tracker, byte = Tracker(len(CLASSES)), byte_tracker()
        steps = ((tracker.update, (found, index / 5)) for index, found in enumerate(street))
        ours.append(_median_us(steps))
        theirs.append(_median_us((byte.update, (found,)) for found in results))
    return statistics.median(ours), statistics.median(theirs)


def _median_us(steps: Iterable[tuple[Callable[..., Any], tuple[Any, ...]]]) -> float:
    taken = []
    for call, arguments in steps:
        began = perf_counter()
        call(*arguments)
        taken.append(perf_counter() - began)
    return statistics.median(taken) * 1e6
