"""Events in the order they were sent -> rows of the ledger, whatever arrives twice and whoever was killed.

For each stream of a camera:

    first change of a run   --> the run before ends where it was last known; a new interval opens
    change, same run        --> the open interval ends exactly there, the next opens
    offline, dated back     --> its last packet came before the online states since: these shrink to nothing
    change, older           --> arrived twice: nothing
    heartbeat               --> the open interval is known up to here (online: up to its last packet);
                                the watched span grows, or a new one opens after more than 3 s or a new run
    third heartbeat in a row that tells another state
                            --> the change was lost (trimmed, unreadable): it is taken from the heartbeat
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kernel.config.camera import StreamName
from kernel.events import (
    AnalysisHeartbeat,
    CameraState,
    CameraStateChanged,
    ObserverHeartbeat,
    OfflineCause,
    StreamPulse,
)
from kernel.ledger.rows import IntervalKey, SpanKey, StateInterval, WatchedSpan, WatchKind

LONGEST_HEARTBEAT_GAP_S = 3.0
_CONTRADICTIONS = 3  # a heartbeat made ready beside a change may come after it and still tell the state before
_ONLINE_ROWS_KEPT = 32
LedgerEvent = CameraStateChanged | ObserverHeartbeat | AnalysisHeartbeat
_StreamKey = tuple[str, StreamName]
_WatchKey = tuple[WatchKind, str, StreamName | None]


@dataclass(frozen=True, slots=True)
class LedgerChanges:
    """Rows to insert, or to replace by their key."""

    intervals: tuple[StateInterval, ...] = ()
    spans: tuple[WatchedSpan, ...] = ()


class LedgerFold:
    """Turns events into rows, one event at a time.

    Args:
        intervals: kept intervals of the last minutes, the newest of each stream among them.
        spans: kept spans of the last minutes, the newest of each watcher among them.
    """

    def __init__(self, intervals: Iterable[StateInterval] = (), spans: Iterable[WatchedSpan] = ()) -> None:
        self._intervals: dict[_StreamKey, StateInterval] = {}
        self._online_rows: dict[_StreamKey, list[StateInterval]] = {}  # closed ones of the online stretch that goes on
        self._spans: dict[_WatchKey, WatchedSpan] = {}
        self._contradictions: dict[_StreamKey, int] = {}
        self._reported_s: dict[_StreamKey, float] = {}  # newest instant any change of the run was dated to
        for interval in sorted(intervals, key=lambda row: row.start_s):
            key = (interval.camera_id, interval.stream)
            self._reported_s[key] = interval.start_s
            if interval.end_s <= interval.start_s and not interval.is_open:
                continue  # an online state that a later outage, dated back, left nothing of
            if key in self._intervals:
                self._remember(key, self._intervals[key], interval)
            self._intervals[key] = interval
        for span in sorted(spans, key=lambda row: row.start_s):
            self._spans[span.kind, span.camera_id, span.stream] = span

    def apply(self, event: LedgerEvent) -> LedgerChanges:
        """Rows that this event changes; none where it arrived before."""
        if isinstance(event, CameraStateChanged):
            return LedgerChanges(self._changed(event))
        if isinstance(event, ObserverHeartbeat):
            return self._observed(event)
        return LedgerChanges(spans=self._analysed(event))

    def _changed(self, event: CameraStateChanged) -> tuple[StateInterval, ...]:
        key = (event.camera_id, event.stream)
        changed_s = event.changed_at.timestamp()
        before = self._intervals.get(key)
        following = StateInterval(*key, changed_s, changed_s, event.state, event.cause, event.run_id, is_open=True)
        if before is None or before.run_id != event.run_id:
            return self._first_of_run(before, replace(following, is_probing=event.state is CameraState.CONNECTING))
        is_probing = before.state is CameraState.DISABLED and event.state is CameraState.CONNECTING
        following = replace(following, end_s=max(changed_s, self._beaten_s(key, event.run_id)), is_probing=is_probing)
        if _goes_down(before, following):
            return self._gone_down(key, before, following)
        if _is_older(following, before, self._reported_s[key]):
            return ()
        if following.cause is OfflineCause.NONE and not _is_up(following.state) and not _is_up(before.state):
            following = replace(following, cause=before.cause)
        if (before.state, before.cause) == (following.state, following.cause):
            return ()
        self._remember(key, replace(before, end_s=changed_s, is_open=False), following)
        self._intervals[key] = following
        self._reported_s[key] = changed_s
        if following.start_s == before.start_s:
            return (following,)
        blamed = before.is_probing and not _is_up(following.state)
        closed = replace(
            before,
            end_s=changed_s,
            is_open=False,
            is_probing=before.is_probing and not blamed,
            cause=following.cause if blamed else before.cause,
        )
        return closed, following

    def _gone_down(self, key: _StreamKey, before: StateInterval, following: StateInterval) -> tuple[StateInterval, ...]:
        """Online to offline, dated by the last packet: that may lie before the newest online states."""
        stretch = [*self._online_rows.get(key, []), before]
        if following.start_s < stretch[0].start_s:
            return ()  # of an earlier outage, arrived twice
        cut = [
            replace(row, end_s=max(row.start_s, min(row.end_s, following.start_s)), is_open=False)
            for row in stretch[:-1]
            if row.end_s > following.start_s
        ]
        cut.append(replace(before, end_s=max(before.start_s, following.start_s), is_open=False))
        self._online_rows.pop(key, None)
        self._intervals[key] = following
        return (*(row for row in cut if row.key != following.key), following)

    def _remember(self, key: _StreamKey, closed: StateInterval, following: StateInterval) -> None:
        """Keep the closed rows of an online stretch as long as it goes on."""
        goes_on = closed.state.is_online and following.state.is_online and closed.run_id == following.run_id
        if not goes_on:
            self._online_rows.pop(key, None)
            return
        rows = self._online_rows.setdefault(key, [])
        rows.append(closed)
        del rows[:-_ONLINE_ROWS_KEPT]

    def _beaten_s(self, key: _StreamKey, run_id: str) -> float:
        """The newest heartbeat of this run."""
        span = self._spans.get((WatchKind.OBSERVED, *key))
        return span.end_s if span is not None and span.run_id == run_id else 0.0

    def _first_of_run(self, before: StateInterval | None, following: StateInterval) -> tuple[StateInterval, ...]:
        """A new run begins: what was open ends where it was last known."""
        if before is not None and following.start_s < before.end_s:
            return ()  # of a run that is over, arrived twice
        key = (following.camera_id, following.stream)
        self._online_rows.pop(key, None)
        self._intervals[key] = following
        self._reported_s[key] = following.start_s
        return (following,) if before is None else (replace(before, is_open=False), following)

    def _observed(self, event: ObserverHeartbeat) -> LedgerChanges:
        beat_s = event.beat_at.timestamp()
        intervals: list[StateInterval] = []
        spans: list[WatchedSpan] = []
        for pulse in event.streams:
            watched = self._watched(WatchKind.OBSERVED, pulse.camera_id, pulse.stream, beat_s, event.run_id)
            missed = self._missed(pulse, event) if watched else None
            spans += watched
            intervals += self._pulsed(pulse, beat_s, event.run_id) if missed is None else self._changed(missed)
        return LedgerChanges(tuple(intervals), tuple(spans))

    def _missed(self, pulse: StreamPulse, event: ObserverHeartbeat) -> CameraStateChanged | None:
        """The change that must have been lost, where the observer keeps telling another state than the ledger has."""
        key = (pulse.camera_id, pulse.stream)
        current = self._intervals.get(key)
        if current is None or current.run_id != event.run_id or current.state is pulse.state:
            self._contradictions.pop(key, None)
            return None
        self._contradictions[key] = self._contradictions.get(key, 0) + 1
        if self._contradictions[key] < _CONTRADICTIONS:
            return None
        del self._contradictions[key]
        goes_down = pulse.state.is_offline and current.state.is_online
        return CameraStateChanged(
            camera_id=pulse.camera_id,
            stream=pulse.stream,
            state=pulse.state,
            cause=pulse.cause,
            changed_at=min(event.beat_at, pulse.last_packet_at or event.beat_at) if goes_down else event.beat_at,
            worker=event.worker,
            run_id=event.run_id,
        )

    def _pulsed(self, pulse: StreamPulse, beat_s: float, run_id: str) -> tuple[StateInterval, ...]:
        key = (pulse.camera_id, pulse.stream)
        current = self._intervals.get(key)
        if current is None or current.run_id != run_id:
            is_probing = pulse.state is CameraState.CONNECTING
            opened = StateInterval(*key, beat_s, beat_s, pulse.state, pulse.cause, run_id, True, is_probing)
            return self._first_of_run(current, opened)
        known_s = beat_s
        if current.state.is_online:
            known_s = min(beat_s, pulse.last_packet_at.timestamp()) if pulse.last_packet_at else current.end_s
        if known_s <= current.end_s:
            return ()
        grown = self._intervals[key] = replace(current, end_s=known_s)
        return (grown,)

    def _analysed(self, event: AnalysisHeartbeat) -> tuple[WatchedSpan, ...]:
        beat_s = event.beat_at.timestamp()
        spans: list[WatchedSpan] = []
        for pulse in event.cameras:
            if not pulse.cause and pulse.last_analysed_at is not None:
                spans += self._watched(WatchKind.ANALYSED, pulse.camera_id, None, beat_s, event.run_id)
        return tuple(spans)

    def _watched(
        self, kind: WatchKind, camera_id: str, stream: StreamName | None, beat_s: float, run_id: str
    ) -> tuple[WatchedSpan, ...]:
        key = (kind, camera_id, stream)
        current = self._spans.get(key)
        if current is not None and beat_s <= current.end_s:
            return ()
        goes_on = current is not None and current.run_id == run_id and beat_s - current.end_s <= LONGEST_HEARTBEAT_GAP_S
        if current is not None and goes_on:
            watched = replace(current, end_s=beat_s)
        else:
            watched = WatchedSpan(kind, camera_id, stream, beat_s, beat_s, run_id)
        self._spans[key] = watched
        return (watched,)


def _is_up(state: CameraState) -> bool:
    return state.is_online or state is CameraState.DISABLED


def _goes_down(before: StateInterval, following: StateInterval) -> bool:
    return before.state.is_online and not _is_up(following.state)


def _is_older(following: StateInterval, before: StateInterval, reported_s: float) -> bool:
    """Whether a change that takes nothing down lies before what was reported already, and so arrived twice.

    Going offline is dated by the last packet, which may be the first one too: at equal instants offline comes after
    online, never before it.
    """
    if following.start_s == reported_s:
        return following.state.is_online and not before.state.is_online
    return following.start_s < reported_s


def fold(events: Iterable[LedgerEvent]) -> tuple[list[StateInterval], list[WatchedSpan]]:
    """All rows that a sequence of events leaves behind, in the order of their starts."""
    folding = LedgerFold()
    intervals: dict[IntervalKey, StateInterval] = {}
    spans: dict[SpanKey, WatchedSpan] = {}
    for event in events:
        changes = folding.apply(event)
        intervals.update((row.key, row) for row in changes.intervals)
        spans.update((row.key, row) for row in changes.spans)
    return (
        sorted(intervals.values(), key=lambda row: (row.start_s, row.camera_id, row.stream)),
        sorted(spans.values(), key=lambda row: (row.start_s, row.camera_id, row.kind)),
    )
