"""A whole flight, by each firmware: uploaded, flown, landed, disarmed at home."""

import pytest

from scripts.vehicle.profiles import Profile
from tests.unit.scripts.vehicle.ground import AUTO, NEW, OLD, Ground, item, patrol


@pytest.mark.parametrize("profile", [OLD, NEW], ids=lambda profile: profile.name)
def test_it_flies_a_patrol_and_is_home_disarmed(profile: Profile) -> None:
    ground = Ground(profile)
    ground.run(2.0)
    ground.fly(patrol())
    ground.run_until(lambda: not ground.vehicle.autopilot.armed, 200.0)
    assert ground.vehicle.body.position.horizontal < 0.5
    assert ground.vehicle.body.position.up == 0.0
    assert not ground.vehicle.body.broken


@pytest.mark.parametrize("profile", [OLD, NEW], ids=lambda profile: profile.name)
def test_the_return_item_is_never_reported_reached(profile: Profile) -> None:
    ground = Ground(profile)
    ground.run(2.0)
    ground.fly(patrol())
    ground.run_until(lambda: not ground.vehicle.autopilot.armed, 200.0)
    assert [message.seq for message in ground.all("MISSION_ITEM_REACHED")] == [1, 2, 3, 4]


def test_on_disarming_the_current_item_falls_back() -> None:
    ground = Ground(OLD)
    ground.run(2.0)
    ground.fly(patrol())
    ground.run_until(lambda: ground.vehicle.autopilot.mission.current_seq == 5, 200.0)
    ground.run_until(lambda: not ground.vehicle.autopilot.armed, 200.0)
    ground.run(2.0)
    assert ground.vehicle.telemetry.mission_current().seq == 1


def test_without_a_return_item_it_hovers_armed_at_the_last_waypoint() -> None:
    ground = Ground(OLD)
    ground.run(2.0)
    ground.fly([item(0, 16), item(1, 22, alt_m=15), item(2, 16, 30, 0, 15)])
    ground.run(120.0)
    place = ground.vehicle.body.position
    assert ground.vehicle.autopilot.armed
    assert ground.vehicle.autopilot.mode == AUTO
    assert abs(place.north - 30) < 2.5
    assert abs(place.up - 15) < 2.5


def test_two_runs_of_one_seed_are_the_same_flight_and_another_seed_is_not() -> None:
    def track(seed: int) -> list[tuple[float, ...]]:
        ground = Ground(NEW, seed=seed)
        ground.run(1.0)
        ground.fly(patrol())
        ground.run(20.0)
        return [tuple(ground.vehicle.helm.position)]

    assert track(3) == track(3)
    assert track(3) != track(4)
