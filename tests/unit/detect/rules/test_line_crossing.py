from typing import Any

import pytest

from detect.rules.line_crossing import LineCrossing
from detect.rules.sighting import Sighting
from kernel.config.rules import LineCrossingRule
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing


def rule_of(**changes: object) -> LineCrossing:
    """A vertical line at x = 500 px from y = 400 to 600, walked downward: left hand is larger x."""
    settings = {"id": "r", "kind": "line_crossing", "line": [[0.5, 0.4], [0.5, 0.6]], **changes}
    return LineCrossing("cam-01", LineCrossingRule.model_validate(settings))


def walk(*xs: float, y: float = 500) -> list[list[Sighting]]:
    return [[standing(x, y)] for x in xs]


def test_fires_on_the_first_frame_beyond_the_margin() -> None:
    rule = rule_of()
    assert fired_frames(rule.evaluate, walk(460, 480, 498, 510, 530, 560)) == [3]


def test_tells_what_crossed() -> None:
    rule = rule_of()
    rule.evaluate([standing(480, 500, track_id=4)], PICTURE, 9.8)
    [trigger] = rule.evaluate([standing(520, 500, track_id=4)], PICTURE, 10.0)
    assert (trigger.kind, trigger.track_id, trigger.at_s) == (AlertKind.LINE_CROSSING, 4, 10.0)


@pytest.mark.parametrize(
    ("direction", "to_larger_x", "to_smaller_x"),
    [("any", True, True), ("right_to_left", True, False), ("left_to_right", False, True)],
)
def test_direction_is_seen_walking_along_the_line(direction: str, to_larger_x: bool, to_smaller_x: bool) -> None:
    assert bool(fired_frames(rule_of(direction=direction).evaluate, walk(470, 530))) is to_larger_x
    assert bool(fired_frames(rule_of(direction=direction).evaluate, walk(530, 470))) is to_smaller_x


def test_stays_just_beyond_the_line_for_two_frames_counts() -> None:
    assert fired_frames(rule_of().evaluate, walk(480, 502, 503, 503)) == [2]


def test_one_frame_just_beyond_does_not_count() -> None:
    assert fired_frames(rule_of().evaluate, walk(480, 498, 502, 498, 490, 480)) == []


def test_jitter_on_the_line_counts_once() -> None:
    xs = [480, *[503, 503, 497, 497, 506, 494] * 6, 540]
    assert len(fired_frames(rule_of().evaluate, walk(*xs))) == 1


def test_crossing_clear_of_the_line_and_back_counts_twice() -> None:
    assert fired_frames(rule_of().evaluate, walk(450, 550, 560, 540, 450)) == [1, 4]


def test_one_way_crossings_of_one_track_need_no_fired_return() -> None:
    rule = rule_of(direction="right_to_left")
    assert fired_frames(rule.evaluate, walk(450, 550, 450, 550)) == [1, 3]


@pytest.mark.parametrize("y", [350, 650])
def test_passing_beside_the_ends_of_the_line_is_no_crossing(y: float) -> None:
    assert fired_frames(rule_of().evaluate, walk(450, 550, y=y)) == []


@pytest.mark.parametrize(("y", "fires"), [(396, True), (394, False), (604, True), (606, False)])
def test_a_way_may_miss_the_ends_by_what_a_box_wavers(y: float, fires: bool) -> None:
    assert bool(fired_frames(rule_of().evaluate, walk(450, 550, y=y))) is fires


def test_going_around_the_end_is_no_crossing() -> None:
    way = [(460, 500), (470, 620), (520, 630), (540, 560), (530, 500)]
    assert fired_frames(rule_of().evaluate, [[standing(x, y)] for x, y in way]) == []


def test_first_seen_beyond_is_no_crossing() -> None:
    assert fired_frames(rule_of().evaluate, walk(510, 540, 560)) == []


def test_crossing_while_unseen_for_two_frames_counts() -> None:
    frames = [*walk(470, 485), [], [], *walk(530)]
    assert fired_frames(rule_of().evaluate, frames) == [4]


def test_two_people_crossing_opposite_ways_count_both() -> None:
    frames = [
        [standing(470 + step, 500, track_id=1), standing(530 - step, 520, track_id=2)] for step in range(0, 61, 15)
    ]
    assert len(fired_frames(rule_of().evaluate, frames)) == 2


@pytest.mark.parametrize(
    ("details", "fires"),
    [
        ({}, True),
        ({"class_name": "car"}, False),
        ({"recent_confidence": 0.49}, False),
        ({"height_px": 29.0}, False),
        ({"is_confirmed": False}, False),
    ],
)
def test_filters(details: dict[str, Any], fires: bool) -> None:
    rule = rule_of(min_confidence=0.5, min_height_px=30)
    assert (
        bool(fired_frames(rule.evaluate, [[standing(470, 500, **details)], [standing(530, 500, **details)]])) is fires
    )


def test_box_cut_off_at_the_bottom_edge_does_not_cross() -> None:
    rule = LineCrossing(
        "c", LineCrossingRule.model_validate({"id": "r", "kind": "line_crossing", "line": [[0.2, 0.99], [0.8, 0.99]]})
    )
    assert fired_frames(rule.evaluate, [[standing(500, y)] for y in (970, 980, 1000, 1000, 980)]) == []


def test_crossing_with_the_feet_out_of_sight_for_long_still_counts() -> None:
    """After five seconds at the bottom edge the side a track had come from was forgotten, and the crossing missed."""
    rule = LineCrossingRule.model_validate({"id": "r", "kind": "line_crossing", "line": [[0.5, 0.5], [0.5, 1.0]]})
    way = [*[[standing(400, 900)]] * 3, *[[standing(470, 1000)]] * 40, *[[standing(600, 900)]] * 3]
    assert len(fired_frames(LineCrossing("c", rule).evaluate, way)) == 1


@pytest.mark.parametrize("interval_s", [0.2, 2.0, 8.0])
def test_rule_fires_however_few_frames_are_analysed(interval_s: float) -> None:
    frames = walk(400, 410, 420, 430, 440, 560, 570)
    assert fired_frames(rule_of().evaluate, frames, interval_s) == [5]
