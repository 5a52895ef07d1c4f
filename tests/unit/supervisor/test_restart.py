from __future__ import annotations

from itertools import pairwise

from supervisor.restart import FIRST_DELAY_S, HEALTHY_S, LONGEST_DELAY_S, RestartPlan


def test_the_first_restart_is_quick_and_later_ones_wait_longer_up_to_a_cap() -> None:
    plan, delays_s = RestartPlan(), []
    for _ in range(12):
        plan, delay_s = plan.after_exit(lived_s=0.1)
        delays_s.append(delay_s)
    assert delays_s[0] == FIRST_DELAY_S
    assert all(later == min(LONGEST_DELAY_S, 2 * earlier) for earlier, later in pairwise(delays_s))
    assert delays_s[-1] == LONGEST_DELAY_S


def test_a_healthy_while_is_forgiving() -> None:
    plan = RestartPlan(failures=9)
    plan, delay_s = plan.after_exit(lived_s=HEALTHY_S)
    assert delay_s == FIRST_DELAY_S
    assert plan.failures == 1
