"""Aircraft that hold for each other: one makes room, one goes on, and none comes nearer to another by that."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone.fleet.apart import NOISE, XYZ, Aircraft, Leg, nearest
from drone.fleet.giving_way import VERTICAL_M_S, Held, Room, may_go_on, room_for, stuck_ones

APART_M, SPEED_M_S = 20.0, 8.0


def held(drone_id: str, place: XYZ, *way: XYZ, low_m: float = 15.0, high_m: float = 120.0, percent: int = 9) -> Held:
    standing = Aircraft(
        drone_id, place, (0.0, 0.0, 0.0), age_s=0.0, least_m=APART_M, rank=(0, ""), may_hold=False, way=(),
        speed_m_s=SPEED_M_S,
    )  # fmt: skip
    flight_id = f"01{drone_id[-1]}"
    return Held(standing, tuple(map(Leg, way)), low_m, high_m, (1, percent, flight_id, drone_id), is_still=True)


def all_of(*some: Held, beside: tuple[Aircraft, ...] = ()) -> tuple[dict[str, Held], dict[str, Aircraft]]:
    by_id = {one.standing.drone_id: one for one in some}
    return by_id, {one.drone_id: one for one in (*(held.standing for held in some), *beside)}


WEST, EAST = (0.0, 0.0, 40.0), (60.0, 0.0, 40.0)
HEAD_ON = (held("uav-1", WEST, (200.0, 0.0, 40.0)), held("uav-2", EAST, (-200.0, 0.0, 40.0)))


def test_the_later_of_two_that_wait_for_each_other_climbs_and_then_the_earlier_may_go() -> None:
    flying = all_of(*HEAD_ON)
    assert may_go_on(*flying) == frozenset()
    assert stuck_ones(*flying) == {"uav-1", "uav-2"}
    assert room_for(*flying) == Room("uav-2", 62.0, "uav-1")

    above = replace(HEAD_ON[1], standing=HEAD_ON[1].at(62.0))
    assert may_go_on(*all_of(HEAD_ON[0], above)) == {"uav-1"}
    assert stuck_ones(*all_of(HEAD_ON[0], above)) == frozenset()


def test_the_lower_battery_goes_first_and_whom_the_ceiling_stops_descends() -> None:
    low = replace(HEAD_ON[1], turn=(1, 3, "012", "uav-2"))
    assert room_for(*all_of(HEAD_ON[0], low)) == Room("uav-1", 62.0, "uav-2")
    under = replace(HEAD_ON[1], high_m=61.0)
    assert room_for(*all_of(HEAD_ON[0], under)) == Room("uav-2", 18.0, "uav-1")
    neither = replace(under, low_m=30.0)
    assert room_for(*all_of(HEAD_ON[0], neither)) == Room("uav-1", 62.0, "uav-2")


def test_where_nobody_can_make_room_all_stand() -> None:
    narrow = [replace(one, low_m=30.0, high_m=50.0) for one in HEAD_ON]
    assert room_for(*all_of(*narrow)) is None
    assert stuck_ones(*all_of(*narrow)) == {"uav-1", "uav-2"}


def test_while_one_climbs_nobody_else_moves() -> None:
    climbs = replace(HEAD_ON[1], is_still=False)
    assert room_for(*all_of(HEAD_ON[0], climbs)) is None


def test_who_waits_for_somebody_that_is_not_held_waits() -> None:
    """A pilot's aircraft, or one that a person paused: it is not ours to move, and may go by itself."""
    stands = held("uav-3", (30.0, 0.0, 40.0)).standing
    assert stuck_ones(*all_of(HEAD_ON[0], beside=(stands,))) == frozenset()
    assert room_for(*all_of(HEAD_ON[0], beside=(stands,))) is None


def test_of_two_whose_ways_are_clear_but_cross_only_the_first_goes() -> None:
    one = held("uav-1", (-80.0, 0.0, 40.0), (200.0, 0.0, 40.0))
    two = held("uav-2", (0.0, -80.0, 40.0), (0.0, 200.0, 40.0))
    assert may_go_on(*all_of(one, two)) == {"uav-1"}


def test_three_in_a_ring_are_freed_one_after_the_other() -> None:
    corners = [(50 * math.cos(turn), 50 * math.sin(turn), 40.0) for turn in (0.0, 2.1, 4.2)]
    ring = [held(f"uav-{n}", corners[n], corners[(n + 1) % 3], corners[(n + 2) % 3]) for n in range(3)]
    assert stuck_ones(*all_of(*ring)) == {"uav-0", "uav-1", "uav-2"}
    made = []
    while not may_go_on(*all_of(*ring)):
        room = room_for(*all_of(*ring))
        assert room is not None
        made.append((room.drone_id, room.for_id))
        ring = [replace(one, standing=one.at(room.height_m)) if one.turn[3] == room.drone_id else one for one in ring]
    assert made == [("uav-2", "uav-0"), ("uav-1", "uav-0")]
    assert may_go_on(*all_of(*ring)) == {"uav-0"}


PLACES = st.tuples(st.floats(-120, 120), st.floats(-120, 120), st.sampled_from([30.0, 40.0, 52.0, 62.0]))


@st.composite
def standing_crowds(draw: st.DrawFn) -> list[Held]:
    """Two to four that stand as far apart as holding leaves them, on ways in any direction."""
    crowd: list[Held] = []
    for number in range(draw(st.integers(2, 4))):
        place, ways = draw(PLACES), draw(st.lists(PLACES, min_size=1, max_size=3))
        percent = draw(st.integers(0, 10))
        if all(math.dist(place, other.standing.place) >= APART_M * (1 - NOISE) for other in crowd):
            crowd.append(held(f"uav-{number}", place, *ways, percent=percent))
    return crowd


@settings(max_examples=60)
@given(standing_crowds(), st.floats(0.5, 4.0))
def test_whatever_is_done_brings_nobody_under_the_minimum(crowd: list[Held], climb_m_s: float) -> None:
    """All that may go on go at once, and who makes room does: at every half second of the horizon they are apart.

    Also where the one that makes room climbs faster or more slowly than reckoned with.
    """
    flying = all_of(*crowd)
    free, room = may_go_on(*flying), room_for(*flying)
    assert free.isdisjoint(stuck_ones(*flying))
    moving = [one.going if one.standing.drone_id in free else one.standing for one in crowd]
    if room is not None:
        assert room.drone_id not in free
        climbing = flying[0][room.drone_id].climbing(room.height_m)
        climbing = replace(climbing, speed_m_s=climb_m_s * VERTICAL_M_S)
        standing = [one.standing for one in crowd if one.standing.drone_id != room.drone_id]
        assert all(nearest(climbing, other).least_m >= APART_M * (1 - NOISE) - 0.5 for other in standing)
    for index, one in enumerate(moving):
        for other in moving[index + 1 :]:
            assert nearest(one, other).least_m >= APART_M * (1 - NOISE)


@settings(max_examples=30)
@given(standing_crowds())
def test_every_controller_decides_the_same(crowd: list[Held]) -> None:
    there, back = all_of(*crowd), all_of(*reversed(crowd))
    assert may_go_on(*there) == may_go_on(*back)
    assert room_for(*there) == room_for(*back)


@pytest.mark.parametrize("height_m", [45.0, 55.0])
def test_too_near_already_it_moves_only_apart(height_m: float) -> None:
    """Nearer than the minimum by a fault: climbing towards the other is not taken, climbing away is."""
    low = held("uav-2", (10.0, 0.0, 40.0), (-200.0, 0.0, 40.0))
    high = held("uav-1", (0.0, 0.0, height_m), (200.0, 0.0, height_m))
    room = room_for(*all_of(high, low))
    assert room is not None
    assert room.drone_id == "uav-2"
    assert room.height_m < 40.0
