"""A wrong password is tried a few times, however many streams of a recorder are configured with it. Thread-safe.

Recorders lock an account after a few refused logins, and go on doing so as long as somebody tries. Streams that log in
at the same host with the same name and password therefore share what is known of it:

    unknown --a session opens--> open (as long as one is open everybody may ask: a refusal is about a stream)
        '--refused three times in a row--> refused: one stream asks every nine tenths of `retry_s`

Three, because some recorders refuse a user one channel of many with the same answer. For the same reason it is not the
streams that were refused that ask first again, but one of those that were held back. Whoever comes while a login is
being asked for waits for the answer, but only a moment: a camera that hangs while it opens must not hold up the others.
"""

from __future__ import annotations

import threading
from collections import Counter

from kernel.clock import Clock

PATIENCE_S = 0.25
TOLERATED_REFUSALS = 3
_ASKED_AGAIN_AFTER = 0.9  # of the wait of who was refused

Login = tuple[str, int, str, str]
"""Host, port, user name, password: never logged."""


class Logins:
    """What is known of the logins of a worker's cameras.

    Args:
        clock: for how long a refusal holds.
        retry_s: how long a stream waits that was refused.
        patience_s: longest wait for somebody else's answer.
    """

    def __init__(self, clock: Clock, retry_s: float, patience_s: float = PATIENCE_S) -> None:
        self._clock = clock
        self._refused_for_s = _ASKED_AGAIN_AFTER * retry_s
        self._patience_s = patience_s
        self._open: Counter[Login] = Counter()
        self._refusals: Counter[Login] = Counter()
        self._asked: set[Login] = set()
        self._refused_at_s: dict[Login, float] = {}
        self._changed = threading.Condition()

    def may_ask(self, login: Login) -> bool:
        """Whether to log in now; who may has to say how it went (`answered`)."""
        with self._changed:
            self._changed.wait_for(lambda: self._open[login] > 0 or login not in self._asked, self._patience_s)
            if self._open[login] > 0:
                return True
            refused_at_s = self._refused_at_s.get(login)
            if refused_at_s is not None and self._clock.monotonic_s() - refused_at_s < self._refused_for_s:
                return False
            self._asked.add(login)
            return True

    def answered(self, login: Login, *, accepted: bool, refused: bool) -> None:
        """How it went: a session is open (until `closed`), refused, or neither (the camera failed otherwise)."""
        with self._changed:
            self._asked.discard(login)
            if accepted:
                self._open[login] += 1
                del self._refusals[login]
                self._refused_at_s.pop(login, None)
            elif refused and not self._open[login]:
                self._refusals[login] += 1
                if self._refusals[login] >= TOLERATED_REFUSALS:
                    self._refused_at_s[login] = self._clock.monotonic_s()
            self._changed.notify_all()

    def closed(self, login: Login) -> None:
        """A session that was open with it has ended."""
        with self._changed:
            self._open[login] -= 1
