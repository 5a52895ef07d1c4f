"""The true online rate: from when each camera sent its packets; pure.

A camera is online from its first packet on. A silence longer than its read time-out is an outage, and the outage began
with the last packet before it, as the ledger counts it. Time nobody observed is left out on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SpanS = tuple[float, float]
"""Start and end, seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class OnlineTime:
    """Seconds of one camera, or of several together."""

    online_s: float
    observed_s: float

    @property
    def rate(self) -> float | None:
        """Online share of the observed time; None where nothing was observed."""
        return self.online_s / self.observed_s if self.observed_s > 0 else None


def online_spans(packets_s: Iterable[float], read_timeout_s: float) -> list[SpanS]:
    """Spans in which a camera was online, from the instants of its packets (any order).

    Args:
        packets_s: when packets were sent.
        read_timeout_s: a longer silence is an outage.
    """
    spans: list[SpanS] = []
    for sent_s in sorted(packets_s):
        if spans and sent_s - spans[-1][1] <= read_timeout_s:
            spans[-1] = (spans[-1][0], sent_s)
        else:
            spans.append((sent_s, sent_s))
    return spans


def intersection(one: Sequence[SpanS], other: Sequence[SpanS]) -> list[SpanS]:
    """What two lists of spans have in common, merged and sorted."""
    common = [
        (max(a_start, b_start), min(a_end, b_end)) for a_start, a_end in union(one) for b_start, b_end in union(other)
    ]
    return sorted((start, end) for start, end in common if end > start)


def union(spans: Iterable[SpanS]) -> list[SpanS]:
    """Overlapping and touching spans joined, sorted."""
    joined: list[SpanS] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def length_s(spans: Iterable[SpanS]) -> float:
    """Seconds covered by spans that do not overlap."""
    return sum(end - start for start, end in spans)


def online_time(online: Sequence[SpanS], observed: Sequence[SpanS], window: SpanS) -> OnlineTime:
    """Online and observed seconds of one camera within the window.

    Args:
        online: its true online spans.
        observed: when its observer was watching.
        window: what is counted.
    """
    watched = intersection(observed, [window])
    return OnlineTime(length_s(intersection(online, watched)), length_s(watched))


def together(times: Iterable[OnlineTime]) -> OnlineTime:
    """The sums over several cameras."""
    listed = list(times)
    return OnlineTime(sum(t.online_s for t in listed), sum(t.observed_s for t in listed))


def error_pp(measured: float | None, true: float | None) -> float | None:
    """How far the measured rate is off, in percentage points; None where either is unknown."""
    return None if measured is None or true is None else abs(measured - true) * 100
