"""The tracker against ultralytics' BYTE on one loop of the simulated district, judged by TrackEval (EXTRAS=yolo).

Boxes come from its geometry, so that nothing is rendered; `python -m scripts.evaluate_tracker` takes pictures.
"""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from scripts.rule_exam.judging import HZ
from scripts.rule_exam.watching import picture_of, scene_of, seen, tracks_of
from scripts.tracker_exam.footage import Footage, Shot, Truth
from scripts.tracker_exam.scoring import score
from scripts.tracker_exam.trackers import track_with_byte, track_with_ours

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("ultralytics", "trackeval")),
        reason="ultralytics and trackeval are not installed: make test EXTRAS=yolo",
    ),
]


def a_loop(camera_id: str) -> Footage:
    """A loop at frames 0.1 to 0.3 s apart; who is cut off by the picture's edge need not be found."""
    scene, rng = scene_of(camera_id), np.random.default_rng(6)
    tracks = [track for track in tracks_of(camera_id, 100) if track.actor.class_name is not None]
    shots = []
    for index in np.cumsum(rng.integers(1, 4, 280)).tolist():
        if index < len(tracks[0].times_s):
            there = [track for track in tracks if track.in_frame[index] > 0]
            truth = Truth(
                np.array([track.actor.id for track in there], np.int64),
                np.array([track.box_xyxy[index] for track in there]).reshape(-1, 4),
                np.array([track.in_frame[index] > 0.9 for track in there], np.bool_),
            )
            shots.append(Shot(index / HZ, seen(there, index, picture_of(scene), rng), truth))
    return Footage(camera_id, tuple(shots))


def test_it_keeps_people_apart_better_than_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOLO_OFFLINE", "1")
    footage = [a_loop("cam-06")]
    ours, byte = (score(footage, [run(footage[0])]) for run in (track_with_ours, track_with_byte))
    print(f"ours {ours.record()}\nBYTE {byte.record()}")
    assert ours.boxes > 1000
    assert ours.mota >= max(byte.mota, 0.85)
    assert ours.idf1 >= max(byte.idf1, 0.85)
    assert ours.hota >= byte.hota
