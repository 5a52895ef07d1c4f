"""The true online rate: from when each camera sent its packets; pure.

A camera is online from its first packet on. It is offline from the last packet on when the session ended, or when the
silence lasted longer than the read time-out: the way the ledger counts. What nobody observed is left out on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kernel.ledger import Span
from kernel.ledger.spans import intersection, seconds, union


@dataclass(frozen=True, slots=True)
class Sending:
    """A session of a camera sent packets without a longer silence; a session may do so several times."""

    session: str
    span: Span


@dataclass(frozen=True, slots=True)
class OnlineTime:
    """Seconds of one camera, or of several together."""

    online_s: float
    observed_s: float

    @property
    def rate(self) -> float | None:
        """Online share of the observed time; None where nothing was observed."""
        return self.online_s / self.observed_s if self.observed_s > 0 else None


def online_spans(sendings: Iterable[Sending], read_timeout_s: float) -> list[Span]:
    """When a camera was truly online.

    Args:
        sendings: everything it sent, any order.
        read_timeout_s: a longer silence within a session is an outage, a shorter one is none.
    """
    spans: list[Span] = []
    last_of_session: dict[str, float] = {}
    for sending in sorted(sendings, key=lambda s: s.span.start_s):
        since_s = last_of_session.get(sending.session)
        goes_on = since_s is not None and sending.span.start_s - since_s <= read_timeout_s
        spans.append(Span(since_s if goes_on and since_s is not None else sending.span.start_s, sending.span.end_s))
        last_of_session[sending.session] = sending.span.end_s
    return union(spans)


def online_time(online: Sequence[Span], observed: Sequence[Span], window: Span) -> OnlineTime:
    """Online and observed seconds of one camera within the window.

    Args:
        online: its true online spans.
        observed: when its observer was watching.
        window: what is counted.
    """
    watched = intersection(union(observed), [window])
    return OnlineTime(seconds(intersection(union(online), watched)), seconds(watched))


def together(times: Iterable[OnlineTime]) -> OnlineTime:
    """The sums over several cameras."""
    listed = list(times)
    return OnlineTime(sum(t.online_s for t in listed), sum(t.observed_s for t in listed))


def error_pp(measured: float | None, true: float | None) -> float | None:
    """How far the measured rate is off, in percentage points; None where either is unknown."""
    return None if measured is None or true is None else abs(measured - true) * 100
