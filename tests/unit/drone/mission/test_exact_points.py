"""Autopilots that cut corners are given a stop at every point that has to be reached, and nowhere else."""

from __future__ import annotations

import pytest

from drone.mission.exact_points import STOP_S, cuts_corners, stopping, stops_of
from drone.mission.items import Command, Frame, Mission, MissionItem
from tests.unit.drone.mission.missions import HOME_LAT_DEG, HOME_LON_DEG, waypoint

METRE_DEG = 1 / 111_195
HOME = MissionItem(Command.NAV_WAYPOINT, Frame.GLOBAL, lat_deg=HOME_LAT_DEG, lon_deg=HOME_LON_DEG)
TAKEOFF = MissionItem(Command.NAV_TAKEOFF, lat_deg=HOME_LAT_DEG, lon_deg=HOME_LON_DEG, alt_m=60.0)
SPEED = MissionItem(Command.DO_CHANGE_SPEED, param1=1, param2=8.0)
LOOK = MissionItem(Command.DO_SET_ROI, lat_deg=HOME_LAT_DEG, lon_deg=HOME_LON_DEG)
PHOTO = MissionItem(Command.DO_DIGICAM_CONTROL, lat_deg=1.0)
HOME_AGAIN = MissionItem(Command.NAV_RETURN_TO_LAUNCH)


def at(north_m: float, east_m: float, up_m: float = 60.0, hold_s: float = 0.0) -> MissionItem:
    """A waypoint so far from home; a degree of longitude is three quarters of one of latitude there."""
    return waypoint(HOME_LAT_DEG + north_m * METRE_DEG, HOME_LON_DEG + east_m * METRE_DEG / 0.7458, up_m, hold_s)


def flown(*items: MissionItem) -> Mission:
    return Mission((HOME, TAKEOFF, SPEED, *items, HOME_AGAIN))


@pytest.mark.parametrize(
    ("items", "stops"),
    [
        ((at(100, 0), at(200, 0), at(300, 10)), (5,)),  # straight on; then home
        ((at(100, 0), at(100, 100), at(200, 100)), (3, 4, 5)),  # two right angles
        ((at(100, 0), at(200, 0, 100), at(300, 0, 100)), (3, 4, 5)),  # up, and level again
        ((at(100, 0), LOOK, at(200, 0)), (5,)),  # looks from there on
        ((at(100, 0), PHOTO, at(200, 0)), (3, 5)),  # a picture of that place
        ((at(100, 0), at(100, 100, hold_s=5.0), at(200, 100)), (3, 5)),  # stops there anyway
        ((at(100, 0), at(100, 0), at(200, 0)), (3, 4, 5)),  # no direction, no telling
    ],
)
def test_points_that_have_to_be_reached(items: tuple[MissionItem, ...], stops: tuple[int, ...]) -> None:
    assert stops_of(flown(*items)) == stops


def test_the_last_point_before_a_landing_straight_ahead_has_to_be_reached() -> None:
    land = MissionItem(Command.NAV_LAND, lat_deg=HOME_LAT_DEG + 300 * METRE_DEG, lon_deg=HOME_LON_DEG, alt_m=60.0)

    assert stops_of(Mission((HOME, TAKEOFF, at(100, 0), at(200, 0), land))) == (3,)


def test_only_the_delay_of_those_points_changes() -> None:
    mission = flown(at(100, 0), SPEED, at(100, 100, hold_s=5.0), at(200, 100))
    made = stopping(mission)

    assert [item.param1 for item in made.items] == [0.0, 0.0, 1.0, STOP_S, 1.0, 5.0, STOP_S, 0.0]
    assert made.counted == mission.counted
    assert [item.lat_deg for item in made.items] == [item.lat_deg for item in mission.items]
    assert stops_of(made) == ()


@pytest.mark.parametrize(
    ("autopilot", "version", "cuts"),
    [
        ("ardupilot", (3, 5, 7), True),
        ("ardupilot", (4, 0, 9), True),
        ("ardupilot", (4, 1, 0), False),
        ("ardupilot", None, True),
        ("px4", None, False),
    ],
)
def test_who_cuts_corners(autopilot: str, version: tuple[int, int, int] | None, cuts: bool) -> None:
    assert cuts_corners(autopilot, version) is cuts
