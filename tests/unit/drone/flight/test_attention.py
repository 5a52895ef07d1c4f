"""What nobody was told of: an aircraft that hovers for ever, is late, of unknown place, or too far for its battery."""

from __future__ import annotations

from itertools import pairwise

import pytest

from drone.flight.attention import Topic
from drone.flight.errand import Errand, Then, Waypoint
from drone.flight.outputs import Alarm, Calm
from drone.flight.steps import Goto, SetMode
from drone.mission.from_plan import legs_of, plan_to_mission
from drone.plan import FlightPlan, plan_patrol
from drone.plan.way_home import WayHome, way_home
from kernel.drone_events import DroneAction, FlightState
from kernel.events import AlertKind
from tests.unit.drone.flight.paper_autopilot import ALT_M, HOME, POINTS, RETURN_SEQ, Bench
from tests.unit.drone.patrol_configs import NOON, config, route

LEGS_S = (0.0, 20.0, 20.0, 20.0, 20.0, 20.0)
BATTERY = WayHome(speed_m_s=8.0, descent_m_s=1.0, landing_s=20.0, power=1.0, endurance_s=1000.0, reserve=0.25)
PLACE = POINTS[1]


def told(bench: Bench) -> list[str]:
    """Alerts of this kind, and what is over of them, in order: its code, or `over <topic>`."""
    mine = [one for one in bench.outputs if isinstance(one, Alarm | Calm) and one.kind is AlertKind.DRONE_ATTENTION]
    return [one.reasons[0].code if isinstance(one, Alarm) else f"over {one.topic}" for one in mine]


def words(bench: Bench) -> str:
    (found,) = [one for one in bench.outputs if isinstance(one, Alarm) and one.kind is AlertKind.DRONE_ATTENTION][-1:]
    return found.reasons[0].message_en


def flying(**changes: object) -> Bench:
    return Bench.fresh(**({"legs_s": LEGS_S, "way_home": BATTERY} | changes)).airborne()


def wait(bench: Bench, seconds_s: float, step_s: float = 1.0, **changes: object) -> None:
    for _ in range(round(seconds_s / step_s)):
        bench.look(step_s, **changes)


def test_an_autopilot_that_stays_where_it_is_in_its_mission_mode_is_told_once_and_that_it_goes_on() -> None:
    bench = flying()
    wait(bench, 60.0)
    assert told(bench) == []
    wait(bench, 120.0)
    assert told(bench) == ["no_progress"]
    assert "item 2 of the mission (111 m away), mode AUTO, 98% of the battery left" in words(bench)

    bench.look(1.0, lat=POINTS[0][0] - 0.0005)
    assert told(bench) == ["no_progress", "over progress"]


def test_an_item_that_never_ends_is_told_although_the_place_was_reached() -> None:
    bench = flying()
    bench.look(10.0, lat=POINTS[0][0], lon=POINTS[0][1])
    wait(bench, 65.0)
    assert told(bench) == ["no_progress"]
    bench.look(1.0, mission_current=3)
    assert told(bench) == ["no_progress", "over progress"]


def test_who_creeps_is_late_by_the_plan_and_its_margin() -> None:
    bench = flying()
    for step in range(100):
        bench.look(1.0, lat=HOME[0] + 0.0008 * step / 100)  # a metre a second; the plan has 20 s for it
    assert told(bench) == ["late"]  # after 1.5 times 20 s and 60 s
    assert "with its margin the plan has 90 s" in words(bench)
    bench.look(1.0, mission_current=3)
    assert told(bench) == ["late", "over progress"]


def test_a_patrol_flown_as_planned_is_told_of_nothing() -> None:
    bench = flying()
    bench.reach(2, 3, 4)
    bench.land_home()
    assert told(bench) == []


def test_a_take_off_that_hangs_above_the_ground_is_told() -> None:
    bench = Bench.fresh(legs_s=LEGS_S)
    bench.run(FlightState.TAKING_OFF)
    bench.answer_all()
    bench.look(5.0, alt_home_m=12.0, is_landed=False)
    wait(bench, 70.0)
    assert bench.state is FlightState.TAKING_OFF
    assert told(bench) == ["no_progress"]


def test_a_pause_that_nobody_ends_is_told_after_three_minutes_with_its_battery() -> None:
    bench = flying()
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    wait(bench, 170.0, battery_percent=61.0)
    assert told(bench) == []
    wait(bench, 40.0, 0.5, lat=bench.seen.lat, lon=bench.seen.lon)
    assert told(bench) == ["paused_long"]
    assert "paused by '值班员'" in words(bench)
    assert "61% of the battery left" in words(bench)

    bench.order(DroneAction.RESUME)
    bench.answer_all()
    assert bench.state is FlightState.PATROLLING
    assert told(bench) == ["paused_long", "over progress"]


def test_who_is_told_to_hold_and_does_not_is_told() -> None:
    bench = flying()
    bench.deaf.add(SetMode)
    bench.order(DroneAction.PAUSE)
    for step in range(70):
        bench.look(1.0, lat=HOME[0] + step * 1e-5)
        if bench.pending is not None:
            bench.answer()
    assert told(bench) == ["not_holding"]
    assert "still in mode AUTO" in words(bench)


def test_a_dispatch_that_does_not_get_nearer_is_told_and_one_that_looks_is_not() -> None:
    bench = flying()
    bench.deaf.add(Goto)
    errand = Errand((Waypoint(*PLACE, ALT_M),), Then.RESUME, hold_s=90.0, alert_id="01A", place=PLACE)
    bench.order(DroneAction.DISPATCH, errand=errand)
    bench.answer_all()
    wait(bench, 65.0)
    assert told(bench) == ["no_progress"]
    assert "the next point of its dispatch" in words(bench)
    wait(bench, 100.0, lat=PLACE[0], lon=PLACE[1], alt_home_m=ALT_M)
    assert told(bench) == ["no_progress", "over progress"]


def test_a_return_that_stands_still_and_rotors_that_turn_on_the_ground_are_told() -> None:
    bench = flying()
    bench.reach(2, 3, 4)
    assert bench.seen.mission_current == RETURN_SEQ
    wait(bench, 70.0)
    assert told(bench) == ["no_progress"]

    bench.look(20.0, lat=HOME[0], lon=HOME[1], alt_home_m=0.1, is_landed=True)
    wait(bench, 80.0)
    assert told(bench) == ["no_progress", "over progress", "landed_armed"]


def test_nothing_of_it_is_said_of_what_a_pilot_flies_or_while_nobody_hears_it() -> None:
    bench = flying()
    wait(bench, 300.0, link_up=False)
    wait(bench, 30.0, link_up=True)
    assert told(bench) == []
    wait(bench, 300.0, mode="POSHOLD")
    assert bench.state is FlightState.TAKEN_OVER
    assert told(bench) == []


def test_heartbeats_without_a_position_are_told_once_and_that_it_came_back() -> None:
    bench = flying()
    wait(bench, 5.0, position_age_s=3.4)  # a receiver that fell silent for a moment, as on ArduCopter 3.5
    assert told(bench) == []
    for age_s in range(1, 60):
        bench.look(1.0, position_age_s=float(age_s))
    assert told(bench) == ["position_old"]
    bench.look(1.0, position_age_s=0.2)
    assert told(bench) == ["position_old", "over position"]


def test_a_link_about_to_be_lost_is_not_told_as_a_position_that_does_not_come() -> None:
    bench = flying()
    for age_s in range(1, 8):
        bench.look(1.0, position_age_s=float(age_s), heartbeat_age_s=age_s - 0.9)
    assert told(bench) == []


def test_the_first_position_after_a_lost_link_is_waited_for() -> None:
    bench = flying()
    bench.look(20.0, link_up=False, position_age_s=20.0)
    for age_s in range(21, 25):
        bench.look(1.0, link_up=True, position_age_s=float(age_s))
    assert told(bench) == []
    wait(bench, 3.0, position_age_s=28.0)
    assert told(bench) == ["position_old"]


def test_while_its_place_is_not_known_it_is_late_not_standing_and_that_is_said() -> None:
    bench = flying()
    for age_s in range(1, 85):
        bench.look(1.0, position_age_s=float(age_s))
    assert told(bench) == ["position_old"]
    wait(bench, 10.0, position_age_s=95.0)
    assert told(bench) == ["position_old", "late"]
    assert "where it is is not known" in words(bench)


def far(bench: Bench) -> None:
    """800 m from home at 40 m: 160 s of 1000, so 16%, and 25% are kept."""
    bench.look(1.0, lat=HOME[0] + 800.0 / 111_060.0, lon=HOME[1], alt_home_m=40.0)


def test_a_battery_that_no_longer_covers_the_way_home_and_the_reserve_is_told_once_it_lasts() -> None:
    bench = flying()
    far(bench)
    wait(bench, 3.0, battery_percent=40.0)
    wait(bench, 3.0, battery_percent=43.0)
    assert told(bench) == []  # a gust
    wait(bench, 10.0, battery_percent=40.0)
    assert told(bench) == ["battery_reserve"]
    assert "40% of the battery is left, the straight way home from 800 m with the reserve needs 41%" in words(bench)

    wait(bench, 10.0, battery_percent=42.0)
    assert told(bench) == ["battery_reserve"]
    bench.order(DroneAction.RETURN)
    bench.answer_all()
    assert told(bench) == ["battery_reserve", "over reserve"]


def test_a_battery_that_may_not_bring_it_home_is_told_also_on_its_way() -> None:
    bench = flying()
    far(bench)
    bench.look(1.0, mode="RTL", battery_percent=30.0)
    wait(bench, 20.0)
    assert bench.state is FlightState.RETURNING
    assert told(bench) == []
    wait(bench, 20.0, battery_percent=15.0)
    assert told(bench) == ["battery_short"]
    levels = [one.level for one in bench.outputs if isinstance(one, Alarm) and one.topic == Topic.WAY_HOME]
    assert [level.value for level in levels if level is not None] == ["red"]


def test_what_is_not_known_of_its_battery_or_place_is_not_made_up() -> None:
    bench = flying()
    far(bench)
    wait(bench, 30.0, battery_percent=None)
    assert told(bench) == []
    wait(bench, 30.0, battery_percent=40.0, position_age_s=60.0)
    assert told(bench) == ["position_old", "battery_reserve"]
    assert "its last place" in words(bench)


@pytest.mark.parametrize(("wind_m_s", "speed_m_s"), [(0.0, 8.0), (10.0, 5.0)])
def test_the_way_home_is_reckoned_against_the_wind(wind_m_s: float, speed_m_s: float) -> None:
    drone = config(route("waypoints", [(200, 0)])).fleet[0]
    home = way_home(drone, wind_m_s)
    assert home.speed_m_s == pytest.approx(min(drone.cruise_m_s, drone.airspeed_max_m_s - wind_m_s))
    assert home.speed_m_s == pytest.approx(speed_m_s)
    straight_s = 400.0 / home.speed_m_s + 30.0 / drone.descent_m_s + 20.0
    assert home.percent(400.0, 30.0) == pytest.approx(100 * straight_s * home.power / drone.endurance_s)
    assert (home.power > 1.0) is (wind_m_s > 0)


def test_every_item_has_the_seconds_that_its_plan_has() -> None:
    found = config(route("waypoints", [(200, 0), (200, 150), (0, 300)]))
    plan: FlightPlan = plan_patrol(found, found.patrols[0], found.fleet[0], NOON, None)
    mission, legs_s = plan_to_mission(plan), legs_of(plan)
    assert len(legs_s) == len(mission.items)
    assert sum(legs_s) == pytest.approx(plan.points[-1].leave_s)
    ways = [seconds for seq, seconds in enumerate(legs_s) if seq in mission.counted]
    flown = [point.leave_s for point in plan.points]
    assert ways == pytest.approx([later - sooner for sooner, later in pairwise(flown[:-1])])
