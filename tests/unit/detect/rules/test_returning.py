"""Who stood in a zone before a time without pictures triggers nothing again; who came in meanwhile does."""

from __future__ import annotations

import pytest

from detect.rules.returning import GAP_S, LONGEST_GAP_S, RETURN_S, Returning, Stay
from detect.rules.zone_intrusion import ZoneIntrusion
from kernel.config.rules import ZoneConfig, ZoneIntrusionRule
from tests.unit.detect.rules.walkers import PICTURE, standing

ZONE = ZoneConfig(id="yard", points=((0.4, 0.4), (0.9, 0.4), (0.9, 0.6), (0.4, 0.6)))  # x 400-900 px


def fresh_rule() -> ZoneIntrusion:
    return ZoneIntrusion("cam-01", ZoneIntrusionRule(id="r", kind="zone_intrusion", zone="yard"), ZONE)


def fires(rule: ZoneIntrusion, x_px: float, track_id: int, at_s: float, frames: int = 4) -> int:
    """Triggers of a track standing at x for so many frames, five a second."""
    seen = standing(x_px, 500, track_id=track_id)
    return sum(len(rule.evaluate([seen], PICTURE, at_s + index / 5)) for index in range(frames))


@pytest.mark.parametrize(("gap_s", "moved_px"), [(2.0, 0), (5.0, 300), (20.0, 400)])
def test_same_person_after_a_gap_triggers_nothing(gap_s: float, moved_px: float) -> None:
    rule = fresh_rule()
    assert fires(rule, 450, track_id=1, at_s=100.0) == 1
    assert fires(rule, 450 + moved_px, track_id=2, at_s=100.6 + gap_s) == 0


@pytest.mark.parametrize("gap_s", [2.0, 5.0])
def test_same_person_after_a_restart_triggers_nothing(gap_s: float) -> None:
    before, after = fresh_rule(), fresh_rule()
    assert fires(before, 450, track_id=7, at_s=100.0) == 1
    after.resume(before.stays())
    assert fires(after, 500, track_id=1, at_s=100.6 + gap_s) == 0


def test_without_the_memory_a_restart_would_trigger_again() -> None:
    assert fires(fresh_rule(), 500, track_id=1, at_s=103.0) == 1


def test_second_person_after_a_gap_triggers() -> None:
    rule = fresh_rule()
    assert fires(rule, 450, track_id=1, at_s=100.0) == 1
    both = [standing(455, 500, track_id=2), standing(480, 500, track_id=3)]
    fired = [trigger for index in range(4) for trigger in rule.evaluate(both, PICTURE, 103.0 + index / 5)]
    assert len(fired) == 1


def test_person_too_far_to_have_walked_there_triggers() -> None:
    rule = fresh_rule()
    assert fires(rule, 420, track_id=1, at_s=100.0) == 1
    assert fires(rule, 880, track_id=2, at_s=102.6) == 1


def test_person_who_comes_in_well_after_the_return_triggers() -> None:
    rule = fresh_rule()
    assert fires(rule, 450, track_id=1, at_s=100.0) == 1
    for index in range(int(5 * RETURN_S) + 2):
        assert rule.evaluate([], PICTURE, 103.0 + index / 5) == []
    assert fires(rule, 450, track_id=2, at_s=103.2 + RETURN_S + 0.4) == 1


def test_stay_is_forgotten_after_a_long_time_without_pictures() -> None:
    rule = fresh_rule()
    assert fires(rule, 450, track_id=1, at_s=100.0) == 1
    assert fires(rule, 450, track_id=2, at_s=101.0 + LONGEST_GAP_S) == 1


def test_person_who_had_left_is_no_stay() -> None:
    rule = fresh_rule()
    assert fires(rule, 450, track_id=1, at_s=100.0) == 1
    assert fires(rule, 300, track_id=1, at_s=100.8) == 0
    assert rule.stays() == []


def test_nearest_stay_is_taken_and_only_once() -> None:
    returning = Returning()
    returning.expect([Stay(100, 500, 100, 0.0), Stay(300, 500, 100, 0.0)])
    assert not returning.is_gap(2.0)
    assert returning.take(290, 500, 100, 2.0)
    assert returning.take(110, 500, 100, 2.0)
    assert not returning.take(110, 500, 100, 2.0)


def test_short_pause_is_no_gap() -> None:
    returning = Returning()
    assert not returning.is_gap(1.0)
    assert not returning.is_gap(1.0 + GAP_S)
    assert returning.is_gap(1.1 + 2 * GAP_S)


def test_second_outage_before_everybody_was_seen_again_forgets_nobody() -> None:
    rule = fresh_rule()
    assert fires(rule, 450, track_id=1, at_s=100.0) == 1
    assert rule.evaluate([], PICTURE, 103.0) == []
    assert rule.stays(), "a kill in this moment must not lose who is still looked for"
    assert rule.evaluate([], PICTURE, 106.0) == []
    assert fires(rule, 450, track_id=2, at_s=106.2) == 0


def test_whoever_was_not_seen_again_in_time_is_no_stay_any_more() -> None:
    rule = fresh_rule()
    assert fires(rule, 450, track_id=1, at_s=100.0) == 1
    for index in range(int(5 * RETURN_S) + 2):
        rule.evaluate([], PICTURE, 103.0 + index / 5)
    assert rule.stays() == []


def test_regular_long_intervals_are_no_gaps() -> None:
    returning = Returning()
    gaps = [returning.is_gap(4.0 * index) for index in range(12)]
    assert not any(gaps[4:])
    assert returning.is_gap(4.0 * 11 + 20.0)
