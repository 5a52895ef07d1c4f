"""What an autopilot may change in a stored plan, and what it may not."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drone.mission.compare import FLOAT_TOLERANCE_DEG, Difference, differences
from drone.mission.items import Command, Frame, Mission, MissionItem, MissionType
from tests.unit.drone.mission.missions import patrol, waypoint


def _changed(seq: int, **changes: float) -> Mission:
    items = list(patrol().items)
    items[seq] = replace(items[seq], **changes)  # type: ignore[arg-type]
    return Mission(tuple(items))


def _as_ardupilot_stores(mission: Mission) -> Mission:
    """Home as it sees it, whole seconds, centimetres, unused parameters gone, frame 0 where there is no place."""

    def stored(item: MissionItem) -> MissionItem:
        keeps = item.param1 if item.command != Command.NAV_TAKEOFF else 0.0
        return replace(
            item,
            param1=float(int(keeps)),
            param4=0.0,
            lat_deg=round(item.lat_deg * 1e7) / 1e7,
            lon_deg=round(item.lon_deg * 1e7) / 1e7,
            alt_m=int(item.alt_m * 100) / 100,
            frame=item.frame if item.is_positioned else Frame.GLOBAL,
        )

    home = replace(mission.items[0], lat_deg=41.7694, alt_m=1610.2, frame=Frame.GLOBAL)
    return Mission((home, *(stored(item) for item in mission.items[1:])))


def test_a_plan_as_ardupilot_keeps_it_is_the_plan() -> None:
    sent = Mission((*patrol().items[:3], waypoint(41.77, 109.98, 60.12345, hold_s=2.5), *patrol().items[3:]))
    assert differences(sent, _as_ardupilot_stores(sent)) == []


@pytest.mark.parametrize(
    ("stored", "what"),
    [
        (_changed(4, lat_deg=patrol().items[4].lat_deg + 3e-7), "lat_deg"),
        (_changed(4, lon_deg=patrol().items[4].lon_deg - 3e-7), "lon_deg"),
        (_changed(4, alt_m=patrol().items[4].alt_m + 0.05), "alt_m"),
        (_changed(4, alt_m=float("nan")), "alt_m"),
        (_changed(4, frame=Frame.GLOBAL), "frame"),
        (_changed(4, command=Command.NAV_LOITER_TIME), "command"),
        (_changed(4, param1=patrol().items[4].param1 + 1.0), "param1"),
        (_changed(2, param2=9.0), "param2"),
        (Mission(patrol().items[:-1]), "item count"),
        (Mission(patrol(5).items), "item count"),
    ],
)
def test_whatever_changes_the_flight_is_a_difference(stored: Mission, what: str) -> None:
    assert [difference.what for difference in differences(patrol(), stored)] == [what]


def test_a_mixture_of_two_plans_is_seen() -> None:
    old, new = patrol(6), Mission(tuple(replace(item, lat_deg=item.lat_deg + 0.01) for item in patrol(6).items))
    mixture = Mission((*new.items[:5], *old.items[5:]))
    assert {difference.seq for difference in differences(new, mixture)} == {5, 6, 7, 8}


def test_home_comes_back_changed_and_a_fence_has_no_home() -> None:
    assert differences(patrol(), _changed(0, lat_deg=10.0)) == []
    corner = MissionItem(Command.FENCE_POLYGON_VERTEX_INCLUSION, param1=3, lat_deg=41.7, lon_deg=109.9)
    moved = replace(corner, lat_deg=41.8)
    fence = MissionType.FENCE
    assert [d.seq for d in differences(Mission((corner,)), Mission((moved,)), fence)] == [0]
    assert differences(Mission((corner,)), Mission((replace(corner, alt_m=100.0),)), fence) == []


def test_int_frames_are_their_twins() -> None:
    assert differences(patrol(), _changed(4, frame=6)) == []
    assert str(Difference(4, "frame", 3, 0)) == "item 4: frame is 0, sent 3"


def _float32(value: float) -> float:
    number: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return number


@settings(deadline=None)
@given(lat_deg=st.floats(-89, 89), lon_deg=st.floats(-179.9, 179.9))
def test_float_messages_stay_within_their_tolerance(lat_deg: float, lon_deg: float) -> None:
    """A position through float32 twice: on the wire, and times 1e7 in float32, as ArduPilot does."""
    sent = Mission((patrol().items[0], waypoint(lat_deg, lon_deg)))
    lossy = replace(
        sent.items[1],
        lat_deg=_float32(_float32(lat_deg) * 1e7) / 1e7,
        lon_deg=_float32(_float32(lon_deg) * 1e7) / 1e7,
    )
    assert differences(sent, Mission((sent.items[0], lossy)), tolerance_deg=FLOAT_TOLERANCE_DEG) == []
