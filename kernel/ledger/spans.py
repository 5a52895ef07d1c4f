"""Spans of time and their arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From start_s up to, not including, end_s; seconds since the epoch."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Seconds in it, never negative."""
        return max(0.0, self.end_s - self.start_s)


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans that are sorted and apart."""
    joined: list[Span] = []
    for span in sorted(span for span in spans if span.length_s > 0):
        if joined and span.start_s <= joined[-1].end_s:
            joined[-1] = Span(joined[-1].start_s, max(joined[-1].end_s, span.end_s))
        else:
            joined.append(span)
    return joined


def intersection(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """Time that lies in both; each side sorted and apart."""
    common: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start_s = max(left[i].start_s, right[j].start_s)
        end_s = min(left[i].end_s, right[j].end_s)
        if start_s < end_s:
            common.append(Span(start_s, end_s))
        if left[i].end_s <= right[j].end_s:
            i += 1
        else:
            j += 1
    return common


def difference(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """Time that lies in `left` and not in `right`; each side sorted and apart."""
    rest: list[Span] = []
    for span in left:
        start_s = span.start_s
        for cut in right:
            if cut.end_s <= start_s or cut.start_s >= span.end_s:
                continue
            if cut.start_s > start_s:
                rest.append(Span(start_s, cut.start_s))
            start_s = cut.end_s
        if start_s < span.end_s:
            rest.append(Span(start_s, span.end_s))
    return rest


def seconds(spans: Iterable[Span]) -> float:
    """Sum of the lengths."""
    return sum(span.length_s for span in spans)
