"""The completion rate of a patrol's scheduled runs; pure.

Each run that was due in the window counts once, by its last decision:

    launched   and its flight ended `done`      done
               and its flight was refused       refused
               and its flight ended otherwise   failed
               and its flight is not over       pending; failed where nothing was told for a day
    refused, missed, held, skipped              that
    awaiting   while it may be confirmed        pending
               after that                       missed

    due = done + refused + missed + failed + held + skipped        rate = done / due, none where due is 0

Runs that wait or fly are not judged yet. Flights nobody scheduled are in no figure here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from command_api.drones.model import Completion
from kernel.events import FlightOutcome, RunDecision

WINDOW_DAYS = 30
WINDOW = timedelta(days=WINDOW_DAYS)
LONGEST_SILENCE = timedelta(days=1)
_PENDING = "pending"


@dataclass(frozen=True, slots=True)
class RunGroup:
    """Runs of one patrol of which the same became.

    Attributes:
        outcome: of their flights; None: not over, or none.
        waits: a person may still confirm them.
        is_fresh: decided within LONGEST_SILENCE.
        count: how many.
    """

    patrol_id: str
    decision: RunDecision
    outcome: FlightOutcome | None
    waits: bool
    is_fresh: bool
    count: int


def completions(groups: Iterable[RunGroup]) -> dict[str, Completion]:
    """The figures of each patrol that had a run."""
    counts: dict[str, Counter[str]] = {}
    for group in groups:
        counts.setdefault(group.patrol_id, Counter())[_figure(group)] += group.count
    return {patrol_id: completion(count) for patrol_id, count in counts.items()}


def completion(counts: Counter[str]) -> Completion:
    """The figures of counted runs, and their rate."""
    due = counts.total() - counts[_PENDING]
    return Completion(
        days=WINDOW_DAYS,
        due=due,
        done=counts["done"],
        refused=counts["refused"],
        missed=counts["missed"],
        failed=counts["failed"],
        held=counts["held"],
        skipped=counts["skipped"],
        pending=counts[_PENDING],
        rate=counts["done"] / due if due else None,
    )


def _figure(group: RunGroup) -> str:
    if group.decision is RunDecision.AWAITING:
        return _PENDING if group.waits else "missed"
    if group.decision is not RunDecision.LAUNCHED:
        return group.decision.value
    if group.outcome is None:
        return _PENDING if group.is_fresh else "failed"
    if group.outcome in (FlightOutcome.DONE, FlightOutcome.REFUSED):
        return group.outcome.value
    return "failed"
