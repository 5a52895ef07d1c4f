"""Rules against what truly happens before a camera, in short; `make bench` has them at length.

Zone and line rules are in test_against_district.
"""

from __future__ import annotations

import pytest

from scripts.evaluate_rules import EXAMS


@pytest.mark.parametrize(
    ("kind", "rounds", "incidents", "quiet"),
    [
        ("loitering", 1, 10, 0),
        ("crowd", 1, 4, 0),
        ("wrong_direction", 1, 5, 0),
        ("vehicle_stopped", 1, 7, 1),
        ("zone_unmanned", 1, 4, 0),
        ("running", 1, 5, 5),
        ("object_left", 10, 4, 2),
        ("object_removed", 10, 4, 2),
    ],
)
def test_a_rule_tells_of_all_that_happened_and_of_nothing_else(
    kind: str, rounds: int, incidents: int, quiet: int
) -> None:
    tally = EXAMS[kind].judge(rounds)
    print(f"{kind}: {tally}")
    assert tally.incidents >= incidents
    assert tally.quiet >= quiet
    assert tally.found == tally.incidents
    assert tally.wrong == 0
