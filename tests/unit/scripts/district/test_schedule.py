"""What every loop of every camera has to be, for seeds nobody looked at."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.district.motion import track_of
from scripts.district.scene import Scene
from scripts.district.scenes import SCENES
from scripts.district.schedule import schedule
from scripts.district.truth import FPS, LOOP_S, incidents, rule_events

TIMES_S = np.arange(0, LOOP_S, 1 / FPS)
COOLDOWN_S = 10.0


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.id)
def test_a_loop(scene: Scene) -> None:
    actors = schedule(scene, 41)
    tracks = [track_of(actor, scene.camera, TIMES_S) for actor in actors]
    for track in tracks:
        assert track.in_frame[0] == track.in_frame[-1] == 0, f"actor {track.actor.id} is in the picture at the seam"
    events = [event for track in tracks for event in rule_events(scene, scene.camera, track)]
    assert {event.actor_id for event in events} == {actor.id for actor in actors if actor.triggers}
    for rule in scene.rules:
        times = sorted(event.time_s for event in events if event.rule_id == rule.id)
        assert len(times) >= 2, f"{rule.id} fires too seldom"
        gaps = np.diff([*times, times[0] + LOOP_S])
        assert gaps.min() > COOLDOWN_S + 3.0, f"{rule.id}: {times} may be merged or not"
    found = incidents([(event.time_s, event) for event in events], COOLDOWN_S)
    assert len(found) >= 4
    assert len(actors) > len(events) + 5, "there is ordinary traffic too"


def test_the_same_seed_gives_the_same_actors() -> None:
    def brief(seed: int) -> list[tuple[str, float, float]]:
        return [(a.kind, a.start_s, a.speed_m_s) for a in schedule(SCENES[0], seed)]

    assert brief(3) == brief(3) != brief(4)


def test_the_register() -> None:
    assert len(SCENES) == len({scene.id for scene in SCENES}) >= 9
    assert len({scene.unit for scene in SCENES}) == 3
    lights = [scene.light for scene in SCENES]
    assert lights.count("night") == 2
    assert {"rain", "dusk", "day"} <= set(lights)
    assert [scene.codec for scene in SCENES].count("hevc") == 1
    assert [scene.sub_stream for scene in SCENES].count(True) == 1
    assert {name for scene in SCENES for rule in scene.rules for name in rule.classes} == {
        "person",
        "car",
        "truck",
        "bicycle",
    }
