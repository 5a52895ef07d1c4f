"""The place of a flight to an alert, known from its mission alone."""

from __future__ import annotations

import pytest

from drone.fleet.dispatch import looked_at
from drone.mission.from_plan import plan_to_mission
from drone.plan import plan_patrol
from kernel.geodesy import distance_m
from tests.unit.drone.patrol_configs import NOON, config, places, route


def test_it_is_the_first_point_over_what_the_camera_looks_at() -> None:
    (there,) = places([(150, 80)])
    actions = [{"point": 2, "hold_s": 5, "look_at": there}]
    found = config(route("waypoints", [(60, 60), (150, 80)]), patrol={"actions": actions, "altitude_m": 50})
    mission = plan_to_mission(plan_patrol(found, found.patrols[0], found.fleet[0], NOON, None))
    target = looked_at(mission)
    assert target is not None
    assert distance_m(*target.place, *there) < 0.1
    assert target.alt_home_m == pytest.approx(50.0)


def test_a_patrol_that_looks_at_nothing_below_it_has_none() -> None:
    found = config(route("waypoints", [(60, 60), (150, 80)]))
    assert looked_at(plan_to_mission(plan_patrol(found, found.patrols[0], found.fleet[0], NOON, None))) is None
