"""How near two plans come, as distance over time, and what keeps them apart."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone.areas.frame import XY
from drone.plan import FlightPlan, Weather, plan_patrol
from drone.plan.separation import distance_over_time, nearest_of, segment_distances
from tests.unit.drone.patrol_configs import FRAME, NOON, config, route

CALM = Weather(0.0, 15.0, NOON)


def flight(home: XY, points: list[XY], at: datetime = NOON, layer: int = 0, altitude_m: float = 60) -> FlightPlan:
    """A plan of its own drone with its dock at `home`, metres from the common origin."""
    lat, lon = FRAME.to_wgs84(*home)
    drone = {"home": {"lat": lat, "lon": lon, "datum": "wgs84"}, "separation_m": 20}
    found = config(route("waypoints", points), drone=drone, patrol={"altitude_m": altitude_m})
    return plan_patrol(found, found.patrols[0], found.fleet[0], at, CALM, layer)


def crossing(at: datetime = NOON, layer: int = 0) -> FlightPlan:
    return flight((-400, 0), [(400, 0)], at, layer)


OTHER = flight((0, -400), [(0, 400)])


def test_crossing_at_the_same_time_meets_in_the_middle() -> None:
    seconds, distances = distance_over_time(crossing(), OTHER)
    assert distances.min() < 6, "both at 8 m/s, looked at each second"
    met_s = seconds[np.argmin(distances)] - NOON.timestamp()
    assert met_s == pytest.approx(60 / 2.5 + (800 / 8 + 8) / 2, abs=2), "climb, then half a leg that ends in a stop"
    nearest = nearest_of(crossing(), OTHER)
    assert nearest is not None
    assert nearest.distance_m == pytest.approx(0, abs=0.1)


def test_nearest_is_never_more_than_the_distance_over_time() -> None:
    for delay_s in (0, 20, 60, 200):
        moved = crossing(NOON + timedelta(seconds=delay_s))
        nearest = nearest_of(moved, OTHER)
        _, distances = distance_over_time(moved, OTHER)
        assert nearest is not None
        assert nearest.distance_m <= distances.min() + 1e-6


def test_who_is_not_in_the_air_at_the_same_time_is_never_near() -> None:
    assert nearest_of(crossing(NOON + timedelta(hours=1)), OTHER) is None


def test_who_follows_shortly_after_is_near_because_flights_end_late() -> None:
    lands = NOON + timedelta(seconds=crossing().duration_s)
    nearest = nearest_of(crossing(lands + timedelta(seconds=40)), crossing())
    assert nearest is not None
    assert nearest.distance_m == pytest.approx(0, abs=0.1)
    assert nearest_of(crossing(lands + timedelta(seconds=70)), crossing()) is None


def test_a_layer_keeps_them_apart_at_once() -> None:
    higher = crossing(layer=1)
    nearest = nearest_of(higher, OTHER)
    assert nearest is not None
    assert nearest.distance_m == pytest.approx(20)
    assert distance_over_time(higher, OTHER)[1].min() >= 20.0


def test_heights_over_different_terrains_are_not_relied_on() -> None:
    """A dock at 1500 m above the sea looked 1500 m away from one whose ground is called flat."""
    higher = crossing(layer=1)
    surveyed = replace(higher, home=replace(higher.home, ground_m=1500.0, terrain="pit.asc"))
    nearest = nearest_of(surveyed, OTHER)
    assert nearest is not None
    assert nearest.distance_m == pytest.approx(0, abs=0.1)
    assert distance_over_time(surveyed, OTHER)[1].min() < 100
    both = replace(OTHER, home=replace(OTHER.home, ground_m=1500.0, terrain="pit.asc"))
    nearest = nearest_of(surveyed, both)
    assert nearest is not None
    assert nearest.distance_m == pytest.approx(20)


def test_two_docks_side_by_side_are_told_too() -> None:
    beside = flight((0, -390), [(0, -300)])
    nearest = nearest_of(beside, OTHER)
    assert nearest is not None
    assert nearest.distance_m <= 10.1


number = st.floats(-50, 50).map(lambda value: round(value, 3))
spot = st.tuples(number, number, number)


@settings(max_examples=150, deadline=None)
@given(spot, spot, spot, spot)
def test_distance_of_segments_against_many_samples(a: XY, b: XY, c: XY, d: XY) -> None:
    ends = [np.array([one], dtype=float) for one in (a, b, c, d)]
    [found] = segment_distances(*ends)
    shares = np.linspace(0, 1, 41)
    first = ends[0] + shares[:, None] * (ends[1] - ends[0])
    second = ends[2] + shares[:, None] * (ends[3] - ends[2])
    sampled = np.linalg.norm(first[:, None] - second[None], axis=2).min()
    step = max(math.dist(a, b), math.dist(c, d)) / 40
    assert found <= sampled + 1e-6
    assert sampled <= found + step + 1e-6
