"""Seconds, rates, outages, verdicts and the strip."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.config.camera import StreamName
from kernel.events import CameraState, OfflineCause
from kernel.ledger import (
    Outage,
    RateFigures,
    Span,
    StateInterval,
    Verdict,
    aggregate,
    not_analysed_strip,
    rates,
    state_strip,
    total,
)
from kernel.ledger.rates import NOTHING, camera_figures
from kernel.ledger.spans import difference, intersection, seconds, union

STREAMING, DEGRADED, CONNECTING = CameraState.STREAMING, CameraState.DEGRADED, CameraState.CONNECTING
STALLED, BACKOFF, DISABLED = CameraState.STALLED, CameraState.BACKOFF, CameraState.DISABLED


def row(
    start_s: float,
    end_s: float,
    state: CameraState,
    cause: OfflineCause = OfflineCause.NONE,
    camera_id: str = "c",
    is_probing: bool = False,
) -> StateInterval:
    return StateInterval(camera_id, StreamName.MAIN, start_s, end_s, state, cause, is_probing=is_probing)


ALWAYS = [Span(0, 10_000)]


def test_each_second_goes_where_it_belongs() -> None:
    figures = camera_figures(
        [
            row(0, 10, CONNECTING, is_probing=True),
            row(10, 50, STREAMING),
            row(50, 60, DEGRADED),
            row(60, 80, STALLED, OfflineCause.NO_PACKETS),
            row(80, 100, DISABLED),
        ],
        [Span(0, 70), Span(75, 90)],
        Span(0, 120),
    )
    assert (figures.online_s, figures.offline_s, figures.out_of_service_s, figures.unobserved_s) == (50, 15, 20, 35)
    assert figures.online_rate == 50 / 65
    assert figures.observation_coverage == pytest.approx(65 / 100), "out of service is not observed, nor missing"
    assert figures.outages == (Outage("c", 60, 80, OfflineCause.NO_PACKETS, False),)


def test_nothing_observed_is_no_rate() -> None:
    for intervals, observed in [([], ALWAYS), ([row(0, 100, STREAMING)], []), ([row(0, 100, DISABLED)], ALWAYS)]:
        figures = camera_figures(intervals, observed, Span(0, 100))
        assert figures.online_rate is None
        assert figures.verdict(0.9, 0.95) is Verdict.NO_DATA
    assert camera_figures([], [], Span(5, 5)).observation_coverage == 0.0


@pytest.mark.parametrize(
    ("online_s", "offline_s", "unobserved_s", "expected"),
    [
        (90, 10, 0, Verdict.MET),
        (89.9, 10.1, 0, Verdict.MISSED),
        (90, 5, 5, Verdict.MET),
        (90, 4, 6, Verdict.INSUFFICIENT_DATA),
        (0, 10, 90, Verdict.INSUFFICIENT_DATA),
        (0, 100, 0, Verdict.MISSED),
        (0, 0, 100, Verdict.NO_DATA),
    ],
)
def test_verdicts(online_s: float, offline_s: float, unobserved_s: float, expected: Verdict) -> None:
    figures = RateFigures(100, online_s, online_s + offline_s, 0, unobserved_s)
    assert figures.verdict(0.9, 0.95) is expected


def test_cameras_out_of_service_do_not_vouch_for_those_nobody_watched() -> None:
    """Nine cameras switched off once made up for a tenth that was watched for half of the time."""
    off = [RateFigures(100, 0, 0, 100, 0)] * 9
    assert total([*off, RateFigures(100, 50, 50, 0, 50)]).verdict(0.9, 0.95) is Verdict.INSUFFICIENT_DATA


def test_rates_of_groups_are_sums_of_seconds_not_means_of_rates() -> None:
    intervals = [
        row(0, 100, STREAMING, camera_id="a"),
        row(0, 10, BACKOFF, camera_id="b"),
        row(0, 100, BACKOFF, camera_id="d"),
    ]
    figures = rates("abd", intervals, dict.fromkeys("abd", ALWAYS), Span(0, 100))
    stations = aggregate(figures, {"a": "north", "b": "north", "d": "south"}.__getitem__)
    assert list(stations) == ["north", "south"]
    assert stations["north"].online_rate == pytest.approx(100 / 110)
    assert stations["south"].online_rate == 0.0
    assert total(figures.values()).online_rate == pytest.approx(100 / 210)
    assert total(figures.values()).window_s == 300
    assert total([]) == NOTHING


def test_one_outage_from_several_offline_states() -> None:
    figures = camera_figures(
        [
            row(0, 10, STREAMING),
            row(10, 15, STALLED, OfflineCause.NO_PACKETS),
            row(15, 20, BACKOFF, OfflineCause.REFUSED),
            row(20, 21, CONNECTING),
            row(21, 30, STREAMING),
            row(30, 40, BACKOFF, OfflineCause.NO_ROUTE),
            row(45, 50, BACKOFF, OfflineCause.NO_ROUTE),
        ],
        ALWAYS,
        Span(12, 46),
    )
    assert [(outage.start_s, outage.end_s, outage.cause) for outage in figures.outages] == [
        (10, 21, OfflineCause.REFUSED),
        (30, 40, OfflineCause.NO_ROUTE),
        (45, 50, OfflineCause.NO_ROUTE),
    ]


def outages_over(intervals: list[StateInterval], observed: list[Span]) -> list[tuple[float, float]]:
    """Start and end of every outage."""
    return [(outage.start_s, outage.end_s) for outage in camera_figures(intervals, observed, Span(0, 100)).outages]


def test_a_restart_of_the_observer_does_not_make_two_outages_of_one() -> None:
    """Regression: a report counted one outage more for each restart of ingest within it."""
    before, after = row(10, 20, BACKOFF, OfflineCause.REFUSED), row(33, 60, BACKOFF, OfflineCause.REFUSED)
    probing = row(30, 33, CONNECTING, is_probing=True)
    watched = [Span(0, 20), Span(30, 100)]
    assert outages_over([before, probing, after], watched) == [(10, 60)]
    assert outages_over([before, after], [Span(0, 20), Span(32, 100)]) == [(10, 60)]


@pytest.mark.parametrize("state", [STREAMING, DEGRADED, DISABLED])
def test_a_camera_seen_otherwise_in_between_had_two_outages(state: CameraState) -> None:
    intervals = [row(10, 20, BACKOFF), row(25, 26, state), row(33, 60, BACKOFF)]
    assert outages_over(intervals, [Span(0, 20), Span(30, 100)]) == [(10, 20), (33, 60)]


def test_watched_time_without_a_state_ends_an_outage() -> None:
    assert outages_over([row(10, 20, BACKOFF), row(33, 60, BACKOFF)], ALWAYS) == [(10, 20), (33, 60)]


def test_overlapping_rows_are_cut_by_the_next() -> None:
    figures = camera_figures([row(0, 100, STREAMING), row(40, 60, BACKOFF)], ALWAYS, Span(0, 100))
    assert (figures.online_s, figures.offline_s, figures.unobserved_s) == (40, 20, 40)


instants = st.integers(0, 200).map(lambda tick: tick / 2)
some_spans = st.lists(st.tuples(instants, instants).map(lambda pair: Span(*pair)), max_size=8)
some_rows = st.lists(
    st.tuples(instants, instants, st.sampled_from(CameraState), st.booleans()), max_size=8, unique_by=lambda r: r[0]
)


@given(some_rows, some_spans, instants, instants, some_spans)
def test_sums_agree_with_looking_at_every_half_second(
    raw: list[tuple[float, float, CameraState, bool]],
    observed: list[Span],
    start_s: float,
    end_s: float,
    planned: list[Span],
) -> None:
    intervals = [row(a, b, state, is_probing=probing) for a, b, state, probing in raw]
    figures = camera_figures(intervals, observed, Span(start_s, end_s))
    assert figures.planned_s == 0
    expected = {"online": 0.0, "offline": 0.0, "out": 0.0, "unobserved": 0.0}
    for tick in range(int(start_s * 2), int(end_s * 2)):
        expected[where(tick / 2, intervals, observed)] += 0.5
    found = [figures.online_s, figures.offline_s, figures.out_of_service_s, figures.unobserved_s]
    assert found == pytest.approx(list(expected.values()))
    out_s = 0.0
    for tick in range(int(start_s * 2), int(end_s * 2)):
        place = where(tick / 2, intervals, observed)
        if place != "out" and any(span.start_s <= tick / 2 < span.end_s for span in planned):
            expected[place] -= 0.5
            out_s += 0.5
    figures = camera_figures(intervals, observed, Span(start_s, end_s), planned)
    found = [figures.online_s, figures.offline_s, figures.out_of_service_s, figures.unobserved_s, figures.planned_s]
    assert found == pytest.approx([*(expected | {"out": expected["out"] + out_s}).values(), out_s])


def where(at_s: float, intervals: list[StateInterval], observed: list[Span]) -> str:
    """Where the half second from `at_s` on belongs: the newest row that began decides."""
    begun = [r for r in intervals if r.start_s <= at_s and r.end_s > r.start_s]
    newest = max(begun, key=lambda r: r.start_s, default=None)
    if newest is None or newest.end_s <= at_s:
        return "unobserved"
    if newest.state is DISABLED:
        return "out"
    if newest.is_probing or not any(span.start_s <= at_s < span.end_s for span in observed):
        return "unobserved"
    return "online" if newest.state.is_online else "offline"


@given(some_spans, some_spans)
def test_span_arithmetic(left: list[Span], right: list[Span]) -> None:
    def ticks(spans: list[Span]) -> set[int]:
        return {tick for span in spans for tick in range(int(span.start_s * 2), int(span.end_s * 2))}

    assert ticks(union(left)) == ticks(left)
    assert seconds(union(left)) == len(ticks(left)) / 2
    common = intersection(union(left), union(right))
    assert ticks(common) == ticks(left) & ticks(right)
    assert common == sorted(common)
    rest = difference(union(left), union(right))
    assert ticks(rest) == ticks(left) - ticks(right)
    assert all(one.end_s < other.start_s for one, other in pairwise(rest)), "sorted and apart"


def test_what_is_taken_away_from_its_beginning_leaves_nothing_before_it() -> None:
    assert difference([Span(10, 20)], [Span(10, 20)]) == []
    assert difference([Span(10, 20)], [Span(10, 15)]) == [Span(15, 20)]


def test_a_planned_outage_of_a_disabled_camera_counts_once() -> None:
    figures = camera_figures([row(0, 50, DISABLED)], ALWAYS, Span(0, 100), [Span(20, 80)])
    assert (figures.out_of_service_s, figures.planned_s, figures.unobserved_s) == (80, 30, 20)


def test_what_happens_in_a_planned_outage_alone_is_no_outage() -> None:
    rows = [row(0, 10, STREAMING), row(10, 20, BACKOFF), row(20, 30, STREAMING), row(30, 50, BACKOFF)]
    figures = camera_figures(rows, ALWAYS, Span(0, 100), [Span(5, 40), Span(8, 25)])
    assert [(one.start_s, one.end_s) for one in figures.outages] == [(30, 50)], "it went on after the planned one"
    assert (figures.online_s, figures.in_service_s, figures.planned_s) == (5, 15, 35)
    assert state_strip(rows, ALWAYS, Span(0, 60), [Span(5, 60)]) == "O"
    assert state_strip(rows, ALWAYS, Span(10, 60), [Span(5, 60)]) == "S"


def test_the_strip_shows_the_worst_of_each_minute() -> None:
    intervals = [
        row(0, 60, STREAMING),
        row(60, 119, STREAMING),
        row(119, 119.5, STALLED),
        row(119.5, 150, STREAMING),
        row(150, 160, DEGRADED),
        row(160, 180, STREAMING),
        row(180, 205, STREAMING),
        row(240, 300, DISABLED),
        row(300, 360, BACKOFF),
        row(360, 500, STREAMING),
    ]
    observed = [Span(0, 300), Span(360, 420), Span(449, 500)]
    assert state_strip(intervals, observed, Span(0, 480)) == "OXDNSNOO"
    assert state_strip([row(0, 60, CONNECTING, is_probing=True)], ALWAYS, Span(0, 60)) == "N"
    assert state_strip([], [], Span(0, 90)) == "NN"
    assert state_strip([], [], Span(90, 90)) == ""


def test_the_strip_of_minutes_that_were_not_analysed() -> None:
    analysed = [Span(0, 57.5), Span(60, 116), Span(120, 181)]
    assert not_analysed_strip(analysed, Span(0, 182)) == ".1.."
    assert not_analysed_strip([], Span(0, 120)) == "11"
