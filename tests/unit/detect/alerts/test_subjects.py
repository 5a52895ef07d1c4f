from __future__ import annotations

from detect.alerts.subjects import CORRECT_WITHIN_S, Subjects
from detect.tracking import Track

NAMES = ("person", "car", "truck")
FIELD = "cam-01/lane"


def track(track_id: int, class_id: int) -> Track:
    return Track(track_id, class_id, 0.8, 0.8, 2.0, (0.0, 0.0, 10.0, 10.0), (0.0, 0.0), 4, True)


def test_the_subject_tells_its_class_for_a_while() -> None:
    subjects = Subjects(NAMES)
    subjects.opened(FIELD, 7, 100.0)
    assert subjects.classes([track(7, 1), track(8, 0)], 100.0) == [(FIELD, "car")]
    assert subjects.classes([track(8, 0)], 100.4) == []
    assert subjects.classes([track(7, 2)], 101.0) == [(FIELD, "truck")]
    assert subjects.classes([track(7, 2)], 100.1 + CORRECT_WITHIN_S) == []
    assert subjects.classes([track(7, 2)], 101.0) == []


def test_the_next_incident_of_a_rule_has_a_subject_of_its_own() -> None:
    subjects = Subjects(NAMES)
    subjects.opened(FIELD, 7, 100.0)
    subjects.opened(FIELD, 9, 101.0)
    subjects.opened("cam-01/gate", 7, 101.0)
    assert subjects.classes([track(7, 1), track(9, 2)], 101.2) == [(FIELD, "truck"), ("cam-01/gate", "car")]


def test_a_clock_set_back_forgets() -> None:
    subjects = Subjects(NAMES)
    subjects.opened(FIELD, 7, 100.0)
    assert subjects.classes([track(7, 1)], 50.0) == []
