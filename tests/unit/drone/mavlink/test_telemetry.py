"""What a vehicle's messages say of it, and what they leave open."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator

import pytest

from drone.mavlink.dialect import Message, mavlink
from drone.mavlink.liveness import LOST_AFTER_S, is_alive
from drone.mavlink.modes import COPTER_MODES, PX4_MODES, Autopilot, mode_name, mode_number, same_mode
from drone.mavlink.state import Capability, EkfFlag, SystemStatus, VehicleState
from drone.mavlink.telemetry import Telemetry

_ARDUPILOT, _PX4, _INVALID = 3, 12, 8


class _Sender:
    """Packs as one component of one vehicle, its packets numbered."""

    def __init__(self, component: int = 1, first_sequence: int = 0) -> None:
        self._mav = mavlink.MAVLink(None, srcSystem=1, srcComponent=component)
        self._mav.seq = first_sequence

    def __call__(self, message: Message) -> Message:
        raw = message.pack(self._mav)
        self._mav.seq = (self._mav.seq + 1) % 256
        return self._mav.decode(bytearray(raw))


def _heartbeat(mode: int = 3, base: int = 0x81, autopilot: int = _ARDUPILOT, kind: int = 2, status: int = 4) -> Message:
    return mavlink.MAVLink_heartbeat_message(kind, autopilot, base, mode, status, 3)


def _state_after(*messages: Message) -> VehicleState:
    sender, telemetry = _Sender(), Telemetry()
    for number, message in enumerate(messages):
        telemetry.fold(sender(message), float(number))
    return telemetry.state


def test_a_heartbeat_tells_mode_arming_and_status() -> None:
    state = _state_after(_heartbeat(mode=6, status=SystemStatus.CRITICAL))
    assert (state.mode, state.armed, state.system_status) == ("RTL", True, SystemStatus.CRITICAL)
    assert not _state_after(_heartbeat(base=0x01)).armed


def test_only_an_autopilots_heartbeat_counts() -> None:
    telemetry = Telemetry()
    telemetry.fold(_Sender(154)(_heartbeat(autopilot=_INVALID, kind=26)), 0.0)
    telemetry.fold(_Sender(190)(_heartbeat(autopilot=_INVALID, kind=6)), 0.0)
    assert telemetry.state.heartbeats == 0
    telemetry.fold(_Sender()(_heartbeat(mode=4)), 1.0)
    telemetry.fold(_Sender(191)(_heartbeat(autopilot=0, mode=0, base=0, kind=18)), 2.0)
    assert (telemetry.state.mode, telemetry.state.heartbeats) == ("GUIDED", 1)


def test_a_companions_position_is_not_the_vehicles() -> None:
    telemetry = Telemetry()
    telemetry.fold(_Sender()(_heartbeat()), 0.0)
    elsewhere = mavlink.MAVLink_global_position_int_message(0, 1, 1, 0, 0, 0, 0, 0, 0)
    assert not telemetry.fold(_Sender(191)(elsewhere), 0.1)
    assert telemetry.state.position is None
    assert telemetry.fold(_Sender(154)(mavlink.MAVLink_mount_status_message(0, 0, -4500, 0, 0)), 0.2)
    assert telemetry.state.gimbal is not None


def test_a_vehicle_is_lost_after_five_missed_heartbeats_whatever_else_comes() -> None:
    telemetry, sender = Telemetry(), _Sender()
    assert not is_alive(telemetry.state, 0.0)
    telemetry.fold(sender(_heartbeat()), 0.0)
    for second in range(1, 10):
        telemetry.fold(sender(mavlink.MAVLink_mission_current_message(2)), float(second))
    assert is_alive(telemetry.state, LOST_AFTER_S - 0.1)
    assert not is_alive(telemetry.state, LOST_AFTER_S)


@pytest.mark.parametrize(("autopilot", "names"), [(_ARDUPILOT, COPTER_MODES.values()), (_PX4, PX4_MODES.values())])
def test_modes_go_there_and_back(autopilot: int, names: Iterator[str]) -> None:
    for name in names:
        number = mode_number(autopilot, name)
        assert number is not None
        assert mode_name(autopilot, number) == name


def test_px4_modes_are_decoded_and_asked_for_by_our_names() -> None:
    mission = 4 << 16 | 4 << 24
    assert _state_after(_heartbeat(mode=mission, autopilot=_PX4)).mode == "AUTO.MISSION"
    assert mode_number(_PX4, "AUTO") == mission
    assert same_mode(_PX4, "AUTO.LOITER", "BRAKE")
    assert not same_mode(_ARDUPILOT, "LOITER", "BRAKE")
    assert mode_number(_ARDUPILOT, "NO_SUCH") is None
    assert mode_name(_ARDUPILOT, 99) == "MODE_99"


def test_battery_voltages_marked_unknown_are_taken_from_sys_status() -> None:
    unknown = mavlink.MAVLink_battery_status_message(0, 0, 0, 32767, [65535] * 10, -1, -1, -1, 63)
    sys_status = mavlink.MAVLink_sys_status_message(0, 0b111, 0b101, 0, 15_800, 1234, 64, 0, 0, 0, 0, 0, 0)
    state = _state_after(sys_status, unknown)
    assert state.battery.voltage_v == 15.8
    assert state.battery.current_a == 12.34
    assert state.battery.remaining == 0.63
    assert state.sensors_unhealthy == 0b010
    cells = mavlink.MAVLink_battery_status_message(0, 0, 0, 0, [4000, 4010, 4005, *[65535] * 7], 900, 0, 0, 50)
    assert _state_after(cells).battery.voltage_v == pytest.approx(12.015)


@pytest.mark.parametrize(
    ("enabled", "health", "told"),
    [(0x1000_0020, 0x1000_0020, True), (0x1000_0020, 0x20, False), (0x20, 0x1000_0020, None)],
)
def test_its_own_checks_before_arming_are_known_where_they_are_enabled(
    enabled: int, health: int, told: bool | None
) -> None:
    message = mavlink.MAVLink_sys_status_message(0x1000_0020, enabled, health, 0, 15_800, 0, 64, 0, 0, 0, 0, 0, 0)
    assert _state_after(message).prearm_ok is told


def test_a_second_battery_does_not_stand_for_the_first() -> None:
    first = mavlink.MAVLink_battery_status_message(0, 0, 0, 0, [4000, *[65535] * 9], 1, 0, 0, 80)
    second = mavlink.MAVLink_battery_status_message(1, 0, 0, 0, [9000, *[65535] * 9], 1, 0, 0, 10)
    assert _state_after(first, second).battery.remaining == 0.8


def test_position_attitude_gps_ekf_fence_home_wind_and_version() -> None:
    state = _state_after(
        _heartbeat(),
        mavlink.MAVLink_global_position_int_message(
            1000, 417694312, 1099700155, 1_672_000, 60_100, 300, -400, 50, 65535
        ),
        mavlink.MAVLink_attitude_message(1000, 0.0, math.radians(-10), math.radians(-90), 0, 0, 0),
        mavlink.MAVLink_gps_raw_int_message(0, 3, 0, 0, 0, 80, 65535, 0, 0, 14),
        mavlink.MAVLink_ekf_status_report_message(831, 0, 0, 0, 0, 0),
        mavlink.MAVLink_fence_status_message(1, 2, 3, 0),
        mavlink.MAVLink_home_position_message(417694312, 1099700155, 1_612_000, 0, 0, 0, [1, 0, 0, 0], 0, 0, 0),
        mavlink.MAVLink_wind_message(-90.0, 6.5, 0.0),
        mavlink.MAVLink_autopilot_version_message(
            0x2000 | 0x8 | 0x4, 3 << 24 | 5 << 16 | 7 << 8, 0, 0, 0, [0] * 8, [0] * 8, [0] * 8, 0, 0, 42
        ),
        mavlink.MAVLink_mission_current_message(4),
    )
    assert state.position is not None
    assert (state.position.lat_deg, state.position.alt_home_m) == (41.7694312, 60.1)
    assert (state.position.north_m_s, state.position.east_m_s, state.position.heading_deg) == (3.0, -4.0, None)
    assert state.attitude is not None
    assert state.attitude.yaw_deg == pytest.approx(270)
    assert state.gps is not None
    assert (state.gps.fix_type, state.gps.satellites, state.gps.hdop) == (3, 14, 0.8)
    assert state.ekf_flags is not None
    assert EkfFlag.POS_HORIZ_ABS in state.ekf_flags
    assert state.fence is not None
    assert (state.fence.is_breached, state.fence.count, state.fence.kind) == (True, 2, 3)
    assert state.home is not None
    assert state.home.amsl_altitude_m == 1612.0
    assert (state.wind_m_s, state.wind_from_deg) == (6.5, 270)
    assert str(state.version) == "3.5.7"
    assert state.can(Capability.MISSION_INT)
    assert state.can(Capability.MISSION_FENCE) is False
    assert VehicleState().can(Capability.MISSION_INT) is None
    assert state.mission_current == 4


def test_px4_items_are_numbered_as_ours() -> None:
    reached, current = mavlink.MAVLink_mission_item_reached_message(0), mavlink.MAVLink_mission_current_message(1)
    state = _state_after(_heartbeat(autopilot=_PX4), reached, current)
    assert (state.reached, state.mission_current) == ((1,), 2)


def test_px4_tells_whether_it_would_arm_without_calling_the_check_enabled() -> None:
    def told(healthy: int, autopilot: int) -> bool | None:
        status = mavlink.MAVLink_sys_status_message(0, 0b111, healthy, 0, 16_200, -100, 100, 0, 0, 0, 0, 0, 0)
        return _state_after(_heartbeat(autopilot=autopilot), status).prearm_ok

    prearm_check = 0x1000_0000
    assert told(prearm_check | 0b111, _PX4) is True
    assert told(0b111, _PX4) is False
    assert told(prearm_check | 0b111, _ARDUPILOT) is None


@pytest.mark.parametrize(("flags", "is_constant"), [(1023, False), (0xFF, True), (0x7F, False)])
def test_px4_at_rest_on_the_ground_has_a_position_with_gnss(flags: int, is_constant: bool) -> None:
    """A real PX4 says CONST_POS_MODE for as long as it stands, 1023 in all: it was never let take off."""
    told = mavlink.MAVLink_estimator_status_message(0, flags, 0, 0, 0, 0, 0, 0, 0.3, 0.3)
    state = _state_after(_heartbeat(autopilot=_PX4), told)
    assert state.ekf_flags is not None
    assert bool(state.ekf_flags & EkfFlag.CONST_POS_MODE) is is_constant
    assert state.ekf_flags & EkfFlag.POS_HORIZ_ABS


def test_the_mark_of_a_text_that_px4_also_sends_as_an_event_is_no_part_of_it() -> None:
    said = mavlink.MAVLink_statustext_message(2, b"Preflight Fail: No connection to the GCS\t", 0, 0)
    assert [one.text for one in _state_after(said).texts] == ["Preflight Fail: No connection to the GCS"]


def test_items_reached_are_kept_in_order_until_forgotten() -> None:
    sender, telemetry = _Sender(), Telemetry()
    for seq in (1, 2, 2, 3, 2):
        telemetry.fold(sender(mavlink.MAVLink_mission_item_reached_message(seq)), 0.0)
    assert telemetry.state.reached == (1, 2, 3, 2)
    telemetry.forget_reached()
    assert not telemetry.state.reached


def test_long_texts_are_joined_in_whatever_order_they_come() -> None:
    text = "PreArm: Battery 1 low voltage failsafe; 电池电压过低 and a great deal more to say about that matter"
    raw = text.encode()
    chunks = [raw[at : at + 50] for at in range(0, len(raw), 50)]
    messages = [mavlink.MAVLink_statustext_message(2, chunk, 7, seq) for seq, chunk in enumerate(chunks)]
    for order in itertools.permutations(messages):
        state = _state_after(*order)
        assert [(entry.severity, entry.text) for entry in state.texts] == [(2, text)]


def test_a_text_with_a_lost_chunk_is_given_out_with_its_gap() -> None:
    telemetry, sender = Telemetry(), _Sender()
    telemetry.fold(sender(mavlink.MAVLink_statustext_message(4, b"a" * 50, 9, 0)), 0.0)
    telemetry.fold(sender(mavlink.MAVLink_statustext_message(4, b"end", 9, 2)), 0.1)
    assert not telemetry.tick(1.0)
    assert telemetry.tick(2.1)
    assert [entry.text for entry in telemetry.state.texts] == ["a" * 50 + "…end"]


def _boot(ms: int) -> Message:
    return mavlink.MAVLink_system_time_message(0, ms)


def test_a_restart_is_one_jump_back_of_the_boot_clock() -> None:
    telemetry, sender = Telemetry(), _Sender()
    for second in range(20):
        telemetry.fold(sender(_heartbeat()), float(second))
        telemetry.fold(sender(_boot((100 + second if second < 10 else second - 9) * 1000)), float(second))
    assert telemetry.state.boots == 1
    assert telemetry.state.duplicate_sysid is None


def _position(ms: int) -> Message:
    return mavlink.MAVLink_global_position_int_message(ms, 417694312, 1099700155, 0, 0, 0, 0, 0, 0)


def test_a_clock_that_stands_still_in_one_kind_of_message_is_no_restart() -> None:
    """ArduCopter 3.5 stamps its position with the time of the last fix: the receiver fell silent for four seconds."""
    telemetry, sender = Telemetry(), _Sender()
    for quarter in range(80):
        told_ms = 20_000 + quarter * 250
        if quarter % 4 == 0:
            telemetry.fold(sender(_heartbeat()), quarter / 4)
        telemetry.fold(sender(_boot(told_ms)), quarter / 4)
        telemetry.fold(sender(_position(min(told_ms, 25_000) if quarter < 36 else told_ms)), quarter / 4)
    assert (telemetry.state.boots, telemetry.state.duplicate_sysid) == (0, None)


def test_a_restart_is_one_however_many_kinds_of_message_tell_the_time() -> None:
    telemetry, sender = Telemetry(), _Sender()
    for second in range(20):
        told_ms = (100 + second if second < 10 else second - 9) * 1000
        telemetry.fold(sender(_heartbeat()), float(second))
        telemetry.fold(sender(_boot(told_ms)), float(second))
        telemetry.fold(sender(_position(told_ms)), float(second))
    assert (telemetry.state.boots, telemetry.state.duplicate_sysid) == (1, None)


def test_a_home_at_0_0_is_none() -> None:
    """Told before it is set: every cold start would be refused for a home 11,000 km away."""
    nowhere = mavlink.MAVLink_home_position_message(0, 0, 0, 0, 0, 0, [1, 0, 0, 0], 0, 0, 0)
    assert _state_after(_heartbeat(), nowhere).home is None
    here = mavlink.MAVLink_home_position_message(417694312, 1099700155, 0, 0, 0, 0, [1, 0, 0, 0], 0, 0, 0)
    assert _state_after(_heartbeat(), here, nowhere).home is not None


def test_the_component_is_that_of_the_heartbeats_and_of_the_autopilot_where_it_speaks() -> None:
    telemetry = Telemetry()
    assert telemetry.component == 1
    telemetry.fold(_Sender(154)(_heartbeat(autopilot=_INVALID, kind=26)), 0.0)
    assert telemetry.component == 1
    telemetry.fold(_Sender(5)(_heartbeat()), 1.0)
    assert telemetry.component == 5
    telemetry.fold(_Sender(1)(_heartbeat()), 2.0)
    telemetry.fold(_Sender(5)(_heartbeat()), 3.0)
    assert telemetry.component == 1


def _flown(
    telemetry: Telemetry,
    first_boots_s: tuple[float, ...],
    seconds: int,
    speed: float = 1.0,
    modes: tuple[int, int] = (3, 3),
) -> None:
    """Vehicles of one sysid, each with heartbeat and telemetry (4 Hz) on its own clock."""
    senders = [_Sender(first_sequence=90 * number) for number in range(len(first_boots_s))]
    for quarter in range(4 * seconds):
        now_s = quarter / 4 / speed
        for sender, boot_s, mode in zip(senders, first_boots_s, modes, strict=False):
            if quarter % 4 == 0:
                telemetry.fold(sender(_heartbeat(mode)), now_s)
            telemetry.fold(sender(_boot(round((boot_s + quarter / 4) * 1000))), now_s)


@pytest.mark.parametrize("modes", [(3, 3), (3, 5)])
@pytest.mark.parametrize("boots_s", [(100.0, 160.0), (100.0, 100.5), (7.0, 7.0)])
def test_two_vehicles_of_one_sysid_are_told(boots_s: tuple[float, float], modes: tuple[int, int]) -> None:
    telemetry = Telemetry()
    _flown(telemetry, boots_s, seconds=8, modes=modes)
    assert telemetry.state.duplicate_sysid is not None
    assert "two vehicles" in telemetry.state.duplicate_sysid


@pytest.mark.parametrize("speed", [1.0, 20.0])
def test_one_vehicle_is_one_however_fast_its_clock(speed: float) -> None:
    telemetry = Telemetry()
    _flown(telemetry, (100.0,), seconds=60, speed=speed)
    assert telemetry.state.duplicate_sysid is None


def test_doubled_late_and_lost_packets_are_no_second_vehicle() -> None:
    rng, telemetry, sender = random.Random(4), Telemetry(), _Sender()
    packets: list[tuple[float, Message]] = []
    for quarter in range(400):
        sent = [sender(_boot(quarter * 250))] + ([sender(_heartbeat())] if quarter % 4 == 0 else [])
        for message in sent:
            for _ in range(rng.choice((0, 1, 1, 2))):
                packets.append((quarter / 4 + rng.random(), message))
    for at_s, message in sorted(packets, key=lambda packet: packet[0]):
        telemetry.fold(message, at_s)
    assert telemetry.state.duplicate_sysid is None
    assert telemetry.state.boots == 0


def test_the_heartbeats_of_mode_changes_are_no_second_vehicle() -> None:
    """ArduCopter 4.7 sends one with each change: six orders in a few seconds were taken for a second vehicle."""
    telemetry, sender = Telemetry(), _Sender()
    mode = 4
    for quarter in range(80):
        telemetry.fold(sender(_boot(quarter * 250)), quarter / 4)
        if quarter % 5 == 2 and quarter < 40:
            mode = 7 - mode
            telemetry.fold(sender(_heartbeat(mode)), quarter / 4)
        if quarter % 4 == 0:
            telemetry.fold(sender(_heartbeat(mode)), quarter / 4)
    assert telemetry.state.duplicate_sysid is None


def test_heartbeats_without_telemetry_are_no_second_vehicle() -> None:
    """A lossy transfer silences telemetry: the boot clock stands still while heartbeats come."""
    telemetry, sender = Telemetry(), _Sender()
    telemetry.fold(sender(_boot(1000)), 0.0)
    for second in range(60):
        telemetry.fold(sender(_heartbeat()), float(second))
    assert telemetry.state.duplicate_sysid is None


def test_telemetry_that_falls_silent_between_heartbeats_is_no_second_vehicle() -> None:
    """At 20 % loss every flight was refused: an upload stopped the boot clock in the middle of twelve heartbeats."""
    telemetry, sender = Telemetry(), _Sender()
    for quarter in range(160):
        if quarter < 30 or quarter > 60:
            telemetry.fold(sender(_boot(quarter * 250)), quarter / 4)
            telemetry.fold(sender(_boot(quarter * 250 + 10)), quarter / 4)
        if quarter % 4 == 0:
            telemetry.fold(sender(_heartbeat()), quarter / 4)
        assert telemetry.state.duplicate_sysid is None


def test_the_mode_numbers_are_pymavlinks() -> None:
    known = mavlink.enums["COPTER_MODE"]
    for number, name in COPTER_MODES.items():
        if number in known:
            assert known[number].name.removeprefix("COPTER_MODE_") == name
    assert mavlink.MAV_AUTOPILOT_PX4 == Autopilot.PX4


@pytest.mark.parametrize(
    ("flags", "from_north"),
    [(12, False), (12 | 16, True), (12 | 64, True), (12 | 32, False), (12 | 16 | 32, False)],
)
def test_a_gimbals_yaw_counts_from_where_its_flags_say(flags: int, from_north: bool) -> None:
    telemetry, half = Telemetry(), math.radians(30) / 2
    told = mavlink.MAVLink_gimbal_device_attitude_status_message(
        0, 0, 1, flags, [math.cos(half), 0.0, 0.0, math.sin(half)], 0.0, 0.0, 0.0, 0
    )
    telemetry.fold(_Sender()(told), 0.0)
    assert telemetry.state.gimbal is not None
    assert telemetry.state.gimbal.yaw_deg == pytest.approx(30)
    assert telemetry.state.gimbal_from_north is from_north


@pytest.mark.parametrize("unknown", [0.0, math.nan])
def test_a_gimbal_that_does_not_know_where_it_looks_is_not_taken_to_look_ahead(unknown: float) -> None:
    telemetry, sender = Telemetry(), _Sender()

    def told(*quaternion: float) -> Message:
        return mavlink.MAVLink_gimbal_device_attitude_status_message(0, 0, 1, 32, quaternion, 0.0, 0.0, 0.0, 0)

    telemetry.fold(sender(told(*[unknown] * 4)), 0.0)
    assert telemetry.state.gimbal is None
    telemetry.fold(sender(told(math.cos(-0.5), 0.0, math.sin(-0.5), 0.0)), 1.0)
    telemetry.fold(sender(told(*[unknown] * 4)), 2.0)
    gimbal = telemetry.state.gimbal
    assert gimbal is not None
    assert (gimbal.pitch_deg, gimbal.at_s) == (pytest.approx(math.degrees(-1.0)), 1.0)  # the last known, growing old


def test_a_receivers_own_error_is_read_and_zero_means_that_it_tells_none() -> None:
    telemetry, sender = Telemetry(), _Sender()
    for error_mm, error_m in ((800, 0.8), (0, None)):
        told = mavlink.MAVLink_gps_raw_int_message(0, 3, 0, 0, 0, 121, 200, 0, 0, 12, 0, error_mm, error_mm)
        telemetry.fold(sender(told), 0.0)
        assert telemetry.state.gps is not None
        assert (telemetry.state.gps.horizontal_error_m, telemetry.state.gps.vertical_error_m) == (error_m, error_m)
