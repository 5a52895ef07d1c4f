"""Another mission, put on the vehicle in flight by somebody else: it is noticed, and its points do not count."""

from __future__ import annotations

import pytest

from drone.flight.outputs import Alarm
from drone.flight.steps import CompareMission, Result, Verdict
from kernel.drone_events import FlightOutcome, FlightState
from kernel.events import AlertKind
from kernel.geodesy import shifted
from tests.unit.drone.flight.paper_autopilot import POINTS, Bench

OTHER = Result(Verdict.FAILED, "8 items, not 6")
ELSEWHERE = shifted(*POINTS[0], -250.0, 0.0)


def test_a_point_reported_far_from_ours_has_the_mission_read_back_and_another_one_is_only_watched() -> None:
    bench = Bench.fresh().airborne()
    bench.look(lat=ELSEWHERE[0], lon=ELSEWHERE[1], reached=frozenset({2}), mission_current=3, ground_speed_m_s=8.0)
    assert isinstance(bench.steps[-1], CompareMission)
    bench.answer(OTHER)
    bench.look(reached=frozenset({2, 3, 4}), mission_current=5)
    bench.land_home()

    alarms = [one.kind for one in bench.outputs if isinstance(one, Alarm)]
    assert alarms == [AlertKind.DRONE_TAKEN_OVER]
    assert (bench.machine.outcome, bench.machine.core.progress.reached) == (FlightOutcome.TAKEN_OVER, 0)
    assert {"mission_differs", "points_missed"} <= bench.why


def test_one_found_to_be_ours_goes_on_and_its_points_count() -> None:
    bench = Bench.fresh().airborne()
    bench.look(lat=ELSEWHERE[0], lon=ELSEWHERE[1], reached=frozenset({2}), mission_current=3)
    bench.answer()
    bench.look()
    bench.reach(3, 4)
    bench.land_home()

    assert (bench.machine.outcome, bench.count(CompareMission)) == (FlightOutcome.DONE, 1)


def test_another_number_of_items_is_noticed_before_any_point() -> None:
    bench = Bench.fresh().airborne()
    bench.look(mission_total=9)
    bench.answer(OTHER)
    bench.look()

    assert bench.state is FlightState.TAKEN_OVER


@pytest.mark.parametrize("total", [None, 5, 6])
def test_the_own_number_of_items_is_no_doubt(total: int | None) -> None:
    """With home or without it; some firmwares tell none."""
    bench = Bench.fresh().airborne()
    bench.look(mission_total=total)

    assert bench.count(CompareMission) == 0


def test_a_vehicle_that_counts_otherwise_is_asked_once() -> None:
    bench = Bench.fresh().airborne()
    for _ in range(30):
        bench.look(mission_total=7)
        if bench.pending is not None:
            bench.answer()
    bench.look(mission_total=11)

    assert bench.count(CompareMission) == 2
    assert bench.state is FlightState.PATROLLING


def test_a_mission_that_cannot_be_read_is_asked_for_again_after_a_while() -> None:
    bench = Bench.fresh().airborne()
    bench.look(mission_total=9)
    for _ in range(5):
        bench.answer(Result(Verdict.NO_ANSWER)) if bench.pending is not None else bench.look()
    assert bench.count(CompareMission) == 1
    bench.look(10.0)
    assert bench.count(CompareMission) == 2
    bench.answer(OTHER)
    bench.look()
    assert bench.state is FlightState.TAKEN_OVER


@pytest.mark.parametrize(
    "changes",
    [{"position_age_s": 3.0}, {"ground_speed_m_s": 60.0}],
    ids=["an old position", "flown that far since"],
)
def test_a_position_that_may_be_another_ones_is_no_doubt(changes: dict[str, float]) -> None:
    bench = Bench.fresh().airborne()
    bench.look(lat=ELSEWHERE[0], lon=ELSEWHERE[1], reached=frozenset({2}), mission_current=3, **changes)

    assert bench.count(CompareMission) == 0


def test_points_of_ours_are_no_doubt() -> None:
    bench = Bench.fresh().airborne()
    bench.look(mission_total=5)
    bench.reach(2, 3, 4)
    bench.land_home()

    assert (bench.machine.outcome, bench.count(CompareMission)) == (FlightOutcome.DONE, 0)
