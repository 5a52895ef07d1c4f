"""Tracks against synthetic truth: people and cars on known ways, seen at a few frames a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect.boxes.detections import Detections
from detect.tracking import Track, Tracker, TrackerSettings

PERSON, CAR = 0, 2
Box = tuple[float, float, float, float]
Way = Callable[[float], Box]


def walker(x: float, y: float, speed_px_s: float, height_px: float = 90.0) -> Way:
    width_px = height_px * 0.36
    return lambda t: (x + speed_px_s * t, y, x + speed_px_s * t + width_px, y + height_px)


def car(x: float, y: float, speed_px_s: float) -> Way:
    return lambda t: (x + speed_px_s * t, y, x + speed_px_s * t + 170, y + 70)


def identities(
    ways: Sequence[tuple[Way, int]],
    instants_s: Sequence[float],
    noise_px: float = 1.5,
    missed: float = 0.0,
    seed: int = 1,
) -> tuple[list[set[int]], Tracker]:
    """Track ids that each way was covered by, from its boxes with noise, in shuffled order.

    Boxes are missed with probability `missed`, but not in the first half second.
    """
    rng = np.random.default_rng(seed)
    tracker = Tracker(class_count=4)
    covering: list[set[int]] = [set() for _ in ways]
    for now_s in instants_s:
        truth = np.array([way(now_s) for way, _ in ways])
        seen = np.flatnonzero((rng.random(len(ways)) >= missed) | (now_s < 0.5))
        rng.shuffle(seen)
        boxes = truth[seen] + rng.normal(0, noise_px, (len(seen), 4))
        found = Detections.of(boxes, rng.uniform(0.5, 0.95, len(seen)), [ways[int(i)][1] for i in seen])
        for track in tracker.update(found, now_s):
            distance = np.abs(truth - np.array(track.box_xyxy)).sum(axis=1)
            covering[int(distance.argmin())].add(track.track_id)
    return covering, tracker


def regular(fps: float, seconds_s: float) -> list[float]:
    return [k / fps for k in range(int(fps * seconds_s))]


@pytest.mark.parametrize("fps", [3, 5, 10, 15])
@pytest.mark.parametrize("height_px", [24, 90, 200])
def test_a_runner_keeps_one_id(fps: float, height_px: float) -> None:
    """5 m/s: at 3 fps he moves two and a half of his own widths between frames."""
    ways = [(walker(100, 300, 5.0 / 1.75 * height_px, height_px), PERSON)]
    [ids], _ = identities(ways, regular(fps, 4), noise_px=height_px * 0.02)
    assert ids == {1}


@pytest.mark.parametrize("speed_px_s", [60, 110, 180])
@pytest.mark.parametrize("seed", range(5))
def test_people_who_meet_and_pass_keep_their_ids_at_5_fps(speed_px_s: float, seed: int) -> None:
    ways = [(walker(200, 300, speed_px_s), PERSON), (walker(200 + 4 * speed_px_s, 318, -speed_px_s), PERSON)]
    covering, _ = identities(ways, regular(5, 4), seed=seed)
    assert [len(ids) for ids in covering] == [1, 1]
    assert covering[0] != covering[1]


@pytest.mark.parametrize("seed", range(5))
def test_cars_and_a_pedestrian_in_front_of_them_keep_their_ids_at_5_fps(seed: int) -> None:
    ways = [
        (car(0, 300, 300), CAR),
        (car(1200, 330, -280), CAR),
        (walker(450, 310, 40), PERSON),
        (walker(600, 500, -70, 150), PERSON),
    ]
    covering, _ = identities(ways, regular(5, 4), seed=seed)
    assert [len(ids) for ids in covering] == [1, 1, 1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_missed_detections_do_not_change_ids(seed: int) -> None:
    ways = [(walker(100, 300, 60), PERSON), (car(900, 100, -150), CAR)]
    covering, _ = identities(ways, regular(5, 8), missed=0.15, seed=seed)
    assert [len(ids) for ids in covering] == [1, 1]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([0.07, 0.13, 0.2, 0.27, 0.4, 0.5]), min_size=10, max_size=30))
def test_irregular_frame_intervals_keep_ids(intervals_s: list[float]) -> None:
    ways = [(walker(100, 300, 75), PERSON), (walker(100, 420, 75), PERSON), (car(0, 100, 180), CAR)]
    covering, _ = identities(ways, np.cumsum(intervals_s).tolist())
    assert [len(ids) for ids in covering] == [1, 1, 1]


box = st.tuples(st.integers(0, 1200), st.integers(0, 600), st.integers(8, 120), st.integers(8, 120))
detection = st.tuples(box, st.integers(10, 99), st.integers(0, 3))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(detection, max_size=8), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_of_the_detections_changes_nothing(
    frames: list[list[tuple[tuple[int, int, int, int], int, int]]], random: Random
) -> None:
    def of(rows: list[tuple[tuple[int, int, int, int], int, int]]) -> Detections:
        boxes = [(x, y, x + w, y + h) for (x, y, w, h), _, _ in rows]
        return Detections.of(np.reshape(boxes, (-1, 4)), [c / 100 for _, c, _ in rows], [k for _, _, k in rows])

    one, other = Tracker(4), Tracker(4)
    for number, rows in enumerate(frames):
        shuffled = list(rows)
        random.shuffle(shuffled)
        assert one.update(of(rows), number * 0.2) == other.update(of(shuffled), number * 0.2)


def frame(*boxes: Box, confidence: float = 0.6, class_id: int = PERSON) -> Detections:
    return Detections.of(np.reshape(boxes, (-1, 4)), [confidence] * len(boxes), [class_id] * len(boxes))


BOX: Box = (100.0, 100.0, 140.0, 200.0)


def test_a_track_is_confirmed_on_its_second_frame_or_at_once_when_sure() -> None:
    tracker = Tracker(4)
    assert [t.is_confirmed for t in tracker.update(frame(BOX), 0.0)] == [False]
    assert [t.is_confirmed for t in tracker.update(frame(BOX), 0.2)] == [True]
    assert [t.is_confirmed for t in Tracker(4).update(frame(BOX, confidence=0.85), 0.0)] == [True]


def test_a_flicker_of_one_frame_never_becomes_a_track() -> None:
    tracker = Tracker(4)
    tracker.update(frame(BOX), 0.0)
    tracker.update(frame(), 0.2)
    [again] = tracker.update(frame(BOX), 0.4)
    assert (again.track_id, again.is_confirmed) == (2, False)


def test_weak_detections_begin_no_track_but_keep_a_known_one() -> None:
    tracker = Tracker(4)
    assert tracker.update(frame(BOX, confidence=0.2), 0.0) == []
    tracker.update(frame(BOX), 0.2)
    tracker.update(frame(BOX), 0.4)
    [kept] = tracker.update(frame(BOX, confidence=0.15), 0.6)
    assert kept.track_id == 1
    assert (kept.confidence, kept.recent_confidence) == pytest.approx((0.15, 0.6))
    assert tracker.update(frame(BOX, confidence=0.05), 0.8) == []


def seen_again_after(hidden_s: float, fps: float, settings: TrackerSettings) -> list[Track]:
    tracker = Tracker(4, settings)
    step_s = 1 / fps
    tracker.update(frame(BOX), 0.0)
    tracker.update(frame(BOX), step_s)
    now_s = step_s
    while now_s + step_s < step_s + hidden_s:
        now_s += step_s
        tracker.update(frame(), now_s)
    return tracker.update(frame(BOX), step_s + hidden_s)


@pytest.mark.parametrize("fps", [2.5, 5, 15])
def test_lost_tracks_are_kept_for_seconds_not_for_frames(fps: float) -> None:
    settings = TrackerSettings(lost_after_s=1.5)
    assert [t.track_id for t in seen_again_after(1.4, fps, settings)] == [1]
    assert [t.track_id for t in seen_again_after(1.7, fps, settings)] == [2]


def test_class_is_what_most_detections_said() -> None:
    tracker = Tracker(4)
    for number, class_id in enumerate([CAR, CAR, CAR, 3, CAR, 3, CAR]):
        [track] = tracker.update(frame(BOX, class_id=class_id), number * 0.2)
        assert (track.track_id, track.class_id) == (1, CAR)
    for number in range(7, 20):
        [track] = tracker.update(frame(BOX, class_id=3), number * 0.2)
    assert track.class_id == 3


def test_two_boxes_on_one_object_make_one_track() -> None:
    tracker = Tracker(4)
    tracker.update(frame(BOX, class_id=CAR), 0.0)
    both = Detections.of([BOX, (101.0, 101.0, 141.0, 200.0)], [0.6, 0.5], [CAR, 3])
    for number in range(1, 4):
        assert [t.track_id for t in tracker.update(both, number * 0.2)] == [1]


def test_a_clock_set_back_neither_fails_nor_loses_tracks() -> None:
    tracker = Tracker(4)
    tracker.update(frame(BOX), 1000.0)
    tracker.update(frame(BOX), 1000.2)
    assert [t.track_id for t in tracker.update(frame(BOX), 400.0)] == [1]
    assert [t.track_id for t in tracker.update(frame(BOX), 400.2)] == [1]


def test_velocity_is_in_pixels_a_second() -> None:
    tracker = Tracker(4)
    for number in range(10):
        [track] = tracker.update(frame(walker(100, 300, 75)(number * 0.2)), number * 0.2)
    assert track.velocity_px_s == pytest.approx((75, 0), abs=4)


def test_standing_person_is_confirmed_however_few_frames_are_analysed() -> None:
    """With more than 1.5 s between frames every track was lost before the next one, so none was ever confirmed."""
    tracker = Tracker(class_count=1)
    seen = [tracker.update(Detections.of([(100, 100, 140, 200)], [0.5], [0]), 3.0 * index) for index in range(10)]
    assert all(tracks[0].is_confirmed for tracks in seen[-5:])
    assert len({tracks[0].track_id for tracks in seen[-5:]}) == 1


def test_a_class_leads_by_the_votes_it_has_more_than_the_next() -> None:
    tracker = Tracker(3)
    box = [[100.0, 100.0, 140.0, 200.0]]
    leads = [
        tracker.update(Detections.of(box, [confidence], [class_id]), 0.2 * number)[0].class_lead
        for number, (confidence, class_id) in enumerate(((0.9, 0), (0.8, 0), (0.6, 2)))
    ]
    assert leads == pytest.approx([0.9, 0.95 * 0.9 + 0.8, 0.95 * (0.95 * 0.9 + 0.8) - 0.6])
