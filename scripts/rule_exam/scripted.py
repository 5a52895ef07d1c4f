"""Scripted stories before a district camera: who walks where and what stands where, in metres on its plaza.

Seen through the camera's geometry: boxes waver, one in ten is missing, and what somebody nearer covers by half is not
found at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from detect.boxes.detections import Detections
from scripts.district.geometry import Floats
from scripts.district.truth import picture_points
from scripts.rule_exam.ground import PLAZA
from scripts.rule_exam.judging import HZ, Flags, Told
from scripts.rule_exam.watching import (
    MISSED_SHARE,
    WAVER_OF_HEIGHT,
    camera_config,
    fired_at,
    picture_of,
    scene_of,
)

CLASSES = ("person", "suitcase", "truck")
SIZE_M = {"person": (1.75, 0.55), "suitcase": (0.75, 0.5), "truck": (2.6, 5.5)}  # height, width
SCENE = scene_of("cam-06")
PICTURE = picture_of(SCENE)
LENGTH_S = 36.0
TIMES_S = np.arange(0.0, LENGTH_S, 1 / HZ)
FAR_AWAY_M = (-60.0, 34.0)
Places = list[tuple[float, tuple[float, float]]]
"""Where somebody is at which second, metres on the ground; straight on in between."""


@dataclass
class Body:
    """Somebody or something, sampled at TIMES_S: where it is on the ground, and whether it is there at all."""

    class_name: str
    places: Places
    from_s: float = 0.0
    to_s: float = LENGTH_S
    xy_m: Floats = field(init=False)
    box_xyxy: Floats = field(init=False)
    is_there: Flags = field(init=False)

    def __post_init__(self) -> None:
        seconds = [at_s for at_s, _ in self.places]
        self.xy_m = np.stack([np.interp(TIMES_S, seconds, [place[i] for _, place in self.places]) for i in (0, 1)], 1)
        height_m, width_m = SIZE_M[self.class_name]
        feet, depth = SCENE.camera.project(np.column_stack([self.xy_m, np.zeros(len(TIMES_S))]))
        head, _ = SCENE.camera.project(np.column_stack([self.xy_m, np.full(len(TIMES_S), height_m)]))
        half_px = width_m * SCENE.camera.focal_px / depth / 2
        self.box_xyxy = np.stack([feet[:, 0] - half_px, head[:, 1], feet[:, 0] + half_px, feet[:, 1]], 1)
        is_in_picture = (feet[:, 1] < PICTURE.height_px - 2) & (np.abs(feet[:, 0] / PICTURE.width_px - 0.5) < 0.5)
        self.is_there = (self.from_s <= TIMES_S) & (self.to_s > TIMES_S) & is_in_picture


@dataclass
class Story:
    """What happens before a camera, which of it a rule has to tell of, and when no pictures come."""

    bodies: list[Body]
    told: list[Told]
    blind_s: tuple[float, float] = (0.0, 0.0)


def share_covered(box: Sequence[float], by: Sequence[float]) -> float:
    """Share of a box that another one covers."""
    width = min(box[2], by[2]) - max(box[0], by[0])
    height = min(box[3], by[3]) - max(box[1], by[1])
    return max(0.0, width) * max(0.0, height) / ((box[2] - box[0]) * (box[3] - box[1]))


def found_at(story: Story, index: int, rng: np.random.Generator) -> Detections:
    """What a good detector finds at one instant."""
    there = [(body, body.box_xyxy[index].tolist()) for body in story.bodies if body.is_there[index]]
    boxes, confidence, class_id = [], [], []
    for body, box in there:
        nearer = [by for _, by in there if by[3] > box[3]]
        if rng.random() < MISSED_SHARE or any(share_covered(box, by) > 0.5 for by in nearer):
            continue
        boxes.append(box + rng.normal(0, max(0.8, WAVER_OF_HEIGHT * (box[3] - box[1])), 4))
        confidence.append(rng.uniform(0.45, 0.95))
        class_id.append(CLASSES.index(body.class_name))
    order = rng.permutation(len(boxes))
    return Detections.of(np.reshape(boxes, (-1, 4))[order], np.array(confidence)[order], np.array(class_id)[order])


def fired_by(rule: dict[str, object], story: Story, rng: np.random.Generator) -> list[float]:
    """When the rule fired, at about 5 frames a second."""
    settings = {"id": "r", "zone": "z", "classes": ["suitcase"], "cooldown_s": 0.1, "min_height_px": 8, **rule}
    zone = {"id": "z", "points": picture_points(PLAZA, SCENE.camera)}

    def find(index: int) -> Detections | None:
        return None if story.blind_s[0] <= index / HZ < story.blind_s[1] else found_at(story, index, rng)

    config = camera_config(SCENE, zones=[zone], rules=[settings])
    return fired_at(config, PICTURE, find, len(TIMES_S), rng, CLASSES)


def passer_by(rng: np.random.Generator) -> Body:
    """Somebody who crosses the plaza, on either side of what stands there."""
    y_m, from_s = float(rng.uniform(24, 44)), float(rng.uniform(0, LENGTH_S - 10))
    ends = [(-24.0, y_m), (24.0, y_m + float(rng.uniform(-3, 3)))]
    first, last = ends if rng.random() < 0.5 else ends[::-1]
    return Body("person", [(from_s, first), (from_s + 48.0 / float(rng.uniform(1.2, 1.8)), last)], from_s)


def away(rng: np.random.Generator, spot: tuple[float, float], at_s: float) -> Places:
    """The way of somebody who leaves a spot to one side of the picture."""
    side = 1 if rng.random() < 0.5 else -1
    return [(at_s, spot), (at_s + 25.0, (spot[0] + side * 33.0, spot[1]))]


def a_place(rng: np.random.Generator) -> tuple[float, float]:
    """Somewhere on the plaza."""
    return float(rng.uniform(-10, 10)), float(rng.uniform(25, 40))


def feet_px(body: Body) -> Floats:
    """Ground-contact points (n, 2) in the picture."""
    return np.stack([(body.box_xyxy[:, 0] + body.box_xyxy[:, 2]) / 2, body.box_xyxy[:, 3]], 1)
