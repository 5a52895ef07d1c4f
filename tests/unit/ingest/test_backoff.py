from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.backoff import RetryPolicy
from kernel.events import OfflineCause

POLICY = RetryPolicy(retry_max_s=60.0, auth_retry_s=600.0)
AUTHENTICATION = (OfflineCause.WRONG_PASSWORD, OfflineCause.DIGEST_UNSUPPORTED)


def longest(failures: int, cause: OfflineCause = OfflineCause.REFUSED) -> float:
    return POLICY.wait_s(failures, cause, lambda: 1.0)


def test_ceiling_doubles_up_to_the_cap() -> None:
    assert [longest(failures) for failures in (1, 2, 3, 4, 5, 6, 7, 50, 10_000)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_jitter_is_full() -> None:
    assert POLICY.wait_s(5, OfflineCause.REFUSED, lambda: 0.5) == 8.0
    assert POLICY.wait_s(5, OfflineCause.REFUSED, lambda: 0.0) == 0.1


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True), st.sampled_from(list(OfflineCause)))
def test_wait_is_positive_and_bounded(failures: int, random: float, cause: OfflineCause) -> None:
    wait_s = POLICY.wait_s(failures, cause, lambda: random)
    assert wait_s > 0
    assert wait_s == 600.0 if cause in AUTHENTICATION else wait_s <= 60.0


def test_a_refused_password_waits_in_full_every_time() -> None:
    assert {POLICY.wait_s(n, OfflineCause.WRONG_PASSWORD, lambda: 0.0) for n in range(1, 9)} == {600.0}
