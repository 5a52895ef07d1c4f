"""Cameras whose frames are tracked in one go: each must see what it would see alone."""

from __future__ import annotations

import numpy as np
import pytest

from detect.boxes.detections import Detections
from detect.tracking import Track, Tracker, TrackerSettings, update_together

CAMERAS, FRAMES = 5, 60


class Street:
    """People and cars that come and go, some found twice, some not at all, now and then nothing for seconds."""

    def __init__(self, seed: int, objects: int, classes: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.centre = self.rng.uniform((50, 50), (1200, 600), (objects, 2))
        self.speed = self.rng.uniform(-90, 90, (objects, 2))
        self.size = self.rng.uniform((20, 40), (70, 140), (objects, 2))
        self.classes = classes
        self.now_s = 0.0

    def next_frame(self) -> tuple[Detections, float]:
        dt_s = float(self.rng.choice([0.2, 0.13, 0.4, 2.5], p=[0.6, 0.2, 0.17, 0.03]))
        self.now_s += dt_s
        self.centre += self.speed * dt_s
        gone = ((self.centre < 0) | (self.centre > (1280, 720))).any(axis=1)
        self.speed[gone] *= -1
        if self.rng.random() < 0.1:
            return Detections.empty(), self.now_s
        index = self.rng.choice(len(self.centre), self.rng.integers(0, 2 * len(self.centre) + 1))
        boxes = np.hstack([self.centre - self.size / 2, self.centre + self.size / 2])[index]
        boxes += self.rng.normal(0, 3, boxes.shape)
        confidence = self.rng.uniform(0.05, 0.95, len(index))
        return Detections.of(boxes, confidence, self.rng.integers(0, self.classes, len(index))), self.now_s


def streets() -> list[Street]:
    return [Street(seed, objects=1 + seed % 4 * 3, classes=1 + seed % 4) for seed in range(CAMERAS)]


def trackers() -> list[Tracker]:
    return [Tracker(street.classes) for street in streets()]


def test_each_camera_sees_what_it_would_see_alone() -> None:
    """To the last bit: which cameras share a batch is chance, and an alert must not hang on it."""
    alone, together = trackers(), trackers()
    chance, seen = np.random.default_rng(3), 0
    shown = streets()
    for _ in range(FRAMES):
        chosen = np.flatnonzero(chance.random(CAMERAS) < 0.7).tolist()
        frames = [shown[camera].next_frame() for camera in chosen]
        expected = [alone[camera].update(*frame) for camera, frame in zip(chosen, frames, strict=True)]
        detections, at_s = [frame[0] for frame in frames], [frame[1] for frame in frames]
        found = update_together([together[camera] for camera in chosen], detections, at_s)
        assert found == expected
        seen += sum(map(len, found))
    assert seen > 500


def test_ids_of_a_camera_do_not_depend_on_the_others() -> None:
    box = Detections.of([(100, 100, 140, 200)], [0.9], [0])
    two = Detections.of([(100, 100, 140, 200), (500, 100, 540, 200)], [0.9, 0.8], [0, 0])
    first, second, third = Tracker(1), Tracker(1), Tracker(1)

    def ids(found: list[list[Track]]) -> list[list[int]]:
        return [[track.track_id for track in tracks] for tracks in found]

    assert ids(update_together([first, second], [two, box], [0.0, 0.0])) == [[1, 2], [1]]
    assert ids(update_together([third, second, first], [box, two, two], [0.2, 0.2, 0.2])) == [[1], [1, 2], [1, 2]]


def test_a_camera_given_twice_or_with_other_thresholds_is_refused() -> None:
    """Its second frame would be compared with where its tracks were before the first."""
    one, nothing = Tracker(1), Detections.empty()
    with pytest.raises(ValueError, match="same settings"):
        update_together([one, one], [nothing, nothing], [0.0, 0.2])
    with pytest.raises(ValueError, match="same settings"):
        update_together([one, Tracker(1, TrackerSettings(cost_max=0.5))], [nothing, nothing], [0.0, 0.0])
