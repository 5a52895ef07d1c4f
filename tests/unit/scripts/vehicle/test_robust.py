"""Whatever arrives, the vehicle goes on: any command, item, parameter or target, any numbers, and plain garbage."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.profiles import PROFILES
from tests.unit.scripts.vehicle.ground import GUIDED, Ground, patrol

_numbers = st.one_of(
    st.sampled_from([0.0, 1.0, 2.0, -1.0, 1e9, math.nan, math.inf, -math.inf]), st.floats(-1e3, 1e3, width=32)
)
_seven = st.lists(_numbers, min_size=7, max_size=7)
_known = sorted(PROFILES["arducopter-4"].commands_int)
_commands = st.one_of(st.sampled_from(_known), st.integers(0, 65535))
_frames = st.sampled_from([0, 2, 3, 5, 6, 8, 10, 11])
_places = st.integers(-(2**31), 2**31 - 1)


def _long(command: int, numbers: list[float]) -> Any:
    return wire.MAVLink_command_long_message(1, 1, command, 0, *numbers)


def _int(command: int, numbers: list[float], frame: int, x: int, y: int) -> Any:
    return wire.MAVLink_command_int_message(1, 1, frame, command, 0, 0, *numbers[:4], x, y, numbers[4])


def _item(command: int, numbers: list[float], frame: int, x: int, y: int, seq: int, current: int) -> Any:
    return wire.MAVLink_mission_item_int_message(
        1, 1, seq, frame, command, current, 1, *numbers[:4], x, y, numbers[4], seq % 4
    )


def _float_item(command: int, numbers: list[float], frame: int, seq: int) -> Any:
    return wire.MAVLink_mission_item_message(1, 1, seq, frame, command, 0, 1, *numbers, seq % 4)


def _target(numbers: list[float], frame: int, x: int, y: int, mask: int) -> Any:
    return wire.MAVLink_set_position_target_global_int_message(0, 1, 1, frame, mask, x, y, *numbers, 0.0, 0.0)


_messages = st.one_of(
    st.builds(_long, _commands, _seven),
    st.builds(_int, _commands, _seven, _frames, _places, _places),
    st.builds(_item, _commands, _seven, _frames, _places, _places, st.integers(0, 6), st.integers(0, 3)),
    st.builds(_float_item, _commands, _seven, _frames, st.integers(0, 6)),
    st.builds(_target, _seven, _frames, _places, _places, st.sampled_from([0x0FF8, 0x0FC7, 0, 0xFFFF])),
    st.builds(wire.MAVLink_mission_count_message, st.just(1), st.just(1), st.integers(0, 65535), st.integers(0, 255)),
    st.builds(wire.MAVLink_mission_request_int_message, st.just(1), st.just(1), st.integers(0, 65535)),
    st.builds(wire.MAVLink_mission_set_current_message, st.just(1), st.just(1), st.integers(0, 65535)),
    st.builds(wire.MAVLink_set_mode_message, st.just(1), st.integers(0, 255), st.integers(0, 2**32 - 1)),
    st.builds(wire.MAVLink_param_set_message, st.just(1), st.just(1),
              st.sampled_from([b"RTL_ALT", b"WPNAV_SPEED", b"FENCE_ENABLE", b"WPNAV_ACCEL", b"WPNAV_RADIUS", b"\xff"]),
              _numbers, st.integers(0, 10)),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(messages=st.lists(_messages, min_size=1, max_size=12), profile=st.sampled_from(sorted(PROFILES)))
def test_no_message_stops_it(messages: list[Any], profile: str) -> None:
    ground = Ground(PROFILES[profile])
    ground.run(0.5)
    ground.upload(patrol())
    ground.set_mode(GUIDED)
    ground.command(400, 1)
    ground.command(300)
    for message in messages:
        ground.send(message)
        ground.run(0.3)
    ground.run(3.0)
    assert ground.last("HEARTBEAT").get_srcSystem() == 1
    assert all(math.isfinite(value) for value in ground.vehicle.body.position)


@given(st.binary(max_size=300))
def test_garbage_is_skipped(data: bytes) -> None:
    ground = Ground(PROFILES["arducopter-4"])
    ground.vehicle.receive(data + bytes(300), 0.0)
    assert ground.command(520, 1) == 0


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_a_lone_item_with_nothing_but_nans_is_refused_or_stored(profile: str) -> None:
    ground = Ground(PROFILES[profile])
    ground.send(wire.MAVLink_mission_count_message(1, 1, 1))
    ground.send(_item(16, [math.nan] * 7, 3, 0, 0, 0, 0))
    ground.run(1.0)
    assert ground.all("MISSION_ACK")
