"""Every reason to refuse, each from a flight that is well but for that one thing."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from drone.checks import check_flight
from drone.checks.judge import judge
from drone.plan import FlightPlan, PointKind, Weather
from drone.plan.planner import PlanRequest, draft_plan
from kernel.config.lookout import LookoutConfig
from tests.unit.drone.patrol_configs import FRAME, NOON, config, route, square, zone

CALM = Weather(2.0, 15.0, NOON, gust_m_s=3.0, wind_from_deg=270.0)
OPERATOR = {"weather": {"source": "operator"}}
OUT_AND_BACK = route("waypoints", [(200.0, 0.0), (200.0, 200.0)])
PAPERS = {
    "registration": {"number": "R1", "valid_until": "2026-11-23"},
    "approval": {"number": "A1", "valid_from": "2026-11-23", "valid_until": "2026-11-23T13:00"},
}


def well(**more: Any) -> LookoutConfig:
    return config(OUT_AND_BACK, drone=PAPERS | more.pop("drone", {}), **(OPERATOR | more))


def drafted(found: LookoutConfig) -> FlightPlan:
    plan, _ = draft_plan(PlanRequest(found, found.patrols[0], found.fleet[0], NOON, CALM))
    assert plan is not None
    return plan


def codes(found: LookoutConfig, plan: FlightPlan | None = None, weather: Weather | None = CALM) -> list[str]:
    reasons = check_flight(found, plan or drafted(found), weather, NOON)
    assert all(reason.message_zh and reason.message_en for reason in reasons)
    assert all(not reason.message_zh.isascii() and reason.message_en.isprintable() for reason in reasons)
    return [reason.code for reason in reasons]


def test_a_flight_that_is_well() -> None:
    assert codes(well()) == []


@pytest.mark.parametrize(
    ("drone", "expected"),
    [
        ({"endurance_s": 120.0}, ["energy"]),
        ({"reserve": 0.98}, ["energy"]),
        ({"ceiling_m": 59.9}, ["ceiling"]),
        ({"ceiling_m": 60.0}, []),
        ({"wind_max_m_s": 2.9}, ["wind"]),
        ({"wind_max_m_s": 3.0}, []),
        ({"temperature_min_c": 15.1}, ["temperature"]),
        ({"temperature_max_c": 14.9}, ["temperature"]),
        ({"items_max": 5}, ["too_many_items"]),
        ({"items_max": 6}, []),
        ({"registration": {"number": "R", "valid_until": "2026-11-22"}}, ["registration_expired"]),
        ({"registration": {"number": "R"}}, []),
        ({"approval": PAPERS["approval"] | {"valid_until": "2026-11-22"}}, ["approval_expired"]),
        (
            {"approval": PAPERS["approval"] | {"valid_from": "2026-11-24", "valid_until": "2026-12-01"}},
            ["approval_not_yet"],
        ),
        ({"approval": PAPERS["approval"] | {"valid_until": "2026-11-23T12:01"}}, ["approval_expired"]),
        ({"approval": PAPERS["approval"] | {"valid_from": "2026-11-23T04:00:01Z"}}, ["approval_not_yet"]),
        ({"approval": None}, []),
    ],
)
def test_limits_and_papers_of_the_aircraft(drone: dict[str, Any], expected: list[str]) -> None:
    assert codes(well(drone=drone)) == expected


def test_higher_than_120_m_needs_an_approval() -> None:
    high = {"ceiling_m": 300, "approval": None}
    assert codes(well(drone=high, patrol={"altitude_m": 121})) == ["approval_missing"]
    assert codes(well(drone=high, patrol={"altitude_m": 120})) == []
    assert codes(well(drone={"ceiling_m": 300}, patrol={"altitude_m": 121})) == []


def test_lower_than_is_safe() -> None:
    assert codes(well(patrol={"altitude_m": 4})) == ["too_low"]


def test_weather_absent_old_or_of_tomorrow() -> None:
    assert codes(well(), weather=None) == ["weather_missing"]
    assert codes(well(), weather=replace(CALM, observed_at=NOON - timedelta(minutes=31))) == ["weather_old"]
    assert codes(well(), weather=replace(CALM, observed_at=NOON + timedelta(minutes=5))) == ["weather_old"]
    assert codes(well(), weather=replace(CALM, observed_at=NOON - timedelta(minutes=29))) == []
    assert codes(well(), weather=replace(CALM, wind_m_s=9.0)) == ["wind"]
    nobody_asks = config(OUT_AND_BACK, drone=PAPERS)
    assert codes(nobody_asks, weather=None) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"lat": math.nan}, "not_a_number"),
        ({"alt_home_m": math.nan}, "not_a_number"),
        ({"alt_ground_m": math.inf}, "not_a_number"),
        ({"lat": 95.0}, "out_of_range"),
        ({"lon": -181.0}, "out_of_range"),
        ({"lat": 0.0, "lon": 0.0}, "zero_position"),
    ],
)
def test_positions_that_are_none(change: dict[str, Any], expected: str) -> None:
    plan = drafted(well())
    points = (*plan.points[:1], replace(plan.points[1], **change), *plan.points[2:])
    assert codes(well(), replace(plan, points=points)) == [expected]


def test_without_take_off_or_return() -> None:
    plan = drafted(well())
    assert "no_takeoff" in codes(well(), replace(plan, points=plan.points[1:]))
    assert codes(well(), replace(plan, points=plan.points[:-1])) == ["no_return"]
    elsewhere = FRAME.to_wgs84(30, 0)
    moved = replace(plan.points[-1], lat=elsewhere[0], lon=elsewhere[1])
    assert codes(well(), replace(plan, points=(*plan.points[:-1], moved))) == ["no_return"]
    assert plan.points[-1].kind is PointKind.RETURN


def test_a_plan_into_a_zone_that_was_drawn_since() -> None:
    plan = drafted(well())
    assert codes(well(zones=[zone(square((200, 100), 20))]), plan) == ["no_fly_zone"]
    assert codes(well(zones=[zone(square((200, 100), 20), active=["12:00-13:00"])]), plan) == ["timed_zone"]
    assert codes(well(zones=[zone(square((200, 100), 20), active=["13:30-14:00"])]), plan) == []
    assert codes(well(zones=[zone(square((0, 0), 150), kind="keep_in")]), plan) == ["keep_in"]


def test_a_straight_failsafe_return_through_a_zone_is_refused_where_the_operator_says_so() -> None:
    """Out round the corner and back; the diagonal home from point 2 goes through the zone."""
    hit = square((100, 100), 20)
    strict = {"failsafe_return": "refuse"}
    assert codes(well(zones=[zone(hit)])) == []
    assert "'zone'" in str(drafted(well(zones=[zone(hit)])).notes)
    found = well(zones=[zone(hit)], drone=strict)
    (why,) = check_flight(found, drafted(found), CALM, NOON)
    assert why.code == "failsafe_return"
    assert "point 2" in why.message_en
    assert "point 1" not in why.message_en
    assert codes(well(drone=strict)) == []


@pytest.mark.parametrize(
    ("more", "drone", "expected"),
    [
        ({"ceiling_m": 50.0}, {}, []),
        ({"ceiling_m": 58.0}, {}, ["failsafe_return"]),
        ({"ceiling_m": 90.0}, {}, ["failsafe_return"]),
        ({"ceiling_m": 90.0}, {"return_altitude_m": 95.0}, []),
        ({"floor_m": 70.0}, {}, []),
        ({"floor_m": 70.0}, {"return_altitude_m": 95.0}, ["failsafe_return"]),
        ({"active": ["12:00-13:00"]}, {}, ["failsafe_return"]),
        ({"active": ["20:00-21:00"]}, {}, []),
    ],
)
def test_what_a_failsafe_return_flies_over_or_is_not_in_force_is_let_be(
    more: dict[str, Any], drone: dict[str, Any], expected: list[str]
) -> None:
    refuses = PAPERS | {"failsafe_return": "refuse", "ceiling_m": 120.0} | drone
    way = route("waypoints", [(200.0, 0.0), (200.0, 200.0), (0.0, 200.0)])
    assert codes(config(way, [zone(square((100, 100), 20), **more)], refuses, **OPERATOR)) == expected


def test_a_point_at_the_other_end_of_the_country() -> None:
    plan = drafted(well())
    far = replace(plan.points[1], lat=31.2, lon=121.5)
    assert "too_far" in codes(well(), replace(plan, points=(plan.points[0], far, *plan.points[2:])))


def test_a_wind_nobody_makes_way_against() -> None:
    found = well(drone={"wind_max_m_s": 30.0})
    plan, reasons = draft_plan(
        PlanRequest(found, found.patrols[0], found.fleet[0], NOON, replace(CALM, wind_m_s=16.0, gust_m_s=None))
    )
    assert plan is not None
    assert reasons == []
    assert codes(found, plan) == ["wind"]


def test_another_drone_in_the_way() -> None:
    second = PAPERS | {"id": "uav-2", "link": "tcp:127.0.0.1:5761"}
    found = well()
    home = found.fleet[0].home.model_dump()
    fleet = [one.model_dump() for one in found.fleet] + [second | {"home": home}]
    both = LookoutConfig.model_validate(found.model_dump() | {"fleet": fleet})
    plan = drafted(found)
    other = replace(plan, drone_id="uav-2")
    [reason] = check_flight(both, plan, CALM, NOON, others=[other])
    assert reason.code == "separation"
    assert "uav-2" in reason.message_en
    assert check_flight(both, plan, CALM, NOON, others=[replace(other, start_at=NOON + timedelta(hours=1))]) == []


@pytest.mark.parametrize(
    ("own_m", "others_m", "expected"), [(20, 20, []), (20, 150, ["separation"]), (150, 20, ["separation"])]
)
def test_of_two_separations_the_greater_counts_also_for_a_drone_of_another_config(
    own_m: float, others_m: float, expected: list[str]
) -> None:
    found = well(drone={"separation_m": own_m})
    plan, off_deg = drafted(found), 300 / 111_070
    beside = tuple(replace(point, lat=point.lat - off_deg) for point in plan.points)
    home = replace(plan.home, lat=plan.home.lat - off_deg)
    other = replace(plan, drone_id="uav-9", home=home, points=beside, separation_m=others_m)
    against = check_flight(found, plan, CALM, NOON, others=[other])

    assert [one.code for one in against] == expected
    assert all("uav-9" in one.message_en for one in against)


def test_everything_is_said_at_once() -> None:
    found = well(
        drone={"endurance_s": 60, "ceiling_m": 50, "approval": PAPERS["approval"] | {"valid_until": "2026-11-22"}},
        zones=[zone(square((200, 100), 20))],
    )
    judged = judge(found, found.patrols[0], found.fleet[0], NOON, None, weather_problem="the station is silent")
    assert {reason.code for reason in judged.reasons} == {
        "no_fly_zone",
        "ceiling",
        "energy",
        "weather_missing",
        "approval_expired",
    }
    assert any("the station is silent" in reason.message_en for reason in judged.reasons)
    assert not judged.is_allowed
    assert len({*judged.reasons}) == len(judged.reasons)
