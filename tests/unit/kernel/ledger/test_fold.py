"""Events -> rows: exact ends, kills, gaps, and whatever arrives twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.config.camera import StreamName
from kernel.events import (
    AnalysisHeartbeat,
    AnalysisPulse,
    CameraState,
    CameraStateChanged,
    ObserverHeartbeat,
    OfflineCause,
    StreamPulse,
)
from kernel.ledger import LedgerFold, Span, StateInterval, WatchedSpan, WatchKind, fold, rates
from kernel.ledger.fold import LedgerEvent

MAIN = StreamName.MAIN
STREAMING, DEGRADED, CONNECTING = CameraState.STREAMING, CameraState.DEGRADED, CameraState.CONNECTING
STALLED, BACKOFF, DISABLED = CameraState.STALLED, CameraState.BACKOFF, CameraState.DISABLED
NONE, REFUSED, NO_PACKETS = OfflineCause.NONE, OfflineCause.REFUSED, OfflineCause.NO_PACKETS
ON_GROUND = OfflineCause.DRONE_ON_GROUND


def at(seconds_s: float) -> datetime:
    return datetime.fromtimestamp(seconds_s, UTC)


def change(seconds_s: float, state: CameraState, cause: OfflineCause = NONE, run: str = "a") -> CameraStateChanged:
    return CameraStateChanged(
        camera_id="c",
        stream=MAIN,
        state=state,
        cause=cause,
        changed_at=at(seconds_s),
        worker="ingest-0",
        run_id=run,
    )


def beat(
    seconds_s: float, state: CameraState, packet_s: float | None = None, cause: OfflineCause = NONE, run: str = "a"
) -> ObserverHeartbeat:
    pulse = StreamPulse(
        camera_id="c",
        stream=MAIN,
        state=state,
        cause=cause,
        last_packet_at=None if packet_s is None else at(packet_s),
        bitrate_bits_s=0,
        fps=0,
    )
    return ObserverHeartbeat(worker="ingest-0", run_id=run, beat_at=at(seconds_s), streams=(pulse,))


def row(start_s: float, end_s: float, state: CameraState, cause: OfflineCause = NONE, **more: Any) -> StateInterval:
    made = StateInterval("c", MAIN, start_s, end_s, state, cause, "a")
    return replace(made, **more)


def intervals_of(*events: LedgerEvent) -> list[StateInterval]:
    """Rows of some length."""
    return [interval for interval in fold(events)[0] if interval.end_s > interval.start_s]


def test_offline_begins_with_the_last_packet() -> None:
    found = intervals_of(
        change(100, CONNECTING),
        beat(100, CONNECTING),
        change(102, STREAMING),
        *[beat(float(second), STREAMING, second - 0.1) for second in range(103, 120)],
        change(114.5, STALLED, NO_PACKETS),
        beat(120, STALLED, 114.5, NO_PACKETS),
        change(121, BACKOFF, OfflineCause.OPEN_TIMED_OUT),
        change(124, CONNECTING, OfflineCause.OPEN_TIMED_OUT),
        change(125.25, STREAMING),
        beat(126, STREAMING, 125.9),
    )
    assert found == [
        row(100, 102, CONNECTING, is_probing=True),
        row(102, 114.5, STREAMING),
        row(114.5, 121, STALLED, NO_PACKETS),
        row(121, 124, BACKOFF, OfflineCause.OPEN_TIMED_OUT),
        row(124, 125.25, CONNECTING, OfflineCause.OPEN_TIMED_OUT),
        row(125.25, 125.9, STREAMING, is_open=True),
    ]


def test_a_stall_also_undoes_the_states_that_came_after_the_last_packet() -> None:
    """Regression: a stream that ran dry was called degraded first; the stall, dated back, looked like an old event."""
    found = intervals_of(
        change(100, STREAMING),
        beat(110, STREAMING, 109.5),
        change(111, DEGRADED),
        change(112, STREAMING),
        change(113, DEGRADED),
        change(109.5, STALLED, NO_PACKETS),
        beat(120, STALLED, 109.5, NO_PACKETS),
    )
    assert found == [row(100, 109.5, STREAMING), row(109.5, 120, STALLED, NO_PACKETS, is_open=True)]


def test_an_interval_left_open_by_a_kill_ends_at_the_last_packet() -> None:
    found = intervals_of(
        change(100, STREAMING),
        beat(101, STREAMING, 100.9),
        beat(102, STREAMING, 101.4),
        change(130, CONNECTING, run="b"),
        change(131, STREAMING, run="b"),
        beat(132, STREAMING, 131.9, run="b"),
    )
    assert found == [
        row(100, 101.4, STREAMING),
        row(130, 131, CONNECTING, is_probing=True, run_id="b"),
        row(131, 131.9, STREAMING, run_id="b", is_open=True),
    ]


def test_an_offline_interval_left_open_ends_at_the_last_heartbeat() -> None:
    found = intervals_of(
        change(100, BACKOFF, REFUSED), beat(101, BACKOFF, None, REFUSED), beat(102, BACKOFF, None, REFUSED)
    )
    assert found == [row(100, 102, BACKOFF, REFUSED, is_open=True)]


def test_the_first_attempt_of_a_run_blames_the_camera_only_when_it_fails() -> None:
    found = intervals_of(change(100, CONNECTING), change(110, BACKOFF, REFUSED), beat(111, BACKOFF, None, REFUSED))
    assert found == [row(100, 110, CONNECTING, REFUSED), row(110, 111, BACKOFF, REFUSED, is_open=True)]


def test_the_first_attempt_after_out_of_service_blames_the_camera_only_when_it_fails() -> None:
    """A drone's camera opens at pre-flight: the second that takes is no outage of it."""
    parked = change(100, DISABLED, ON_GROUND)
    well = intervals_of(parked, change(200, CONNECTING), change(201, STREAMING), beat(210, STREAMING, 209.9))
    assert well == [
        row(100, 200, DISABLED, ON_GROUND),
        row(200, 201, CONNECTING, is_probing=True),
        row(201, 209.9, STREAMING, is_open=True),
    ]
    badly = intervals_of(parked, change(200, CONNECTING), change(205, BACKOFF, REFUSED), change(300, DISABLED))
    assert badly == [
        row(100, 200, DISABLED, ON_GROUND),
        row(200, 205, CONNECTING, REFUSED),
        row(205, 300, BACKOFF, REFUSED),
    ]


def test_a_retry_keeps_the_cause_of_the_outage() -> None:
    found = intervals_of(change(100, BACKOFF, REFUSED), change(110, CONNECTING), change(120, STREAMING))
    assert found == [row(100, 110, BACKOFF, REFUSED), row(110, 120, CONNECTING, REFUSED)]


def test_a_pulse_opens_what_no_change_told_of() -> None:
    """The stream of events was trimmed, or the store is new."""
    found = intervals_of(beat(100, STREAMING, 99.9), beat(101, STREAMING, 100.9))
    assert found == [row(100, 100.9, STREAMING, is_open=True)]


@pytest.mark.parametrize(
    ("beats", "expected"),
    [
        ([100, 101, 102], [(100, 102)]),
        ([100, 103], [(100, 103)]),
        ([100, 101, 104.1, 105], [(100, 101), (104.1, 105)]),
        ([100, 101, 101, 100, 102], [(100, 102)]),
    ],
)
def test_a_gap_of_heartbeats_ends_the_watched_span(beats: list[float], expected: list[tuple[float, float]]) -> None:
    spans = fold(beat(second, STREAMING, second) for second in beats)[1]
    assert [(span.start_s, span.end_s) for span in spans] == expected
    assert {(span.kind, span.camera_id, span.stream) for span in spans} == {(WatchKind.OBSERVED, "c", MAIN)}


def test_a_new_run_opens_a_new_watched_span() -> None:
    spans = fold([beat(100, STREAMING, 100), beat(101, STREAMING, 101, run="b"), beat(102, STREAMING, 102, run="b")])[1]
    assert [(span.start_s, span.end_s, span.run_id) for span in spans] == [(100, 100, "a"), (101, 102, "b")]


def analysis(seconds_s: float, cause: str = "", analysed: bool = True) -> AnalysisHeartbeat:
    pulse = AnalysisPulse(
        camera_id="c",
        analysed_fps=5,
        wanted_fps=5,
        last_analysed_at=at(seconds_s) if analysed else None,
        dropped=0,
        age_p50_ms=1,
        age_p95_ms=1,
        cause=cause,
    )
    return AnalysisHeartbeat(
        run_id="d", beat_at=at(seconds_s), engine="e", model="m", capacity_fps=9, wanted_fps=5, cameras=(pulse,)
    )


def test_analysed_spans_leave_out_what_was_not_analysed() -> None:
    events = [analysis(100), analysis(101), analysis(102, "no_frames"), analysis(103, analysed=False)]
    events += [analysis(105), analysis(106)]
    intervals, spans = fold(events)
    assert intervals == []
    assert [(span.kind, span.stream, span.start_s, span.end_s) for span in spans] == [
        (WatchKind.ANALYSED, None, 100, 101),
        (WatchKind.ANALYSED, None, 105, 106),
    ]


def test_a_stall_that_arrives_again_leaves_the_camera_offline() -> None:
    """Regression: the online states it had undone, delivered again, looked newer than the outage, dated back."""
    history = [change(100, STREAMING), change(111, DEGRADED), change(112, STREAMING), change(105, STALLED, NO_PACKETS)]
    later = [beat(120, STALLED, 105, NO_PACKETS)]
    expected = [row(100, 105, STREAMING), row(105, 120, STALLED, NO_PACKETS, is_open=True)]
    assert intervals_of(*history, *history[-3:], *later) == expected
    kept, spans = fold(history)
    resumed = LedgerFold(kept, spans)
    for event in history[-3:]:
        assert resumed.apply(event).intervals == ()
    (open_row,) = resumed.apply(later[0]).intervals
    assert open_row == expected[-1]


STATES = [STREAMING, DEGRADED, CONNECTING, STALLED, BACKOFF, DISABLED]


@st.composite
def histories(draw: st.DrawFn) -> list[LedgerEvent]:
    """Events as ingest workers send them: several runs of one, offline dated back to the last packet."""
    now_s = 1_000.0
    events: list[LedgerEvent] = []
    for run in "abc"[: draw(st.integers(1, 3))]:
        state = CONNECTING
        events.append(change(now_s, state, run=run))
        packet_s: float | None = None
        for _ in range(draw(st.integers(1, 12))):
            now_s += draw(st.sampled_from([0.25, 1.0, 5.0]))
            if draw(st.booleans()):
                if state.is_online and draw(st.booleans()):
                    packet_s = now_s - 0.125
                events.append(beat(now_s, state, packet_s, run=run))
                continue
            following = draw(st.sampled_from([other for other in STATES if other is not state]))
            was_online, state = state.is_online, following
            if following.is_online and not was_online:
                packet_s = now_s
            goes_down = was_online and not following.is_online and following is not DISABLED
            dated_s = packet_s if goes_down and packet_s is not None else now_s
            events.append(change(dated_s, following, NONE if following.is_online else REFUSED, run))
        now_s += draw(st.sampled_from([0.5, 10.0]))
    return events


@given(histories(), st.data())
def test_what_arrives_twice_changes_nothing(events: list[LedgerEvent], data: st.DataObject) -> None:
    """A batch that is sent or delivered again is a stretch of the newest events, in order."""
    redelivered: list[LedgerEvent] = []
    for index, event in enumerate(events):
        redelivered.append(event)
        if data.draw(st.booleans()):
            length = data.draw(st.integers(1, 20))
            redelivered += events[max(0, index + 1 - length) : index + 1]
    before, spans = fold(events)
    after, spans_after = fold(redelivered)
    assert spans_after == spans
    assert _told(after) == _told(before)


def _told(rows: Sequence[StateInterval]) -> list[tuple[float, float, CameraState, bool]]:
    """What counts: rows of some length, without causes."""
    return [(r.start_s, r.end_s, r.state, r.is_probing) for r in rows if r.end_s > r.start_s]


@given(histories(), st.integers(0, 40))
def test_a_restarted_store_goes_on_from_its_rows(events: list[LedgerEvent], cut: int) -> None:
    """The fold is made anew from what was kept, and the newest events come again."""
    whole, whole_spans = fold(events)
    kept, kept_spans = fold(events[:cut])
    resumed = LedgerFold(kept, kept_spans)
    intervals: dict[object, StateInterval] = {interval.key: interval for interval in kept}
    spans: dict[object, WatchedSpan] = {span.key: span for span in kept_spans}
    for event in events[max(0, cut - 3) :]:
        changes = resumed.apply(event)
        intervals.update((interval.key, interval) for interval in changes.intervals)
        spans.update((span.key, span) for span in changes.spans)
    assert _told(sorted(intervals.values(), key=lambda r: r.start_s)) == _told(whole)
    assert sorted(spans.values(), key=lambda s: s.start_s) == whole_spans


@given(histories())
def test_every_second_of_the_window_is_counted_once(events: list[LedgerEvent]) -> None:
    intervals, spans = fold(events)
    window = Span(990.0, 1_100.0)
    watched = {"c": [span.span for span in spans]}
    figures = rates(["c", "never seen"], intervals, watched, window)
    for camera in figures.values():
        parts_s = (camera.online_s, camera.offline_s, camera.out_of_service_s, camera.unobserved_s)
        assert all(part_s >= 0 for part_s in parts_s)
        assert sum(parts_s) == pytest.approx(window.length_s)
    assert figures["never seen"].unobserved_s == window.length_s


def test_streams_and_cameras_do_not_mix() -> None:
    other = change(100, BACKOFF, REFUSED).model_copy(update={"camera_id": "d"})
    sub = change(100, STALLED, NO_PACKETS).model_copy(update={"stream": StreamName.SUB})
    found, _ = fold([change(100, STREAMING), other, sub, change(101, DEGRADED)])
    assert {(r.camera_id, r.stream, r.state) for r in found} == {
        ("c", MAIN, STREAMING),
        ("c", MAIN, DEGRADED),
        ("d", MAIN, BACKOFF),
        ("c", StreamName.SUB, STALLED),
    }


def test_lost_change_is_taken_from_the_heartbeats() -> None:
    """A change that was trimmed or unreadable left its camera in the wrong state until the next one, days later."""
    events: list[LedgerEvent] = [change(0, CONNECTING), change(1, STREAMING), beat(2, STREAMING, packet_s=2)]
    events += [beat(second, BACKOFF, packet_s=4, cause=REFUSED) for second in range(5, 20)]
    events += [beat(second, STREAMING, packet_s=second) for second in range(20, 30)]
    intervals, _ = fold(events)
    assert [(row.state, row.start_s, row.end_s) for row in intervals] == [
        (CONNECTING, 0, 1),
        (STREAMING, 1, 4),
        (BACKOFF, 4, 22),
        (STREAMING, 22, 29),
    ]


def test_heartbeat_that_a_change_overtook_changes_nothing() -> None:
    events: list[LedgerEvent] = [change(0, CONNECTING), change(1, STREAMING), beat(2, STREAMING, packet_s=2)]
    events += [
        change(2.5, BACKOFF, REFUSED),
        beat(3, STREAMING, packet_s=2.5),
        beat(4, BACKOFF, packet_s=2.5, cause=REFUSED),
    ]
    intervals, _ = fold(events)
    assert [(row.state, row.start_s) for row in intervals] == [(CONNECTING, 0), (STREAMING, 1), (BACKOFF, 2.5)]
