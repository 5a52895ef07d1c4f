"""The closed loop of an alert, as far as this version goes; pure.

    new --acknowledge--> acknowledged --false_alarm--> false_alarm
     ^                    |                                 ^
     +--undo, same person |          new --false_alarm------+
        within 5 s -------+

Repeating a step that is already taken changes nothing and is no error: keys bounce, answers get lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.events import AlertState

UNDO_WITHIN = timedelta(seconds=5)


class Step(StrEnum):
    """What a person does to an alert."""

    ACKNOWLEDGE = "acknowledge"
    UNDO = "undo"
    FALSE_ALARM = "false_alarm"


class FalseAlarmReason(StrEnum):
    """Why an alert was none."""

    ANIMAL = "animal"
    WEATHER = "weather"
    SHADOW = "shadow"
    REFLECTION = "reflection"
    WRONG_CLASS = "wrong_class"
    WRONG_PLACE = "wrong_place"
    TEST = "test"
    OTHER = "other"


class Refusal(StrEnum):
    """Why a step is not allowed."""

    INVALID_TRANSITION = "invalid_transition"
    UNDO_EXPIRED = "undo_expired"
    UNDO_NOT_YOURS = "undo_not_yours"


@dataclass(frozen=True, slots=True)
class Handling:
    """How far an alert has been handled."""

    state: AlertState = AlertState.NEW
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    undo_until: datetime | None = None
    false_alarm_reason: FalseAlarmReason | None = None


def take(
    handling: Handling, step: Step, actor: str, now: datetime, reason: FalseAlarmReason | None = None
) -> Handling | Refusal:
    """The handling after a step, the same object where the step was taken before, or why it is refused.

    Args:
        handling: where the alert is.
        step: what the person does.
        actor: the person's user name.
        now: when.
        reason: for FALSE_ALARM only.
    """
    if step is Step.ACKNOWLEDGE:
        return _acknowledge(handling, actor, now)
    if step is Step.UNDO:
        return _undo(handling, actor, now)
    if reason is None:
        raise ValueError("a false alarm has a reason")
    if handling.state is AlertState.FALSE_ALARM:
        return handling if handling.false_alarm_reason is reason else Refusal.INVALID_TRANSITION
    return Handling(AlertState.FALSE_ALARM, handling.acknowledged_by, handling.acknowledged_at, None, reason)


def _acknowledge(handling: Handling, actor: str, now: datetime) -> Handling | Refusal:
    if handling.state is AlertState.ACKNOWLEDGED:
        return handling
    if handling.state is not AlertState.NEW:
        return Refusal.INVALID_TRANSITION
    return Handling(AlertState.ACKNOWLEDGED, actor, now, now + UNDO_WITHIN)


def _undo(handling: Handling, actor: str, now: datetime) -> Handling | Refusal:
    if handling.state is not AlertState.ACKNOWLEDGED or handling.undo_until is None:
        return Refusal.INVALID_TRANSITION
    if handling.acknowledged_by != actor:
        return Refusal.UNDO_NOT_YOURS
    if now > handling.undo_until:
        return Refusal.UNDO_EXPIRED
    return Handling()
