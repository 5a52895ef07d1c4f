"""Alerts against ground truth: precision, recall, latency, false alerts; pure.

Both sides are cut the same way. Truth triggers (a ground-contact point really enters) are merged into incidents by the
rule's cooldown, as alerts are. An alert matches a trigger of the same camera, rule and class when it was created
-0.5..+3 s after the packet of the entering frame was sent.

    alert of an incident's first trigger, the incident's only one        found
    alert of a later trigger of an incident nobody told of yet           late: missed, yet the alert is not false
    second alert of an incident                                          duplicate: false
    alert that matches no trigger                                        false

An incident that begins outside the window (or at its very end) is left out, and so are alerts that match it. Where two
triggers lie within half a second of the cooldown apart, one frame decides whether they are one incident or two: the
second one may be told of but need not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

EARLIEST_S, LATEST_S = -0.5, 3.0
COOLDOWN_BLUR_S = 0.5

RuleKey = tuple[str, str]
"""(camera_id, rule_id)."""


@dataclass(frozen=True, slots=True)
class TruthTrigger:
    """Somebody really entered: `sent_s` is when the packet of the frame that shows it was sent.

    One that is not certain (its picture failed around then) may be told of but need not.
    """

    camera_id: str
    rule_id: str
    class_name: str
    sent_s: float
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert as the room got it."""

    id: str
    camera_id: str
    rule_id: str
    class_name: str
    created_s: float


@dataclass(frozen=True, slots=True)
class Window:
    """The observed time, seconds since the epoch."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Seconds from start to end."""
        return self.end_s - self.start_s


class Verdict(StrEnum):
    """What became of an alert."""

    FOUND = "found"
    LATE = "late"
    DUPLICATE = "duplicate"
    FALSE = "false"
    OPTIONAL = "optional"
    LEFT_OUT = "left_out"


@dataclass(slots=True)
class Incident:
    """True triggers of one rule merged by its cooldown."""

    triggers: list[TruthTrigger]
    is_required: bool
    is_in_window: bool
    found_by: RaisedAlert | None = None
    told_by: RaisedAlert | None = None

    @property
    def first(self) -> TruthTrigger:
        """The trigger it is timed by."""
        return self.triggers[0]


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of one run, and the cases behind them.

    Attributes:
        incidents: required incidents in the window.
        latencies_s: creation of the alert minus sending of the entering packet, for each found one.
    """

    incidents: int
    found: int
    correct_alerts: int
    false_alerts: int
    latencies_s: tuple[float, ...]
    missed: tuple[Incident, ...] = field(repr=False)
    wrong: tuple[tuple[RaisedAlert, Verdict], ...] = field(repr=False)

    @property
    def precision(self) -> float | None:
        """Share of alerts that tell of a true incident for the first time; None without an alert."""
        told = self.correct_alerts + self.false_alerts
        return self.correct_alerts / told if told else None

    @property
    def recall(self) -> float | None:
        """Share of incidents found in time; None without an incident."""
        return self.found / self.incidents if self.incidents else None

    def latency_s(self, share: float) -> float | None:
        """The latency that this share of the found incidents stays within (nearest rank); None without one."""
        if not self.latencies_s:
            return None
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def score(
    truth: Sequence[TruthTrigger],
    alerts: Sequence[RaisedAlert],
    cooldowns_s: Mapping[RuleKey, float],
    window: Window,
) -> Score:
    """Judge alerts by truth.

    Args:
        truth: every trigger known, also before and after the window.
        alerts: every alert of the rules in question, also before and after the window.
        cooldowns_s: cooldown of every rule; rules that are not in it are not judged.
        window: what is counted.
    """
    incidents: list[Incident] = []
    verdicts: list[tuple[RaisedAlert, Verdict]] = []
    for key, cooldown_s in sorted(cooldowns_s.items()):
        own = sorted((t for t in truth if (t.camera_id, t.rule_id) == key), key=lambda t: t.sent_s)
        told = sorted((a for a in alerts if (a.camera_id, a.rule_id) == key), key=lambda a: a.created_s)
        of_rule = true_incidents(own, cooldown_s, window)
        verdicts += [(alert, _judge(alert, of_rule, window)) for alert in told]
        incidents += of_rule
    required = [incident for incident in incidents if incident.is_in_window and incident.is_required]
    found = [incident for incident in required if incident.found_by is not None]
    wrong = tuple((a, v) for a, v in verdicts if v in (Verdict.DUPLICATE, Verdict.FALSE))
    return Score(
        incidents=len(required),
        found=len(found),
        correct_alerts=sum(v in (Verdict.FOUND, Verdict.LATE) for _, v in verdicts),
        false_alerts=len(wrong),
        latencies_s=tuple(i.found_by.created_s - i.first.sent_s for i in found if i.found_by is not None),
        missed=tuple(incident for incident in required if incident.found_by is None),
        wrong=wrong,
    )


def true_incidents(triggers: Sequence[TruthTrigger], cooldown_s: float, window: Window) -> list[Incident]:
    """Triggers of one rule, by rising time, merged; those that a frame more or less would merge are not required."""
    incidents: list[Incident] = []
    for trigger in triggers:
        gap_s = trigger.sent_s - incidents[-1].triggers[-1].sent_s if incidents else float("inf")
        if gap_s < cooldown_s - COOLDOWN_BLUR_S:
            incidents[-1].triggers.append(trigger)
            continue
        is_in_window = window.start_s <= trigger.sent_s <= window.end_s - LATEST_S
        is_required = trigger.is_certain and gap_s > cooldown_s + COOLDOWN_BLUR_S
        incidents.append(Incident([trigger], is_required, is_in_window))
    return incidents


def _judge(alert: RaisedAlert, incidents: Sequence[Incident], window: Window) -> Verdict:
    candidates = [incident for incident in incidents if any(_matches(alert, t) for t in incident.triggers)]
    if not candidates:
        return Verdict.FALSE if window.start_s <= alert.created_s <= window.end_s else Verdict.LEFT_OUT
    candidates.sort(key=lambda i: (i.told_by is not None, not _tells_beginning(alert, i)))
    incident = candidates[0]
    is_first, incident.told_by = incident.told_by is None, incident.told_by or alert
    if not incident.is_in_window:
        return Verdict.LEFT_OUT
    if not is_first:
        return Verdict.DUPLICATE
    if not incident.is_required:
        return Verdict.OPTIONAL
    if not _tells_beginning(alert, incident):
        return Verdict.LATE
    incident.found_by = alert
    return Verdict.FOUND


def _tells_beginning(alert: RaisedAlert, incident: Incident) -> bool:
    """Whether the alert is in time for the incident's first trigger, by its class or that of one who came along."""
    delay_s = alert.created_s - incident.first.sent_s
    return EARLIEST_S <= delay_s <= LATEST_S and any(_matches(alert, t) for t in incident.triggers)


def _matches(alert: RaisedAlert, trigger: TruthTrigger) -> bool:
    return alert.class_name == trigger.class_name and EARLIEST_S <= alert.created_s - trigger.sent_s <= LATEST_S
