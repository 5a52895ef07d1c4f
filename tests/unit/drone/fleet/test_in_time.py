"""Two that meet, an order that acts late, brakes no better than they have to be: told in time, not too soon."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drone.fleet.apart import SPARE_S, XYZ, Aircraft, Leg, Pair, pairs_of
from drone.fleet.reach import ORDER_S, TOLD_LATE_S

LEAST_M, LOOK_S, FINE_S = 20.0, 0.5, 0.05


@dataclass
class Mass:
    """A point mass on a straight way, heard of late; it brakes `acts_s` after it was told."""

    drone_id: str
    meets: tuple[float, float]
    heading: float
    speed_m_s: float
    meets_s: float
    lag_s: float
    acts_s: float
    braking_m_s2: float
    told_s: float | None = None
    flown_m: float = 0.0
    speed_now_m_s: float = 0.0

    def __post_init__(self) -> None:
        self.speed_now_m_s = self.speed_m_s
        self.trail = [self.flown_m]

    def place(self, flown_m: float) -> XYZ:
        ahead_m = flown_m - self.speed_m_s * self.meets_s
        east, north = math.sin(self.heading), math.cos(self.heading)
        return self.meets[0] + ahead_m * east, self.meets[1] + ahead_m * north, 40.0

    def fly(self, now_s: float) -> None:
        if self.told_s is not None and now_s >= self.told_s + self.acts_s:
            self.speed_now_m_s = max(0.0, self.speed_now_m_s - self.braking_m_s2 * FINE_S)
        self.flown_m += self.speed_now_m_s * FINE_S
        self.trail.append(self.flown_m)

    def heard(self, now_s: float) -> Aircraft:
        """As telemetry has it: where it was, told as now."""
        was_m = self.trail[max(0, len(self.trail) - 1 - round(self.lag_s / FINE_S))]
        v_m_s = self.speed_now_m_s
        velocity = (v_m_s * math.sin(self.heading), v_m_s * math.cos(self.heading), 0.0)
        left_s = None if self.told_s is None else ORDER_S - (now_s - self.told_s)
        is_braking = self.told_s is not None and now_s >= self.told_s + self.acts_s
        return Aircraft(
            self.drone_id, self.place(was_m), velocity, 0.0, LEAST_M, (0, self.drone_id), True,
            way=() if is_braking else (Leg(self.place(1e4)),), speed_m_s=self.speed_m_s,
            stops_in_s=max(left_s, 0.0) if left_s is not None and not is_braking else None,
        )  # fmt: skip


def watched(one: Mass, two: Mass, lasts_s: float = 30.0) -> float:
    """Fly them under the watch; how near they came."""
    least_m, now_s = math.dist(one.place(0.0), two.place(0.0)), 0.0
    for step in range(round(lasts_s / FINE_S)):
        if step % round(LOOK_S / FINE_S) == 0:
            (pair,) = pairs_of((one.heard(now_s), two.heard(now_s)))
            for mass in (one, two):
                if mass.told_s is None and mass.drone_id in pair.hold and not pair.may_wait:
                    mass.told_s = now_s
            if all(mass.speed_now_m_s == 0.0 for mass in (one, two)):
                break
        now_s += FINE_S
        one.fly(now_s)
        two.fly(now_s)
        least_m = min(least_m, math.dist(one.place(one.flown_m), two.place(two.flown_m)))
    return least_m


@st.composite
def masses(draw: st.DrawFn, drone_id: str) -> Mass:
    return Mass(
        drone_id,
        meets=(draw(st.floats(-15, 15)), draw(st.floats(-15, 15))),
        heading=draw(st.floats(0, 2 * math.pi)),
        speed_m_s=draw(st.floats(2, 15)),
        meets_s=draw(st.floats(14, 20)),
        lag_s=draw(st.floats(0, TOLD_LATE_S - FINE_S)),
        acts_s=draw(st.floats(0.1, ORDER_S - FINE_S)),
        braking_m_s2=draw(st.floats(2.5, 8)),
    )


@settings(max_examples=15, deadline=None)
@given(masses("uav-1"), masses("uav-2"))
def test_no_two_come_nearer_than_the_minimum(one: Mass, two: Mass) -> None:
    assume(math.dist(one.place(0.0), two.place(0.0)) > 100.0)
    assert watched(one, two) >= LEAST_M


def mass(drone_id: str, meets: tuple[float, float], heading_deg: float, speed_m_s: float, meets_s: float) -> Mass:
    return Mass(drone_id, meets, math.radians(heading_deg), speed_m_s, meets_s, 0.2, 0.5, 4.0)


@pytest.mark.parametrize(
    "two",
    [
        mass("uav-2", (0.0, 0.0), 90.0, 8.0, 22.0),
        mass("uav-2", (26.0, 0.0), 180.0, 12.0, 15.0),
        mass("uav-2", (26.0, 0.0), 0.0, 12.0, 15.0),
        mass("uav-2", (0.0, 0.0), 45.0, 5.0, 25.0),
    ],
    ids=["seven seconds later", "the other way, beside", "overtaking, beside", "behind"],
)
def test_who_passes_clear_is_not_told_to_hold(two: Mass) -> None:
    one = mass("uav-1", (0.0, 0.0), 0.0, 8.0, 15.0)
    assert LEAST_M < watched(one, two) < 60.0
    assert one.told_s is two.told_s is None


def test_an_order_waits_while_it_would_do_later_and_no_longer() -> None:
    """At 8 m/s: two seconds to act, 0.4 s of lag, 12.8 m of braking; then 20 m from the other's way and the errors.

    Two seconds behind the other, it may pass clear of it. Were it to meet it, it would be told at once.
    """

    def pair_at(left_m: float, behind_m: float = 17.0) -> Pair:
        going = Aircraft("uav-1", (behind_m - left_m, 0.0, 40.0), (8.0, 0.0, 0.0), 0.0, LEAST_M, (0, "b"), True)
        across = Aircraft("uav-2", (0.0, -left_m, 40.0), (0.0, 8.0, 0.0), 0.0, LEAST_M, (0, "a"), True)
        (found,) = pairs_of((going, across))
        return found

    stops_m = 8.0 * (ORDER_S + TOLD_LATE_S) + 8.0**2 / (2 * 2.5)
    early, late = pair_at(stops_m + 8.0 * SPARE_S + LEAST_M + 2.0), pair_at(stops_m + 8.0 * SPARE_S + LEAST_M - 2.0)
    assert early.hold == late.hold == ("uav-2",)
    assert early.may_wait
    assert not late.may_wait
    assert not pair_at(120.0, 0.0).may_wait
