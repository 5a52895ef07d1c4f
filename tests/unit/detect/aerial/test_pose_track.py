"""The camera at the instant of a frame, between poses and beyond them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.aerial.eye import Eye
from detect.aerial.ground import Unplaced
from detect.aerial.pose_track import Mount, PoseTrack
from kernel.drone_events import AirPose, GimbalAttitude
from kernel.geodesy import offset_m
from tests.unit.detect.aerial.poses import air_pose

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAT_A_METRE = 1 / 111_058.0  # at 41.77 N
GIMBAL = Mount(has_gimbal=True)


def pose(at_s: float, north_m: float, heading_deg: float = 0.0, looks: bool = True, roll_deg: float = 0.0) -> AirPose:
    at = START + timedelta(seconds=at_s)
    looking = GimbalAttitude(pitch_deg=-45.0, roll_deg=0.0, yaw_deg=10.0, yaw_from_north=False, at=at)
    return air_pose(
        at,
        lat=41.77 + north_m * LAT_A_METRE,
        north_m_s=8.0,
        heading_deg=heading_deg % 360,
        pitch_deg=-4.0,
        roll_deg=roll_deg,
        gimbal=looking if looks else None,
    )


def seen(track: PoseTrack, at_s: float) -> Eye:
    found = track.at((START + timedelta(seconds=at_s)).timestamp())
    assert isinstance(found, Eye)
    return found


def flown(delay_s: float = 0.0) -> PoseTrack:
    """Northward at 8 m/s, turning by 20 degrees a second through north, a pose every half second for 3 s."""
    track = PoseTrack(GIMBAL, delay_s)
    for step in range(7):
        track.add(pose(step / 2, 8 * step / 2, 340 + 10 * step))
    return track


@given(st.floats(0, 3.9))
def test_the_camera_is_where_the_aircraft_was_at_that_instant(at_s: float) -> None:
    found = seen(flown(), at_s)
    north_m, _ = offset_m(41.77, 109.97, found.lat, found.lon)
    assert north_m == pytest.approx(8 * at_s, abs=0.02)
    assert (found.heading_deg - 350 - 20 * at_s + 180) % 360 - 180 == pytest.approx(
        0, abs=1e-4
    )  # instants are whole microseconds
    assert found.pitch_deg == pytest.approx(-45)


def test_the_pictures_delay_is_taken_off() -> None:
    found = seen(flown(delay_s=0.5), 2.0)
    assert offset_m(41.77, 109.97, found.lat, found.lon)[0] == pytest.approx(12, abs=0.02)


def test_beyond_the_last_pose_it_is_less_sure_and_then_nothing() -> None:
    assert seen(flown(), 3.9).sigmas.horizontal_m > seen(flown(), 3.0).sigmas.horizontal_m
    assert seen(flown(), 3.9).sigmas.heading_deg > seen(flown(), 3.0).sigmas.heading_deg
    assert flown().at((START + timedelta(seconds=4.1)).timestamp()) is Unplaced.POSE_OLD


def test_before_the_first_pose_nothing_is_known() -> None:
    assert flown().at(START.timestamp() - 0.1) is Unplaced.NO_POSE
    assert PoseTrack(GIMBAL).at(START.timestamp()) is Unplaced.NO_POSE


def test_two_poses_far_apart_are_not_joined() -> None:
    track = PoseTrack(GIMBAL)
    track.add(pose(0, 0))
    track.add(pose(3, 24))
    assert track.at(START.timestamp() + 1.5) is Unplaced.POSE_OLD
    assert isinstance(track.at(START.timestamp() + 3.2), Eye)


def test_an_old_attitude_counts_as_old_though_positions_come() -> None:
    track = PoseTrack(GIMBAL)
    for step in range(5):
        track.add(pose(step / 2, 4 * step).model_copy(update={"attitude_at": START}))
    assert track.at(START.timestamp() + 2) is Unplaced.POSE_OLD


def test_without_a_word_of_the_gimbal_nobody_knows_where_it_looks() -> None:
    track = PoseTrack(GIMBAL)
    track.add(pose(0, 0, looks=False))
    assert track.at(START.timestamp()) is Unplaced.GIMBAL_UNKNOWN
    fixed = PoseTrack(Mount(has_gimbal=False))
    fixed.add(pose(0, 0))
    assert fixed.at(START.timestamp()) is Unplaced.GIMBAL_UNKNOWN


def test_a_fixed_camera_looks_with_the_aircraft_and_a_gimbal_against_the_horizon() -> None:
    fixed, held = PoseTrack(Mount(has_gimbal=False, pitch_deg=-60.0)), PoseTrack(GIMBAL)
    for track in (fixed, held):
        track.add(pose(0, 0, 90.0, roll_deg=12.0))
    on_body, on_gimbal = seen(fixed, 0), seen(held, 0)
    assert (on_body.pitch_deg, on_body.roll_deg, on_body.mount_pitch_deg) == (-4.0, 12.0, -60.0)
    assert (on_gimbal.heading_deg, on_gimbal.pitch_deg, on_gimbal.roll_deg) == (100.0, -45.0, 0.0)
    assert on_gimbal.sigmas.pitch_deg > on_body.sigmas.pitch_deg  # a tilted aircraft shakes what it carries


def test_poses_count_again_at_once_after_the_clock_was_set_back() -> None:
    track = flown()
    before = seen(track, 2.9)
    track.add(pose(2.7, 500))
    assert seen(track, 2.9) == before  # one that only came late changes nothing
    track.add(pose(-3600, 0))
    assert isinstance(track.at(START.timestamp() - 3600), Eye)
    assert track.at(START.timestamp() + 2.9) is Unplaced.POSE_OLD
