from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.incidents_merge import continues, merged


@pytest.mark.parametrize(
    ("triggers_s", "incidents"),
    [
        ([], []),
        ([5.0], [[5.0]]),
        ([0.0, 10.0], [[0.0, 10.0]]),  # exactly the cooldown still belongs
        ([0.0, 10.1], [[0.0], [10.1]]),
        ([0.0, 9.0, 18.0, 27.0], [[0.0, 9.0, 18.0, 27.0]]),  # counted from the last, not the first
        ([30.0, 0.0, 12.0], [[0.0], [12.0], [30.0]]),
    ],
)
def test_triggers_within_the_cooldown_of_the_last_are_one_incident(
    triggers_s: list[float], incidents: list[list[float]]
) -> None:
    assert merged(triggers_s, cooldown_s=10.0) == incidents


@given(st.lists(st.integers(0, 500)), st.integers(1, 60))
def test_incidents_hold_every_trigger_and_lie_more_than_a_cooldown_apart(
    triggers_s: list[int], cooldown_s: int
) -> None:
    incidents = merged(map(float, triggers_s), float(cooldown_s))
    assert sorted(t for incident in incidents for t in incident) == sorted(map(float, triggers_s))
    for before, after in pairwise(incidents):
        assert not continues(before[-1], after[0], cooldown_s)
    for incident in incidents:
        assert all(continues(a, b, cooldown_s) for a, b in pairwise(incident))
