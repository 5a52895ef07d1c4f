"""Who comes too near to whom, who holds, and when it goes on."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drone.fleet.apart import HORIZON_S, XYZ, Aircraft, Holds, Leg, Pair, pairs_of

EARLY, LATE = (0, "b"), (0, "a")


def aircraft(drone_id: str, place: XYZ, velocity_m_s: XYZ = (0.0, 0.0, 0.0), **more: Any) -> Aircraft:
    told: dict[str, Any] = {"age_s": 0.0, "least_m": 20.0, "rank": EARLY, "may_hold": True, **more}
    return Aircraft(drone_id, place, velocity_m_s, **told)


def pair_of(one: Aircraft, two: Aircraft) -> Pair:
    (found,) = pairs_of((one, two))
    return found


NORTH, EAST, SOUTH = (0.0, 8.0, 0.0), (8.0, 0.0, 0.0), (0.0, -8.0, 0.0)
CROSSED = aircraft("uav-1", (-80.0, 0.0, 40.0), EAST)


def test_crossing_ways_meet_and_the_later_flight_holds() -> None:
    found = pair_of(CROSSED, aircraft("uav-2", (0.0, -80.0, 40.0), NORTH, rank=LATE))

    assert found.now_m == pytest.approx(80 * math.sqrt(2))
    assert found.least_m == pytest.approx(0.0, abs=1e-6)
    assert found.in_s == pytest.approx(10.0)
    assert found.hold == ("uav-2",)


def test_the_earlier_one_holds_where_the_later_is_not_in_our_hands() -> None:
    pilots = aircraft("uav-2", (0.0, -80.0, 40.0), NORTH, rank=LATE, may_hold=False)
    assert pair_of(CROSSED, pilots).hold == ("uav-1",)
    nobodys = aircraft("uav-1", CROSSED.place, EAST, may_hold=False)
    nobody = pair_of(nobodys, pilots)
    assert nobody.is_too_near
    assert nobody.hold == ()


def test_the_earlier_one_holds_where_it_would_fly_into_the_one_that_stands() -> None:
    stands = aircraft("uav-2", (0.0, 0.0, 40.0), rank=LATE, way=())
    assert pair_of(CROSSED, stands).hold == ("uav-1",)


def test_head_on_both_hold() -> None:
    down = aircraft("uav-1", (0.0, 120.0, 40.0), SOUTH)
    up = aircraft("uav-2", (0.0, 0.0, 40.0), NORTH, rank=LATE)
    found = pair_of(down, up)

    assert set(found.hold) == {"uav-1", "uav-2"}
    stopped = pair_of(down.held(), up.held())
    assert not stopped.is_too_near


def test_a_layer_and_a_turn_before_the_other_are_enough() -> None:
    above = aircraft("uav-2", (0.0, -80.0, 60.0), NORTH, rank=LATE)
    assert not pair_of(CROSSED, above).is_too_near
    turns = (Leg((0.0, -40.0, 40.0)), Leg((80.0, -40.0, 40.0)))
    follows = aircraft("uav-2", (0.0, -80.0, 40.0), NORTH, rank=LATE, way=turns, speed_m_s=8.0)
    assert not pair_of(CROSSED, follows).is_too_near
    assert pair_of(CROSSED, aircraft("uav-2", (0.0, -80.0, 40.0), NORTH, rank=LATE)).is_too_near


def test_a_stay_on_the_way_is_waited_out() -> None:
    stays = (Leg((0.0, -40.0, 40.0), hold_s=30.0), Leg((0.0, 80.0, 40.0)))
    waits = aircraft("uav-2", (0.0, -80.0, 40.0), NORTH, rank=LATE, way=stays, speed_m_s=8.0)
    assert pair_of(CROSSED, waits).least_m == pytest.approx(40.0, abs=4.0)


def test_the_larger_distance_of_the_two_counts_and_noise_is_let_be() -> None:
    wide = aircraft("uav-2", (25.0, 0.0, 40.0), least_m=30.0, way=())
    assert pair_of(aircraft("uav-1", (0.0, 0.0, 40.0), way=()), wide).is_too_near
    layer = aircraft("uav-2", (0.0, 0.0, 59.3), way=())
    assert not pair_of(aircraft("uav-1", (0.0, 0.0, 40.0), way=()), layer).is_too_near


def test_an_old_place_is_reckoned_on_and_a_very_old_one_tells_nothing() -> None:
    lost = aircraft("uav-2", (0.0, -160.0, 40.0), NORTH, rank=LATE, age_s=10.0, may_hold=False)
    assert pair_of(CROSSED, lost).hold == ("uav-1",)
    assert pairs_of((CROSSED, aircraft("uav-2", (0.0, 0.0, 40.0), age_s=61.0))) == []


@given(
    st.tuples(*[st.floats(-200, 200)] * 3),
    st.tuples(*[st.floats(-15, 15)] * 3),
    st.floats(0.5, 15),
)
def test_whoever_is_near_within_the_horizon_is_seen(place: XYZ, velocity_m_s: XYZ, at_s: float) -> None:
    """Two on straight ways that are at one place at one instant, whatever their directions."""
    here = aircraft("uav-1", (0.0, 0.0, 0.0), velocity_m_s)
    meets = tuple(v * at_s for v in velocity_m_s)
    there = aircraft("uav-2", place, tuple((m - p) / at_s for m, p in zip(meets, place, strict=True)))  # type: ignore[arg-type]
    found = pair_of(here, there)
    closing_m_s = math.dist(here.velocity_m_s, there.velocity_m_s)
    assert found.least_m <= closing_m_s * 0.25 + 1e-6
    assert found.in_s <= HORIZON_S


def test_a_hold_ends_once_nothing_was_in_the_way_for_five_seconds() -> None:
    holds = Holds()
    holds.held("uav-2", "uav-1", 90.0)
    assert not holds.freed("uav-2", True, 100.0)
    assert not holds.freed("uav-2", False, 104.0)
    assert not holds.freed("uav-2", True, 105.0)
    assert not holds.freed("uav-2", True, 109.9)
    assert holds.freed("uav-2", True, 110.0)
    holds.drop("uav-2")
    assert not holds.freed("uav-2", True, 200.0)
