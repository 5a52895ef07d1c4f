"""Every rule told of at least 40 incidents with few missed and few wrong: scripts.evaluate_rules in full."""

from __future__ import annotations

import pytest

from scripts.evaluate_rules import EXAMS

QUIET_MIN = {"object_left": 20, "object_removed": 20, "running": 40, "vehicle_stopped": 8}
"""How often an exam shows what a rule must not tell of."""


@pytest.mark.parametrize("kind", EXAMS)
def test_a_rule_passes_its_exam(kind: str) -> None:
    tally = EXAMS[kind].judge(EXAMS[kind].rounds)
    print(f"{kind}: {tally}")
    assert tally.incidents >= 40
    assert tally.quiet >= QUIET_MIN.get(kind, 0)
    assert tally.recall is not None
    assert tally.recall >= 0.95
    assert tally.precision is not None
    assert tally.precision >= 0.95
