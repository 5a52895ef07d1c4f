"""What is heard of the vehicle: silence until asked, MAVLink 1 until spoken to in 2, version, gimbal, photos."""

import itertools
import math

import pytest
from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.profiles import Profile
from tests.unit.scripts.vehicle.ground import HOME, NEW, OLD, Ground, bare, item

BOTH = pytest.mark.parametrize("profile", [OLD, NEW], ids=lambda profile: profile.name)


class TestStreams:
    @BOTH
    def test_nothing_but_heartbeats_until_asked(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        assert {message.get_type() for message in ground.run(5.0)} == {"HEARTBEAT"}
        assert 5 <= len(ground.all("HEARTBEAT")) <= 7

    @BOTH
    def test_request_data_stream_starts_and_stops_a_group(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.send(wire.MAVLink_request_data_stream_message(1, 1, 6, 4, 1))
        heard = [message.get_type() for message in ground.run(5.0)]
        assert 18 <= heard.count("GLOBAL_POSITION_INT") <= 21
        assert "ATTITUDE" not in heard
        ground.send(wire.MAVLink_request_data_stream_message(1, 1, 6, 0, 0))
        assert "GLOBAL_POSITION_INT" not in {message.get_type() for message in ground.run(3.0)}

    def test_set_message_interval_and_message_interval(self) -> None:
        ground = Ground(NEW)
        assert ground.command(511, 33, 500_000) == 0
        heard = [message.get_type() for message in ground.run(5.0)]
        assert 9 <= heard.count("GLOBAL_POSITION_INT") <= 11
        ground.command(510, 33)
        assert ground.last("MESSAGE_INTERVAL").interval_us == 500_000
        assert ground.command(511, 9999, 500_000) == 2

    def test_request_message(self) -> None:
        ground = Ground(NEW)
        assert ground.command(512, 148) == 0
        assert ground.last("AUTOPILOT_VERSION").capabilities & 0xC000

    @BOTH
    def test_autopilot_version_tells_version_and_capabilities(self, profile: Profile) -> None:
        ground = Ground(profile)
        assert ground.command(520, 1) == 0
        said = ground.last("AUTOPILOT_VERSION")
        assert said.capabilities == profile.capabilities
        assert (said.flight_sw_version >> 24, said.flight_sw_version >> 16 & 255) == profile.version[:2]

    def test_a_speed_up_runs_flight_time_but_floods_nobody(self) -> None:
        ground = Ground(NEW, speedup=50.0)
        ground.send(wire.MAVLink_request_data_stream_message(1, 1, 6, 10, 1))
        heard = [message.get_type() for message in ground.run(2.0)]
        assert heard.count("GLOBAL_POSITION_INT") <= 51
        assert ground.last("GLOBAL_POSITION_INT").time_boot_ms > 95_000

    def test_after_a_stall_it_sends_one_heartbeat_and_not_two_to_catch_up(self) -> None:
        ground = Ground(NEW)
        ground.run(1.0)
        ground.now_s += 7.3  # the machine was busy
        before = len(ground.all("HEARTBEAT"))
        ground.run(2.0)
        assert len(ground.all("HEARTBEAT")) - before <= 3

    @BOTH
    def test_before_the_estimator_settles_the_position_is_zero(self, profile: Profile) -> None:
        ground = Ground(profile, settle_s=10.0)
        ground.send(wire.MAVLink_request_data_stream_message(1, 1, 0, 4, 1))
        ground.run(2.0)
        assert (ground.last("GLOBAL_POSITION_INT").lat, ground.last("GPS_RAW_INT").fix_type) == (0, 1)
        ground.run(10.0)
        assert ground.last("GLOBAL_POSITION_INT").lat == pytest.approx(HOME[0] * 1e7, abs=50)
        assert ground.last("GPS_RAW_INT").fix_type == 3
        assert ground.all("HOME_POSITION")


class TestWireVersion:
    def test_it_speaks_mavlink_1_until_it_hears_mavlink_2(self) -> None:
        ground = Ground(OLD)
        ground.beating = False
        ground.run(3.0)
        assert {frame[0] for frame in ground.frames} == {wire.PROTOCOL_MARKER_V1}
        ground.beat()
        before = len(ground.frames)
        ground.run(3.0)
        assert {frame[0] for frame in ground.frames[before:]} == {wire.PROTOCOL_MARKER_V2}

    def test_a_mavlink_1_frame_carries_no_extension_fields(self) -> None:
        ground = Ground(OLD)
        ground.beating = False
        ground.send(wire.MAVLink_command_long_message(1, 1, 520, 0, *([0.0] * 7)), mavlink1=True)
        ground.run(0.2)
        ack = next(frame for frame in ground.frames if frame[5] == 77)
        assert ack[1] == 3, "COMMAND_ACK is command and result there"

    def test_a_signing_vehicle_takes_unsigned_traffic_unless_strict(self) -> None:
        for strict, answered in ((False, True), (True, False)):
            ground = Ground(NEW, signing_key=bytes(32), signing_strict=strict)
            assert (ground.command(520, 1) == 0) is answered


class TestGimbal:
    @BOTH
    def test_do_mount_control_turns_it_at_its_own_rate(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.send(wire.MAVLink_request_data_stream_message(1, 1, 12, 4, 1))
        ground.run(1.0)
        assert ground.command(205, -90, 0, 0, 0, 0, 0, 2) == 0
        ground.run(2.0)
        assert ground.last("MOUNT_STATUS").pointing_a == -9000

    def test_gimbal_manager_pitch_yaw(self) -> None:
        ground = Ground(NEW)
        ground.run(1.0)
        assert ground.command(1000, -45, 30) == 0
        ground.run(3.0)
        assert (ground.vehicle.gimbal.pitch_deg, ground.vehicle.gimbal.yaw_deg) == (-45.0, 30.0)
        ground.send(wire.MAVLink_gimbal_manager_set_pitchyaw_message(1, 1, 0, 0, math.radians(-20), 0.0, 0.0, 0.0))
        ground.run(3.0)
        assert ground.vehicle.gimbal.pitch_deg == pytest.approx(-20.0, abs=0.01)
        ground.command(512, 285)
        assert ground.last("GIMBAL_DEVICE_ATTITUDE_STATUS").q[2] < 0

    @BOTH
    def test_a_region_of_interest_is_looked_at_from_above(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        there = item(0, 16, 0.0, 30.0)
        ground.fly([item(0, 16), item(1, 22, alt_m=30), item(2, 16, 0, 60, 30)])
        ground.run_until(lambda: ground.vehicle.body.position.up > 28, 60.0)
        look = wire.MAVLink_command_int_message(1, 1, 3, 201, 0, 0, 0, 0, 0, 0, there.x, there.y, 0.0)
        assert ground.ask(look, "COMMAND_ACK").result == 0
        ground.run_until(lambda: ground.vehicle.body.position.east > 28, 60.0)
        assert ground.vehicle.gimbal.pitch_deg < -60

    def test_told_nothing_it_rests_at_its_neutral_angle_and_comes_back_there(self) -> None:
        ground = Ground(NEW, parameters={"MNT1_DEFLT_MODE": 1, "MNT1_NEUTRAL_Y": -45.0})
        ground.run(2.0)
        gimbal = ground.vehicle.gimbal
        assert gimbal.pitch_deg == -45.0
        ground.command(1000, -10, 0)
        ground.run(2.0)
        assert gimbal.pitch_deg == -10.0
        ahead = item(0, 16, 500.0, 0.0)
        look = wire.MAVLink_command_int_message(1, 1, 3, 201, 0, 0, 0, 0, 0, 0, ahead.x, ahead.y, 0.0)
        assert ground.ask(look, "COMMAND_ACK").result == 0
        ground.run(2.0)
        assert abs(gimbal.pitch_deg) < 5
        ground.command(197)
        ground.run(2.0)
        assert gimbal.pitch_deg == -45.0
        ground.ask(look, "COMMAND_ACK")
        ground.command(1000, -30, 0)
        ground.run(2.0)
        assert gimbal.pitch_deg == -30.0


class TestPhotos:
    @BOTH
    def test_photos_by_distance_are_told_with_number_and_place(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.fly([item(0, 16), item(1, 22, alt_m=10), bare(2, 206, 10.0), item(3, 16, 100, 0, 10), bare(4, 206, 0.0),
                    bare(5, 20)])  # fmt: skip
        ground.run_until(lambda: ground.vehicle.autopilot.mission.current_seq == 5, 90.0)
        photos = ground.all("CAMERA_FEEDBACK")
        assert 9 <= len(photos) <= 11
        assert [photo.img_idx for photo in photos] == list(range(1, len(photos) + 1))
        steps_m = [(b.lat - a.lat) * 0.0111319 for a, b in itertools.pairwise(photos[1:])]
        assert all(9.5 < step_m < 11.0 for step_m in steps_m)
        assert len(ground.all("CAMERA_IMAGE_CAPTURED")) == (len(photos) if profile is NEW else 0)

    @BOTH
    def test_one_photo_by_command(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        assert ground.command(203, 0, 0, 0, 0, 1) == 0
        assert ground.vehicle.camera.photos == 1

    def test_a_series_by_image_start_capture(self) -> None:
        ground = Ground(NEW)
        ground.run(1.0)
        assert ground.command(2000, 0, 2.0, 3) == 0
        ground.run(10.0)
        assert ground.vehicle.camera.photos == 3
