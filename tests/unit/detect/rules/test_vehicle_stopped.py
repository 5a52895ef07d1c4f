from __future__ import annotations

from typing import Any

import numpy as np

from detect.rules.sighting import Sighting
from detect.rules.vehicle_stopped import VehicleStopped
from kernel.config.rules import VehicleStoppedRule, ZoneConfig
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing

ZONE = ZoneConfig(id="lane", points=((0.2, 0.4), (0.8, 0.4), (0.8, 0.6), (0.2, 0.6)))  # 200-800 px
FRAMES_OF_STOP = 10  # at the walkers' 0.2 s


def rule_of(**changes: object) -> VehicleStopped:
    settings = {"id": "r", "kind": "vehicle_stopped", "zone": "lane", "stopped_s": 2.0, **changes}
    return VehicleStopped("cam-01", VehicleStoppedRule.model_validate(settings), ZONE)


def drive(*xs: float, **details: Any) -> list[list[Sighting]]:
    return [[standing(x, 500, **{"class_name": "car", **details})] for x in xs]


def test_fires_once_after_standing_for_long_enough() -> None:
    frames = drive(100, 200, 300, 400, 450, *[470] * 30)
    assert fired_frames(rule_of().evaluate, frames) == [5 + FRAMES_OF_STOP]


def test_driving_through_slowly_fires_nothing() -> None:
    assert fired_frames(rule_of().evaluate, drive(*[200 + 8 * step for step in range(75)])) == []


def test_a_wavering_box_stands() -> None:
    rng = np.random.default_rng(4)
    frames = drive(*(470 + rng.normal(0, 2.5, 40)))
    fired = fired_frames(rule_of().evaluate, frames)
    assert len(fired) == 1
    assert fired[0] <= FRAMES_OF_STOP + 3


def test_standing_outside_fires_nothing() -> None:
    assert fired_frames(rule_of().evaluate, drive(*[150] * 30)) == []


def test_driving_on_and_stopping_again_is_a_second_time() -> None:
    frames = drive(*[470] * 15, 500, 540, 580, 620, *[650] * 15)
    assert fired_frames(rule_of().evaluate, frames) == [FRAMES_OF_STOP, 19 + FRAMES_OF_STOP]


def test_people_do_not_count_unless_asked_for() -> None:
    assert fired_frames(rule_of().evaluate, drive(*[470] * 20, class_name="person")) == []
    assert len(fired_frames(rule_of(classes=["person"]).evaluate, drive(*[470] * 20, class_name="person"))) == 1


def test_hidden_by_a_passing_truck_it_still_stands() -> None:
    frames = [*drive(*[470] * 6), [], [], [], *drive(*[472] * 5, track_id=2)]
    assert fired_frames(rule_of().evaluate, frames) == [FRAMES_OF_STOP]


def test_another_run_of_the_detector_does_not_tell_of_it_again() -> None:
    first = rule_of()
    assert len(fired_frames(first.evaluate, drive(*[470] * 12))) == 1
    second = rule_of()
    second.resume(first.stays())
    parked = standing(471, 500, class_name="car", track_id=5)
    assert not any(second.evaluate([parked], PICTURE, 1004.0 + 0.2 * step) for step in range(30))
    gone = [standing(x, 500, class_name="car", track_id=5) for x in (540, 600, *[600] * 12)]
    triggers = [t for step, seen in enumerate(gone) for t in second.evaluate([seen], PICTURE, 1010.0 + 0.2 * step)]
    assert [trigger.kind for trigger in triggers] == [AlertKind.VEHICLE_STOPPED]
