"""The autopilot's own fence: a mission that it would break off is not begun."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from drone.flight.failsafe import parameter_names, parameter_reasons
from drone.flight.own_fence import area_reasons, fence_names, fence_reasons, has_areas
from drone.flight.steps import Arm, ReadFence, ReadParameters, Result, Verdict
from drone.mission.items import Command, Mission, MissionItem
from kernel.drone_events import FlightOutcome, FlightState
from kernel.geodesy import shifted
from tests.unit.drone.flight.paper_autopilot import HOME, RIGHT, Bench, brief
from tests.unit.drone.flight.test_failsafe import PX4_RIGHT

V40, V46 = (4, 0, 7), (4, 6, 0)
ON = {"FENCE_ENABLE": 1.0, "FENCE_TYPE": 7.0, "FENCE_ACTION": 1.0, "FENCE_ALT_MAX": 100.0, "FENCE_RADIUS": 300.0}
INCLUSION, EXCLUSION = Command.FENCE_POLYGON_VERTEX_INCLUSION, Command.FENCE_POLYGON_VERTEX_EXCLUSION


def square(command: Command, north_m: float, east_m: float, half_m: float) -> tuple[MissionItem, ...]:
    corners = ((-1, -1), (-1, 1), (1, 1), (1, -1))
    places = [shifted(*HOME, north_m + half_m * north, east_m + half_m * east) for north, east in corners]
    return tuple(MissionItem(command, param1=4.0, lat_deg=lat, lon_deg=lon) for lat, lon in places)


def circle(command: Command, radius_m: float) -> tuple[MissionItem, ...]:
    return (MissionItem(command, param1=radius_m, lat_deg=HOME[0], lon_deg=HOME[1]),)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, ""),
        ({"FENCE_ALT_MAX": 41.0}, "FENCE_ALT_MAX is 41, the mission goes 40 m high"),
        ({"FENCE_ALT_MAX": 43.0}, ""),
        ({"FENCE_RADIUS": 167.0}, "FENCE_RADIUS is 167, the mission goes 167 m from home"),
        ({"FENCE_RADIUS": 170.0}, ""),
        ({"FENCE_ALT_MAX": 30.0, "FENCE_ENABLE": 0.0}, ""),
        ({"FENCE_ALT_MAX": 30.0, "FENCE_ENABLE": 0.0, "FENCE_AUTOENABLE": 3.0}, "FENCE_ALT_MAX is 30"),
        ({"FENCE_ALT_MAX": 30.0, "FENCE_ACTION": 0.0}, ""),
        ({"FENCE_ALT_MAX": 30.0, "FENCE_TYPE": 6.0}, ""),
        ({"FENCE_TYPE": 8.0, "FENCE_ALT_MIN": 39.0}, "FENCE_ALT_MIN is 39, the mission goes 40 m high"),
        ({"FENCE_TYPE": 8.0, "FENCE_ALT_MIN": -10.0}, ""),
        ({"FENCE_TYPE": 8.0}, "FENCE_ALT_MIN could not be read"),
    ],
)
def test_heights_and_the_circle_around_home(changes: dict[str, float], named: str) -> None:
    found = [one.message_en for one in fence_reasons(brief(), ON | changes)]

    assert len(found) == bool(named), found
    assert not named or named in found[0]


@pytest.mark.parametrize("missing", ["FENCE_TYPE", "FENCE_ALT_MAX", "FENCE_RADIUS"])
def test_a_fence_that_is_on_and_cannot_be_read_is_a_reason(missing: str) -> None:
    values = {name: value for name, value in (RIGHT | ON).items() if name != missing}

    assert [one.code for one in parameter_reasons(brief(), values, V46)] == ["parameter_unread"]


@pytest.mark.parametrize(
    ("areas", "options", "crossed"),
    [
        (square(INCLUSION, 50, 50, 200), 0, []),
        (square(INCLUSION, 0, 0, 60), 0, ["1 (not to be left)"]),
        (square(EXCLUSION, 111, 60, 10), 0, ["1 (not to be entered)"]),
        (square(EXCLUSION, 60, 60, 20), 0, []),  # flown round
        (circle(Command.FENCE_CIRCLE_INCLUSION, 160.0), 0, ["1 (not to be left)"]),
        (circle(Command.FENCE_CIRCLE_INCLUSION, 180.0), 0, []),
        (circle(Command.FENCE_CIRCLE_EXCLUSION, 20.0), 0, ["1 (not to be entered)"]),
        (square(INCLUSION, 50, 50, 200) + square(INCLUSION, 0, 0, 60), 0, ["2 (not to be left)"]),
        (square(INCLUSION, 50, 50, 200) + square(INCLUSION, 0, 0, 60), 2, []),
        (square(INCLUSION, 0, 0, 50) + square(INCLUSION, 0, 0, 60), 2, ["1 (not to be left)", "2 (not to be left)"]),
    ],
)
def test_areas_are_held_against_the_whole_way(
    areas: tuple[MissionItem, ...], options: int, crossed: Sequence[str]
) -> None:
    assert area_reasons(brief(), {"FENCE_OPTIONS": float(options)}, Mission(areas)) == crossed


def test_the_way_home_from_the_last_point_counts_too() -> None:
    items = brief().mission.items
    without_the_last_point = brief(mission=Mission((*items[:4], items[5])))

    assert area_reasons(without_the_last_point, {}, Mission(square(EXCLUSION, 60, 60, 20))) == ["1 (not to be entered)"]


def test_only_a_fence_that_is_on_costs_more_than_one_question() -> None:
    assert fence_names({}, V40) == ("FENCE_ENABLE",)
    assert fence_names({}, V46) == ("FENCE_ENABLE", "FENCE_AUTOENABLE")
    assert {"FENCE_TYPE", "FENCE_RADIUS", "FENCE_TOTAL"} <= set(fence_names({"FENCE_ENABLE": 1.0}, V40))
    assert "FENCE_OPTIONS" not in fence_names({"FENCE_ENABLE": 1.0}, V40)
    assert not any(name.startswith("FENCE") for name in parameter_names(brief(autopilot="px4"), V46))


def test_areas_are_asked_for_where_there_are_any() -> None:
    assert has_areas(ON)
    assert has_areas(ON | {"FENCE_TOTAL": 4.0})
    assert not has_areas(ON | {"FENCE_TOTAL": 0.0})
    assert not has_areas(ON | {"FENCE_TYPE": 3.0})
    assert not has_areas(ON | {"FENCE_ENABLE": 0.0})


def test_a_flight_with_a_fence_around_it_is_begun_once_the_fence_was_read() -> None:
    bench = _fenced(square(INCLUSION, 50, 50, 200))
    bench.airborne()

    assert bench.count(ReadFence) == 1
    assert bench.count(ReadParameters) == 2


def test_a_flight_over_the_fence_is_refused() -> None:
    bench = _fenced(square(INCLUSION, 0, 0, 60))
    bench.run(FlightState.FAILED)

    assert (bench.machine.outcome, bench.why) == (FlightOutcome.REFUSED, {"own_fence"})
    assert bench.count(Arm) == 0


def test_a_fence_whose_areas_nobody_can_read_is_a_reason_after_three_times() -> None:
    bench = _fenced(())
    bench.answers[ReadFence] = Result(Verdict.NO_ANSWER, "the vehicle keeps no fence plan")
    bench.run(FlightState.FAILED)

    assert (bench.machine.outcome, bench.why) == (FlightOutcome.REFUSED, {"own_fence_unread"})
    assert bench.count(ReadFence) == 3
    assert "keeps no fence plan" in bench.machine.core.why[0].message_en


@pytest.mark.parametrize("name", ["RTL_ALT_FINAL", "RTL_ALT_FINAL_M"])
def test_an_autopilot_that_would_not_land_after_its_return_is_refused(name: str) -> None:
    values = RIGHT | {name: 500.0 if name == "RTL_ALT_FINAL" else 5.0}
    (found,) = parameter_reasons(brief(), values, V46)

    assert found.code == "lands_not"
    assert f"{name} leaves the aircraft 5 m above home" in found.message_en


def _fenced(areas: tuple[MissionItem, ...]) -> Bench:
    bench = Bench.fresh()
    bench.parameters |= ON | {"FENCE_TOTAL": 4.0, "FENCE_OPTIONS": 0.0, "FENCE_AUTOENABLE": 0.0, "FENCE_ALT_MIN": -10.0}
    bench.answers[ReadFence] = Result(Verdict.DONE, fence=Mission(areas))
    return bench


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, ""),
        ({"GF_MAX_VER_DIST": 41.0}, "GF_MAX_VER_DIST is 41, the mission goes 40 m high"),
        ({"GF_MAX_VER_DIST": 43.0}, ""),
        ({"GF_MAX_HOR_DIST": 167.0}, "GF_MAX_HOR_DIST is 167, the mission goes 167 m from home"),
        ({"GF_MAX_HOR_DIST": 170.0}, ""),
        ({"GF_MAX_HOR_DIST": 100.0, "GF_ACTION": 1.0}, ""),
    ],
)
def test_px4s_height_and_circle(changes: dict[str, float], named: str) -> None:
    px4 = brief(autopilot="px4", returns_on_loss=True)
    found = [one.message_en for one in parameter_reasons(px4, PX4_RIGHT | {"GF_ACTION": 2.0} | changes)]
    assert len(found) == (1 if named else 0)
    assert named in "".join(found)


def test_of_px4s_areas_to_stay_in_one_is_enough_and_they_are_read_wherever_it_acts() -> None:
    """It has no count among its parameters."""
    acts = PX4_RIGHT | {"GF_ACTION": 2.0}
    assert has_areas(acts)
    assert not has_areas(PX4_RIGHT | {"GF_ACTION": 1.0})
    wide, narrow = square(INCLUSION, 0.0, 0.0, 500.0), square(INCLUSION, 0.0, 0.0, 5.0)
    px4 = brief(autopilot="px4")
    assert area_reasons(px4, acts, Mission((*wide, *narrow))) == []
    assert area_reasons(px4, acts, Mission(narrow)) == ["1 (not to be left)"]
    assert area_reasons(px4, acts, Mission((*wide, *square(EXCLUSION, 60.0, 0.0, 5.0)))) == ["2 (not to be entered)"]
    assert area_reasons(px4, acts, Mission(())) == []
