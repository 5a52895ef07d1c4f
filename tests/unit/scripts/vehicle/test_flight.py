"""FACTS-MAVLINK, "Flight": arming, AUTO, pausing, terrain, landing, and a pilot who takes over."""

import math
from typing import Any

import pytest

from scripts.vehicle.body import Wind
from scripts.vehicle.faults import Fault, Kind
from scripts.vehicle.profiles import Profile
from tests.unit.scripts.vehicle.ground import (
    AUTO,
    BRAKE,
    GUIDED,
    LAND,
    LOITER,
    NEW,
    OLD,
    RTL,
    Ground,
    bare,
    item,
    patrol,
)

BOTH = pytest.mark.parametrize("profile", [OLD, NEW], ids=lambda profile: profile.name)
FAILED = 4


def flying(profile: Profile, **options: Any) -> Ground:
    """In AUTO, on the way to item 3 of the patrol."""
    ground = Ground(profile, **options)
    ground.run(1.0)
    ground.fly(patrol())
    ground.run_until(lambda: ground.vehicle.autopilot.mission.current_seq == 3, 60.0)
    return ground


class TestStart:
    @BOTH
    def test_arming_in_auto_is_refused(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.upload(patrol())
        assert ground.set_mode(AUTO) == 0
        assert ground.command(400, 1) == FAILED
        assert not ground.vehicle.autopilot.armed

    @BOTH
    def test_auto_alone_disarms_after_ten_seconds(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.upload(patrol())
        ground.set_mode(GUIDED)
        ground.command(400, 1)
        armed_s = ground.now_s
        ground.set_mode(AUTO)
        ground.run_until(lambda: not ground.vehicle.autopilot.armed, 20.0)
        assert 8.0 < ground.now_s - armed_s < 11.0
        assert ground.vehicle.body.on_ground

    @BOTH
    def test_a_mission_without_takeoff_cannot_enter_auto_armed_on_the_ground(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.upload([item(0, 16), item(1, 16, 20, 0, 20), bare(2, 20)])
        ground.set_mode(GUIDED)
        ground.command(400, 1)
        assert ground.set_mode(AUTO) == FAILED
        assert "Auto: Missing Takeoff Cmd" in ground.vehicle.texts

    @BOTH
    def test_an_empty_mission_cannot_enter_auto(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        assert ground.set_mode(AUTO) == FAILED

    @BOTH
    def test_before_gps_and_estimator_settle_it_does_not_arm_and_says_why(self, profile: Profile) -> None:
        ground = Ground(profile, settle_s=12.0)
        ground.run(4.0)
        assert ground.set_mode(GUIDED) == FAILED
        assert ground.command(400, 1) == FAILED
        assert any(text.startswith("PreArm: ") for text in ground.vehicle.texts)
        ground.run(10.0)
        assert ground.set_mode(GUIDED) == 0
        assert ground.command(400, 1) == 0

    @BOTH
    def test_home_is_where_it_armed(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.vehicle.body.position = ground.vehicle.body.position._replace(north=50.0)
        ground.set_mode(GUIDED)
        ground.command(400, 1)
        assert ground.vehicle.helm.home_local.north == pytest.approx(50.0, abs=1.0)


class TestPause:
    @BOTH
    def test_loiter_without_rc_descends_two_and_a_half_metres_a_second(self, profile: Profile) -> None:
        ground = flying(profile)
        ground.set_mode(LOITER)
        high_m = ground.vehicle.body.position.up
        ground.run(3.0)
        assert (high_m - ground.vehicle.body.position.up) / 3.0 == pytest.approx(2.5, abs=0.3)

    @BOTH
    @pytest.mark.parametrize("mode", [BRAKE, GUIDED])
    def test_brake_and_guided_hold(self, profile: Profile, mode: int) -> None:
        ground = flying(profile)
        ground.set_mode(mode)
        ground.run(3.0)
        held = ground.vehicle.body.position
        ground.run(30.0)
        assert math.dist(held, ground.vehicle.body.position) < 1.0

    @BOTH
    def test_auto_resumes_at_the_same_item(self, profile: Profile) -> None:
        ground = flying(profile)
        ground.set_mode(GUIDED)
        ground.run(10.0)
        reached = len(ground.all("MISSION_ITEM_REACHED"))
        assert ground.set_mode(AUTO) == 0
        assert ground.vehicle.autopilot.mission.current_seq == 3
        ground.run_until(lambda: len(ground.all("MISSION_ITEM_REACHED")) > reached, 30.0)
        assert ground.last("MISSION_ITEM_REACHED").seq == 3

    @BOTH
    def test_a_pause_forgets_the_speed_the_mission_had_set(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.fly([item(0, 16), item(1, 22, alt_m=10), bare(2, 178, 1, 2.0), item(3, 16, 200, 0, 10), bare(4, 20)])
        ground.run_until(lambda: ground.vehicle.body.position.north > 5, 60.0)
        assert ground.vehicle.body.velocity.horizontal == pytest.approx(2.0, abs=0.2)
        ground.set_mode(GUIDED)
        ground.run(3.0)
        ground.set_mode(AUTO)
        ground.run(10.0)
        assert ground.vehicle.body.velocity.horizontal == pytest.approx(5.0, abs=0.2)

    def test_do_pause_continue_stops_in_the_leg_and_goes_on(self) -> None:
        ground = flying(NEW)
        assert ground.command(193, 0) == 0
        ground.run(3.0)
        held = ground.vehicle.body.position
        ground.run(10.0)
        assert math.dist(held, ground.vehicle.body.position) < 1.0
        assert ground.command(193, 1) == 0
        ground.run_until(lambda: ground.vehicle.autopilot.mission.current_seq == 4, 60.0)


class TestTerrain:
    @BOTH
    def test_a_terrain_altitude_without_terrain_data_disarms_on_the_ground(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.upload([item(0, 16), item(1, 22, alt_m=20, frame=10), bare(2, 20)])
        ground.set_mode(GUIDED)
        ground.command(400, 1)
        ground.set_mode(AUTO)
        assert not ground.vehicle.autopilot.armed

    @BOTH
    def test_and_returns_in_the_air(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.fly([item(0, 16), item(1, 22, alt_m=20), item(2, 16, 30, 0, 20, frame=10), bare(3, 20)])
        ground.run_until(lambda: ground.vehicle.autopilot.mode == RTL, 30.0)
        ground.run_until(lambda: not ground.vehicle.autopilot.armed, 90.0)


class TestItems:
    @BOTH
    def test_a_hold_is_held_and_do_items_are_reported_reached_too(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        hold = item(2, 16, 30, 0, 10, params=(8.0, 0, 0, 0))
        ground.fly([item(0, 16), item(1, 22, alt_m=10), hold, bare(3, 178, 1, 3.0), item(4, 16, 0, 0, 10), bare(5, 20)])
        ground.run_until(lambda: ground.vehicle.body.position.north > 28.5, 60.0)
        arrived_s = ground.now_s
        ground.run_until(lambda: ground.vehicle.autopilot.mission.current_seq == 4, 60.0)
        assert 7.5 < ground.now_s - arrived_s < 11.0
        ground.run(1.0)
        assert [message.seq for message in ground.all("MISSION_ITEM_REACHED")] == [1, 2, 3]

    @BOTH
    def test_do_jump_repeats_and_ends(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.fly([item(0, 16), item(1, 22, alt_m=5), item(2, 16, 10, 0, 5), item(3, 16, 0, 0, 5),
                    bare(4, 177, 2, 1), bare(5, 21)])  # fmt: skip
        ground.run_until(lambda: not ground.vehicle.autopilot.armed, 200.0)
        assert [message.seq for message in ground.all("MISSION_ITEM_REACHED")][:5] == [1, 2, 3, 2, 3]

    @BOTH
    def test_a_land_item_without_a_place_lands_here(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.fly([item(0, 16), item(1, 22, alt_m=8), item(2, 16, 20, 0, 8), bare(3, 21)])
        ground.run_until(lambda: not ground.vehicle.autopilot.armed, 120.0)
        assert ground.vehicle.body.position.north == pytest.approx(20.0, abs=3.0)
        assert not ground.vehicle.body.broken


class TestReturn:
    def test_it_climbs_to_rtl_alt_first(self) -> None:
        ground = Ground(NEW, parameters={"RTL_ALT": 3000.0})
        ground.run(1.0)
        ground.fly(patrol())
        ground.run_until(lambda: ground.vehicle.autopilot.mission.current_seq == 4, 60.0)
        ground.set_mode(RTL)
        highest_m = 0.0
        while ground.vehicle.autopilot.armed:
            ground.run(0.5)
            highest_m = max(highest_m, ground.vehicle.body.position.up)
        assert highest_m == pytest.approx(30.0, abs=2.5)

    @BOTH
    def test_landing_slows_down_near_the_ground(self, profile: Profile) -> None:
        ground = flying(profile)
        ground.set_mode(LAND)
        ground.run_until(lambda: ground.vehicle.body.position.up < 5, 60.0)
        assert ground.vehicle.body.velocity.up == pytest.approx(-0.5, abs=0.1)
        ground.run_until(lambda: not ground.vehicle.autopilot.armed, 60.0)
        assert not ground.vehicle.body.broken


class TestPilot:
    @BOTH
    def test_a_pilot_takes_over_and_holds_because_he_has_the_stick(self, profile: Profile) -> None:
        ground = flying(profile, faults=(Fault(kind=Kind.PILOT, seq=4),))
        ground.run_until(lambda: ground.vehicle.autopilot.mode == LOITER, 60.0)
        ground.run(2.0)
        held = ground.vehicle.body.position
        ground.run(10.0)
        assert math.dist(held, ground.vehicle.body.position) < 1.0
        assert ground.last("HEARTBEAT").custom_mode == LOITER


class TestWeather:
    def test_wind_it_can_fight_leaves_it_on_its_leg(self) -> None:
        ground = Ground(NEW, wind=Wind(8.0, 270.0, 3.0))
        ground.run(1.0)
        ground.fly(patrol())
        ground.run_until(lambda: not ground.vehicle.autopilot.armed, 200.0)
        assert ground.vehicle.body.position.horizontal < 1.5

    def test_wind_above_its_airspeed_carries_it_away(self) -> None:
        ground = Ground(NEW, wind=Wind(20.0, 270.0))
        ground.run(1.0)
        ground.fly(patrol())
        ground.run(20.0)
        assert ground.vehicle.body.position.east > 50
