"""Zone and line rules as every camera of the district has them, on the incidents of its schedule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scripts.district.config_file import DIRECTIONS
from scripts.district.motion import Track, track_of
from scripts.district.scene import Rule, Scene
from scripts.district.scenes import SCENES
from scripts.district.schedule import parked_actors, schedule
from scripts.district.truth import LOOP_S, picture_points, rule_events
from scripts.rule_exam.judging import HZ, Tally, Told, judge
from scripts.rule_exam.watching import FIRST_SEED, camera_config, fired_by


def zone_intrusion(rounds: int) -> Tally:
    """Who enters the zones of all cameras, over so many loops of each."""
    return _over_cameras("zone_intrusion", rounds)


def line_crossing(rounds: int) -> Tally:
    """Who crosses the lines of all cameras in their direction, over so many loops of each."""
    return _over_cameras("line_crossing", rounds)


def _over_cameras(kind: str, rounds: int) -> Tally:
    rng, tally = np.random.default_rng(3), Tally()
    for seed in range(FIRST_SEED, FIRST_SEED + rounds):
        for scene in SCENES:
            tracks = _tracks(scene, seed)
            for rule in (rule for rule in scene.rules if rule.kind == kind):
                tally += _judged(scene, rule, tracks, rng)
    return tally


def _tracks(scene: Scene, seed: int) -> Sequence[Track]:
    times_s = np.arange(0.0, LOOP_S, 1 / HZ)
    return [track_of(actor, scene.camera, times_s) for actor in (*schedule(scene, seed), *parked_actors(scene, seed))]


def _judged(scene: Scene, rule: Rule, tracks: Sequence[Track], rng: np.random.Generator) -> Tally:
    """One rule, alone."""
    points = picture_points(rule.points, scene.camera)
    settings = {"id": rule.id, "kind": rule.kind, "classes": rule.classes, "cooldown_s": 0.1}
    if rule.kind == "zone_intrusion":
        config = camera_config(scene, zones=[{"id": rule.id, "points": points}], rules=[{**settings, "zone": rule.id}])
    else:
        config = camera_config(scene, rules=[{**settings, "line": points, "direction": DIRECTIONS[rule.direction]}])
    events = [event for track in tracks for event in rule_events(scene, scene.camera, track)]
    truth = [Told(event.time_s) for event in events if event.rule_id == rule.id]
    return judge(truth, fired_by(config, scene, tracks, rng))
