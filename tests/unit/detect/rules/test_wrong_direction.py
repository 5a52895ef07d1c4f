from __future__ import annotations

from typing import Any

import pytest

from detect.rules.sighting import Sighting
from detect.rules.wrong_direction import WrongDirection
from kernel.config.rules import WrongDirectionRule, ZoneConfig
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing

ZONE = ZoneConfig(id="lane", points=((0.2, 0.3), (0.8, 0.3), (0.8, 0.7), (0.2, 0.7)))  # 200-800 px
EASTWARD = ((0.1, 0.5), (0.9, 0.5))


def rule_of(**changes: object) -> WrongDirection:
    settings = {"id": "r", "kind": "wrong_direction", "zone": "lane", "right_way": EASTWARD, **changes}
    return WrongDirection("cam-01", WrongDirectionRule.model_validate(settings), ZONE)


def drive(*points: tuple[float, float], **details: Any) -> list[list[Sighting]]:
    return [[standing(x, y, **{"class_name": "car", **details})] for x, y in points]


def along(start_x: float, step_px: float, frames: int, step_down_px: float = 0.0) -> list[tuple[float, float]]:
    return [(start_x + step_px * number, 400 + step_down_px * number) for number in range(frames)]


def test_the_wrong_way_fires_once_after_the_travel_asked_for() -> None:
    assert fired_frames(rule_of().evaluate, drive(*along(790, -20, 28))) == [5]
    assert fired_frames(rule_of(min_travel_heights=2).evaluate, drive(*along(790, -20, 28))) == [10]


def test_the_right_way_fires_nothing() -> None:
    assert fired_frames(rule_of().evaluate, drive(*along(210, 20, 29))) == []


def test_outside_the_zone_nothing_is_wrong() -> None:
    assert fired_frames(rule_of().evaluate, drive(*[(x, 200.0) for x in range(790, 200, -20)])) == []


@pytest.mark.parametrize(("step_px", "step_down_px", "fires"), [(0, 20, 0), (-8, 20, 0), (-20, 10, 1), (8, 20, 0)])
def test_crossing_the_zone_is_not_going_back(step_px: float, step_down_px: float, fires: int) -> None:
    frames = drive(*along(500, step_px, 14, step_down_px))
    assert len(fired_frames(rule_of().evaluate, frames)) == fires


def test_turning_round_is_told_of_from_the_furthest_point() -> None:
    frames = drive(*along(210, 20, 20), *along(590, -20, 18))
    assert fired_frames(rule_of().evaluate, frames) == [25]


def test_rolling_back_a_little_fires_nothing() -> None:
    assert fired_frames(rule_of().evaluate, drive(*along(400, 20, 5), *along(480, -10, 8), *along(410, 20, 15))) == []


def test_a_second_visit_is_a_second_time() -> None:
    once = drive(*along(790, -20, 40))
    assert len(fired_frames(rule_of().evaluate, [*once, *once])) == 2


def test_another_run_of_the_detector_does_not_tell_of_it_again() -> None:
    first = rule_of()
    assert len(fired_frames(first.evaluate, drive(*along(790, -20, 8)))) == 1
    second = rule_of()
    second.resume(first.stays())
    later = [
        second.evaluate([standing(640 - 20 * step, 400, class_name="car", track_id=4)], PICTURE, 1001.8 + 0.2 * step)
        for step in range(18)
    ]
    assert not any(later)
    assert first.evaluate([standing(640, 400, class_name="car")], PICTURE, 1001.8) == []


def test_what_it_says() -> None:
    rule = rule_of(level="red")
    triggers = [
        trigger
        for number, frame in enumerate(drive(*along(790, -20, 8)))
        for trigger in rule.evaluate(frame, PICTURE, number * 0.2)
    ]
    assert [(one.kind, one.level, one.class_name) for one in triggers] == [(AlertKind.WRONG_DIRECTION, "red", "car")]
