"""Message signing: a 32-byte key, and a timestamp that never goes back, not even across a restart.

Timestamps count 10 us since 2015-01-01. The file holds a reservation ahead of every timestamp used, so that it is
written once a minute and not per packet; after a crash the next start begins at the reservation.
Source: MAVLink 2 message signing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kernel.errors import BadInputError, CannotRunError

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_UNITS_PER_S = 100_000
_RESERVED = 60 * _UNITS_PER_S
_MOST_BEHIND = 60 * _UNITS_PER_S
_KEY_BYTES = 32


class BadSigningKey(BadInputError):
    """The signing key is not 32 bytes."""


class ClockBehind(CannotRunError):
    """This machine's clock is behind timestamps it used already: a vehicle would refuse everything."""


def signing_key(text: str) -> bytes:
    """The key written as 64 hexadecimal digits.

    Raises:
        BadSigningKey: it is anything else; the text itself is never repeated.
    """
    digits = text.strip()
    if not re.fullmatch(rf"[0-9a-fA-F]{{{2 * _KEY_BYTES}}}", digits):
        raise BadSigningKey(
            f"the signing key is not {2 * _KEY_BYTES} hexadecimal digits (it has {len(digits)} characters); "
            "make one with: openssl rand -hex 32"
        )
    return bytes.fromhex(digits)


def timestamp_of(instant: datetime) -> int:
    """Units of 10 us since 2015-01-01."""
    return int((instant - _EPOCH).total_seconds() * _UNITS_PER_S)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What a link signs with; `link_id` tells apart several links to one vehicle."""

    secret: bytes
    timestamps: Path
    link_id: int = 0

    def __repr__(self) -> str:
        return f"SigningKey(secret=…, link_id={self.link_id})"


class TimestampReservation:
    """Timestamps for outgoing packets: never twice, never back, whatever the clock does."""

    def __init__(self, path: Path, now: datetime) -> None:
        """Take up where the file says the last run may have been.

        Raises:
            ClockBehind: the clock is more than 60 s behind what was used.
            CannotRunError: the file cannot be read or written.
        """
        self._path = path
        clock = timestamp_of(now)
        self._reserved_until = self._read()
        behind = self._reserved_until - _RESERVED - clock
        if behind > _MOST_BEHIND:
            raise ClockBehind(
                f"the clock is {behind / _UNITS_PER_S:.0f} s behind the last signed packet ({path}); "
                "set the machine's clock, or, if the file is wrong, remove it"
            )
        self._next = max(clock, self._reserved_until)
        self._reserve(self._next)

    @property
    def latest(self) -> int:
        """The last timestamp used, or where this run began."""
        return self._next

    def take(self, now: datetime) -> int:
        """The timestamp for the next packet."""
        self._next = max(self._next + 1, timestamp_of(now))
        if self._next >= self._reserved_until:
            self._reserve(self._next)
        return self._next

    def raise_to(self, heard: int) -> None:
        """A peer used a later timestamp: ours follow it."""
        self._next = max(self._next, heard)

    def _reserve(self, used: int) -> None:
        self._reserved_until = used + _RESERVED
        beside = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(f"{self._reserved_until}\n", "ascii")
            beside.replace(self._path)
        except OSError as error:
            raise CannotRunError(f"cannot keep signing timestamps in {self._path}: {error.strerror}") from error

    def _read(self) -> int:
        try:
            return int(self._path.read_text("ascii"))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            raise CannotRunError(
                f"cannot read signing timestamps from {self._path}: {error}; repair or remove the file"
            ) from error
