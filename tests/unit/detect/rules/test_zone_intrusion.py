from typing import Any

import pytest

from detect.rules.sighting import Picture, Sighting
from detect.rules.zone_intrusion import ZoneIntrusion
from kernel.config.rules import Level, ZoneConfig, ZoneIntrusionRule
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing

ZONE = ZoneConfig(id="yard", points=((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)))  # 400-600 px


def rule_of(**changes: object) -> ZoneIntrusion:
    settings = {"id": "r", "kind": "zone_intrusion", "zone": "yard", "level": "red", **changes}
    return ZoneIntrusion("cam-01", ZoneIntrusionRule.model_validate(settings), ZONE)


def walk(*xs: float, **details: Any) -> list[list[Sighting]]:
    """One person along y = 500 px, a frame for each x."""
    return [[standing(x, 500, **details)] for x in xs]


def test_fires_once_on_the_inertia_frame_inside_and_tells_everything() -> None:
    rule = rule_of(inertia_frames=2)
    assert fired_frames(rule.evaluate, walk(380, 390, 410, 420, 450, 480)) == [3]
    fresh = rule_of(inertia_frames=1)
    [trigger] = fresh.evaluate([standing(500, 500, track_id=9)], PICTURE, 77.5)
    assert (trigger.camera_id, trigger.rule_id, trigger.kind) == ("cam-01", "r", AlertKind.ZONE_INTRUSION)
    assert (trigger.level, trigger.track_id, trigger.at_s, trigger.cooldown_s) == (Level.RED, 9, 77.5, 10.0)
    assert trigger.box_xyxy == pytest.approx((0.48, 0.4, 0.52, 0.5))


@pytest.mark.parametrize("inertia_frames", [1, 2, 3])
def test_inertia_is_counted_in_frames_inside(inertia_frames: int) -> None:
    assert fired_frames(rule_of(inertia_frames=inertia_frames).evaluate, walk(390, *[500] * 6)) == [inertia_frames]


def test_first_seen_inside_fires_after_the_inertia() -> None:
    assert fired_frames(rule_of().evaluate, walk(500, 500, 500)) == [1]


def test_jitter_on_the_edge_fires_once() -> None:
    xs = [380, *[402, 398, 403, 397, 401] * 6]
    assert len(fired_frames(rule_of().evaluate, walk(*xs))) == 1


def test_touching_the_edge_for_one_frame_fires_nothing() -> None:
    assert fired_frames(rule_of().evaluate, walk(380, 401, 380, 401, 380)) == []


def test_leaving_and_coming_back_is_a_second_stay() -> None:
    frames = walk(380, 450, 450, 450, 380, 360, 340, 380, 450, 450)
    assert fired_frames(rule_of().evaluate, frames) == [2, 9]


def test_one_frame_outside_does_not_end_a_stay() -> None:
    assert fired_frames(rule_of().evaluate, walk(450, 450, 380, 450, 450, 450)) == [1]


def test_contact_point_decides_not_the_box() -> None:
    above = [[standing(500, 390, height_px=200)]] * 4  # feet above the zone
    below = [[standing(500, 650, height_px=200)]] * 4  # body inside, feet below
    assert fired_frames(rule_of().evaluate, above) == []
    assert fired_frames(rule_of().evaluate, below) == []


@pytest.mark.parametrize(
    ("details", "fires"),
    [
        ({}, True),
        ({"class_name": "car"}, False),
        ({"recent_confidence": 0.49}, False),
        ({"recent_confidence": 0.5}, True),
        ({"height_px": 29.0}, False),
        ({"height_px": 30.0}, True),
        ({"is_confirmed": False}, False),
    ],
)
def test_filters(details: dict[str, Any], fires: bool) -> None:
    rule = rule_of(min_confidence=0.5, min_height_px=30)
    assert bool(fired_frames(rule.evaluate, walk(500, 500, 500, **details))) is fires


def test_a_track_that_becomes_good_enough_inside_fires_then() -> None:
    frames = walk(500, 500, 500, recent_confidence=0.3) + walk(500, recent_confidence=0.7)
    assert fired_frames(rule_of().evaluate, frames) == [3]


def test_new_track_where_a_staying_one_was_lost_is_the_same_visitor() -> None:
    """A visitor hidden for two seconds came back with a new number and was announced again."""
    frames = [*walk(450, 460, 470, track_id=1), *[[]] * 10, *walk(500, 510, 520, track_id=2)]
    assert fired_frames(rule_of().evaluate, frames) == [1]


def test_new_track_next_to_a_staying_one_still_in_sight_is_a_second_visitor() -> None:
    pair = [[standing(500, 500, track_id=1), standing(540, 500, track_id=2)]] * 3
    assert fired_frames(rule_of().evaluate, [*walk(490, 500, track_id=1), *pair]) == [1, 3]


def test_new_track_far_from_a_lost_one_is_a_second_visitor() -> None:
    frames = [*walk(420, 420, track_id=1), *[[]] * 3, *walk(590, 590, track_id=2)]
    assert fired_frames(rule_of().evaluate, frames) == [1, 6]


def test_tracks_not_seen_for_long_are_forgotten() -> None:
    frames = [*walk(450, 450, track_id=1), *[[]] * 30, *walk(450, 450, track_id=2)]
    assert fired_frames(rule_of().evaluate, frames) == [1, 33]


def test_box_cut_off_at_the_bottom_edge_neither_enters_nor_leaves() -> None:
    zone = ZoneConfig(id="yard", points=((0.4, 0.5), (0.6, 0.5), (0.6, 1.0), (0.4, 1.0)))
    rule = ZoneIntrusion("c", ZoneIntrusionRule(id="r", kind="zone_intrusion", zone="yard"), zone)
    cut = [[standing(500, 1000)]] * 3
    assert fired_frames(rule.evaluate, cut) == []
    stay = [[standing(500, 900)], [standing(500, 950)], *cut, [standing(500, 900)], [standing(500, 900)]]
    assert fired_frames(rule.evaluate, stay) == [1]


def test_zone_follows_the_size_of_the_picture() -> None:
    rule = rule_of(inertia_frames=1)
    assert rule.evaluate([standing(500, 500)], Picture(2000, 2000), 1.0) == []
    assert len(rule.evaluate([standing(500, 500)], PICTURE, 1.2)) == 1


@pytest.mark.parametrize("interval_s", [0.2, 1.4, 2.0, 4.0, 8.0])
def test_rule_fires_however_few_frames_are_analysed(interval_s: float) -> None:
    """With more than 1.5 s between frames each one counted as the end of an outage, and no zone alert was raised."""
    assert fired_frames(rule_of().evaluate, walk(380, *[500] * 9), interval_s) != []


def test_feet_out_of_sight_for_long_do_not_end_a_stay() -> None:
    """A visitor at the bottom edge was forgotten after five seconds, and announced again when the feet came back."""
    zone = ZoneConfig(id="yard", points=((0.4, 0.5), (0.6, 0.5), (0.6, 1.0), (0.4, 1.0)))
    rule = ZoneIntrusion("c", ZoneIntrusionRule(id="r", kind="zone_intrusion", zone="yard"), zone)
    stay = [*[[standing(500, 900)]] * 3, *[[standing(500, 1000)]] * 40, *[[standing(500, 900)]] * 5]
    assert fired_frames(rule.evaluate, stay) == [1]


def test_an_unsettled_class_counts_once_it_is_settled() -> None:
    frames = [walk(500, class_lead=lead)[0] for lead in (0.8, 1.2, 1.3, 1.5, 1.6)]
    assert fired_frames(rule_of(min_confidence=0.4).evaluate, frames) == [3]
