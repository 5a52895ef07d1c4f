"""When a camera has to hear from us, and by which request. Pure.

A camera ends a session that it has not heard of for its time-out, whatever packets it sends. Half of it is the rhythm.
Not every camera that names GET_PARAMETER takes it: some refuse it, some never answer and go on counting. Then it is
OPTIONS, still within the same time-out.

Source: RFC 2326 sections 10.8 and 12.37; gortsplib and FFmpeg choose the method alike.
"""

from __future__ import annotations

from collections.abc import Collection

USUAL_TIMEOUT_S = 60
SHORTEST_TIMEOUT_S = 4
_UNAUTHORIZED = 401
_ANSWERED_WITHIN = 0.25  # of the time-out


class KeepAlive:
    """The keep-alives of one session.

    Args:
        methods: what the server says it understands.
        timeout_s: what it said in its Session header, None where it said nothing.
        now_s: the present, of any clock that is not set.
    """

    def __init__(self, methods: Collection[str], timeout_s: int | None, now_s: float) -> None:
        self._timeout_s = max(USUAL_TIMEOUT_S if timeout_s is None else timeout_s, SHORTEST_TIMEOUT_S)
        self._method = "GET_PARAMETER" if "GET_PARAMETER" in methods else "OPTIONS"
        self._at_s = now_s + self._timeout_s / 2
        self._unanswered_at_s: float | None = None
        self._was_repeated = False

    def due(self, now_s: float) -> str:
        """The request to send now, empty where there is none."""
        if self._unanswered_at_s is not None and now_s >= self._unanswered_at_s:
            return self._instead(now_s)
        if now_s < self._at_s:
            return ""
        self._was_repeated = False
        return self._sent(now_s)

    def answered(self, status: int, now_s: float, *, again: bool) -> str:
        """The request to send after that answer to the last one, empty where there is none.

        Args:
            status: of the answer.
            now_s: as for `due`.
            again: it was a 401, and other credentials are there now: a nonce that grew old.
        """
        self._unanswered_at_s = None
        if status == _UNAUTHORIZED:
            if not again or self._was_repeated:
                return ""
            self._was_repeated = True
            return self._sent(now_s)
        return self._instead(now_s) if status >= 400 else ""

    def _instead(self, now_s: float) -> str:
        """OPTIONS from now on, where it was something else."""
        self._unanswered_at_s = None
        if self._method == "OPTIONS":
            return ""
        self._method = "OPTIONS"
        return self._sent(now_s)

    def _sent(self, now_s: float) -> str:
        self._at_s = now_s + self._timeout_s / 2
        self._unanswered_at_s = now_s + _ANSWERED_WITHIN * self._timeout_s
        return self._method
