import json
from pathlib import Path

from kernel.config.camera import StreamName
from kernel.ledger import Span
from scripts.district.library import loops_dir
from scripts.district.sent_log import SendingRun, SentLog, sent_file
from supervisor.exam.district_truth import DistrictTruth
from supervisor.exam.online_truth import Sending
from supervisor.exam.scoring import RaisedAlert, Window, score
from supervisor.exam.visible_truth import TrueEvent

MAIN, SUB = StreamName.MAIN, StreamName.SUB
TRUTH = DistrictTruth(
    events={
        "cam-01": [
            TrueEvent("cam-01", "yard", "person", 110.0, 115.0),
            TrueEvent("cam-01", "yard", "person", 130.0, 135.0),
            TrueEvent("cam-01", "yard", "person", 150.0, 155.0),
        ]
    },
    sendings={
        ("cam-01", MAIN): [Sending("a", Span(100.0, 140.0))],
        ("cam-01", SUB): [Sending("b", Span(100.0, 120.0)), Sending("b", Span(123.0, 160.0))],
    },
    faults={"cam-01": [Span(125.0, 136.0)]},
)


def test_only_what_the_analysed_stream_sent_and_no_fault_hid_is_true() -> None:
    assert [t.sent_s for t in TRUTH.triggers({"cam-01": MAIN})] == [110.0]
    assert [t.sent_s for t in TRUTH.triggers({"cam-01": SUB})] == [110.0, 150.0]
    assert TRUTH.triggers({"cam-02": MAIN}) == []


def test_online_is_what_the_stream_sent_whatever_it_showed() -> None:
    assert TRUTH.online("cam-01", SUB, read_timeout_s=5.0) == [Span(100.0, 160.0)]
    assert TRUTH.online("cam-01", SUB, read_timeout_s=2.0) == [Span(100.0, 120.0), Span(123.0, 160.0)]
    assert TRUTH.online("cam-02", MAIN, read_timeout_s=2.0) == []


def test_an_alert_just_before_the_end_is_not_false_where_its_trigger_comes_just_behind(tmp_path: Path) -> None:
    record_district(tmp_path, seed=7, epoch_s=1000.0, entered_s=20.02, sent_to_s=1030.0)
    window = Window(1000.0, 1020.0)
    truth = DistrictTruth.read(tmp_path, 7, window).triggers({"cam-01": MAIN})
    early, unfounded = (
        RaisedAlert(name, "cam-01", "yard", "person", at) for name, at in (("a", 1019.95), ("b", 1010.0))
    )
    scored = score(truth, [early, unfounded], {("cam-01", "yard"): 1.0}, window)
    assert [alert for alert, _ in scored.wrong] == [unfounded]
    assert scored.incidents == 0


def record_district(folder: Path, seed: int, epoch_s: float, entered_s: float, sent_to_s: float) -> None:
    """What a district leaves of one camera, where one person entered one zone."""
    loop = loops_dir(folder, seed) / "cam-01"
    loop.mkdir(parents=True)
    event = {"rule_id": "yard", "class_name": "person", "actor_id": 1, "time_s": entered_s, "leave_s": entered_s + 2.0}
    truth = {"camera_id": "cam-01", "seed": seed, "events": [{"camera_id": "cam-01", **event}], "frames": []}
    (loop / "truth.json").write_text(json.dumps(truth))
    log = SentLog(sent_file(folder))
    log.epoch("cam-01", epoch_s, seed, loop_s=60.0, fps=15)
    log.run(SendingRun("cam-01", "main", "a", "", 0, epoch_s, sent_to_s))
    log.close()
