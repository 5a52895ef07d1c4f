"""Passwords: argon2id hashes, rules for new ones, random ones."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256
_FEWEST_DIFFERENT_CHARACTERS = 5
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"  # nothing that reads like something else

# OWASP password storage cheat sheet, argon2id: 19 MiB, two passes, one lane. The detector has the other cores.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """An argon2id hash with its own salt; takes some 30 ms and 19 MiB on purpose."""
    return _hasher.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def random_password() -> str:
    """A password of 20 characters that can be read out over a telephone, 116 bits."""
    while True:
        password = "".join(secrets.choice(_ALPHABET) for _ in range(20))
        if not _has_one_kind(password):  # one in twenty has letters only, which the rules for passwords refuse
            return password


def weakness(password: str, user_name: str) -> tuple[str, str] | None:
    """What is wrong with a new password, in Chinese and English, or None where it will do."""
    if len(password) < SHORTEST_PASSWORD:
        return (
            f"密码太短，至少 {SHORTEST_PASSWORD} 个字符",
            f"the password is too short; use at least {SHORTEST_PASSWORD} characters",
        )
    if user_name.lower() in password.lower():
        return "密码不能包含用户名", "the password contains the user name; choose another"
    if len(set(password)) < _FEWEST_DIFFERENT_CHARACTERS:
        return (
            f"密码过于简单，至少使用 {_FEWEST_DIFFERENT_CHARACTERS} 种不同字符",
            f"the password is too simple; use at least {_FEWEST_DIFFERENT_CHARACTERS} different characters",
        )
    if _has_one_kind(password):
        return (
            "密码须包含字母、数字、符号中的至少两类",
            "the password needs at least two of: letters, digits, other characters",
        )
    return None


def _has_one_kind(password: str) -> bool:
    return password.isalpha() or password.isdigit() or not any(character.isalnum() for character in password)
