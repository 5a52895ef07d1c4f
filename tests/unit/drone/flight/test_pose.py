"""The pose of a drone's camera: what is told, with its instants, and when nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drone.flight.pose import pose_of
from drone.flight.translate import snapshot_of
from drone.mavlink.state import Attitude, EkfFlag, Gps, Position, VehicleState
from kernel.drone_events import AirPose

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOW_S = 500.0
GOOD = EkfFlag.ATTITUDE | EkfFlag.VELOCITY_HORIZ | EkfFlag.POS_HORIZ_ABS
FLYING = VehicleState(
    autopilot=3,
    heartbeat_at_s=499.5,
    position=Position(41.77, 109.97, 1640.0, 60.0, 8.0, 1.0, -0.5, 10.0, 499.9),
    attitude=Attitude(3.0, -4.0, 10.0, 499.8),
    gps=Gps(3, 12, 1.2),
    ekf_flags=GOOD,
    gimbal=Attitude(0.0, -45.0, 90.0, 499.7),
    gimbal_from_north=True,
)


def pose(state: VehicleState, ground_m: float | None = 5.0) -> AirPose | None:
    return pose_of("uav-1", "uav-1-cam", state, snapshot_of(state, True, NOW_S), NOW, NOW_S, ground_m)


def test_each_part_keeps_the_instant_it_came() -> None:
    told = pose(FLYING)
    assert told is not None
    assert told.gimbal is not None
    late_s = [(NOW - at) / timedelta(seconds=1) for at in (told.position_at, told.attitude_at, told.gimbal.at)]
    assert late_s == pytest.approx([0.1, 0.2, 0.3])
    assert (told.height_m, told.down_m_s, told.heading_deg, told.roll_deg) == (55.0, -0.5, 10.0, 3.0)
    assert (told.gimbal.pitch_deg, told.gimbal.yaw_deg, told.gimbal.yaw_from_north) == (-45.0, 90.0, True)


def test_the_receivers_own_error_counts_before_what_its_dilution_makes_likely() -> None:
    by_dilution, by_receiver = pose(FLYING), pose(replace(FLYING, gps=Gps(3, 12, 1.2, 0.6, 0.9)))
    assert by_dilution is not None
    assert by_receiver is not None
    assert by_dilution.horizontal_error_m == pytest.approx(1.8)
    assert by_dilution.vertical_error_m is None
    assert (by_receiver.horizontal_error_m, by_receiver.vertical_error_m) == (0.6, 0.9)


@pytest.mark.parametrize(
    "state",
    [
        VehicleState(),
        replace(FLYING, position=None),
        replace(FLYING, attitude=None),
        replace(FLYING, ekf_flags=EkfFlag.ATTITUDE),
        replace(FLYING, attitude=Attitude(0.0, 0.0, 0.0, 490.0)),
        replace(FLYING, position=Position(0.0, 0.0, 0.0, 60.0, 0.0, 0.0, 0.0, None, 499.9)),
    ],
)
def test_nothing_is_told_of_an_aircraft_that_does_not_know_where_it_is(state: VehicleState) -> None:
    assert pose(state) is None


def test_nothing_is_told_over_ground_of_unknown_height() -> None:
    assert pose(FLYING, ground_m=None) is None


def test_a_gimbal_that_fell_silent_is_not_known() -> None:
    told = pose(replace(FLYING, gimbal=Attitude(0.0, -45.0, 0.0, 490.0)))
    assert told is not None
    assert told.gimbal is None
