"""FACTS-MAVLINK: ground station lost, battery, fence; and the parameters that decide."""

import itertools
from typing import Any

import pytest
from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.faults import Fault, Kind
from scripts.vehicle.profiles import ARDUCOPTER_4_7, Profile
from tests.unit.scripts.vehicle.ground import AUTO, GUIDED, LAND, NEW, OLD, RTL, Ground, item, patrol
from tests.unit.scripts.vehicle.test_plan_transfer import square_fence

BOTH = pytest.mark.parametrize("profile", [OLD, NEW], ids=lambda profile: profile.name)


def in_the_air(profile: Profile, **options: Any) -> Ground:
    ground = Ground(profile, **options)
    ground.run(1.0)
    ground.fly([item(0, 16), item(1, 22, alt_m=20), item(2, 16, 400, 0, 20), item(3, 16, 0, 0, 20), item(4, 20)])
    ground.run(12.0)
    return ground


class TestGroundStationLost:
    def test_in_auto_without_rc_override_the_old_firmware_does_nothing(self) -> None:
        ground = in_the_air(OLD)
        assert ground.vehicle.parameters["FS_GCS_ENABLE"] == 1
        ground.beating = False
        ground.run(40.0)
        assert ground.vehicle.autopilot.mode == AUTO

    def test_with_rc_override_it_returns_after_five_seconds(self) -> None:
        ground = in_the_air(OLD)
        ground.send(wire.MAVLink_rc_channels_override_message(1, 1, *([0] * 8)))
        ground.beating = False
        ground.run(4.5)
        assert ground.vehicle.autopilot.mode == AUTO
        ground.run(1.5)
        assert ground.vehicle.autopilot.mode == RTL
        assert ground.vehicle.telemetry.heartbeat().system_status == 5

    def test_in_guided_it_returns(self) -> None:
        ground = in_the_air(OLD)
        ground.set_mode(GUIDED)
        ground.beating = False
        ground.run(6.5)
        assert ground.vehicle.autopilot.mode == RTL

    def test_on_the_ground_it_is_critical_until_the_next_one_is_heard(self) -> None:
        ground = Ground(NEW, parameters={"FS_GCS_ENABLE": 1})
        ground.run(2.0)
        assert ground.vehicle.telemetry.heartbeat().system_status == 3
        ground.beating = False
        ground.run(6.5)
        assert ground.vehicle.telemetry.heartbeat().system_status == 5
        ground.beating = True
        ground.run(1.5)
        assert ground.vehicle.telemetry.heartbeat().system_status == 3

    @pytest.mark.parametrize(
        ("parameters", "mode"),
        [({}, AUTO), ({"FS_GCS_ENABLE": 1}, RTL), ({"FS_GCS_ENABLE": 5}, LAND), ({"FS_GCS_ENABLE": 2}, RTL),
         ({"FS_GCS_ENABLE": 1, "FS_OPTIONS": 2}, AUTO)],
        ids=["off by default", "return", "land", "2 is 1 there", "continue in AUTO"],
    )  # fmt: skip
    def test_the_new_firmware_does_what_its_parameters_say(self, parameters: dict[str, float], mode: int) -> None:
        ground = in_the_air(NEW, parameters=parameters)
        ground.beating = False
        ground.run(7.0)
        assert ground.vehicle.autopilot.mode == mode

    def test_only_the_configured_ground_station_counts(self) -> None:
        ground = in_the_air(NEW, parameters={"FS_GCS_ENABLE": 1, "SYSID_MYGCS": 252})
        ground.run(10.0)
        assert ground.vehicle.autopilot.mode == AUTO, "it never heard station 252, so it cannot have lost it"
        other = wire.MAVLink(None, srcSystem=252, srcComponent=190)
        ground.vehicle.receive(wire.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3).pack(other), ground.now_s)
        ground.run(7.0)
        assert ground.vehicle.autopilot.mode == RTL, "heartbeats of 255 do not keep it"

    def test_the_failsafe_waits_in_real_seconds_whatever_the_speed_up(self) -> None:
        ground = Ground(NEW, parameters={"FS_GCS_ENABLE": 1}, speedup=20.0)
        ground.run(1.0)
        ground.fly(patrol())
        ground.run(0.9)
        assert ground.vehicle.autopilot.mode == AUTO


class TestBattery:
    def test_the_old_firmware_returns_without_a_word(self) -> None:
        ground = in_the_air(
            OLD, parameters={"FS_BATT_ENABLE": 2}, faults=(Fault(kind=Kind.BATTERY, airborne_s=15, value=8),)
        )
        texts = len(ground.vehicle.texts)
        ground.run_until(lambda: ground.vehicle.autopilot.mode == RTL, 40.0)
        assert ground.vehicle.texts[texts:] == []

    @pytest.mark.parametrize(("action", "mode"), [(0, AUTO), (1, LAND), (2, RTL)])
    def test_the_new_firmware_does_what_batt_fs_low_act_says(self, action: int, mode: int) -> None:
        faults = (Fault(kind=Kind.BATTERY, airborne_s=15, value=8),)
        ground = in_the_air(NEW, parameters={"BATT_FS_LOW_ACT": action}, faults=faults)
        ground.run(25.0)
        assert ground.vehicle.autopilot.mode == mode

    @BOTH
    def test_cell_voltages_are_unknown_and_sys_status_has_the_voltage(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.send(wire.MAVLink_request_data_stream_message(1, 1, 0, 4, 1))
        ground.run(2.0)
        assert set(ground.last("BATTERY_STATUS").voltages) == {65535}
        assert 12000 < ground.last("SYS_STATUS").voltage_battery < 12700

    def test_it_lasts_as_long_as_its_endurance_and_then_falls(self) -> None:
        ground = Ground(NEW, endurance_s=60.0)
        ground.run(1.0)
        ground.fly([item(0, 16), item(1, 22, alt_m=20)])
        ground.run(50.0)
        assert not ground.vehicle.body.motors_dead
        ground.run(20.0)
        assert ground.vehicle.body.broken


class TestFence:
    @BOTH
    def test_above_its_ceiling_it_returns_and_tells_by_fence_status(self, profile: Profile) -> None:
        ground = Ground(profile, parameters={"FENCE_ENABLE": 1, "FENCE_ALT_MAX": 15, "FENCE_TYPE": 1})
        ground.send(wire.MAVLink_request_data_stream_message(1, 1, 2, 4, 1))
        ground.run(1.0)
        ground.fly(patrol())
        ground.run_until(lambda: ground.vehicle.autopilot.mode == RTL, 30.0)
        ground.run(1.0)
        status = ground.last("FENCE_STATUS")
        assert (status.breach_status, status.breach_type, status.breach_count) == (1, 2, 1)

    def test_over_an_uploaded_polygon_it_returns(self) -> None:
        ground = Ground(NEW, parameters={"FENCE_ENABLE": 1, "FENCE_TYPE": 4})
        ground.run(1.0)
        ground.upload(square_fence(), plan_type=1)
        ground.fly([item(0, 16), item(1, 22, alt_m=20), item(2, 16, 400, 0, 20)])
        ground.run_until(lambda: ground.vehicle.autopilot.mode == RTL, 60.0)
        assert 95 < ground.vehicle.body.position.north < 130

    def test_outside_its_fence_it_does_not_arm(self) -> None:
        ground = Ground(NEW, parameters={"FENCE_ENABLE": 1, "FENCE_TYPE": 4})
        ground.run(1.0)
        ground.upload(square_fence(), plan_type=1)
        ground.vehicle.body.position = ground.vehicle.body.position._replace(north=300.0)
        ground.set_mode(GUIDED)
        assert ground.command(400, 1) == 4

    def test_a_report_only_fence_leaves_the_mode(self) -> None:
        parameters = {"FENCE_ENABLE": 1.0, "FENCE_ALT_MAX": 15.0, "FENCE_TYPE": 1.0, "FENCE_ACTION": 0.0}
        ground = Ground(NEW, parameters=parameters)
        ground.run(1.0)
        ground.fly(patrol())
        ground.run(15.0)
        assert ground.vehicle.autopilot.mode == AUTO
        assert ground.vehicle.autopilot.fence.status.breach_count == 1


class TestFaults:
    def test_a_gps_glitch_lands_it(self) -> None:
        ground = in_the_air(NEW, faults=(Fault(kind=Kind.GPS_GLITCH, airborne_s=14, value=30, for_s=30),))
        ground.run_until(lambda: ground.vehicle.autopilot.mode == LAND, 10.0)
        assert "EKF variance" in ground.vehicle.texts
        assert ground.vehicle.telemetry.build(193).pos_horiz_variance > 1

    def test_silence_drops_both_ways_for_its_time(self) -> None:
        ground = in_the_air(NEW, faults=(Fault(kind=Kind.SILENCE, airborne_s=14, for_s=10),))
        ground.run(7.0)
        before = len(ground.heard)
        ground.run(2.0)
        assert len(ground.heard) == before
        ground.run(10.0)
        assert len(ground.heard) > before

    def test_a_motor_that_will_not_arm(self) -> None:
        ground = Ground(NEW, faults=(Fault(kind=Kind.NO_ARM, at_s=0, for_s=20),))
        ground.run(1.0)
        ground.set_mode(GUIDED)
        assert ground.command(400, 1) == 4
        ground.run(20.0)
        assert ground.command(400, 1) == 0

    def test_a_reboot_in_flight_lets_it_fall_and_starts_the_clock_anew(self) -> None:
        ground = in_the_air(NEW, faults=(Fault(kind=Kind.REBOOT, airborne_s=14),))
        ground.run(5.0)
        assert ground.vehicle.telemetry.boot_ms < 5000
        ground.run(5.0)
        assert ground.vehicle.body.broken

    def test_a_twin_speaks_with_the_same_sysid(self) -> None:
        ground = Ground(NEW, faults=(Fault(kind=Kind.TWIN, at_s=2, for_s=5),))
        ground.send(wire.MAVLink_request_data_stream_message(1, 1, 6, 4, 1))
        ground.run(6.0)
        assert {message.get_srcSystem() for message in ground.heard} == {1}
        assert len(ground.all("HEARTBEAT")) > 9
        clocks = [message.time_boot_ms for message in ground.all("GLOBAL_POSITION_INT")]
        assert any(after < before - 500_000 for before, after in itertools.pairwise(clocks))
        ground.run(2.0)
        assert max(message.time_boot_ms for message in ground.run(3.0) if hasattr(message, "time_boot_ms")) < 20_000

    def test_a_return_failsafe_comes_without_a_word(self) -> None:
        ground = in_the_air(NEW, faults=(Fault(kind=Kind.RETURN, seq=2),))
        assert ground.vehicle.autopilot.mode == RTL
        assert not [text for text in ground.vehicle.texts if "ailsafe" in text]


class TestParameters:
    def test_names_and_units_of_4_7(self) -> None:
        ground = Ground(ARDUCOPTER_4_7)
        read = ground.ask(wire.MAVLink_param_request_read_message(1, 1, b"RTL_ALT_M", -1), "PARAM_VALUE")
        assert (read.param_value, read.param_type) == (15.0, 9)
        assert ground.ask(wire.MAVLink_param_request_read_message(1, 1, b"RTL_ALT", -1), "PARAM_VALUE") is None
        ground.ask(wire.MAVLink_param_set_message(1, 1, b"WP_SPD", 7.0, 9), "PARAM_VALUE")
        assert ground.vehicle.helm.speeds.horizontal == pytest.approx(7.0)

    def test_reading_by_name_and_by_index(self) -> None:
        ground = Ground(NEW)
        by_name = ground.ask(wire.MAVLink_param_request_read_message(1, 1, b"FS_GCS_ENABLE", -1), "PARAM_VALUE")
        assert (by_name.param_value, by_name.param_index) == (0.0, 65535)
        by_index = ground.ask(wire.MAVLink_param_request_read_message(1, 1, b"", 5), "PARAM_VALUE")
        assert by_index.param_index == 5

    @pytest.mark.parametrize("name", [b"NO_SUCH", b"SYSID"])
    def test_an_unknown_parameter_is_met_with_silence(self, name: bytes) -> None:
        ground = Ground(NEW)
        assert ground.ask(wire.MAVLink_param_request_read_message(1, 1, name, -1), "PARAM_VALUE") is None
        assert ground.ask(wire.MAVLink_param_set_message(1, 1, name, 1, 9), "PARAM_VALUE") is None

    def test_a_set_value_is_echoed_as_its_type_can_hold_it(self) -> None:
        ground = Ground(OLD)
        echoed = ground.ask(wire.MAVLink_param_set_message(1, 1, b"FS_BATT_ENABLE", 300.7, 9), "PARAM_VALUE")
        assert (echoed.param_value, echoed.param_type) == (127.0, 2)
        assert ground.ask(wire.MAVLink_param_set_message(1, 1, b"RTL_ALT", float("nan"), 6), "PARAM_VALUE") is None

    def test_the_list_is_whole_and_trickles(self) -> None:
        ground = Ground(NEW)
        ground.send(wire.MAVLink_param_request_list_message(1, 1))
        ground.run(1.0)
        count = ground.last("PARAM_VALUE").param_count
        assert len(ground.all("PARAM_VALUE")) < count
        ground.run(count / 50 + 1)
        assert sorted(message.param_index for message in ground.all("PARAM_VALUE")) == list(range(count))
