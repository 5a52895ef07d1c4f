"""QGC .plan and WPL: what is written is read back the same; what nobody can fly is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drone.formats.exchange import FenceCircle, FencePolygon, PlanFile
from drone.formats.patrol_text import patrol_of_plan
from drone.formats.qgc_plan import from_plan, to_plan
from drone.formats.wpl import from_wpl, to_wpl
from drone.mission.from_plan import plan_to_mission
from drone.mission.items import Command, Frame, Mission, MissionItem
from drone.mission.sanity import mission_faults
from drone.plan import Weather, plan_patrol
from kernel.errors import BadInputError
from tests.unit.drone.patrol_configs import HOME, NOON, config, places, route

CALM = Weather(0.0, 15.0, NOON)
HOME_ITEM = MissionItem(Command.NAV_WAYPOINT, Frame.GLOBAL, lat_deg=HOME[0], lon_deg=HOME[1])
ACTIONS = [{"point": 2, "hold_s": 7, "look_at": places([(150, 100)])[0], "photo": True, "altitude_m": 40}]


def mission() -> Mission:
    drawn = route("waypoints", [(100.0, 0.0), (300.0, 300.0)])
    found = config(drawn, patrol={"actions": ACTIONS, "altitude_m": 50, "speed_m_s": 6})
    return plan_to_mission(plan_patrol(found, found.patrols[0], found.fleet[0], NOON, CALM))


number = st.floats(-1000, 1000)
items = st.builds(
    MissionItem,
    command=st.sampled_from([16, 19, 22, 201, 203, 206, 178]),
    frame=st.sampled_from([Frame.GLOBAL, Frame.GLOBAL_RELATIVE_ALT, Frame.GLOBAL_TERRAIN_ALT]),
    param1=number,
    param2=number,
    param3=number,
    param4=number,
    lat_deg=st.floats(1, 80),
    lon_deg=st.floats(1, 170),
    alt_m=number,
    autocontinue=st.booleans(),
)


@given(st.lists(items, max_size=6), number)
def test_what_is_written_is_read_back(others: list[MissionItem], home_amsl_m: float) -> None:
    # a frame means nothing without a position
    others = [one if one.is_positioned else replace(one, frame=Frame.GLOBAL_RELATIVE_ALT) for one in others]
    polygon = FencePolygon(((41.0, 109.0), (41.0, 109.1), (41.1, 109.1)), is_inclusion=False)
    whole = PlanFile(
        Mission((HOME_ITEM, *others)),
        (polygon,),
        (FenceCircle(41.0, 109.0, 50.0, is_inclusion=True),),
        ((41.0, 109.0, 20.0),),
        home_amsl_m,
        6.0,
    )
    assert from_plan(to_plan(whole), "x") == whole
    assert from_wpl(to_wpl(whole), "x") == PlanFile(whole.mission, home_amsl_m=home_amsl_m)


def test_a_planned_mission_survives_both_formats_and_stays_sane() -> None:
    whole = PlanFile(mission())
    for read in (from_plan(to_plan(whole), "x"), from_wpl(to_wpl(whole), "x")):
        assert read.mission == whole.mission
        assert mission_faults(read.mission) == []


def test_a_mission_becomes_the_patrol_it_came_from() -> None:
    found = patrol_of_plan(PlanFile(mission()), "again", "uav-1", "flat", "x")
    assert found.notes == []
    again = config(
        found.patrol["route"], patrol={key: found.patrol[key] for key in ("actions", "altitude_m", "speed_m_s")}
    )
    rebuilt = plan_to_mission(plan_patrol(again, again.patrols[0], again.fleet[0], NOON, CALM))
    assert [item.command for item in rebuilt.items] == [item.command for item in mission().items]
    for mine, theirs in zip(rebuilt.items, mission().items, strict=True):
        assert (mine.lat_deg, mine.lon_deg) == pytest.approx((theirs.lat_deg, theirs.lon_deg), abs=1e-9)
        assert (mine.alt_m, mine.param1) == (theirs.alt_m, theirs.param1)


def qgc(items: list[dict[str, Any]], **more: Any) -> str:
    whole = {"version": 2, "plannedHomePosition": [*HOME, 1500], "items": items} | more
    return json.dumps({"fileType": "Plan", "version": 1, "mission": whole})


def simple(command: int = 16, **more: Any) -> dict[str, Any]:
    params = [0, 0, 0, None, 41.77, 109.98, 50]
    return {"type": "SimpleItem", "command": command, "frame": 3, "params": params, "autoContinue": True} | more


def test_a_survey_of_qgroundcontrol_is_flattened() -> None:
    survey = {
        "type": "ComplexItem",
        "complexItemType": "survey",
        "TransectStyleComplexItem": {"Items": [simple(), simple(206, frame=2, params=[25, 0, 1, 0, 0, 0, 0])]},
    }
    read = from_plan(qgc([simple(22), survey, simple(20, frame=2, params=[0] * 7)]), "x")
    assert [item.command for item in read.mission.items] == [16, 22, 16, 206, 20]
    assert read.mission.items[2].param4 == 0.0, "null is 'as it is'"
    assert read.home_amsl_m == 1500
    found = patrol_of_plan(read, "p", "uav-1", "flat", "x")
    assert found.patrol["route"]["points"] == [[41.77, 109.98]]
    assert found.notes == ["pictures at distances are left out; a survey takes them with photos: true"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON"),
        ("[1]", "no QGroundControl plan of version 1"),
        (qgc([], version=1), "mission version 1 is not known"),
        (qgc([{"type": "ComplexItem", "complexItemType": "StructureScan"}]), "the StructureScan item says not where"),
        (qgc([simple(params=[0, 0, 0, 0, 0, 0, 50])]), "item 1 lies at 0, 0"),
        (qgc([simple(params=[0, 0, 0, 0, 95, 0, 50])]), "out of range"),
        (qgc([simple(params=[0, 0, 0, 0, float("nan"), 109, 50])]), "holds a number that is none"),
        (qgc([simple(params=[0, 0, 0])]), "must be 7 numbers"),
        (qgc([{"type": "SimpleItem", "params": [0] * 7}]), "has no command or frame"),
        (qgc([], plannedHomePosition=None), "plannedHomePosition must be a list"),
    ],
)
def test_plans_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadInputError) as raised:
        from_plan(text, "x")
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("QGC WPL 120\n", "does not begin with"),
        ("QGC WPL 110\n", "item 0 is not home"),
        ("QGC WPL 110\n0 1 0 16 0 0 0 0 41 109 1500\n", "is no item"),
        ("QGC WPL 110\n0 1 0 16 0 0 0 0 41 109 1500 1\n2 0 3 16 0 0 0 0 41 109 50 1\n", "item 2 stands where item 1"),
        ("QGC WPL 110\n0 1 0 16 0 0 0 0 41 109 1500 1\n1 0 3 16 0 0 0 0 nan 109 50 1\n", "that is none"),
    ],
)
def test_waypoint_files_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadInputError) as raised:
        from_wpl(text, "x")
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (MissionItem(Command.DO_JUMP), "a patrol has no command 177"),
        (
            MissionItem(Command.NAV_WAYPOINT, lat_deg=41, lon_deg=109, alt_m=0.0),
            "0 m above home; no patrol flies there",
        ),
        (MissionItem(Command.NAV_WAYPOINT, 6, lat_deg=41, lon_deg=109, alt_m=50), "is in frame 6"),
        (MissionItem(Command.DO_DIGICAM_CONTROL), "before the first waypoint"),
        (MissionItem(Command.NAV_TAKEOFF, lat_deg=41, lon_deg=109, alt_m=50), "holds no waypoint"),
    ],
)
def test_missions_that_are_no_patrol(item: MissionItem, message: str) -> None:
    with pytest.raises(BadInputError) as raised:
        patrol_of_plan(PlanFile(Mission((HOME_ITEM, item))), "p", "uav-1", "flat", "x")
    assert message in str(raised.value)


def test_heights_above_the_sea_are_counted_from_home() -> None:
    item = MissionItem(Command.NAV_WAYPOINT, Frame.GLOBAL, lat_deg=41, lon_deg=109, alt_m=1560)
    found = patrol_of_plan(PlanFile(Mission((HOME_ITEM, item)), home_amsl_m=1500), "p", "uav-1", "flat", "x")
    assert found.patrol["altitude_m"] == 60
    assert found.notes == ["heights above the sea are taken as heights above the file's home"]
