"""Who sets off what, and when it was sent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scripts.district.actors import Actor, smooth_path
from scripts.district.geometry import PinholeCamera
from scripts.district.motion import Track, track_of
from scripts.district.scene import Point, Rule, Scene
from scripts.district.shapes import rectangle
from scripts.district.truth import (
    FPS,
    LOOP_S,
    RuleEvent,
    clearance_m,
    event_from_record,
    event_record,
    incidents,
    occurrences,
    picture_points,
    rule_events,
    sent_at,
)

CAMERA = PinholeCamera(7.0, 18.0, 900.0)
ZONE = Rule("zone", "zone", "zone_intrusion", rectangle(-3, 3, 18, 24), ("person",))
LINE = Rule("line", "line", "line_crossing", ((-8.0, 21.0), (8.0, 21.0)), ("car", "person"), direction="left")
SCENE = Scene("cam-99", "n", "N", "u", "g", "v", (0, 0, 0), CAMERA, "day", "asphalt", rules=(ZONE, LINE))


def walk(*points: Point, kind: str = "person", speed_m_s: float = 1.5) -> Track:
    actor = Actor(1, kind, 5, smooth_path(points, 0.0, 0.5), 2.0, speed_m_s)
    return track_of(actor, CAMERA, np.arange(0, actor.end_s + 1, 1 / FPS))


def test_entering_a_zone_is_timed_by_the_feet() -> None:
    track = walk((-9.0, 20.0), (9.0, 20.0))
    (event,) = [e for e in rule_events(SCENE, CAMERA, track) if e.rule_id == "zone"]
    assert event.time_s == pytest.approx(2.0 + 6.0 / 1.5, abs=1 / FPS)
    assert event.leave_s == pytest.approx(2.0 + 12.0 / 1.5, abs=1 / FPS)
    assert (event.camera_id, event.class_name, event.actor_id) == ("cam-99", "person", 1)


def test_passing_by_is_no_event_and_its_distance_is_known() -> None:
    track = walk((-9.0, 17.2), (9.0, 17.2))
    assert rule_events(SCENE, CAMERA, track) == []
    assert clearance_m(SCENE, CAMERA, track) == pytest.approx(0.8, abs=0.05)


def test_a_line_counts_one_direction() -> None:
    there = walk((0.0, 15.0), (0.0, 30.0), kind="sedan", speed_m_s=6.0)
    back = walk((0.0, 30.0), (0.0, 15.0), kind="sedan", speed_m_s=6.0)
    assert [e.rule_id for e in rule_events(SCENE, CAMERA, there)] == ["line"]
    assert rule_events(SCENE, CAMERA, back) == []
    turned = replace(SCENE, rules=(replace(LINE, direction="right"),))
    assert rule_events(turned, CAMERA, there) == []
    assert [e.rule_id for e in rule_events(turned, CAMERA, back)] == ["line"]


def test_a_line_ends_where_it_ends() -> None:
    assert rule_events(SCENE, CAMERA, walk((9.0, 15.0), (9.0, 30.0), kind="sedan", speed_m_s=6.0)) == []


def test_other_classes_do_not_count() -> None:
    truck = walk((-9.0, 20.0), (9.0, 20.0), kind="box_truck", speed_m_s=5.0)
    dog = walk((-9.0, 20.0), (9.0, 20.0), kind="dog")
    assert rule_events(SCENE, CAMERA, truck) == rule_events(SCENE, CAMERA, dog) == []


def test_who_is_hidden_at_the_edge_enters_when_it_shows() -> None:
    track = walk((-9.0, 20.0), (9.0, 20.0))
    visible = np.where(track.times_s < 7.0, 0.2, 1.0)
    (event,) = [e for e in rule_events(SCENE, CAMERA, track, visible) if e.rule_id == "zone"]
    assert event.time_s == pytest.approx(7.0, abs=1 / FPS)
    assert rule_events(SCENE, CAMERA, track, np.full(len(track.times_s), 0.3)) == []


def test_a_moment_behind_a_pole_is_one_stay() -> None:
    track = walk((-9.0, 20.0), (9.0, 20.0))
    visible = np.where((track.times_s > 7.0) & (track.times_s < 7.6), 0.1, 1.0)
    assert len([e for e in rule_events(SCENE, CAMERA, track, visible) if e.rule_id == "zone"]) == 1


def test_zone_points_stay_in_the_picture() -> None:
    points = picture_points(rectangle(-100, 0, 5, 30), CAMERA)
    assert len(points) >= 4
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points)


def test_sending_instants_are_those_of_the_first_frame_that_shows_it() -> None:
    assert sent_at(1000.0, 0, 0.0) == 1000.0
    assert sent_at(1000.0, 2, 1.01) == pytest.approx(1000.0 + 2 * LOOP_S + 16 / 15)
    assert sent_at(1000.0, 1, 16 / 15) == pytest.approx(1000.0 + LOOP_S + 16 / 15)


def test_a_loop_repeats_its_events() -> None:
    events = [RuleEvent("cam-01", "a", "person", 1, 10.0, 12.0), RuleEvent("cam-01", "a", "car", 2, 55.0, 56.0)]
    found = occurrences(events, 500.0, 500.0 + LOOP_S, 500.0 + 3 * LOOP_S)
    assert [round(instant - 500.0, 3) for instant, _ in found] == [
        pytest.approx(LOOP_S + 10),
        pytest.approx(LOOP_S + 55),
        pytest.approx(2 * LOOP_S + 10),
        pytest.approx(2 * LOOP_S + 55),
    ]


def test_events_close_together_are_one_incident_of_their_rule() -> None:
    def event(rule: str, name: str) -> RuleEvent:
        return RuleEvent("cam-01", rule, name, 1, 0.0, 0.0)

    timed = [
        (0.0, event("a", "person")),
        (8.0, event("a", "bicycle")),
        (19.0, event("a", "person")),
        (1.0, event("b", "car")),
    ]
    found = incidents(timed, 10.0)
    assert [(i.rule_id, i.started_at_s, i.last_at_s, i.class_names) for i in found] == [
        ("a", 0.0, 8.0, ("bicycle", "person")),
        ("b", 1.0, 1.0, ("car",)),
        ("a", 19.0, 19.0, ("person",)),
    ]


def test_an_event_survives_its_file() -> None:
    event = RuleEvent("cam-01", "a", "person", 3, 1.234, 5.6)
    assert event_from_record(event_record(event)) == event
