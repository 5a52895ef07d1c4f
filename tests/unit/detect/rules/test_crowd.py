from __future__ import annotations

import pytest

from detect.rules.crowd import Crowd
from detect.rules.sighting import Sighting
from kernel.config.rules import CrowdRule, ZoneConfig
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing

ZONE = ZoneConfig(id="yard", points=((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)))  # 400-600 px
FRAMES_OF_HOLD = 5  # at the walkers' 0.2 s


def rule_of(**changes: object) -> Crowd:
    settings = {"id": "r", "kind": "crowd", "zone": "yard", "min_count": 3, "hold_s": 1.0, **changes}
    return Crowd("cam-01", CrowdRule.model_validate(settings), ZONE)


def people(count: int) -> list[Sighting]:
    """So many inside, and always two outside."""
    inside = [standing(410 + 20 * number, 500, track_id=number) for number in range(count)]
    return [*inside, standing(200, 500, track_id=90), standing(700, 500, track_id=91)]


def frames_of(*counts: int) -> list[list[Sighting]]:
    return [people(count) for count in counts]


def test_fires_once_when_enough_have_been_there_for_long_enough() -> None:
    assert fired_frames(rule_of().evaluate, frames_of(1, 2, *[4] * 30)) == [2 + FRAMES_OF_HOLD]


def test_too_few_or_too_short_fires_nothing() -> None:
    assert fired_frames(rule_of().evaluate, frames_of(*[2] * 40)) == []
    assert fired_frames(rule_of().evaluate, frames_of(*[3] * 4, *[2] * 10, *[3] * 4)) == []


def test_somebody_overlooked_on_a_few_frames_ends_nothing() -> None:
    assert fired_frames(rule_of().evaluate, frames_of(3, 3, 2, 3, 2, 2, 3, 3)) == [6]


def test_after_they_dispersed_the_next_crowd_is_told_of() -> None:
    frames = frames_of(*[3] * 10, *[1] * 8, *[3] * 10)
    assert fired_frames(rule_of().evaluate, frames) == [FRAMES_OF_HOLD, 18 + FRAMES_OF_HOLD]


def test_its_box_is_around_everybody_counted() -> None:
    rule = rule_of(hold_s=0.1)
    rule.evaluate(people(4), PICTURE, 10.0)
    [trigger] = rule.evaluate(people(4), PICTURE, 10.2)
    assert trigger.kind is AlertKind.CROWD
    assert trigger.box_xyxy == pytest.approx((0.39, 0.4, 0.49, 0.5))


def test_only_the_classes_asked_for_count() -> None:
    rule = rule_of(classes=["car"])
    assert fired_frames(rule.evaluate, frames_of(*[6] * 20)) == []


def test_a_time_without_pictures_and_a_restart_end_no_crowd() -> None:
    rule = rule_of()
    assert len(fired_frames(rule.evaluate, frames_of(*[3] * 10))) == 1
    assert rule.evaluate(people(3), PICTURE, 1020.0) == []
    another = rule_of()
    another.resume(rule.stays())
    later = [another.evaluate(people(3), PICTURE, 1025.0 + 0.2 * step) for step in range(20)]
    assert not any(later)
    assert not any(another.evaluate(people(0), PICTURE, 1029.0 + 0.2 * step) for step in range(10))
    again = [another.evaluate(people(3), PICTURE, 1031.0 + 0.2 * step) for step in range(10)]
    assert sum(map(len, again)) == 1
