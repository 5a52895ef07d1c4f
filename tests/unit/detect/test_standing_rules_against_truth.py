"""Rules about left and removed objects, against scripted truth: the district's actors carry nothing.

Who walks where and what stands where is scripted in metres on the plaza of a district camera and seen through its
geometry, at about 5 frames a second: boxes waver, one in ten is missing, and what somebody nearer covers by half is not
found at all. As with the other rules, what the truth itself leaves open may be told of or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from detect.detections import Detections
from detect.rules import CameraRules, Picture
from detect.tracking import Tracker
from kernel.config.camera import CameraConfig
from scripts.district.geometry import Floats
from scripts.district.truth import picture_points
from tests.unit.detect.test_against_district import MISSED_SHARE, WAVER_OF_HEIGHT
from tests.unit.detect.test_rules_against_district import (
    HZ,
    PLAZA,
    Told,
    judge,
    scene_of,
    spans,
)

CLASSES = ("person", "suitcase", "truck")
SIZE_M = {"person": (1.75, 0.55), "suitcase": (0.75, 0.5), "truck": (2.6, 5.5)}  # height, width
SCENE = scene_of("cam-06")
PICTURE = Picture(SCENE.camera.width_px, SCENE.camera.height_px)
LENGTH_S = 36.0
TIMES_S = np.arange(0.0, LENGTH_S, 1 / HZ)
FAR_AWAY_M = (-60.0, 34.0)
LEFT_S, AWAY_HEIGHTS = 8.0, 2.0
STOOD_S, GONE_S = 12.0, 4.0
CASES = 80
LET_GO_S = 0.5
"""While it is taken up it is still about its place."""

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
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
    config = CameraConfig.model_validate(
        {
            "id": SCENE.id,
            "name": SCENE.name,
            "unit": "u",
            "streams": {"main": {"url": "rtsp://127.0.0.1/1"}},
            "zones": [{"id": "z", "points": picture_points(PLAZA, SCENE.camera)}],
            "rules": [{"id": "r", "zone": "z", "classes": ["suitcase"], "cooldown_s": 0.1, "min_height_px": 8, **rule}],
        }
    )
    tracker, rules = Tracker(len(CLASSES)), CameraRules(config, CLASSES)
    fired = []
    for index in np.cumsum(rng.integers(1, 4, len(TIMES_S))).tolist():
        if index >= len(TIMES_S) or story.blind_s[0] <= index / HZ < story.blind_s[1]:
            continue
        tracks = tracker.update(found_at(story, index, rng), index / HZ)
        fired += [trigger.at_s for trigger in rules.evaluate(tracks, PICTURE, index / HZ)]
    return fired


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
    return float(rng.uniform(-10, 10)), float(rng.uniform(25, 40))


def a_case_left(rng: np.random.Generator) -> Story:
    """Somebody brings a suitcase, stays with it for a while and leaves it, comes back to it, or takes it along."""
    spot, put_s = a_place(rng), float(rng.uniform(4, 8))
    beside = (spot[0] + 0.7, spot[1] - 0.2)
    leave_s = put_s + float(rng.choice([0.0, 2.0, 6.0]))
    way = [(put_s - 4, (beside[0] - 5.6, beside[1])), (put_s, beside), *away(rng, beside, leave_s)]
    case_way, until_s = [(put_s - 4, (spot[0] - 5.6, spot[1])), (put_s, spot)], LENGTH_S
    what = rng.choice(["left", "fetched", "taken"], p=(0.6, 0.25, 0.15))
    if what == "fetched":  # back with it before it counts
        back_s = leave_s + LEFT_S - 2.5
        turn = (beside[0] + 1.4 * (back_s - leave_s) / 2, beside[1])
        way = [*way[:2], (leave_s, beside), ((leave_s + back_s) / 2, turn), (back_s, beside), (LENGTH_S, beside)]
    elif what == "taken":
        way = [*way[:2], (leave_s, beside), (leave_s + 20, (beside[0] + 28, beside[1]))]
        case_way = [*case_way, (leave_s, spot), (leave_s + 20, (spot[0] + 28, spot[1]))]
        until_s = leave_s + 20
    owner, case = Body("person", way, put_s - 4, LENGTH_S), Body("suitcase", case_way, put_s - 4, until_s)
    people = [owner, *(passer_by(rng) for _ in range(int(rng.integers(0, 3))))]
    return Story([case, *people], left_alone(case, people, put_s))


def left_alone(case: Body, people: Sequence[Body], put_s: float) -> list[Told]:
    """When a case has stood alone for LEFT_S: nobody near, but for those who pass within three seconds."""
    height = case.box_xyxy[:, 3] - case.box_xyxy[:, 1]
    stands = np.append(np.hypot(*np.diff(case.xy_m, axis=0).T) < 1e-6, False) & (put_s <= TIMES_S) & case.is_there
    near = np.zeros(len(TIMES_S), np.bool_)
    for person in people:
        apart = np.hypot(*(_feet(person) - _feet(case)).T)
        near |= (apart <= AWAY_HEIGHTS * height) & person.is_there
    told = []
    for start_s, end_s in spans(stands & ~near, 3.0):
        if end_s - start_s <= LEFT_S - 1:
            continue
        visits = [to_s - from_s for from_s, to_s in spans(near & stands, 0.5) if from_s > put_s + 0.2]
        is_open = any(2.2 < visit < 4.0 for visit in visits)
        at_s = next((t for t in TIMES_S if t >= start_s + LEFT_S and not near[round(t * HZ)]), end_s)
        told.append(Told(float(at_s), end_s - start_s > LEFT_S + 1 and not is_open))
        if is_open:
            told += [Told(float(to_s) + LEFT_S, False) for _, to_s in spans(near & stands, 0.5)]
    return told


def _feet(body: Body) -> Floats:
    return np.stack([(body.box_xyxy[:, 0] + body.box_xyxy[:, 2]) / 2, body.box_xyxy[:, 3]], 1)


def a_case_removed(rng: np.random.Generator) -> Story:
    """A suitcase stands, and is carried off, or hidden by a truck, or out of sight while no pictures come, or stays."""
    spot = a_place(rng)
    what = rng.choice(["carried", "stays", "too_short", "swapped"], p=(0.62, 0.2, 0.1, 0.08))
    take_s = float(rng.uniform(6, 9)) if what == "too_short" else float(rng.uniform(14, 20))
    to_s = LENGTH_S if what == "stays" else take_s
    case = Body("suitcase", [(0.0, spot)], 0.0, to_s)
    bodies = [case, *(passer_by(rng) for _ in range(int(rng.integers(0, 3))))]
    if what == "swapped":  # away for less than it takes
        bodies.append(Body("suitcase", [(0.0, spot)], take_s + GONE_S / 2))
    if what in ("carried", "too_short"):
        beside = (spot[0] + 0.4, spot[1] - 0.2)
        bodies.append(
            Body("person", [(take_s - 8, (beside[0] - 11, beside[1])), (take_s, beside), *away(rng, beside, take_s)])
        )
        bodies.append(Body("suitcase", away(rng, spot, take_s), take_s, take_s + 25))
        bodies[-1].box_xyxy[:, :] = _carried(bodies[-2], bodies[-1])
    if rng.random() < 0.35:  # a truck stops before it, while it is there or where it was
        from_s = float(rng.uniform(13, 24))
        bodies.append(Body("truck", [(0.0, (spot[0], spot[1] - 4.0))], from_s, from_s + float(rng.uniform(3, 9))))
    blind_from_s = float(rng.uniform(13, 26))
    blind_s = (blind_from_s, blind_from_s + 8.0) if rng.random() < 0.3 else (0.0, 0.0)
    story = Story(bodies, [], blind_s)
    if what == "carried":
        early, late = missed(story, case, take_s, 0.45, GONE_S), missed(story, case, take_s, 0.12, GONE_S + 0.8)
        is_open = not late - early <= 1.6  # it is covered about as much as hides it, or pictures end just before
        story.told = [Told(early + LET_GO_S, not is_open), *([Told(late, False)] if is_open else [])]
    return story


def _carried(carrier: Body, case: Body) -> Floats:
    """Boxes of a case in somebody's hand."""
    offset = _feet(carrier) - _feet(case)
    return np.asarray(case.box_xyxy + np.concatenate([offset, offset], 1), np.float64)


def missed(story: Story, case: Body, take_s: float, hides: float, for_s: float) -> float:
    """When its place has been open to view for so long since a case was taken; `hides` is the share that hides it."""
    open_s = 0.0
    for index in range(round(take_s * HZ), len(TIMES_S)):
        place = case.box_xyxy[index].tolist()
        covered = any(
            body.is_there[index] and share_covered(place, body.box_xyxy[index].tolist()) > hides
            for body in story.bodies
            if body is not case
        )
        is_blind = story.blind_s[0] <= TIMES_S[index] < story.blind_s[1]
        open_s += 0.0 if covered or is_blind else 1 / HZ
        if open_s >= for_s:
            return float(TIMES_S[index])
    return math.inf


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        ({"kind": "object_left", "left_s": LEFT_S, "away_heights": AWAY_HEIGHTS}, a_case_left),
        ({"kind": "object_removed", "stood_s": STOOD_S, "gone_s": GONE_S}, a_case_removed),
    ],
    ids=["object_left", "object_removed"],
)
def test_what_is_left_or_removed_is_told_of_and_nothing_else(
    rule: dict[str, object], case: Callable[[np.random.Generator], Story]
) -> None:
    rng = np.random.default_rng(12)
    results = []
    for number in range(CASES):
        story = case(rng)
        fired = fired_by(rule, story, rng)
        results.append(judge(story.told, fired))
        if results[-1][0] != results[-1][1] or results[-1][2]:
            print(number, results[-1], fired, story.told, story.blind_s)
    happened, found, wrong = (sum(column) for column in zip(*results, strict=True))
    quiet = sum(not told for told, _, _ in results)
    print(f"{rule['kind']}: {found} of {happened} found, {wrong} wrong, {quiet} stories without")
    assert happened >= 40
    assert quiet >= 20
    assert found / happened >= 0.95
    assert found / (found + wrong) >= 0.95
