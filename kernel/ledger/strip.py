"""One character a minute: the worst that was seen of a camera in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from kernel.events import CameraState
from kernel.ledger.rows import StateInterval, without_overlaps
from kernel.ledger.spans import Span, difference, intersection, seconds, union

ONLINE, DEGRADED, OFFLINE, OUT_OF_SERVICE, NO_DATA = "O", "D", "X", "S", "N"
ANALYSED, NOT_ANALYSED = ".", "1"
_MINUTE_S = 60.0
_KNOWN_SHARE = 0.5
_HEARTBEAT_SLACK_S = 3.0


def minutes_of(window: Span) -> list[Span]:
    """The minutes of a window from its start on; the last may be cut short."""
    count = math.ceil(window.length_s / _MINUTE_S)
    starts = [window.start_s + _MINUTE_S * index for index in range(count)]
    return [Span(start_s, min(start_s + _MINUTE_S, window.end_s)) for start_s in starts]


def state_strip(
    intervals: Iterable[StateInterval], observed: Iterable[Span], window: Span, planned: Iterable[Span] = ()
) -> str:
    """State of one stream by the minute: X offline, else D degraded, else N where less than half of the minute is
    known, else O online, else S out of service (also for a planned outage, whatever the camera did)."""
    announced = union(planned)
    watched = difference(union(observed), announced)
    ordered = without_overlaps(intervals)
    spans: dict[str, list[Span]] = {letter: [] for letter in (ONLINE, DEGRADED, OFFLINE, OUT_OF_SERVICE)}
    for row in ordered:
        if not row.is_probing:
            spans[_letter(row.state)].append(row.span)
    seen = {
        letter: union([*found, *announced]) if letter == OUT_OF_SERVICE else intersection(union(found), watched)
        for letter, found in spans.items()
    }
    return "".join(_worst(seen, minute) for minute in minutes_of(window))


def _worst(seen: dict[str, list[Span]], minute: Span) -> str:
    seen_s = {letter: seconds(intersection(found, [minute])) for letter, found in seen.items()}
    for letter in (OFFLINE, DEGRADED):
        if seen_s[letter] > 0:
            return letter
    if sum(seen_s.values()) < _KNOWN_SHARE * minute.length_s:
        return NO_DATA
    return ONLINE if seen_s[ONLINE] > 0 else OUT_OF_SERVICE


def _letter(state: CameraState) -> str:
    if state is CameraState.DISABLED:
        return OUT_OF_SERVICE
    if state is CameraState.DEGRADED:
        return DEGRADED
    return ONLINE if state.is_online else OFFLINE


def not_analysed_strip(analysed: Sequence[Span], window: Span) -> str:
    """Where a camera was not analysed for three seconds or more of a minute: 1, else a dot."""
    spans = union(analysed)
    return "".join(
        NOT_ANALYSED
        if minute.length_s - seconds(intersection(spans, [minute])) >= min(_HEARTBEAT_SLACK_S, minute.length_s)
        else ANALYSED
        for minute in minutes_of(window)
    )
