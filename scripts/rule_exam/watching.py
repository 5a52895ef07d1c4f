"""Actors of the simulated district, seen by a camera at about 5 frames a second, through the tracker and one rule.

Boxes come from the district's geometry, wavering, in any order, one in ten missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from detect.boxes.detections import Detections
from detect.rules import CameraRules, Picture
from detect.tracking import Tracker
from kernel.config.camera import CameraConfig
from scripts.district.motion import Track, track_of
from scripts.district.scene import CLASSES, Point, Scene
from scripts.district.scenes import SCENES
from scripts.district.schedule import schedule
from scripts.district.truth import LOOP_S
from scripts.rule_exam.judging import HZ

WAVER_OF_HEIGHT = 0.015
MISSED_SHARE = 0.1
FIRST_SEED = 100


def scene_of(camera_id: str) -> Scene:
    """The scene of one of the district's cameras."""
    return next(scene for scene in SCENES if scene.id == camera_id)


def picture_of(scene: Scene) -> Picture:
    """The size of its pictures."""
    return Picture(scene.camera.width_px, scene.camera.height_px)


def loops(scene: Scene, count: int) -> Iterator[Sequence[Track]]:
    """Every actor of some loops, sampled at HZ."""
    return (tracks_of(scene.id, seed) for seed in range(FIRST_SEED, FIRST_SEED + count))


@lru_cache
def tracks_of(camera_id: str, seed: int) -> tuple[Track, ...]:
    """Every actor of one loop, sampled at HZ."""
    scene, times_s = scene_of(camera_id), np.arange(0.0, LOOP_S, 1 / HZ)
    return tuple(track_of(actor, scene.camera, times_s) for actor in schedule(scene, seed))


def rectangle(left_m: float, right_m: float, near_m: float, far_m: float) -> tuple[Point, ...]:
    """Corners on the ground."""
    return ((left_m, near_m), (right_m, near_m), (right_m, far_m), (left_m, far_m))


def camera_config(scene: Scene, **parts: object) -> CameraConfig:
    """The configuration of a district camera with these zones, rules and homography."""
    return CameraConfig.model_validate(
        {
            "id": scene.id,
            "name": scene.name,
            "unit": "u",
            "streams": {"main": {"url": "rtsp://127.0.0.1/1"}},
            **parts,
        }
    )


def seen(tracks: Sequence[Track], index: int, picture: Picture, rng: np.random.Generator) -> Detections:
    """What a good detector would find at one instant."""
    boxes, confidence, class_id = [], [], []
    for track in tracks:
        name = track.actor.class_name
        if name is None or track.in_frame[index] < 0.3 or rng.random() < MISSED_SHARE:
            continue
        box = track.box_xyxy[index]
        wavering = box + rng.normal(0, max(0.8, WAVER_OF_HEIGHT * (box[3] - box[1])), 4)
        boxes.append(np.clip(wavering, 0, [picture.width_px, picture.height_px] * 2))
        confidence.append(rng.uniform(0.45, 0.95))
        class_id.append(CLASSES.index(name))
    order = rng.permutation(len(boxes))
    return Detections.of(np.reshape(boxes, (-1, 4))[order], np.array(confidence)[order], np.array(class_id)[order])


def fired_at(
    config: CameraConfig,
    picture: Picture,
    find: Callable[[int], Detections | None],
    instants: int,
    rng: np.random.Generator,
    class_names: Sequence[str] = CLASSES,
) -> list[float]:
    """When the camera's rules fired, at intervals of 0.1 to 0.3 s; `find` tells what an instant shows, if anything."""
    tracker, rules = Tracker(len(class_names)), CameraRules(config, class_names)
    fired = []
    for index in np.cumsum(rng.integers(1, 4, instants)).tolist():
        found = find(index) if index < instants else None
        if found is not None:
            tracks = tracker.update(found, index / HZ)
            fired += [trigger.at_s for trigger in rules.evaluate(tracks, picture, index / HZ)]
    return fired


def fired_by(config: CameraConfig, scene: Scene, tracks: Sequence[Track], rng: np.random.Generator) -> list[float]:
    """When the rules of a district camera fired, these actors before it."""
    picture = picture_of(scene)
    return fired_at(config, picture, lambda at: seen(tracks, at, picture, rng), len(tracks[0].times_s), rng)
