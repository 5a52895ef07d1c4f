"""Rules about time, number and way in a zone, against the ground truth of the simulated district's actors.

Boxes come from the district's geometry at about 5 frames a second, wavering, in any order, one in ten missing. What the
truth itself leaves open (a stay as long as the rule's bound, give or take) may be told of or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pytest

from detect.rules import CameraRules, Picture
from detect.tracking import Tracker
from kernel.config.camera import CameraConfig
from scripts.district.geometry import Floats
from scripts.district.motion import Track, track_of
from scripts.district.scene import CLASSES, Point, Scene
from scripts.district.scenes import SCENES
from scripts.district.schedule import schedule
from scripts.district.truth import LOOP_S, inside_polygon, picture_points
from tests.unit.detect.test_against_district import seen

HZ = 10
EARLY_S, LATE_S = 0.9, 1.6
SHOWS = 0.5
PAUSES_S = (0.0, 2.0, 9.0)
STOPPED_S = 5.0


@dataclass(frozen=True)
class Told:
    """When a rule has to fire, or, where `certain` is False, may."""

    at_s: float
    certain: bool = True


@dataclass(frozen=True)
class Exam:
    """A zone on the ground of a scene, a rule about it, and what it has to tell of."""

    scene: Scene
    zone_m: tuple[Point, ...]
    rule: dict[str, object]
    truth: Callable[[Exam, list[Track]], list[Told]]

    def polygon_px(self) -> Floats:
        camera = self.scene.camera
        return np.array(picture_points(self.zone_m, camera)) * [camera.width_px, camera.height_px]

    def inside(self, track: Track) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """At which instants an actor is in the zone and can be seen to be."""
        feet_show = track.box_xyxy[:, 3] < self.scene.camera.height_px - 2
        return inside_polygon(track.contact_px, self.polygon_px()) & (track.in_frame >= SHOWS) & feet_show

    def counts(self, track: Track) -> bool:
        return track.actor.class_name in tuple(self.rule["classes"])  # type: ignore[arg-type]

    def config(self) -> CameraConfig:
        return CameraConfig.model_validate(
            {
                "id": self.scene.id,
                "name": self.scene.name,
                "unit": "u",
                "streams": {"main": {"url": "rtsp://127.0.0.1/1"}},
                "zones": [{"id": "z", "points": picture_points(self.zone_m, self.scene.camera)}],
                "rules": [{"id": "r", "zone": "z", "cooldown_s": 0.1, **self.rule}],
            }
        )


def spans(flags: np.ndarray[tuple[int], np.dtype[np.bool_]], bridge_s: float) -> list[tuple[float, float]]:
    """(from, to) seconds of every run of True at HZ, runs less than `bridge_s` apart joined."""
    steps = np.diff(flags.astype(np.int8), prepend=0, append=0)
    runs: list[tuple[float, float]] = []
    for start, end in zip(np.nonzero(steps == 1)[0] / HZ, np.nonzero(steps == -1)[0] / HZ, strict=True):
        if runs and start - runs[-1][1] < bridge_s:
            runs[-1] = (runs[-1][0], float(end))
        else:
            runs.append((float(start), float(end)))
    return runs


def lasting(runs: list[tuple[float, float]], bound_s: float) -> list[Told]:
    """What a rule says of runs that have to last `bound_s`; those about as long are open."""
    return [
        Told(start + bound_s, end - start > bound_s + 0.8) for start, end in runs if end - start > bound_s - EARLY_S
    ]


def loiterers(exam: Exam, tracks: list[Track]) -> list[Told]:
    dwell_s = float(str(exam.rule["dwell_s"]))
    return [told for track in tracks if exam.counts(track) for told in lasting(spans(exam.inside(track), 0.5), dwell_s)]


def crowds(exam: Exam, tracks: list[Track]) -> list[Told]:
    count = np.sum([exam.inside(track) for track in tracks if exam.counts(track)], axis=0)
    certain = lasting(spans(count >= int(str(exam.rule["min_count"])), 1.0), float(str(exam.rule["hold_s"])))
    gaps = spans(count < int(str(exam.rule["min_count"])), 0.0)
    unsure = [end + 2.0 for start, end in gaps if 0.4 < end - start < 2.0]  # dispersed, or only overlooked
    return [*certain, *(Told(at_s, False) for at_s in unsure)]


def wrong_ways(exam: Exam, tracks: list[Track]) -> list[Told]:
    camera = exam.scene.camera
    start, end = np.array(exam.rule["right_way"]) * [camera.width_px, camera.height_px]
    way = (end - start) / np.hypot(*(end - start))
    told = []
    for track in tracks:
        there = np.nonzero(exam.inside(track))[0]
        if not exam.counts(track) or len(there) < 2:
            continue
        travel = (track.contact_px[there] - track.contact_px[there[0]]) @ way
        heights = track.box_xyxy[there, 3] - track.box_xyxy[there, 1]
        back = (np.maximum.accumulate(travel) - travel) / heights
        if back.max() > 0.7:
            first = int(there[np.argmax(back >= min(1.0, float(back.max())))])
            told.append(Told(first / HZ, bool(back.max() > 1.5)))
    return told


def stops(exam: Exam, tracks: list[Track]) -> list[Told]:
    """Where a vehicle stands inside, by its own motion on the ground."""
    told = []
    for track in tracks:
        still = np.append(np.hypot(*np.diff(track.xy_m, axis=0).T) < 1e-6, False)
        told += lasting(spans(still & exam.inside(track), 0.1), STOPPED_S)
    return told


def triggers_of(exam: Exam, tracks: list[Track], rng: np.random.Generator) -> list[float]:
    """When the rule fired, at about 5 frames a second."""
    picture = Picture(exam.scene.camera.width_px, exam.scene.camera.height_px)
    tracker, rules = Tracker(len(CLASSES)), CameraRules(exam.config(), CLASSES)
    fired = []
    for index in np.cumsum(rng.integers(1, 4, len(tracks[0].times_s))).tolist():
        if index >= len(tracks[0].times_s):
            break
        found = tracker.update(seen(tracks, index, picture, rng), index / HZ)
        fired += [trigger.at_s for trigger in rules.evaluate(found, picture, index / HZ)]
    return fired


def judge(truth: list[Told], fired: list[float]) -> tuple[int, int, int]:
    """(certain ones, certain ones told of, triggers that tell of nothing); each trigger tells of one."""
    left = sorted(truth, key=lambda told: (not told.certain, told.at_s))
    found, wrong = 0, 0
    for at_s in fired:
        match = next((told for told in left if -EARLY_S <= at_s - told.at_s <= LATE_S), None)
        if match is None:
            wrong += 1
        else:
            left.remove(match)
            found += match.certain
    return sum(told.certain for told in truth), found, wrong


def paused(track: Track, scene: Scene, there: tuple[int, int], pause_s: float) -> Track:
    """The same actor from just before it comes to just after it leaves, stopping in the middle for a while."""
    middle_s = sum(there) / 2 / HZ
    times_s = np.arange(there[0] / HZ - 1.0, there[1] / HZ + pause_s + 1.0, 1 / HZ)
    own_s = np.where(times_s < middle_s, times_s, np.maximum(middle_s, times_s - pause_s))
    return replace(track_of(track.actor, scene.camera, own_s), times_s=times_s)


def scene_of(camera_id: str) -> Scene:
    return next(scene for scene in SCENES if scene.id == camera_id)


def loops(scene: Scene, count: int) -> Iterator[list[Track]]:
    """Every actor of some loops, sampled at HZ."""
    return (tracks_of(scene.id, seed) for seed in range(100, 100 + count))


@lru_cache
def tracks_of(camera_id: str, seed: int) -> list[Track]:
    scene, times_s = scene_of(camera_id), np.arange(0.0, LOOP_S, 1 / HZ)
    return [track_of(actor, scene.camera, times_s) for actor in schedule(scene, seed)]


def rectangle(left_m: float, right_m: float, near_m: float, far_m: float) -> tuple[Point, ...]:
    return ((left_m, near_m), (right_m, near_m), (right_m, far_m), (left_m, far_m))


PLAZA = rectangle(-14, 14, 22, 46)
JUNCTION = rectangle(-13, 13, 19, 32)


PARTS_OF_PLAZA = (rectangle(-14, -4, 22, 46), rectangle(-4, 5, 22, 46), rectangle(5, 14, 22, 46))


@pytest.mark.parametrize(
    ("camera_id", "zones_m", "rule", "truth", "count"),
    [
        ("cam-06", (PLAZA,), {"kind": "loitering", "classes": ["person"], "dwell_s": 9.0}, loiterers, 4),
        ("cam-06", PARTS_OF_PLAZA, {"kind": "crowd", "classes": ["person"], "min_count": 3, "hold_s": 1.5}, crowds, 9),
        ("cam-02", (JUNCTION,), {"kind": "wrong_direction", "classes": ["car", "truck"]}, wrong_ways, 6),
    ],
    ids=["loitering", "crowd", "wrong_direction"],
)
def test_a_rule_tells_of_what_happened_and_of_nothing_else(
    camera_id: str,
    zones_m: tuple[tuple[Point, ...], ...],
    rule: dict[str, object],
    truth: Callable[[Exam, list[Track]], list[Told]],
    count: int,
) -> None:
    scene, rng = scene_of(camera_id), np.random.default_rng(9)
    if rule["kind"] == "wrong_direction":
        rule = {**rule, "right_way": picture_points(((-10, 25), (10, 25)), scene.camera)}
    results = []
    for exam in (Exam(scene, zone_m, rule, truth) for zone_m in zones_m):
        results += [judge(truth(exam, tracks), triggers_of(exam, tracks, rng)) for tracks in loops(scene, count)]
    happened, found, wrong = (sum(column) for column in zip(*results, strict=True))
    print(f"{rule['kind']}: {found} of {happened} found, {wrong} wrong")
    assert happened >= 40
    assert found / happened >= 0.95
    assert found / (found + wrong) >= 0.95


def test_stopped_vehicles_are_told_of_and_slow_ones_are_not() -> None:
    scene, rng = scene_of("cam-02"), np.random.default_rng(5)
    rule: dict[str, object] = {"kind": "vehicle_stopped", "classes": ["car", "truck"], "stopped_s": STOPPED_S}
    exam = Exam(scene, JUNCTION, rule, stops)
    results = []
    for tracks in loops(scene, 6):
        for track in tracks:
            there = np.nonzero(exam.inside(track))[0]
            if exam.counts(track) and len(there) >= HZ:
                pause_s = float(rng.choice(PAUSES_S, p=(0.15, 0.15, 0.7)))
                alone = [paused(track, scene, (int(there[0]), int(there[-1])), pause_s)]
                results.append(judge(stops(exam, alone), triggers_of(exam, alone, rng)))
    happened, found, wrong = (sum(column) for column in zip(*results, strict=True))
    print(f"vehicle_stopped: {found} of {happened} found, {wrong} wrong, {len(results)} vehicles")
    assert happened >= 40
    assert len(results) >= 1.2 * happened
    assert found / happened >= 0.95
    assert found / (found + wrong) >= 0.95


def test_people_who_run_are_told_of_and_those_who_walk_are_not() -> None:
    scene, rng = scene_of("cam-06"), np.random.default_rng(8)
    corners_m = ((-14.0, 22.0), (14.0, 22.0), (14.0, 46.0), (-14.0, 46.0))
    pictured = picture_points(corners_m, scene.camera)
    ground = [{"picture": at, "ground_m": place} for at, place in zip(pictured, corners_m, strict=True)]
    config = CameraConfig.model_validate(
        {
            "id": scene.id,
            "name": scene.name,
            "unit": "u",
            "streams": {"main": {"url": "rtsp://127.0.0.1/1"}},
            "homography": ground,
            "rules": [{"id": "r", "kind": "running", "min_speed_m_s": 3.0, "hold_s": 0.6, "cooldown_s": 0.1}],
        }
    )
    results, runs, walks = [], 0, 0
    for tracks in loops(scene, 9):
        for track in tracks:
            there = np.nonzero(inside_polygon(track.contact_px, _polygon_px(scene, PLAZA)) & (track.in_frame >= 1))[0]
            if track.actor.class_name != "person" or len(there) < 4 * HZ:
                continue
            hurry = 3.4 if rng.random() < 0.5 else 1.0
            times_s = np.arange(there[0] / HZ, there[-1] / HZ, 1 / HZ * hurry)
            alone = replace(track_of(track.actor, scene.camera, times_s), times_s=np.arange(len(times_s)) / HZ)
            lasts = len(times_s) >= 3 * HZ
            is_run = hurry * track.actor.speed_m_s >= 3.6
            is_walk = hurry * track.actor.speed_m_s <= 2.4
            if lasts and (is_run or is_walk):
                told = _fired_by(config, scene, alone, rng)
                runs, walks = runs + is_run, walks + is_walk
                results.append((is_run, told))
    found = sum(is_run and told > 0 for is_run, told in results)
    wrong = sum(told - (is_run and told > 0) for is_run, told in results)  # a second telling of a run is wrong too
    print(f"running: {found} of {runs} found, {wrong} wrong, {walks} walked")
    assert runs >= 40
    assert walks >= 40
    assert found / runs >= 0.95
    assert found / (found + wrong) >= 0.95


def _polygon_px(scene: Scene, zone_m: tuple[Point, ...]) -> Floats:
    return np.array(picture_points(zone_m, scene.camera)) * [scene.camera.width_px, scene.camera.height_px]


def _fired_by(config: CameraConfig, scene: Scene, track: Track, rng: np.random.Generator) -> int:
    picture = Picture(scene.camera.width_px, scene.camera.height_px)
    tracker, rules, fired = Tracker(len(CLASSES)), CameraRules(config, CLASSES), 0
    for index in np.cumsum(rng.integers(1, 4, len(track.times_s))).tolist():
        if index >= len(track.times_s):
            break
        found = tracker.update(seen([track], index, picture, rng), index / HZ)
        fired += len(rules.evaluate(found, picture, index / HZ))
    return fired
