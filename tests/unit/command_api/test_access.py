"""Units, lock-out, passwords."""

from __future__ import annotations

import pytest

from command_api.access.lockout import LockOut
from command_api.access.passwords import hash_password, random_password, verify_password, weakness
from command_api.access.units import covers


@pytest.mark.parametrize(
    ("user", "owner", "may"),
    [
        ("bureau/north", "bureau/north", True),
        ("bureau/north", "bureau/north/gate", True),
        ("bureau/north", "bureau", False),
        ("bureau/north", "bureau/south", False),
        ("bureau/north", "bureau/northern", False),
        ("bureau", "bureau/north", True),
        ("bureau", "elsewhere", True),
        ("bureau/", "elsewhere", True),
        ("other", "bureau/north", False),
    ],
)
def test_a_unit_covers_itself_and_what_lies_below(user: str, owner: str, may: bool) -> None:
    assert covers(user, owner, root_unit="bureau") is may


def test_the_first_failures_are_free_and_then_the_wait_doubles() -> None:
    lock_out, waits_s, now_s = LockOut(free_failures=3), [], 100.0
    for _ in range(6):
        lock_out.failed("li", now_s)
        waits_s.append(lock_out.wait_s("li", now_s))
        now_s += waits_s[-1]
    assert waits_s == [0.0, 0.0, 5.0, 10.0, 20.0, 40.0]
    assert lock_out.wait_s("li", now_s) == 0.0
    assert lock_out.wait_s("wang", now_s) == 0.0


def test_the_wait_has_an_end_and_failures_are_forgotten() -> None:
    lock_out = LockOut(free_failures=1)
    for _ in range(40):
        lock_out.failed("li", 0.0)
    assert lock_out.wait_s("li", 0.0) == 900.0
    lock_out.failed("li", 3000.0)
    assert lock_out.wait_s("li", 3000.0) == 5.0, "a quiet half hour starts anew"


def test_success_clears_a_user_and_forgives_one_of_an_address() -> None:
    lock_out = LockOut(free_failures=2)
    for _ in range(3):
        lock_out.failed("10.0.0.1", 0.0)
    lock_out.forgive_one("10.0.0.1")
    assert lock_out.wait_s("10.0.0.1", 0.0) == 5.0
    lock_out.succeeded("10.0.0.1")
    assert lock_out.wait_s("10.0.0.1", 0.0) == 0.0


def test_somebody_who_tries_many_names_does_not_fill_the_memory() -> None:
    lock_out = LockOut(free_failures=1)
    for number in range(10_001):
        lock_out.failed(f"user-{number}", 0.0)
    assert lock_out.wait_s("user-0", 0.0) == 0.0
    assert lock_out.wait_s("user-1", 0.0) == 5.0


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short7!", "too short"),
        ("1234567890123", "at least two of"),
        ("abcdefghijklm", "at least two of"),
        ("a1a1a1a1a1a1", "too simple"),
        ("my-zhang-pass7", "user name"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, words: str) -> None:
    problem = weakness(password, "Zhang")
    assert problem is not None
    assert words in problem[1]


def test_good_passwords_pass() -> None:
    assert weakness("矿山路值班员2026", "zhang") is None
    # a user could not be made one time in twenty: the one-time password had letters only
    assert all(weakness(random_password(), "zhang") is None for _ in range(500))


def test_a_hash_belongs_to_one_password() -> None:
    password_hash = hash_password("correct horse 7")
    assert password_hash.startswith("$argon2id$")
    assert verify_password(password_hash, "correct horse 7")
    assert not verify_password(password_hash, "correct horse 8")
    assert not verify_password("no hash at all", "correct horse 7")
    assert hash_password("correct horse 7") != password_hash
