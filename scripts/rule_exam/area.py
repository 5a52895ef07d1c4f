"""Areas on the earth that a drone's camera watches: people walk in and out below a simulated vehicle that flies.

Truth is where the walkers are. Who walks in by more than what places may be off, and is in view for long enough, has to
be told of; whoever comes as near to the edge as that may be; nobody else is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from detect.aerial.pose_track import Mount, PoseTrack
from detect.aerial.sight import AerialSight, Seen
from detect.boxes.detections import Detections
from detect.rules import CameraRules, Picture
from detect.rules.area_intrusion import FORGET_S
from detect.tracking import Track, Tracker
from kernel.config.camera import CameraConfig
from kernel.config.earth import Datum
from kernel.geodesy import from_wgs84
from scripts.district.actors import Actor, smooth_path
from scripts.district.light import LIGHTS
from scripts.district.scene import CLASSES, Point
from scripts.rule_exam.flight import Flight, Stop
from scripts.rule_exam.judging import Tally, together
from scripts.rule_exam.watching import MISSED_SHARE, WAVER_OF_HEIGHT
from scripts.vehicle.eye.ground_map import GroundMap
from scripts.vehicle.eye.traffic import Standing
from scripts.vehicle.eye.view import HEIGHT_PX, WIDTH_PX, AirView, Sighting

EDGE_M = 5.0
"""Nearer to the edge than this, nobody can be told to be inside or outside: places are off by as much."""
HOLD_S = 1.0
_LATE_S, _FRAME_S = 0.2, 0.2
_HIGH_M, _PITCH_DEG = 40.0, -60.0
_WALKERS = 14
_SHOWS_S, _TOLD_S = HOLD_S + 1.6, 1.0
_FEET_PX, _SIDE_PX = 6.0, 3.0
_PICTURE = Picture(WIDTH_PX, HEIGHT_PX)

Metres = tuple[float, float]


@dataclass(frozen=True)
class Area:
    """A polygon, metres east and north of home, and from where the drone looks at it."""

    name: str
    points_m: tuple[Metres, ...]
    stops: tuple[Stop, ...]


AREAS = (
    Area(
        "yard",
        ((30, 20), (66, 20), (66, 56), (30, 56)),
        (Stop(23.6, 29.8, 80.0), Stop(70.0, 10.0, 0.0), Stop(54.0, 29.0, 80.0)),
    ),
    Area(
        "corner",
        ((-58, -20), (-16, -20), (-16, -56), (-36, -56), (-36, -40), (-58, -40)),
        (Stop(-21.5, -20.3, 80.0), Stop(-77.0, -75.0, 0.0), Stop(-54.0, -52.0, 80.0)),
    ),
)
"""A square yard, and an L, each looked at from two sides; the camera looks the way the vehicle flew in."""


@dataclass
class Walked:
    """What one walker truly did in view: (instant, depth in the area in metres, whether all of it shows)."""

    seen: list[tuple[float, float, bool]] = field(default_factory=list)
    fired_s: list[float] = field(default_factory=list)

    def tally(self) -> Tally:
        """What the rule made of it."""
        incidents = found = wrong = 0
        left_s, before_s = list(self.fired_s), -math.inf
        for start_s, end_s in _runs([at_s for at_s, depth_m, _ in self.seen if depth_m >= -EDGE_M]):
            told = [at_s for at_s in left_s if start_s <= at_s <= end_s + _TOLD_S]
            left_s = [at_s for at_s in left_s if at_s not in told]
            is_new = start_s - before_s > FORGET_S + 2.0  # else it may be taken for the visit before
            must = is_new and self._shows_well_inside(start_s, end_s)
            incidents += must
            found += must and bool(told)
            wrong += sum(not self._was_outside(*pair) for pair in pairwise(told))
            before_s = end_s
        return Tally(incidents, found, wrong + len(left_s), int(not incidents))

    def _shows_well_inside(self, start_s: float, end_s: float) -> bool:
        deep = [at_s for at_s, depth_m, whole in self.seen if start_s <= at_s <= end_s and whole and depth_m >= EDGE_M]
        return any(last - first >= _SHOWS_S for first, last in _runs(deep))

    def _was_outside(self, first_s: float, second_s: float) -> bool:
        return any(first_s < at_s < second_s and depth_m < 0.0 for at_s, depth_m, _ in self.seen)


def area_intrusion(rounds: int) -> Tally:
    """Walkers in two areas, seen by so many flights over both."""
    tally = Tally()
    for seed in range(rounds):
        for area in AREAS:
            tally += flown(area, seed)
    return tally


def flown(area: Area, seed: int) -> Tally:
    """One flight over one area."""
    flight = Flight(area.stops, seed, _HIGH_M, _PITCH_DEG)
    rng, walkers = np.random.default_rng([seed, 3]), walkers_of(area, seed)
    view, track = AirView(_BLANK, LIGHTS["day"]), PoseTrack(Mount(has_gimbal=True), _LATE_S)
    sight, tracker = AerialSight("uav-1-cam", "uav-1", 70.0, track), Tracker(len(CLASSES))
    rules, walked = CameraRules(config_of(area, flight), CLASSES), {actor.id: Walked() for actor, _ in walkers}
    length_s = sum(stop.hold_s for stop in area.stops) + 40.0
    while flight.now_s < length_s:
        taken_s, captured_s = flight.now_s, flight.now.timestamp() + _LATE_S
        drawn = view.sightings(flight.eye, standing(walkers, taken_s))
        _note(walked, area, drawn, taken_s)
        for _ in range(2):
            flight.fly(_FRAME_S / 2)
            if (pose := flight.pose()) is not None:
                track.add(pose)
        found = tracker.update(_found(drawn, rng), captured_s)
        sights = sight.look(_seen(found), (WIDTH_PX, HEIGHT_PX), captured_s)
        for trigger in rules.evaluate(found, _PICTURE, captured_s, None, sights):
            walked[_nearest(trigger.box_xyxy, drawn)].fired_s.append(taken_s)
    return together(one.tally() for one in walked.values())


def _seen(found: Sequence[Track]) -> list[Seen]:
    return [
        Seen(one.track_id, CLASSES[one.class_id], one.confidence, one.box_xyxy) for one in found if one.is_confirmed
    ]


def _nearest(box_xyxy: Sequence[float], drawn: Sequence[Sighting]) -> int:
    """Who stands where a box ends below."""
    foot = ((box_xyxy[0] + box_xyxy[2]) / 2 * WIDTH_PX, box_xyxy[3] * HEIGHT_PX)
    return min(
        drawn, key=lambda one: math.dist(foot, ((one.box_xyxy[0] + one.box_xyxy[2]) / 2, one.box_xyxy[3]))
    ).number


def walkers_of(area: Area, seed: int) -> list[tuple[Actor, float]]:
    """People on closed rounds through and past an area, and how far each is on its round at the beginning."""
    rng = np.random.default_rng([seed, 7])
    low, high = np.min(area.points_m, axis=0) - 22.0, np.max(area.points_m, axis=0) + 22.0
    found = []
    for number in range(_WALKERS):
        corners = rng.uniform(low, high, (4, 2))
        points: tuple[Point, ...] = tuple((float(x), float(y)) for x, y in [*corners, corners[0]])
        path = smooth_path(points, 0.0, 1.5)
        actor = Actor(
            number, "person", int(rng.integers(1 << 30)), path, 0.0, float(rng.uniform(0.9, 1.7)), worksite=True
        )
        found.append((actor, float(rng.uniform(0, actor.end_s))))
    return found


def standing(walkers: Sequence[tuple[Actor, float]], time_s: float) -> list[Standing]:
    """Where they are."""
    at = [(actor, (time_s + ahead_s) % actor.end_s) for actor, ahead_s in walkers]
    return [Standing(actor, actor.pose(when_s), actor.figure(when_s)) for actor, when_s in at]


def config_of(area: Area, flight: Flight) -> CameraConfig:
    """The drone's camera with a rule about that area, its corners as a map of China gives them."""
    frame = flight.vehicle.helm.frame
    corners = [from_wgs84(*frame.to_global(north_m, east_m), Datum.GCJ02) for east_m, north_m in area.points_m]
    rule = {
        "id": area.name,
        "kind": "area_intrusion",
        "datum": Datum.GCJ02,
        "points": corners,
        "hold_s": HOLD_S,
        "min_height_px": 6.0,
        "cooldown_s": 0.1,
    }
    stream = {"main": {"url": "rtsp://127.0.0.1/1"}}
    return CameraConfig.model_validate(
        {"id": "uav-1-cam", "name": "n", "unit": "u", "streams": stream, "rules": [rule]}
    )


def _note(walked: Mapping[int, Walked], area: Area, drawn: Sequence[Sighting], now_s: float) -> None:
    for one in drawn:
        left, _, right, bottom = one.box_xyxy
        is_whole = left > _SIDE_PX and right < WIDTH_PX - _SIDE_PX and bottom < HEIGHT_PX - _FEET_PX
        depth_m = depth(area.points_m, (one.east_m, one.north_m))
        walked[one.number].seen.append((now_s, depth_m, is_whole))


def depth(points_m: Sequence[Metres], place_m: Metres) -> float:
    """Metres inside a polygon, negative outside."""
    corners = np.array(points_m, dtype=np.float64)
    following = np.roll(corners, -1, axis=0)
    along, here = following - corners, np.array(place_m) - corners
    share = np.clip((here * along).sum(axis=1) / (along * along).sum(axis=1), 0.0, 1.0)
    far_m = float(np.hypot(*(here - along * share[:, None]).T).min())
    spans = (corners[:, 1] > place_m[1]) != (following[:, 1] > place_m[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = corners[:, 0] + along[:, 0] * (place_m[1] - corners[:, 1]) / along[:, 1]
    is_inside = int((spans & (place_m[0] < crossing)).sum()) % 2 == 1
    return far_m if is_inside else -far_m


def _found(drawn: Sequence[Sighting], rng: np.random.Generator) -> Detections:
    """What a good detector would find: wavering, in any order, one in ten missing."""
    kept = [one for one in drawn if rng.random() >= MISSED_SHARE]
    order = rng.permutation(len(kept))
    boxes = np.reshape([one.box_xyxy for one in kept], (-1, 4))[order]
    boxes = boxes + rng.normal(0.0, 1.0, boxes.shape) * np.maximum(
        0.4, WAVER_OF_HEIGHT * (boxes[:, 3:] - boxes[:, 1:2])
    )
    boxes = np.clip(boxes, 0, [WIDTH_PX, HEIGHT_PX] * 2)
    classes = np.array([CLASSES.index(kept[index].class_name) for index in order], dtype=np.int64)
    return Detections.of(boxes, rng.uniform(0.45, 0.95, len(kept)), classes)


def _runs(instants: Sequence[float]) -> list[tuple[float, float]]:
    """From the first to the last of instants that follow each other within a second."""
    runs: list[tuple[float, float]] = []
    for at_s in instants:
        if runs and at_s - runs[-1][1] <= 1.0:
            runs[-1] = (runs[-1][0], at_s)
        else:
            runs.append((at_s, at_s))
    return runs


_BLANK = GroundMap(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8), np.full((8, 8), 128, np.uint8))
