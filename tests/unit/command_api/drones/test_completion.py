"""The completion rate, run by run as docs/patrols-api.md defines it."""

from __future__ import annotations

from collections import Counter

import pytest

from command_api.drones.completion import RunGroup, completion, completions
from kernel.events import FlightOutcome, RunDecision


def _group(
    decision: RunDecision,
    outcome: FlightOutcome | None = None,
    *,
    waits: bool = False,
    is_fresh: bool = True,
    count: int = 1,
) -> RunGroup:
    return RunGroup("loop", decision, outcome, waits, is_fresh, count)


@pytest.mark.parametrize(
    ("group", "figure"),
    [
        (_group(RunDecision.LAUNCHED, FlightOutcome.DONE), "done"),
        (_group(RunDecision.LAUNCHED, FlightOutcome.REFUSED), "refused"),
        (_group(RunDecision.LAUNCHED, FlightOutcome.FAILED), "failed"),
        (_group(RunDecision.LAUNCHED, FlightOutcome.RETURNED), "failed"),
        (_group(RunDecision.LAUNCHED, FlightOutcome.ABORTED), "failed"),
        (_group(RunDecision.LAUNCHED, FlightOutcome.TAKEN_OVER), "failed"),
        (_group(RunDecision.LAUNCHED), "pending"),
        (_group(RunDecision.LAUNCHED, is_fresh=False), "failed"),
        (_group(RunDecision.REFUSED), "refused"),
        (_group(RunDecision.MISSED), "missed"),
        (_group(RunDecision.HELD), "held"),
        (_group(RunDecision.SKIPPED), "skipped"),
        (_group(RunDecision.AWAITING, waits=True), "pending"),
        (_group(RunDecision.AWAITING), "missed"),
    ],
)
def test_each_run_counts_as_one_thing(group: RunGroup, figure: str) -> None:
    counted = completions([group])["loop"].model_dump()
    figures = ("done", "refused", "missed", "failed", "held", "skipped", "pending")
    assert {name: counted[name] for name in figures} == {name: int(name == figure) for name in figures}
    assert counted["due"] == (0 if figure == "pending" else 1)


def test_the_rate_is_done_over_due() -> None:
    groups = [
        _group(RunDecision.LAUNCHED, FlightOutcome.DONE, count=6),
        _group(RunDecision.LAUNCHED, FlightOutcome.ABORTED),
        _group(RunDecision.HELD),
        _group(RunDecision.AWAITING, waits=True, count=5),
    ]
    counted = completions(groups)["loop"]
    assert (counted.due, counted.done, counted.pending, counted.rate) == (8, 6, 5, 0.75)


def test_nothing_due_is_no_rate() -> None:
    assert completion(Counter(pending=3)).rate is None
    assert completions([]) == {}
