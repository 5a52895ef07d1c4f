from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from detect.alerts.incidents import IncidentBook, IncidentChange, field_of
from detect.alerts.whereabouts import Whereabouts
from detect.rules.sighting import Trigger
from kernel.config.rules import Level
from kernel.event_base import GeoPoint
from kernel.events import AlertKind, AlertRaised
from tests.unit.detect.triggers import FIELD, START, TRIGGER


def book() -> IncidentBook:
    numbers = count(1)
    return IncidentBook({FIELD: 10.0}, lambda: f"id-{next(numbers)}")


def later(seconds_s: float) -> Trigger:
    return replace(TRIGGER, at_s=TRIGGER.at_s + seconds_s, track_id=8)


def at(seconds_s: float) -> datetime:
    return START + timedelta(seconds=seconds_s)


def test_first_trigger_opens_an_incident_with_everything_known_about_it() -> None:
    [update] = book().accept(TRIGGER, at(0.3))
    assert update.change is IncidentChange.OPENED
    assert update.field == FIELD == field_of("cam-01", "yard")
    assert update.alert == AlertRaised(
        id="id-1",
        camera_id="cam-01",
        rule_id="yard",
        kind=AlertKind.ZONE_INTRUSION,
        level=Level.RED,
        class_name="person",
        occurred_at=START,
        created_at=at(0.3),
        last_seen_at=START,
        confidence=0.8,
        box_xyxy=(0.1, 0.2, 0.3, 0.4),
        track_id=7,
    )


def test_triggers_within_the_cooldown_of_the_last_keep_the_id_and_are_counted() -> None:
    incidents = book()
    incidents.accept(TRIGGER, at(0.3))
    incidents.accept(later(9), at(9.3))
    [update] = incidents.accept(later(18), at(18.3))
    assert update.change is IncidentChange.CONTINUED
    assert (update.alert.id, update.alert.triggers) == ("id-1", 3)
    assert (update.alert.created_at, update.alert.last_seen_at) == (at(0.3), at(18))
    assert update.alert.track_id == 7  # the snapshot shows the first one


def test_trigger_after_the_cooldown_ends_the_old_incident_and_opens_a_new_one() -> None:
    incidents = book()
    incidents.accept(TRIGGER, at(0))
    ended, opened = incidents.accept(later(10.5), at(10.6))
    assert (ended.change, ended.alert.id, ended.alert.ended_at) == (IncidentChange.ENDED, "id-1", START)
    assert (opened.change, opened.alert.id, opened.alert.triggers) == (IncidentChange.OPENED, "id-2", 1)


def test_rules_and_cameras_do_not_mix() -> None:
    incidents = book()
    incidents.accept(TRIGGER, at(0))
    for other in (replace(TRIGGER, rule_id="gate"), replace(TRIGGER, camera_id="cam-02")):
        [update] = incidents.accept(other, at(0.1))
        assert update.change is IncidentChange.OPENED


def test_sweep_ends_an_incident_only_when_no_late_frame_can_continue_it() -> None:
    incidents = book()
    incidents.accept(TRIGGER, at(0))
    assert incidents.sweep(at(11.9)) == []
    [update] = incidents.sweep(at(12.1))
    assert (update.change, update.field, update.alert.ended_at) == (IncidentChange.ENDED, FIELD, START)
    assert incidents.stored(FIELD) is None
    assert incidents.sweep(at(13)) == []


def test_open_incident_continues_after_a_restart() -> None:
    before = book()
    before.accept(TRIGGER, at(0))
    before.attach_snapshot(FIELD, "2026/03/01/id-1.jpg", "ab" * 32)
    text = before.stored(FIELD)
    assert text is not None

    after = IncidentBook({FIELD: 10.0}, lambda: "id-of-the-new-run")
    assert after.restore({FIELD: text}) == []
    [update] = after.accept(later(9.9), at(10))
    assert (update.change, update.alert.id, update.alert.triggers) == (IncidentChange.CONTINUED, "id-1", 2)
    assert update.alert.snapshot_path == "2026/03/01/id-1.jpg"


def test_restore_names_what_it_cannot_read_and_keeps_the_rest() -> None:
    before = book()
    before.accept(TRIGGER, at(0))
    stored = {FIELD: before.stored(FIELD) or "", "cam-02/gate": "{}", "cam-03/gate": "not json"}
    after = book()
    assert after.restore(stored) == ["cam-02/gate", "cam-03/gate"]
    assert after.stored(FIELD) == stored[FIELD]


def test_incident_of_a_rule_gone_from_the_config_ends_at_the_first_sweep() -> None:
    before = book()
    before.accept(TRIGGER, at(0))
    after = IncidentBook({}, lambda: "unused")
    after.restore({FIELD: before.stored(FIELD) or ""})
    assert [update.change for update in after.sweep(at(0.5))] == [IncidentChange.ENDED]


def test_clock_set_back_ends_an_incident_instead_of_swallowing_every_alert_until_it_has_caught_up() -> None:
    incidents = book()
    incidents.accept(TRIGGER, at(0))
    ended, opened = incidents.accept(later(-3600), at(-3600))
    assert (ended.change, ended.alert.id) == (IncidentChange.ENDED, "id-1")
    assert (opened.change, opened.alert.id, opened.alert.occurred_at) == (IncidentChange.OPENED, "id-2", at(-3600))


def test_clock_set_back_a_little_keeps_the_incident() -> None:
    incidents = book()
    incidents.accept(TRIGGER, at(0))
    [update] = incidents.accept(later(-2), at(-2))
    assert (update.change, update.alert.id, update.alert.last_seen_at) == (IncidentChange.CONTINUED, "id-1", START)


def test_incident_of_the_future_is_swept() -> None:
    incidents = book()
    incidents.accept(TRIGGER, at(0))
    assert incidents.sweep(at(-11.9)) == []
    assert [update.change for update in incidents.sweep(at(-3600))] == [IncidentChange.ENDED]


def test_a_class_is_corrected_while_the_incident_is_open() -> None:
    incidents = book()
    [opened] = incidents.accept(TRIGGER, at(0.3))
    assert incidents.correct_class(FIELD, "person") == []
    [update] = incidents.correct_class(FIELD, "bicycle")
    assert (update.change, update.field) == (IncidentChange.CONTINUED, FIELD)
    assert update.alert == opened.alert.model_copy(update={"class_name": "bicycle", "class_changes": 1})
    assert incidents.stored(FIELD) == update.alert.model_dump_json()
    assert incidents.correct_class("cam-01/other", "bicycle") == []
    [ended] = incidents.sweep(at(30))
    assert (ended.alert.class_name, ended.alert.class_changes) == ("bicycle", 1)
    assert incidents.correct_class(FIELD, "person") == []


def test_an_incident_that_opened_without_a_place_takes_the_first_that_is_known() -> None:
    incidents = book()
    near, far = GeoPoint(lat=41.77, lon=109.97), GeoPoint(lat=41.78, lon=109.98)
    incidents.accept(TRIGGER, at(0), Whereabouts(unplaced="grazing"))
    [placed] = incidents.accept(later(2), at(2), Whereabouts(near, 6.0))
    assert (placed.alert.place, placed.alert.place_error_m, placed.alert.unplaced) == (near, 6.0, "")
    [kept] = incidents.accept(later(4), at(4), Whereabouts(far, 3.0))
    assert (kept.alert.place, kept.alert.place_error_m) == (near, 6.0)
