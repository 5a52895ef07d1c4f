from kernel.config.camera import StreamName
from kernel.ledger import Span
from supervisor.exam.district_truth import DistrictTruth
from supervisor.exam.online_truth import Sending
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
