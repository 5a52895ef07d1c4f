"""Tracker, rules and incidents together against the simulated district's schedule, without its pictures.

Boxes come from the district's geometry at about 5 frames a second, wavering, in any order, one in ten missing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import numpy as np
import pytest

from detect.alerts.incidents import IncidentBook, IncidentChange, field_of
from detect.rules import CameraRules, Picture
from detect.tracking import Tracker
from kernel.config.camera import CameraConfig
from scripts.district.config_file import DIRECTIONS
from scripts.district.geometry import Floats
from scripts.district.motion import Track as TrueTrack
from scripts.district.motion import track_of
from scripts.district.scene import CLASSES, Scene
from scripts.district.scenes import SCENES
from scripts.district.schedule import parked_actors, schedule
from scripts.district.truth import FPS, LOOP_S, picture_points, rule_events
from scripts.rule_exam.watching import seen
from supervisor.exam.scoring import RaisedAlert, TruthTrigger, Window, score

COOLDOWN_S = 10.0


def camera_config(scene: Scene) -> CameraConfig:
    zones, rules = [], []
    for rule in scene.rules:
        points = picture_points(rule.points, scene.camera)
        settings = {"id": rule.id, "kind": rule.kind, "classes": rule.classes, "cooldown_s": COOLDOWN_S}
        if rule.kind == "zone_intrusion":
            zones.append({"id": rule.id, "points": points})
            rules.append({**settings, "zone": rule.id})
        else:
            rules.append({**settings, "line": points, "direction": DIRECTIONS[rule.direction]})
    streams = {"main": {"url": "rtsp://127.0.0.1/1"}}
    return CameraConfig.model_validate(
        {"id": scene.id, "name": scene.name, "unit": "u", "streams": streams, "zones": zones, "rules": rules}
    )


def alerts_of(scene: Scene, tracks: list[TrueTrack], times_s: Floats, rng: np.random.Generator) -> list[RaisedAlert]:
    camera = camera_config(scene)
    picture = Picture(scene.camera.width_px, scene.camera.height_px)
    tracker, rules, numbers = Tracker(len(CLASSES)), CameraRules(camera, CLASSES), count()
    book = IncidentBook({field_of(camera.id, r.id): COOLDOWN_S for r in camera.rules}, lambda: str(next(numbers)))
    alerts = []
    for index, now_s in enumerate(times_s.tolist()):
        found = tracker.update(seen(tracks, index, picture, rng), now_s)
        for trigger in rules.evaluate(found, picture, now_s):
            for update in book.accept(trigger, datetime.fromtimestamp(now_s, UTC)):
                if update.change is IncidentChange.OPENED:
                    opened = update.alert
                    alerts.append(RaisedAlert(opened.id, scene.id, opened.rule_id, opened.class_name, now_s))
    return alerts


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.id in ("cam-01", "cam-06")], ids=lambda s: s.id)
def test_every_incident_of_a_loop_is_told_once_in_time_and_nothing_else(scene: Scene) -> None:
    rng = np.random.default_rng(3)
    actors = [*schedule(scene, 11), *parked_actors(scene, 11)]
    every_frame = np.arange(0.0, LOOP_S, 1 / FPS)
    truth = [
        TruthTrigger(scene.id, event.rule_id, event.class_name, event.time_s)
        for actor in actors
        for event in rule_events(scene, scene.camera, track_of(actor, scene.camera, every_frame))
    ]
    times_s = np.cumsum(rng.uniform(0.13, 0.27, int(LOOP_S / 0.2)))
    tracks = [track_of(actor, scene.camera, times_s) for actor in actors]
    alerts = alerts_of(scene, tracks, times_s, rng)
    cooldowns_s = {(scene.id, rule.id): COOLDOWN_S for rule in scene.rules}
    result = score(truth, alerts, cooldowns_s, Window(0.0, LOOP_S))
    assert result.incidents >= 4
    assert (result.recall, result.precision) == (1.0, 1.0)
    assert max(result.latencies_s) < 1.2
