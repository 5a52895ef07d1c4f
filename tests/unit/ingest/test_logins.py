from __future__ import annotations

from datetime import UTC, datetime

from ingest.logins import Logins
from kernel.clock import ManualClock

LOGIN = ("192.0.2.1", 554, "viewer", "secret")
OTHER = ("192.0.2.2", 554, "viewer", "secret")


def test_a_refused_login_is_not_asked_for_again_until_its_time_has_come() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    logins = Logins(clock, 600.0)
    assert logins.may_ask(LOGIN)
    logins.answered(LOGIN, accepted=False, refused=True)
    clock.advance(599.0)
    assert not logins.may_ask(LOGIN)
    assert logins.may_ask(OTHER)
    clock.advance(1.0)
    assert logins.may_ask(LOGIN)


def test_a_camera_that_fails_otherwise_or_hangs_refuses_nobody() -> None:
    logins = Logins(ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), 600.0, patience_s=0.0)
    assert logins.may_ask(LOGIN)
    assert logins.may_ask(LOGIN), "nobody waits longer for an answer than patience lasts"
    logins.answered(LOGIN, accepted=False, refused=False)
    assert logins.may_ask(LOGIN)


def test_an_accepted_login_is_asked_for_by_everybody_until_it_is_refused() -> None:
    logins = Logins(ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), 600.0)
    assert logins.may_ask(LOGIN)
    logins.answered(LOGIN, accepted=True, refused=False)
    assert logins.may_ask(LOGIN)
    assert logins.may_ask(LOGIN)
    logins.answered(LOGIN, accepted=False, refused=True)
    assert not logins.may_ask(LOGIN)
