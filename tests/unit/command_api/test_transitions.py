"""The closed loop of an alert, step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from command_api.alerts.transitions import FalseAlarmReason, Handling, Refusal, Step, take
from kernel.events import AlertState

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
NEW = Handling()
ACKNOWLEDGED = Handling(AlertState.ACKNOWLEDGED, "li", NOW, NOW + timedelta(seconds=5))
FALSE = Handling(AlertState.FALSE_ALARM, None, None, None, FalseAlarmReason.ANIMAL)
FALSE_AFTER_ACKNOWLEDGING = Handling(AlertState.FALSE_ALARM, "li", NOW, None, FalseAlarmReason.ANIMAL)


@pytest.mark.parametrize(
    ("before", "step", "actor", "after_s", "expected"),
    [
        (NEW, Step.ACKNOWLEDGE, "li", 0.0, ACKNOWLEDGED),
        (NEW, Step.UNDO, "li", 0.0, Refusal.INVALID_TRANSITION),
        (NEW, Step.FALSE_ALARM, "li", 0.0, FALSE),
        (ACKNOWLEDGED, Step.ACKNOWLEDGE, "li", 1.0, ACKNOWLEDGED),
        (ACKNOWLEDGED, Step.ACKNOWLEDGE, "wang", 1.0, ACKNOWLEDGED),
        (ACKNOWLEDGED, Step.UNDO, "li", 0.0, NEW),
        (ACKNOWLEDGED, Step.UNDO, "li", 5.0, NEW),
        (ACKNOWLEDGED, Step.UNDO, "li", 5.001, Refusal.UNDO_EXPIRED),
        (ACKNOWLEDGED, Step.UNDO, "wang", 1.0, Refusal.UNDO_NOT_YOURS),
        (ACKNOWLEDGED, Step.FALSE_ALARM, "wang", 100.0, FALSE_AFTER_ACKNOWLEDGING),
        (FALSE, Step.ACKNOWLEDGE, "li", 1.0, Refusal.INVALID_TRANSITION),
        (FALSE, Step.UNDO, "li", 1.0, Refusal.INVALID_TRANSITION),
        (FALSE, Step.FALSE_ALARM, "wang", 1.0, FALSE),
    ],
)
def test_every_step_from_every_state(
    before: Handling, step: Step, actor: str, after_s: float, expected: Handling | Refusal
) -> None:
    assert take(before, step, actor, NOW + timedelta(seconds=after_s), FalseAlarmReason.ANIMAL) == expected


def test_a_false_alarm_keeps_its_first_reason() -> None:
    assert take(FALSE, Step.FALSE_ALARM, "li", NOW, FalseAlarmReason.WEATHER) is Refusal.INVALID_TRANSITION


def test_a_step_taken_again_is_the_same_object() -> None:
    """The caller writes nothing for it, so no second audit record and no new seq."""
    assert take(ACKNOWLEDGED, Step.ACKNOWLEDGE, "wang", NOW) is ACKNOWLEDGED
    assert take(FALSE, Step.FALSE_ALARM, "wang", NOW, FalseAlarmReason.ANIMAL) is FALSE


def test_a_false_alarm_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        take(NEW, Step.FALSE_ALARM, "li", NOW)
