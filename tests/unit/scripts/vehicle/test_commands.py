"""FACTS-MAVLINK, "Commands": what is answered, and what the answer is worth."""

import math

import pytest
from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.profiles import Profile
from tests.unit.scripts.vehicle.ground import AUTO, BRAKE, GUIDED, NEW, OLD, SET_MODE_ID, Ground, item, patrol

BOTH = pytest.mark.parametrize("profile", [OLD, NEW], ids=lambda profile: profile.name)
UNSUPPORTED, FAILED, IN_PROGRESS = 3, 4, 5


@pytest.mark.parametrize("command", [176, 192, 193, 224, 511, 512, 1000])
def test_the_old_firmware_does_not_support(command: int) -> None:
    assert Ground(OLD).command(command, 1, 1) == UNSUPPORTED


@pytest.mark.parametrize("command", [176, 193, 224, 511, 512, 1000])
def test_the_new_firmware_supports(command: int) -> None:
    assert Ground(NEW).command(command, 33, 1_000_000) != UNSUPPORTED


def test_a_position_goes_in_a_command_int_only() -> None:
    ground = Ground(NEW)
    assert ground.command(192, -1, 1, 0, 0, 41.77, 109.98, 20) == UNSUPPORTED


def test_the_old_firmware_acks_set_mode_with_its_own_number_and_the_new_one_not_at_all() -> None:
    for profile, results in ((OLD, [0, FAILED]), (NEW, [])):
        ground = Ground(profile)
        ground.run(1.0)
        ground.set_mode(GUIDED)
        ground.set_mode(99)
        acks = ground.all("COMMAND_ACK")
        assert [message.result for message in acks] == results
        assert {message.command for message in acks} <= {SET_MODE_ID}
        assert ground.vehicle.autopilot.mode == GUIDED


def test_the_new_firmware_accepts_mission_start_without_being_armed_and_stays_on_the_ground() -> None:
    for profile, result in ((OLD, FAILED), (NEW, 0)):
        ground = Ground(profile)
        ground.run(1.0)
        ground.upload(patrol())
        assert ground.command(300) == result
        ground.run(5.0)
        assert ground.vehicle.body.on_ground


def test_takeoff_as_command_int_needs_the_relative_frame() -> None:
    ground = Ground(NEW)
    ground.run(1.0)
    ground.set_mode(GUIDED)
    ground.command(400, 1)
    for frame, result in ((6, 2), (3, 0)):
        takeoff = wire.MAVLink_command_int_message(1, 1, frame, 22, 0, 0, 0, 0, 0, 0, 0, 0, 20)
        assert ground.ask(takeoff, "COMMAND_ACK").result == result


@BOTH
def test_the_armed_heartbeat_comes_after_the_ack(profile: Profile) -> None:
    ground = Ground(profile)
    ground.run(1.2)
    ground.set_mode(GUIDED)
    ground.command(400, 1)
    ground.run(1.0)
    kinds = [(m.get_type(), getattr(m, "base_mode", 0) & 128) for m in ground.heard]
    acked = max(i for i, (kind, _) in enumerate(kinds) if kind == "COMMAND_ACK")
    armed = min(i for i, (_, bit) in enumerate(kinds) if bit)
    assert acked < armed


def test_calibration_says_in_progress_and_is_done_seconds_later() -> None:
    ground = Ground(NEW)
    assert ground.command(241, 1) == IN_PROGRESS
    ground.run(5.0)
    assert [message.result for message in ground.all("COMMAND_ACK")] == [IN_PROGRESS, 0]


def test_a_reboot_acked_in_flight_does_not_reboot_the_old_firmware() -> None:
    ground = Ground(OLD)
    ground.send(wire.MAVLink_request_data_stream_message(1, 1, 10, 4, 1))
    ground.run(1.0)
    ground.fly(patrol())
    ground.run(5.0)
    before_ms = ground.last("ATTITUDE").time_boot_ms
    assert ground.command(246, 1) == 0
    ground.run(3.0)
    assert ground.last("ATTITUDE").time_boot_ms > before_ms


@BOTH
def test_on_the_ground_a_reboot_starts_the_clock_and_the_silence_anew(profile: Profile) -> None:
    ground = Ground(profile)
    ground.send(wire.MAVLink_request_data_stream_message(1, 1, 0, 4, 1))
    ground.run(5.0)
    ground.upload(patrol())
    assert ground.command(246, 1) == 0
    ground.run(3.0)
    assert ground.vehicle.telemetry.boot_ms < 4000
    assert {message.get_type() for message in ground.run(2.0)} <= {"HEARTBEAT", "STATUSTEXT"}
    assert len(ground.download()) == 6


class TestGuided:
    def guided(self, profile: Profile) -> Ground:
        ground = Ground(profile)
        ground.run(1.0)
        ground.set_mode(GUIDED)
        ground.command(400, 1)
        assert ground.command(22, 0, 0, 0, 0, 0, 0, 20) == 0
        ground.run(15.0)
        assert abs(ground.vehicle.body.position.up - 20) < 1.0
        return ground

    def target(self, north_m: float, east_m: float, alt_m: float, frame: int = 6) -> wire.MAVLink_message:
        there = item(0, 16, north_m, east_m)
        return wire.MAVLink_set_position_target_global_int_message(
            0, 1, 1, frame, 0x0FF8, there.x, there.y, alt_m, 0, 0, 0, 0, 0, 0, 0, 0
        )

    @BOTH
    def test_it_flies_to_a_target_and_holds_there_within_a_metre(self, profile: Profile) -> None:
        ground = self.guided(profile)
        ground.send(self.target(30, -20, 25))
        ground.run(30.0)
        for _ in range(20):
            ground.run(1.0)
            place = ground.vehicle.body.position
            assert math.dist(place, (30, -20, 25)) < 1.0

    @BOTH
    def test_outside_guided_a_target_is_ignored_without_a_word(self, profile: Profile) -> None:
        ground = self.guided(profile)
        ground.set_mode(BRAKE)
        answers = len(ground.all("COMMAND_ACK"))
        ground.send(self.target(30, -20, 25))
        ground.run(10.0)
        assert ground.vehicle.body.position.horizontal < 2.0
        assert len(ground.all("COMMAND_ACK")) == answers

    def test_do_reposition_as_command_int_changes_the_mode_when_asked_to(self) -> None:
        ground = self.guided(NEW)
        ground.set_mode(BRAKE)
        there = item(0, 16, 25, 0)
        for flags, result in ((0, 2), (1, 0)):
            asked = wire.MAVLink_command_int_message(1, 1, 6, 192, 0, 0, -1, flags, 0, 0, there.x, there.y, 22)
            assert ground.ask(asked, "COMMAND_ACK").result == result
        ground.run(20.0)
        assert abs(ground.vehicle.body.position.north - 25) < 1.0

    @BOTH
    def test_a_nan_altitude_kills_it_and_it_says_so(self, profile: Profile) -> None:
        ground = self.guided(profile)
        ground.send(self.target(5, 5, math.nan))
        ground.run(10.0)
        assert ground.vehicle.body.broken
        assert any("not a number" in text for text in ground.vehicle.texts)
        assert not ground.last("HEARTBEAT").base_mode & 128

    def test_zero_zero_is_flown_to(self) -> None:
        ground = self.guided(OLD)
        ground.send(wire.MAVLink_set_position_target_global_int_message(
            0, 1, 1, 6, 0x0FF8, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0))  # fmt: skip
        ground.run(30.0)
        assert ground.vehicle.body.position.horizontal > 100

    @BOTH
    def test_takeoff_by_command_needs_guided_and_arming(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        assert ground.command(22, 0, 0, 0, 0, 0, 0, 20) == FAILED
        ground.set_mode(GUIDED)
        assert ground.command(22, 0, 0, 0, 0, 0, 0, 20) == FAILED


@BOTH
def test_mission_set_current_answers_with_mission_current_or_not_at_all(profile: Profile) -> None:
    ground = Ground(profile)
    ground.run(1.0)
    ground.upload(patrol())
    assert ground.ask(wire.MAVLink_mission_set_current_message(1, 1, 3), "MISSION_CURRENT").seq == 3
    assert ground.ask(wire.MAVLink_mission_set_current_message(1, 1, 30), "MISSION_CURRENT") is None


@BOTH
def test_disarming_in_flight_is_refused_unless_forced(profile: Profile) -> None:
    ground = Ground(profile)
    ground.run(1.0)
    ground.fly(patrol())
    ground.run(8.0)
    assert ground.command(400, 0) == FAILED
    assert ground.vehicle.autopilot.mode == AUTO
    assert ground.command(400, 0, 21196) == 0
    ground.run(5.0)
    assert ground.vehicle.body.broken


@BOTH
def test_a_message_for_another_system_is_not_for_it(profile: Profile) -> None:
    ground = Ground(profile)
    other = wire.MAVLink_command_long_message(7, 1, 520, 0, 1, 0, 0, 0, 0, 0, 0)
    assert ground.ask(other, "COMMAND_ACK") is None
