from __future__ import annotations

from typing import Any

from detect.rules.loitering import Loitering
from detect.rules.sighting import Sighting
from kernel.config.rules import LoiteringRule, ZoneConfig
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing

ZONE = ZoneConfig(id="yard", points=((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)))  # 400-600 px
FRAMES_OF_DWELL = 10  # at the walkers' 0.2 s


def rule_of(**changes: object) -> Loitering:
    settings = {"id": "r", "kind": "loitering", "zone": "yard", "dwell_s": 2.0, **changes}
    return Loitering("cam-01", LoiteringRule.model_validate(settings), ZONE)


def walk(*xs: float, **details: Any) -> list[list[Sighting]]:
    return [[standing(x, 500, **details)] for x in xs]


def test_fires_once_when_the_dwell_is_over() -> None:
    assert fired_frames(rule_of().evaluate, walk(380, *[500] * 30)) == [1 + FRAMES_OF_DWELL]


def test_passing_through_in_less_fires_nothing() -> None:
    assert fired_frames(rule_of().evaluate, walk(380, *[410 + 19 * step for step in range(10)], 620, 640)) == []


def test_one_frame_outside_does_not_start_the_time_anew() -> None:
    assert fired_frames(rule_of().evaluate, walk(*[500] * 5, 380, *[500] * 10)) == [FRAMES_OF_DWELL]


def test_leaving_starts_the_time_anew() -> None:
    frames = walk(*[500] * 5, 380, 370, 360, *[500] * 12)
    assert fired_frames(rule_of().evaluate, frames) == [8 + FRAMES_OF_DWELL]


def test_a_new_track_where_another_was_lost_goes_on() -> None:
    frames = [*walk(*[500] * 6, track_id=1), [], [], *walk(*[510] * 8, track_id=2)]
    assert fired_frames(rule_of().evaluate, frames) == [FRAMES_OF_DWELL]


def test_others_and_weak_detections_count_for_nothing() -> None:
    assert fired_frames(rule_of().evaluate, walk(*[500] * 20, class_name="car")) == []
    assert fired_frames(rule_of().evaluate, walk(*[500] * 20, recent_confidence=0.2)) == []


def test_two_people_are_told_of_each() -> None:
    frames = [[standing(450, 500, track_id=1), standing(550, 500, track_id=2)]] * 15
    assert fired_frames(rule_of().evaluate, frames) == [FRAMES_OF_DWELL] * 2


def test_another_run_of_the_detector_goes_on_with_the_time() -> None:
    first = rule_of()
    assert fired_frames(first.evaluate, walk(*[500] * 6)) == []
    second = rule_of()
    second.resume(first.stays())
    assert second.evaluate([standing(505, 500, track_id=7)], PICTURE, 1001.9) == []
    [trigger] = second.evaluate([standing(505, 500, track_id=7)], PICTURE, 1002.1)
    assert (trigger.kind, trigger.at_s, trigger.track_id) == (AlertKind.LOITERING, 1002.1, 7)
    third = rule_of()
    third.resume(second.stays())
    later = [third.evaluate([standing(505, 500, track_id=1)], PICTURE, 1003.0 + 0.2 * step) for step in range(20)]
    assert not any(later)
