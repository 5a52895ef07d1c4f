"""One wrong password is one refused login, however many streams of a recorder are configured with it. Thread-safe.

Recorders lock an account after a few refused logins, and go on doing so as long as somebody tries. Streams that log in
at the same host with the same name and password therefore share what is known of it:

    unknown --somebody asks--> asked --let in--> accepted
                                 '--refused--> refused, asked again after refused_for_s

Whoever comes while a login is being asked for waits for the answer, but only a moment: a camera that hangs while it
opens must not hold up the others.
"""

from __future__ import annotations

import threading

from kernel.clock import Clock

PATIENCE_S = 0.25

Login = tuple[str, int, str, str]
"""Host, port, user name, password: never logged."""


class Logins:
    """What is known of the logins of a worker's cameras.

    Args:
        clock: for how long a refusal holds.
        refused_for_s: nobody asks again for this long.
        patience_s: longest wait for somebody else's answer.
    """

    def __init__(self, clock: Clock, refused_for_s: float, patience_s: float = PATIENCE_S) -> None:
        self._clock = clock
        self._refused_for_s = refused_for_s
        self._patience_s = patience_s
        self._accepted: set[Login] = set()
        self._asked: set[Login] = set()
        self._refused_at_s: dict[Login, float] = {}
        self._changed = threading.Condition()

    def may_ask(self, login: Login) -> bool:
        """Whether to log in now; who may has to say how it went (`answered`)."""
        with self._changed:
            if login in self._accepted:
                return True
            self._changed.wait_for(lambda: login not in self._asked, self._patience_s)
            refused_at_s = self._refused_at_s.get(login)
            if refused_at_s is not None and self._clock.monotonic_s() - refused_at_s < self._refused_for_s:
                return False
            self._asked.add(login)
            return True

    def answered(self, login: Login, *, accepted: bool, refused: bool) -> None:
        """How it went: let in, refused, or neither (the camera failed otherwise)."""
        with self._changed:
            self._asked.discard(login)
            if accepted:
                self._accepted.add(login)
                self._refused_at_s.pop(login, None)
            if refused:
                self._accepted.discard(login)
                self._refused_at_s[login] = self._clock.monotonic_s()
            self._changed.notify_all()
