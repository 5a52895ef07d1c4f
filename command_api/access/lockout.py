"""Growing delay after repeated failed sign-ins, per user name and per address; pure, time comes in.

A few failures are free (people mistype); each further one doubles the wait, up to a quarter of an hour. Failures are
forgotten after a quiet half hour. Unknown user names are counted like known ones, so nothing shows which exist. The
number of remembered keys is bounded; the one longest unused is forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

_REMEMBERED_KEYS = 10_000
FORGET_AFTER_S = 1800.0
_FIRST_DELAY_S = 5.0
_LONGEST_DELAY_S = 900.0


@dataclass(slots=True)
class _Failures:
    count: int
    last_s: float


class LockOut:
    """Failed attempts by key.

    Args:
        free_failures: failures before the first delay.
    """

    def __init__(self, free_failures: int) -> None:
        self._free_failures = free_failures
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """Seconds until another attempt is allowed, 0 where it is allowed now."""
        failures = self._failures.get(key)
        if failures is None or failures.count < self._free_failures:
            return 0.0
        return max(0.0, failures.last_s + self._delay_s(failures.count) - now_s)

    def last_s(self, key: str, now_s: float) -> float:
        """When a key last failed; `now_s` where it never did."""
        failures = self._failures.get(key)
        return failures.last_s if failures is not None else now_s

    def failed(self, key: str, now_s: float) -> None:
        """Count one failure."""
        failures = self._failures.setdefault(key, _Failures(0, now_s))
        if now_s - failures.last_s > FORGET_AFTER_S:
            failures.count = 0
        failures.count += 1
        failures.last_s = now_s
        self._failures.move_to_end(key)
        while len(self._failures) > _REMEMBERED_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the failures of a key."""
        self._failures.pop(key, None)

    def forgive_one(self, key: str) -> None:
        """Take back one failure, for a key that many people share."""
        failures = self._failures.get(key)
        if failures is not None:
            failures.count = max(0, failures.count - 1)

    def _delay_s(self, count: int) -> float:
        doublings = min(count - self._free_failures, 16)
        return min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2.0**doublings)
