import pytest

from kernel.ledger import Span
from supervisor.exam.visible_truth import TrueEvent, visible_triggers, without


def spans(*ends: tuple[float, float]) -> list[Span]:
    return [Span(start_s, end_s) for start_s, end_s in ends]


@pytest.mark.parametrize(
    ("entered_s", "left_s", "visible", "triggers"),
    [
        pytest.param(100, 105, [(0, 200)], [(100, True)], id="in sight all the time"),
        pytest.param(100, 105, [(0, 50), (150, 200)], [], id="came and went unseen"),
        pytest.param(100, 160, [(0, 50), (150, 200)], [(150, False)], id="came unseen, still there when seen again"),
        pytest.param(100, 160, [(0, 110), (150, 200)], [(100, True), (150, False)], id="out of sight for a while"),
        pytest.param(100, 105, [(0, 100.5)], [(100, False)], id="out of sight at once"),
        pytest.param(100, 105, [(99.9, 200)], [(100, True)], id="entered a zone as the picture came"),
        pytest.param(100, 100, [(0, 200)], [(100, True)], id="crossed in sight"),
        pytest.param(100, 100, [(99.9, 200)], [(100, False)], id="crossed as the picture came"),
        pytest.param(100, 100, [(0, 50), (150, 200)], [], id="crossed unseen"),
    ],
)
def test_events_become_triggers_as_far_as_they_were_seen(
    entered_s: float, left_s: float, visible: list[tuple[float, float]], triggers: list[tuple[float, bool]]
) -> None:
    event = TrueEvent("cam-01", "yard", "person", entered_s, left_s)
    found = visible_triggers(event, spans(*visible))
    assert [(trigger.sent_s, trigger.is_certain) for trigger in found] == triggers
    assert all((t.camera_id, t.rule_id, t.class_name) == ("cam-01", "yard", "person") for t in found)


def test_holes_are_taken_out_of_spans() -> None:
    whole = spans((0, 10), (20, 30))
    assert without(whole, spans((5, 25))) == spans((0, 5), (25, 30))
    assert without(whole, spans((2, 3), (22, 23))) == spans((0, 2), (3, 10), (20, 22), (23, 30))
    assert without(whole, spans((0, 10), (40, 50))) == spans((20, 30))
    assert without(whole, []) == whole
