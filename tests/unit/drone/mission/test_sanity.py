"""Each plan an autopilot would take and should not, with its reason; FACTS-MAVLINK says what it does with them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone.mission.items import Command, Frame, Mission, MissionItem, MissionType
from drone.mission.sanity import FaultCode, VehicleLimits, mission_faults
from tests.unit.drone.mission.missions import HOME_LAT_DEG, HOME_LON_DEG, patrol


def _with(seq: int, **changes: float) -> Mission:
    items = list(patrol().items)
    items[seq] = replace(items[seq], **changes)  # type: ignore[arg-type]
    return Mission(tuple(items))


def _codes(mission: Mission, limits: VehicleLimits | None = None) -> list[tuple[FaultCode, int | None]]:
    return [(fault.code, fault.seq) for fault in mission_faults(mission, limits=limits)]


def test_a_sound_patrol_has_no_faults_and_counts_its_points() -> None:
    assert mission_faults(patrol(4)) == []
    assert patrol(4).counted == (3, 4, 5, 6)


@pytest.mark.parametrize(
    ("mission", "expected"),
    [
        (_with(4, alt_m=math.nan), (FaultCode.NOT_A_NUMBER, 4)),
        (_with(4, lat_deg=math.nan), (FaultCode.NOT_A_NUMBER, 4)),
        (_with(4, lon_deg=math.inf), (FaultCode.NOT_A_NUMBER, 4)),
        (_with(4, param1=math.nan), (FaultCode.NOT_A_NUMBER, 4)),
        (_with(4, param4=1e39), (FaultCode.NOT_A_NUMBER, 4)),
        (_with(0, alt_m=math.nan), (FaultCode.NOT_A_NUMBER, 0)),
        (_with(4, lat_deg=95.0), (FaultCode.OUT_OF_RANGE, 4)),
        (_with(4, lon_deg=-180.1), (FaultCode.OUT_OF_RANGE, 4)),
        (_with(4, alt_m=1e6), (FaultCode.OUT_OF_RANGE, 4)),
        (_with(4, param1=-1.0), (FaultCode.OUT_OF_RANGE, 4)),
        (_with(1, alt_m=0.0), (FaultCode.OUT_OF_RANGE, 1)),
        (_with(2, param2=-1.0), (FaultCode.OUT_OF_RANGE, 2)),
        (_with(4, lat_deg=0.0, lon_deg=0.0), (FaultCode.ZERO_ZERO, 4)),
        (_with(1, lat_deg=0.0, lon_deg=0.0), (FaultCode.ZERO_ZERO, 1)),
        (_with(0, lat_deg=0.0, lon_deg=0.0), (FaultCode.ZERO_ZERO, 0)),
        (_with(4, frame=Frame.GLOBAL_TERRAIN_ALT), (FaultCode.FRAME_NOT_ALLOWED, 4)),
        (_with(4, frame=6), (FaultCode.FRAME_NOT_ALLOWED, 4)),
        (_with(4, command=Command.NAV_LOITER_UNLIM), (FaultCode.COMMAND_NOT_ALLOWED, 4)),
        (_with(4, command=4242), (FaultCode.COMMAND_NOT_ALLOWED, 4)),
        (_with(4, command=Command.DO_JUMP, param1=99, param2=1), (FaultCode.BAD_JUMP, 4)),
        (_with(4, command=Command.DO_JUMP, param1=3, param2=-1), (FaultCode.BAD_JUMP, 4)),
        (_with(4, command=Command.DO_JUMP, param1=4, param2=1), (FaultCode.BAD_JUMP, 4)),
        (_with(0, command=Command.NAV_TAKEOFF), (FaultCode.NO_HOME, 0)),
        (_with(4, command=Command.NAV_RETURN_TO_LAUNCH), (FaultCode.NO_RETURN, 4)),
        (Mission(patrol().items[:-1]), (FaultCode.NO_RETURN, None)),
        (Mission((patrol().items[0], *patrol().items[2:])), (FaultCode.NO_TAKEOFF, None)),
        (Mission(patrol().items[:1]), (FaultCode.NO_TAKEOFF, None)),
        (Mission(()), (FaultCode.EMPTY, None)),
    ],
)
def test_a_plan_that_must_not_be_sent_says_why(mission: Mission, expected: tuple[FaultCode, int | None]) -> None:
    assert expected in _codes(mission)


def test_capacity_counts_home_and_is_the_vehicles_own() -> None:
    assert _codes(patrol(4), VehicleLimits(capacity=8)) == []
    assert _codes(patrol(4), VehicleLimits(capacity=7)) == [(FaultCode.OVER_CAPACITY, None)]


def test_landing_counts_as_a_return_only_at_home() -> None:
    land = MissionItem(Command.NAV_LAND, lat_deg=HOME_LAT_DEG, lon_deg=HOME_LON_DEG)
    assert mission_faults(Mission((*patrol().items[:-1], land))) == []
    elsewhere = replace(land, lat_deg=HOME_LAT_DEG + 0.01)
    assert _codes(Mission((*patrol().items[:-1], elsewhere))) == [(FaultCode.NO_RETURN, None)]


def test_nan_means_leave_it_to_a_vehicle_that_says_so_but_never_in_a_position() -> None:
    px4 = VehicleLimits(nan_parameters=True)
    assert _codes(_with(4, param4=math.nan), px4) == []
    assert _codes(_with(4, alt_m=math.nan), px4) == [(FaultCode.NOT_A_NUMBER, 4)]


def test_terrain_altitudes_are_for_who_is_served_terrain() -> None:
    assert _codes(_with(4, frame=Frame.GLOBAL_TERRAIN_ALT), VehicleLimits(terrain_served=True)) == []


def _corner(n: int, total: float = 4, command: Command = Command.FENCE_POLYGON_VERTEX_INCLUSION) -> MissionItem:
    return MissionItem(command, Frame.GLOBAL, param1=total, lat_deg=41.7 + n * 0.01, lon_deg=109.9 + (n % 2) * 0.01)


def test_fence_polygons_are_whole_or_refused() -> None:
    square = tuple(_corner(n) for n in range(4))
    hole = tuple(_corner(n, 3, Command.FENCE_POLYGON_VERTEX_EXCLUSION) for n in range(3))

    def codes(items: tuple[MissionItem, ...]) -> list[FaultCode]:
        return [fault.code for fault in mission_faults(Mission(items), MissionType.FENCE)]

    assert codes(square + hole) == []
    assert codes(square[:3]) == [FaultCode.BAD_FENCE]
    assert FaultCode.BAD_FENCE in codes(square[:3] + hole)
    assert FaultCode.BAD_FENCE in codes((_corner(0, 2), _corner(1, 2)))
    assert FaultCode.COMMAND_NOT_ALLOWED in codes((*square, patrol().items[3]))
    assert FaultCode.NOT_A_NUMBER in codes((_corner(0, math.nan), *square))


@settings(deadline=None)
@given(
    seq=st.integers(0, len(patrol().items) - 1),
    field=st.sampled_from(["param1", "param2", "param3", "param4", "lat_deg", "lon_deg", "alt_m"]),
    value=st.sampled_from([math.nan, math.inf, -math.inf, 1e300]),
)
def test_no_number_that_is_none_ever_passes(seq: int, field: str, value: float) -> None:
    assert FaultCode.NOT_A_NUMBER in [code for code, _ in _codes(_with(seq, **{field: value}))]
