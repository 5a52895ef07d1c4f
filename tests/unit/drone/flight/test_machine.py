"""One flight from the order to the landing, and everything that may come between."""

from __future__ import annotations

from typing import Any

import pytest

from drone.flight.errand import Errand, Then, Waypoint
from drone.flight.machine import FlightMachine
from drone.flight.memory import memory_of, recall
from drone.flight.outputs import Alarm, ErrandChanged
from drone.flight.steps import (
    Arm,
    CompareMission,
    Disarm,
    Goto,
    Result,
    SetCurrent,
    SetMode,
    SetSpeed,
    StartMission,
    Upload,
    Verdict,
)
from drone.mission.items import Command, Mission, MissionItem
from drone.reasons import reason
from kernel.drone_events import DispatchStage, DroneAction, FlightOutcome, FlightState
from kernel.events import AlertKind
from tests.unit.drone.flight.paper_autopilot import ALT_M, DONE, HOME, POINTS, RETURN_SEQ, Bench, mission

REFUSED = Result(Verdict.REFUSED, "PreArm: Compass not calibrated")


def test_a_patrol_is_done_when_disarmed_at_home_with_every_point_reached() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2, 3, 4)
    assert bench.state is FlightState.RETURNING
    bench.land_home()

    assert (bench.state, bench.machine.outcome) == (FlightState.LANDED, FlightOutcome.DONE)
    order = [type(step) for step in bench.steps if isinstance(step, Upload | SetMode | Arm | StartMission)]
    assert order == [Upload, SetMode, Arm, SetMode, StartMission]
    assert [step.mode for step in bench.steps if isinstance(step, SetMode)] == ["GUIDED", "AUTO"]


def test_the_answer_to_arming_is_not_armed() -> None:
    bench = Bench.fresh()
    bench.deaf.add(Arm)
    bench.run(FlightState.ARMING)
    for _ in range(5):
        bench.look()
        if bench.pending is not None:
            bench.answer()

    assert bench.state is FlightState.ARMING
    assert bench.count(StartMission) == 0


def test_one_that_never_arms_is_told_to_disarm_and_given_up() -> None:
    bench = Bench.fresh()
    bench.deaf.add(Arm)
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "not_armed" in bench.why
    assert bench.count(Arm) == 1
    assert isinstance(bench.steps[-1], Disarm)


def test_an_autopilot_that_refuses_to_arm_is_quoted() -> None:
    bench = Bench.fresh()
    bench.answers[Arm] = REFUSED
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert any("Compass not calibrated" in one.message_en for one in bench.machine.core.why)


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.NO_ANSWER, Verdict.REFUSED])
def test_a_mission_that_was_not_verified_is_never_started(verdict: Verdict) -> None:
    bench = Bench.fresh()
    bench.answers[Upload] = Result(verdict, "read back with no RTL")
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert bench.count(Arm) == 0
    assert bench.why & {"upload_failed", "upload_unverified"}


def test_points_whose_reports_were_lost_are_concluded_from_the_item_it_flies_to() -> None:
    bench = Bench.fresh().airborne()
    bench.look(10.0, mission_current=3)
    bench.look(10.0, mission_current=4)
    bench.look(10.0, mission_current=RETURN_SEQ)
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.DONE


def test_a_jump_over_points_is_no_reaching_of_them() -> None:
    bench = Bench.fresh().airborne()
    bench.look(0.5, mission_current=RETURN_SEQ)
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "points_missed" in bench.why


def test_landing_three_metres_off_is_not_done() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2, 3, 4)
    bench.look(20.0, lat=HOME[0] + 2.7e-5, lon=HOME[1], alt_home_m=0.1, is_landed=True)
    bench.look(1.0, armed=False)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "landed_away" in bench.why


def test_pause_holds_in_brake_and_goes_on_at_the_same_item() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    assert bench.order(DroneAction.PAUSE) == ()
    bench.answer_all()
    assert (bench.state, bench.seen.mode) == (FlightState.PAUSED, "BRAKE")
    bench.look(30.0, mission_current=0)
    assert bench.order(DroneAction.RESUME) == ()
    bench.answer_all()

    assert (bench.state, bench.seen.mode) == (FlightState.PATROLLING, "AUTO")
    assert SetCurrent(3) in bench.steps
    bench.reach(3, 4)
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.DONE
    assert bench.count(StartMission) == bench.count(Arm) == 1


def test_a_pause_at_a_point_just_reached_never_goes_back_to_it() -> None:
    bench = Bench.fresh().airborne()
    bench.look(10.0, reached=frozenset({2}), mission_current=2)  # it says only a second later that it flies to item 3
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    bench.look(mission_current=3)
    bench.order(DroneAction.RESUME)
    bench.answer_all()

    assert bench.state is FlightState.PATROLLING
    assert bench.count(SetCurrent) == 0
    assert bench.seen.mission_current == 3


def test_after_a_pause_the_planned_speed_is_asked_for_again() -> None:
    items = mission().items
    with_speed = Mission(
        (*items[:2], MissionItem(Command.DO_CHANGE_SPEED, param1=1, param2=6.5, param3=-1), *items[2:])
    )
    bench = Bench.fresh(mission=with_speed).airborne()
    bench.look(10.0, mission_current=4)
    assert bench.count(SetSpeed) == 0
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    bench.order(DroneAction.RESUME)
    bench.answer_all()

    assert bench.state is FlightState.PATROLLING
    assert [step for step in bench.steps if isinstance(step, SetSpeed)] == [SetSpeed(6.5)]
    assert isinstance(bench.steps[-1], SetSpeed)


def test_a_speed_that_is_not_acknowledged_is_asked_for_three_times_and_no_more() -> None:
    items = mission().items
    with_speed = Mission(
        (*items[:2], MissionItem(Command.DO_CHANGE_SPEED, param1=1, param2=6.5, param3=-1), *items[2:])
    )
    bench = Bench.fresh(mission=with_speed).airborne()
    bench.look(10.0, mission_current=4)
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    bench.answers[SetSpeed] = Result(Verdict.NO_ANSWER)
    bench.order(DroneAction.RESUME)
    for _ in range(12):
        bench.look(3.0)
        if bench.pending is not None:
            bench.answer()

    assert bench.count(SetSpeed) == 3
    assert bench.state is FlightState.PATROLLING


def test_pause_takes_guided_where_there_is_no_brake() -> None:
    bench = Bench.fresh().airborne()
    bench.order(DroneAction.PAUSE)
    bench.look()
    bench.answer(Result(Verdict.REFUSED, "no such mode"))
    bench.answer_all()

    assert bench.seen.mode == "GUIDED"
    assert "LOITER" not in {step.mode for step in bench.steps if isinstance(step, SetMode)}


@pytest.mark.parametrize("mode", ["LOITER", "STABILIZE", "ALT_HOLD", "POSHOLD"])
def test_a_pilot_who_takes_the_sticks_keeps_them(mode: str) -> None:
    bench = Bench.fresh().airborne()
    before = len(bench.steps)
    bench.look(1.0, mode=mode)
    for _ in range(30):
        bench.look()

    assert bench.state is FlightState.TAKEN_OVER
    assert len(bench.steps) == before
    assert [one.kind for one in bench.outputs if isinstance(one, Alarm)] == [AlertKind.DRONE_TAKEN_OVER]
    assert bench.order(DroneAction.RESUME) != ()
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.TAKEN_OVER


def test_a_pilot_who_gives_it_back_lets_the_patrol_go_on() -> None:
    bench = Bench.fresh().airborne()
    bench.look(1.0, mode="LOITER")
    bench.look(5.0, mode="AUTO")
    assert bench.state is FlightState.PATROLLING
    bench.reach(2, 3, 4)
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.DONE
    assert bench.count(SetMode) == 2


def test_a_failsafe_that_returns_is_watched_home() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    before = len(bench.steps)
    bench.look(1.0, mode="RTL")
    for _ in range(10):
        bench.look()
    assert bench.state is FlightState.RETURNING
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.RETURNED
    assert len(bench.steps) == before
    assert {"vehicle_returns", "points_missed"} <= bench.why


def test_an_autopilot_that_restarts_in_the_air_is_told_as_that() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    bench.look(0.5, armed=False, mode="STABILIZE")
    alarms = [one for one in bench.outputs if isinstance(one, Alarm)]
    assert [one.kind for one in alarms] == [AlertKind.DRONE_FAILED]
    assert bench.machine.outcome is None
    before = len(bench.steps)
    bench.look(2.0, boots=1, alt_home_m=0.0)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert {"rebooted", "disarmed_high", "points_missed"} <= bench.why
    assert len(bench.steps) == before


def test_motors_that_stop_in_the_air_are_no_landing() -> None:
    """Also over home, with every point reached."""
    bench = Bench.fresh().airborne()
    bench.reach(2, 3, 4)
    bench.look(20.0, lat=HOME[0], lon=HOME[1], alt_home_m=ALT_M)
    bench.look(1.0, armed=False)
    assert bench.machine.outcome is None
    bench.look(6.0)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "disarmed_high" in bench.why
    assert "rebooted" not in bench.why


def test_a_restart_that_stays_armed_is_told_and_watched() -> None:
    bench = Bench.fresh().airborne()
    bench.look(1.0, boots=1, mode="ALT_HOLD")

    assert bench.state is FlightState.TAKEN_OVER
    assert {"rebooted", "taken_over"} <= bench.why


def test_link_lost_with_continue_goes_on_at_the_same_item() -> None:
    bench = Bench.fresh(returns_on_loss=False)
    bench.parameters["FS_GCS_ENABLE"] = 0.0
    bench.airborne()
    before = len(bench.steps)
    for _ in range(20):
        bench.look(link_up=False)
    bench.look(link_up=True)
    for _ in range(10):
        bench.look()
    assert len(bench.steps) == before
    assert bench.state is FlightState.PATROLLING
    bench.reach(2, 3, 4)
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.DONE


def test_link_lost_with_return_is_sent_home_where_the_failsafe_did_nothing() -> None:
    bench = Bench.fresh().airborne()
    for _ in range(20):
        bench.look(link_up=False)
    bench.look(link_up=True)
    for _ in range(5):
        bench.look()
    bench.answer_all()

    assert (bench.state, bench.seen.mode) == (FlightState.RETURNING, "RTL")
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.RETURNED
    assert "link_loss_return" in bench.why


def test_link_lost_with_return_and_a_failsafe_that_works_is_left_alone() -> None:
    bench = Bench.fresh().airborne()
    before = len(bench.steps)
    for _ in range(20):
        bench.look(link_up=False)
    bench.look(link_up=True, mode="RTL")
    for _ in range(10):
        bench.look()

    assert bench.state is FlightState.RETURNING
    assert len(bench.steps) == before


def test_a_short_loss_changes_nothing() -> None:
    bench = Bench.fresh().airborne()
    before = len(bench.steps)
    for _ in range(5):
        bench.look(link_up=False)
    for _ in range(10):
        bench.look(link_up=True)

    assert bench.state is FlightState.PATROLLING
    assert len(bench.steps) == before


def test_nothing_is_sent_while_the_link_is_lost() -> None:
    bench = Bench.fresh().airborne()
    bench.look(link_up=False)
    before = len(bench.steps)

    assert bench.order(DroneAction.PAUSE) != ()
    assert bench.order(DroneAction.RETURN) != ()
    assert len(bench.steps) == before


def test_return_by_order_is_repeated_until_the_aircraft_does_it() -> None:
    bench = Bench.fresh().airborne()
    assert bench.order(DroneAction.RETURN) == ()
    bench.answer(Result(Verdict.NO_ANSWER))
    for _ in range(8):
        bench.look()
    bench.answer_all()
    assert bench.seen.mode == "RTL"
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.RETURNED


def test_abort_before_arming_ends_it_on_the_ground() -> None:
    bench = Bench.fresh()
    bench.run(FlightState.UPLOADING)
    assert bench.order(DroneAction.ABORT) == ()

    assert bench.machine.outcome is FlightOutcome.ABORTED
    assert bench.count(Arm) == 0


def test_abort_in_the_air_returns_and_counts_as_aborted() -> None:
    bench = Bench.fresh().airborne()
    bench.order(DroneAction.ABORT)
    bench.answer_all()
    bench.land_home()

    assert bench.machine.outcome is FlightOutcome.ABORTED


def test_land_by_order_comes_down_where_it_is() -> None:
    bench = Bench.fresh().airborne()
    bench.order(DroneAction.LAND)
    bench.answer_all()

    assert bench.seen.mode == "LAND"


def test_return_around_a_zone_is_walked_before_the_autopilots_own_return() -> None:
    bench = Bench.fresh().airborne()
    around = Waypoint(41.7705, 109.9690, ALT_M)
    bench.order(DroneAction.RETURN, path=(around,))
    bench.answer_all()

    wanted = [step for step in bench.steps if isinstance(step, Goto | SetMode)][-3:]
    assert wanted == [SetMode("GUIDED"), Goto(around.lat, around.lon, ALT_M), SetMode("RTL")]
    assert bench.state is FlightState.RETURNING


def test_an_autopilot_that_disarms_before_the_take_off_failed() -> None:
    bench = Bench.fresh()
    bench.run(FlightState.TAKING_OFF)
    bench.look(10.0, armed=False)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "disarmed_early" in bench.why
    assert bench.count(Arm) == 1


def test_a_mission_that_does_not_begin_is_disarmed() -> None:
    bench = Bench.fresh()
    bench.answers[StartMission] = Result(Verdict.REFUSED, "no GPS")
    bench.run(FlightState.FAILED)

    assert isinstance(bench.steps[-1], Disarm)
    assert "start_refused" in bench.why


def test_dispatch_goes_there_holds_looks_and_resumes_at_the_same_item() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    place = (41.7715, 109.9708)
    errand = Errand(
        (Waypoint(*place, ALT_M),),
        Then.RESUME,
        hold_s=25.0,
        back=(Waypoint(*POINTS[0], ALT_M),),
        alert_id="01A",
        place=place,
    )
    assert bench.order(DroneAction.DISPATCH, errand=errand) == ()
    for _ in range(60):
        bench.look()
        if bench.pending is not None:
            bench.answer()
    assert bench.state is FlightState.PATROLLING

    stages = [one for one in bench.outputs if isinstance(one, ErrandChanged)]
    assert [one.stage for one in stages] == [
        DispatchStage.EN_ROUTE,
        DispatchStage.ON_PLACE,
        DispatchStage.LOOKED,
        DispatchStage.RESUMED,
    ]
    assert stages[1].distance_m is not None
    assert stages[1].distance_m < 3.0
    assert stages[2].drift_m == pytest.approx(0.0, abs=0.01)
    assert stages[2].held_s is not None
    assert stages[2].held_s >= 24.0
    gone = [step for step in bench.steps if isinstance(step, Goto)]
    assert [(step.lat, step.lon) for step in gone] == [place, POINTS[0]]
    assert bench.seen.mission_current == 3
    bench.reach(3, 4)
    bench.land_home()
    assert bench.machine.outcome is FlightOutcome.DONE


def test_a_pilot_breaks_off_a_dispatch() -> None:
    bench = Bench.fresh().airborne()
    errand = Errand((Waypoint(41.78, 109.98, ALT_M),), Then.RESUME, hold_s=25.0, alert_id="01A", place=(41.78, 109.98))
    bench.order(DroneAction.DISPATCH, errand=errand)
    bench.look()
    bench.answer()
    before = len(bench.steps)
    bench.look(1.0, mode="LOITER")
    for _ in range(5):
        bench.look()

    assert bench.state is FlightState.TAKEN_OVER
    assert [one.stage for one in bench.outputs if isinstance(one, ErrandChanged)][-1] is DispatchStage.BROKEN_OFF
    assert len(bench.steps) <= before + 1


def test_nothing_heard_for_longer_than_the_watch_ends_it() -> None:
    bench = Bench.fresh().airborne()
    for _ in range(32):
        bench.look(10.0, link_up=False)

    assert bench.machine.outcome is FlightOutcome.FAILED
    assert "watch_ended" in bench.why


def attached(bench: Bench) -> Bench:
    """The same flight under a controller that was started anew."""
    again = Bench(FlightMachine(bench.machine.core.brief), seen=bench.seen, now_s=bench.now_s)
    recall(again.machine.core, memory_of(bench.machine.core))
    again.take(again.machine.attach(again.now_s))
    return again


def test_a_restarted_controller_watches_on_without_a_second_start() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    again = attached(bench)
    again.look()
    again.compare_with(DONE)
    assert again.state is FlightState.PATROLLING
    again.reach(3, 4)
    again.land_home()

    assert again.machine.outcome is FlightOutcome.DONE
    assert [type(step) for step in again.steps] == [CompareMission]


def test_points_passed_while_no_controller_ran_are_concluded() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    again = attached(bench)
    again.look(30.0, reached=frozenset(), mission_current=RETURN_SEQ)
    again.compare_with(DONE)
    again.land_home()

    assert again.machine.outcome is FlightOutcome.DONE


def test_points_passed_before_the_machine_was_switched_off_and_on_are_not() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    again = attached(bench)
    again.now_s = 5.0
    again.look(1.0, reached=frozenset(), mission_current=RETURN_SEQ)
    again.compare_with(DONE)
    again.land_home()

    assert again.machine.outcome is FlightOutcome.FAILED
    assert "points_missed" in again.why


def test_a_restarted_controller_does_not_touch_another_mission() -> None:
    again = attached(Bench.fresh().airborne())
    again.look()
    again.compare_with(Result(Verdict.FAILED, "item 3 differs"))
    for _ in range(5):
        again.look()

    assert again.state is FlightState.TAKEN_OVER
    assert again.order(DroneAction.RESUME) != ()
    assert [type(step) for step in again.steps] == [CompareMission]


def test_a_flight_that_was_not_started_before_the_restart_is_not_started_after_it() -> None:
    bench = Bench.fresh()
    bench.run(FlightState.UPLOADING)
    again = attached(bench)

    assert again.machine.outcome is FlightOutcome.REFUSED
    assert again.steps == []


def test_a_restart_between_arming_and_take_off_only_watches() -> None:
    bench = Bench.fresh()
    bench.run(FlightState.TAKING_OFF)
    again = attached(bench)
    again.look()
    again.compare_with(DONE)
    for _ in range(5):
        again.look()
    assert again.state is FlightState.TAKEN_OVER
    again.look(10.0, armed=False)

    assert again.machine.outcome is not FlightOutcome.DONE
    assert again.count(StartMission) == again.count(Arm) == 0


def test_a_restarted_controller_resumes_what_it_had_paused() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    again = attached(bench)
    again.look()
    again.compare_with(DONE)
    assert again.state is FlightState.PAUSED
    assert again.order(DroneAction.RESUME) == ()
    again.answer_all()

    assert (again.state, again.seen.mission_current) == (FlightState.PATROLLING, 3)


def test_land_by_order_is_carried_out_on_the_way_home_too() -> None:
    """A return by failsafe was taken for the landing that a person ordered, and LAND was never sent."""
    bench = Bench.fresh().airborne()
    bench.look(1.0, mode="RTL")
    assert bench.order(DroneAction.LAND) == ()
    bench.answer_all()

    assert bench.seen.mode == "LAND"


def dispatch(bench: Bench, *points: tuple[float, float], then: Then = Then.RESUME) -> None:
    """Send it, and fly until it holds at the last point."""
    way = tuple(Waypoint(*point, ALT_M) for point in points)
    back = tuple(reversed(way[:-1]))
    errand = Errand(way, then, hold_s=500.0, back=back, alert_id="01A", place=points[-1])
    assert bench.order(DroneAction.DISPATCH, errand=errand) == ()
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer()


def went(bench: Bench, since: int) -> list[tuple[float, float]]:
    return [(step.lat, step.lon) for step in bench.steps[since:] if isinstance(step, Goto)]


CORNER, PLACE, RING = (41.7712, 109.9705), (41.7715, 109.9708), (41.7717, 109.9708)


def test_a_pause_at_the_place_of_an_alert_keeps_the_way_back() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    dispatch(bench, CORNER, PLACE)
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    before = len(bench.steps)
    assert bench.order(DroneAction.RESUME) == ()
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer()

    assert bench.state is FlightState.PATROLLING
    assert went(bench, before) == [CORNER]


def test_a_circle_ends_where_it_began_and_leaves_the_way_back_as_it_was() -> None:
    bench = Bench.fresh().airborne()
    bench.reach(2)
    dispatch(bench, CORNER, PLACE)
    before = len(bench.steps)
    assert bench.order(DroneAction.ORBIT, path=(Waypoint(*RING, ALT_M),)) == ()
    bench.look()
    bench.answer()
    bench.order(DroneAction.PAUSE)
    bench.answer_all()
    bench.order(DroneAction.RESUME)
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer()

    assert bench.state is FlightState.PATROLLING
    assert went(bench, before) == [RING, PLACE, CORNER]


def test_a_dispatch_that_returns_does_not_resume() -> None:
    bench = Bench.fresh().airborne()
    dispatch(bench, CORNER, PLACE, then=Then.RETURN)

    assert bench.order(DroneAction.RESUME) != ()
    assert bench.state is FlightState.DISPATCHED


def test_what_happens_to_a_dispatch_names_its_place() -> None:
    bench = Bench.fresh().airborne()
    dispatch(bench, CORNER, PLACE)
    bench.order(DroneAction.RETURN)
    bench.answer_all()

    told = [one for one in bench.outputs if isinstance(one, ErrandChanged)]
    assert [one.stage for one in told] == [DispatchStage.EN_ROUTE, DispatchStage.ON_PLACE, DispatchStage.BROKEN_OFF]
    assert {one.place for one in told} == {PLACE}


NEAR = reason("near_zone", "", "too near")


def test_where_it_may_not_be_it_is_ordered_home_and_a_person_is_told() -> None:
    bench = Bench.fresh().airborne()
    out = Waypoint(41.7705, 109.9690, ALT_M)
    bench.take(bench.machine.break_off(NEAR, (out,), bench.now_s))
    bench.answer_all()
    bench.land_home()

    assert next(one.kind for one in bench.outputs if isinstance(one, Alarm)) is AlertKind.DRONE_FAILED
    assert went(bench, 0) == [(out.lat, out.lon)]
    assert bench.seen.mode == "RTL"
    assert (bench.machine.outcome, "near_zone" in bench.why) == (FlightOutcome.RETURNED, True)


@pytest.mark.parametrize("changes", [{"mode": "LOITER"}, {"mode": "RTL"}, {"link_up": False}])
def test_whoever_else_flies_it_is_not_ordered_home_by_the_guard(changes: dict[str, Any]) -> None:
    bench = Bench.fresh().airborne()
    bench.look(1.0, **changes)
    before = len(bench.steps)
    bench.take(bench.machine.break_off(NEAR, (), bench.now_s))
    bench.look()

    assert len(bench.steps) == before
