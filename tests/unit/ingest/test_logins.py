from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.logins import TOLERATED_REFUSALS, Logins
from kernel.clock import ManualClock

LOGIN = ("192.0.2.1", 554, "viewer", "secret")
OTHER = ("192.0.2.2", 554, "viewer", "secret")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=UTC))


def refuse(logins: Logins) -> None:
    assert logins.may_ask(LOGIN)
    logins.answered(LOGIN, accepted=False, refused=True)


def test_a_login_refused_again_and_again_is_asked_for_once_in_a_long_time(clock: ManualClock) -> None:
    logins = Logins(clock, 600.0)
    for _ in range(TOLERATED_REFUSALS):
        refuse(logins)
    for _ in range(3):
        clock.advance(539.0)
        assert not logins.may_ask(LOGIN)
        assert logins.may_ask(OTHER)
        clock.advance(1.0)
        refuse(logins)


def test_a_camera_that_fails_otherwise_or_hangs_refuses_nobody(clock: ManualClock) -> None:
    logins = Logins(clock, 600.0, patience_s=0.0)
    for _ in range(10):
        assert logins.may_ask(LOGIN)
        assert logins.may_ask(LOGIN), "nobody waits longer for an answer than patience lasts"
        logins.answered(LOGIN, accepted=False, refused=False)


def test_while_a_session_is_open_a_refusal_is_about_a_stream_and_holds_nobody_back(clock: ManualClock) -> None:
    """A recorder that gives a user fifteen of sixteen channels may refuse the sixteenth like a wrong password."""
    logins = Logins(clock, 600.0)
    assert logins.may_ask(LOGIN)
    logins.answered(LOGIN, accepted=True, refused=False)
    for _ in range(10):
        refuse(logins)
    logins.closed(LOGIN)
    for _ in range(TOLERATED_REFUSALS):
        refuse(logins)
    assert not logins.may_ask(LOGIN)
