from datetime import datetime
from zoneinfo import ZoneInfo

from detect.rules import CameraRules, Picture
from detect.tracking import Track
from kernel.config.camera import CameraConfig
from tests.unit.detect.rules.walkers import standing

CAMERA = CameraConfig.model_validate(
    {
        "id": "cam-01",
        "name": "Gate",
        "unit": "bureau",
        "streams": {"main": {"url": "rtsp://127.0.0.1/1"}},
        "zones": [{"id": "yard", "points": [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]]}],
        "rules": [
            {"id": "yard-people", "kind": "zone_intrusion", "zone": "yard", "classes": ["person"], "inertia_frames": 1},
            {"id": "yard-cars", "kind": "zone_intrusion", "zone": "yard", "classes": ["car"], "inertia_frames": 1},
            {"id": "gate", "kind": "line_crossing", "line": [[0.3, 0.5], [0.7, 0.5]], "classes": ["car"]},
        ],
    }
)
PICTURE = Picture(1000, 1000)


def track(track_id: int, class_id: int, bottom: float) -> Track:
    return Track(track_id, class_id, 0.8, 0.8, 2.0, (480.0, bottom - 60, 520.0, bottom), (0.0, 0.0), 3, True)


def test_every_rule_sees_every_track_and_names_classes_by_the_model() -> None:
    rules = CameraRules(CAMERA, ["person", "bicycle", "car"])
    assert rules.evaluate([], PICTURE, 0.0) == []
    first = rules.evaluate([track(1, 0, 450.0), track(2, 2, 480.0)], PICTURE, 1.0)
    assert [(t.rule_id, t.class_name, t.track_id) for t in first] == [
        ("yard-people", "person", 1),
        ("yard-cars", "car", 2),
    ]
    second = rules.evaluate([track(1, 0, 450.0), track(2, 2, 530.0)], PICTURE, 1.2)
    assert [(t.rule_id, t.class_name, t.track_id) for t in second] == [("gate", "car", 2)]


def test_a_rule_counts_in_its_hours_and_tells_then_of_who_is_there_already() -> None:
    settings = {"id": "enters", "kind": "zone_intrusion", "zone": "yard", "classes": ["person"]}
    camera = CameraConfig.model_validate(
        {
            "id": "cam-01",
            "name": "x",
            "unit": "u",
            "streams": {"main": {"url": "rtsp://127.0.0.1/1"}},
            "zones": [{"id": "yard", "points": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]}],
            "rules": [settings | {"hours": ["22:00-06:00"]}],
        }
    )
    shanghai = ZoneInfo("Asia/Shanghai")
    rules = CameraRules(camera, ("person",), shanghai)
    begin_s = datetime(2026, 3, 2, 22, 0, tzinfo=shanghai).timestamp()
    fired = [
        round(now_s - begin_s, 1)
        for now_s in (begin_s + 0.2 * step for step in range(-20, 20))
        for _ in rules.evaluate([standing(500, 500).track], PICTURE, now_s)
    ]
    assert fired == [0.2]
    assert list(rules.stays()) == ["enters"]
    assert rules.evaluate([standing(500, 500).track], PICTURE, begin_s + 8 * 3600) == []
    assert rules.stays() == {}
