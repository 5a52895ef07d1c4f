from __future__ import annotations

from dataclasses import replace
from typing import Any

from detect.rules.object_left import ObjectLeft
from detect.rules.sighting import Sighting
from kernel.config.rules import ObjectLeftRule, ZoneConfig
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing

ZONE = ZoneConfig(id="hall", points=((0.2, 0.4), (0.8, 0.4), (0.8, 0.6), (0.2, 0.6)))  # 200-800 px
LEFT_FRAMES = 10  # at the walkers' 0.2 s
PASSING_FRAMES = 15


def rule_of(**changes: object) -> ObjectLeft:
    settings = {"id": "r", "kind": "object_left", "zone": "hall", "left_s": 2.0, "away_heights": 4.0, **changes}
    return ObjectLeft("cam-01", ObjectLeftRule.model_validate(settings), ZONE)


def bag(x: float = 500, **details: Any) -> Sighting:
    return standing(x, 500, **{"class_name": "suitcase", "height_px": 40.0, "track_id": 1, **details})


def person(x: float, **details: Any) -> Sighting:
    return standing(x, 505, track_id=2, **details)


def test_fires_once_after_standing_alone_for_long_enough() -> None:
    with_owner = [[bag(), person(540)]] * 10
    assert fired_frames(rule_of().evaluate, [*with_owner, *[[bag()]] * 40]) == [9 + LEFT_FRAMES]


def test_an_owner_nearby_is_with_it_and_one_far_off_is_not() -> None:
    assert fired_frames(rule_of().evaluate, [[bag(), person(655)]] * 40) == []
    assert fired_frames(rule_of().evaluate, [[bag(), person(670)]] * 40) == [LEFT_FRAMES]


def test_an_owner_who_leaves_at_once_was_with_it_until_then() -> None:
    frames = [*[[bag(), person(540)]] * 5, *[[bag()]] * 20]
    assert fired_frames(rule_of().evaluate, frames) == [4 + LEFT_FRAMES]


def test_passers_by_change_nothing_but_are_waited_for() -> None:
    frames = [*[[bag()]] * 8, *[[bag(), person(540)]] * 7, *[[bag()]] * 10]
    assert fired_frames(rule_of().evaluate, frames) == [20]


def test_somebody_who_stays_with_it_makes_it_his_own_and_may_leave_it_again() -> None:
    attended = [[bag(), person(540)]] * (PASSING_FRAMES + 5)
    frames = [*[[bag()]] * 20, *attended, *[[bag()]] * 20]
    assert fired_frames(rule_of().evaluate, frames) == [LEFT_FRAMES, 39 + LEFT_FRAMES]


def test_a_carried_bag_is_not_left() -> None:
    assert fired_frames(rule_of().evaluate, [[bag(200 + 6 * step)] for step in range(80)]) == []


def test_outside_the_zone_nothing_is_left() -> None:
    assert fired_frames(rule_of().evaluate, [[bag(150)]] * 30) == []


def test_hidden_for_longer_than_a_track_lives_it_is_the_same_bag() -> None:
    truck = standing(500, 520, class_name="truck", height_px=200.0, track_id=9)
    frames = [*[[bag()]] * 20, *[[truck]] * 60, *[[bag(501, track_id=12)]] * 30]
    assert fired_frames(rule_of().evaluate, frames) == [LEFT_FRAMES]


def test_a_bag_whose_lower_half_is_covered_still_stands() -> None:
    whole = bag()
    covered = replace(whole, contact=(500, 482), track=whole.track._replace(box_xyxy=(480, 460, 520, 482)))
    assert fired_frames(rule_of().evaluate, [[whole], *[[covered], [covered], [whole]] * 10]) == [LEFT_FRAMES]


def test_another_run_of_the_detector_goes_on_with_the_time_alone_and_tells_nothing_twice() -> None:
    first = rule_of()
    assert fired_frames(first.evaluate, [*[[bag(), person(540)]] * 5, *[[bag()]] * 6]) == []
    second = rule_of()
    second.resume(first.stays())
    later = [t for step in range(10) for t in second.evaluate([bag(track_id=7)], PICTURE, 1002.6 + 0.2 * step)]
    assert [(trigger.kind, trigger.track_id) for trigger in later] == [(AlertKind.OBJECT_LEFT, 7)]
    third = rule_of()
    third.resume(second.stays())
    assert not any(third.evaluate([bag(track_id=1)], PICTURE, 1006.0 + 0.2 * step) for step in range(30))
