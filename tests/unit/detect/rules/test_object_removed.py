from __future__ import annotations

from typing import Any

import pytest

from detect.rules.object_removed import ObjectRemoved
from detect.rules.sighting import Sighting
from kernel.config.rules import ObjectRemovedRule, ZoneConfig
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing

ZONE = ZoneConfig(id="rack", points=((0.2, 0.4), (0.8, 0.4), (0.8, 0.6), (0.2, 0.6)))  # 200-800 px
STOOD_FRAMES, GONE_FRAMES, HIDDEN_FRAMES = 20, 10, 3  # at the walkers' 0.2 s


def rule_of(**changes: object) -> ObjectRemoved:
    settings = {
        "id": "r",
        "kind": "object_removed",
        "zone": "rack",
        "classes": ["bicycle", "truck"],
        "stood_s": 4.0,
        "gone_s": 2.0,
        **changes,
    }
    return ObjectRemoved("cam-01", ObjectRemovedRule.model_validate(settings), ZONE)


def bicycle(x: float = 500, **details: Any) -> Sighting:
    return standing(x, 500, **{"class_name": "bicycle", "height_px": 60.0, "track_id": 1, **details})


STOOD: list[list[Sighting]] = [[bicycle()]] * (STOOD_FRAMES + 1)


def test_fires_once_when_it_is_gone_for_long_enough() -> None:
    assert fired_frames(rule_of().evaluate, [*STOOD, *[[]] * 40]) == [STOOD_FRAMES + GONE_FRAMES]


def test_what_did_not_stand_for_long_is_not_missed() -> None:
    assert fired_frames(rule_of().evaluate, [*STOOD[2:], *[[]] * 60]) == []


def test_driven_off_is_gone_too() -> None:
    ride: list[list[Sighting]] = [[bicycle(500 + 20 * step)] for step in range(1, 30)]
    assert fired_frames(rule_of().evaluate, [*STOOD, *ride]) == [STOOD_FRAMES + HIDDEN_FRAMES + GONE_FRAMES + 1]


def test_overlooked_for_less_than_that_it_is_not_gone() -> None:
    assert fired_frames(rule_of().evaluate, [*STOOD, *([[]] * 9 + [[bicycle(502, track_id=5)]]) * 6]) == []


def test_behind_a_truck_it_is_not_gone_until_the_truck_has_left() -> None:
    truck = standing(510, 540, class_name="truck", height_px=200.0, track_id=9)
    hidden: list[list[Sighting]] = [[truck]] * 100  # long enough for the truck to stand there itself
    assert fired_frames(rule_of().evaluate, [*STOOD, *hidden]) == []
    assert fired_frames(rule_of(classes=["bicycle"]).evaluate, [*STOOD, *hidden, *[[]] * 30]) == [
        STOOD_FRAMES + len(hidden) + HIDDEN_FRAMES + GONE_FRAMES
    ]


def test_what_always_stood_before_it_hides_nothing() -> None:
    other = bicycle(520, track_id=3)
    frames: list[list[Sighting]] = [*[[bicycle(), other]] * 25, *[[other]] * 30]
    assert fired_frames(rule_of().evaluate, frames) == [24 + GONE_FRAMES]


@pytest.mark.parametrize(("away_s", "fires"), [(30.0, True), (120.0, False)])
def test_time_without_pictures_is_not_absence(away_s: float, fires: bool) -> None:
    rule = rule_of()
    assert fired_frames(rule.evaluate, [*STOOD, *[[]] * 5]) == []
    back_s = 1000.0 + 0.2 * (len(STOOD) + 4) + away_s
    after = [bool(rule.evaluate([], PICTURE, back_s + 0.2 * step)) for step in range(30)]
    assert after.index(True) == 5 if fires else not any(after)


def test_another_run_of_the_detector_misses_it_and_tells_where_it_stood() -> None:
    first, second = rule_of(), rule_of()
    assert fired_frames(first.evaluate, STOOD) == []
    second.resume([stay.scaled(0.5, 0.5).scaled(2, 2) for stay in first.stays()])
    [trigger] = [t for step in range(30) for t in second.evaluate([], PICTURE, 1010.0 + 0.2 * step)]
    assert (trigger.kind, trigger.class_name, trigger.track_id) == (AlertKind.OBJECT_REMOVED, "bicycle", None)
    assert trigger.box_xyxy == pytest.approx((0.48, 0.44, 0.52, 0.5))
