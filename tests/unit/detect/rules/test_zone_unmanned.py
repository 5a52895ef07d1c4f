from __future__ import annotations

from detect.rules.sighting import Sighting
from detect.rules.zone_unmanned import ZoneUnmanned
from kernel.config.rules import ZoneConfig, ZoneUnmannedRule
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing

ZONE = ZoneConfig(id="gate", points=((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)))  # 400-600 px
FRAMES_OF_EMPTY = 10  # at the walkers' 0.2 s
GUARD = [standing(500, 500)]
PASSER_BY = [standing(800, 500, track_id=2)]


def rule_of(**changes: object) -> ZoneUnmanned:
    settings = {"id": "r", "kind": "zone_unmanned", "zone": "gate", "empty_s": 2.0, **changes}
    return ZoneUnmanned("cam-01", ZoneUnmannedRule.model_validate(settings), ZONE)


def test_fires_once_after_the_zone_was_empty_for_long_enough() -> None:
    frames: list[list[Sighting]] = [GUARD, GUARD, *[PASSER_BY] * 40]
    assert fired_frames(rule_of().evaluate, frames) == [1 + FRAMES_OF_EMPTY]


def test_a_guard_who_comes_back_in_time_fires_nothing() -> None:
    frames: list[list[Sighting]] = [*([GUARD] + [[]] * 8) * 5]
    assert fired_frames(rule_of().evaluate, frames) == []


def test_leaving_again_is_a_second_time() -> None:
    frames: list[list[Sighting]] = [GUARD, *[[]] * 12, GUARD, *[[]] * 12]
    assert fired_frames(rule_of().evaluate, frames) == [FRAMES_OF_EMPTY, 13 + FRAMES_OF_EMPTY]


def test_never_manned_counts_from_the_first_frame() -> None:
    assert fired_frames(rule_of().evaluate, [[]] * 15) == [FRAMES_OF_EMPTY]


def test_a_time_without_pictures_is_not_emptiness() -> None:
    rule = rule_of()
    assert fired_frames(rule.evaluate, [GUARD, *[[]] * 7]) == []
    assert rule.evaluate([], PICTURE, 1060.0) == []
    later = [rule.evaluate([], PICTURE, 1060.0 + 0.2 * step) for step in range(1, 12)]
    assert [bool(triggers) for triggers in later].index(True) == FRAMES_OF_EMPTY - 1


def test_a_car_does_not_man_a_gate() -> None:
    assert fired_frames(rule_of().evaluate, [[standing(500, 500, class_name="car")]] * 15) == [FRAMES_OF_EMPTY]


def test_it_tells_of_the_zone_and_of_nobody() -> None:
    rule = rule_of(level="red")
    [trigger] = [t for step in range(12) for t in rule.evaluate([], PICTURE, 0.2 * step)]
    assert (trigger.kind, trigger.level, trigger.track_id, trigger.confidence) == (
        AlertKind.ZONE_UNMANNED,
        "red",
        None,
        None,
    )
    assert (trigger.class_name, trigger.box_xyxy) == ("person", (0.4, 0.4, 0.6, 0.6))
