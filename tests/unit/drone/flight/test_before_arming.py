"""What the autopilot itself says before it is armed: its state, its own checks, its failsafe parameters by version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drone.flight.failsafe import parameter_names, parameter_reasons
from drone.flight.gate import look_over
from drone.flight.machine import FlightMachine
from drone.flight.memory import memory_of, recall
from drone.flight.outputs import Stop
from drone.flight.steps import Arm, ReadParameters, Result, SetMode, Upload, Verdict
from kernel.drone_events import FlightOutcome, FlightState
from tests.unit.drone.flight.paper_autopilot import DONE, READY, Bench, brief

RETURNS_4 = {"FS_GCS_ENABLE": 1.0, "FS_OPTIONS": 16.0, "SYSID_MYGCS": 255.0, "RTL_ALT": 1500.0, "MIS_RESTART": 0.0}
RETURNS_4_7 = {"FS_GCS_ENABLE": 1.0, "FS_OPTIONS": 16.0, "MAV_GCS_SYSID": 255.0, "RTL_ALT_M": 15.0, "MIS_RESTART": 0.0}
RETURNS_3 = {"FS_GCS_ENABLE": 1.0, "SYSID_MYGCS": 255.0, "RTL_ALT": 1500.0, "MIS_RESTART": 0.0}


def test_critical_since_the_last_ground_station_left_heals_when_it_hears_this_one() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, system_status="critical")
    for _ in range(3):
        bench.look()
        if bench.pending is not None:
            bench.answer()
    assert bench.state is FlightState.PRE_FLIGHT

    bench.look(system_status="standby")
    bench.airborne()


def test_critical_that_stays_is_refused_by_its_name() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, system_status="critical")
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert "system_status" in bench.why


def test_its_own_checks_are_waited_for_and_quoted() -> None:
    bench = Bench.fresh()
    texts = ("PreArm: Gyros still settling", "EKF3 active", "PreArm: Compass not calibrated")
    bench.seen = replace(READY, prearm_ok=False, texts=texts)
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    told = next(one for one in bench.machine.core.why if one.code == "prearm")
    assert "Gyros still settling; Compass not calibrated" in told.message_en
    assert "EKF3" not in told.message_en


def test_its_own_checks_pass_in_time() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, prearm_ok=False)
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer()
    assert bench.state is FlightState.PRE_FLIGHT

    bench.look(prearm_ok=True)
    bench.airborne()


@pytest.mark.parametrize(("version", "holds"), [((3, 5, 7), True), (None, True), ((4, 6, 0), False)])
def test_what_turns_away_before_a_point_is_told_to_stop_there(version: tuple[int, int, int], holds: bool) -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, version=version)
    bench.run(FlightState.VERIFIED)
    (upload,) = (step for step in bench.steps if isinstance(step, Upload))
    work = [upload.mission.items[seq].param1 for seq in upload.mission.counted]
    after = FlightMachine(bench.machine.core.brief)
    recall(after.core, memory_of(bench.machine.core))

    assert work == [float(holds)] * len(work)
    assert upload.mission == bench.machine.core.mission == after.core.mission


def test_the_stops_of_what_cuts_corners_cost_battery() -> None:
    told = brief(battery_needed_percent=90.0, stop_percent=4.0)

    assert [one.code for one in look_over(told, replace(READY, version=(3, 5, 7))).final] == ["battery_low"]
    assert look_over(told, replace(READY, version=(4, 6, 0))).final == ()


def test_what_speaks_against_it_for_good_is_told_also_where_no_parameter_is_answered_for() -> None:
    bench = Bench.fresh()
    bench.seen, bench.parameters = replace(READY, autopilot="px4"), {}
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer(Result(Verdict.NO_ANSWER))

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert bench.why == {"wrong_autopilot", "untested_autopilot"}


def test_an_autopilot_that_answers_for_no_parameter_is_refused_for_that_within_half_a_minute() -> None:
    bench = Bench.fresh()
    bench.seen = READY
    for _ in range(32):
        bench.look()
        if bench.pending is not None:
            bench.answer(Result(Verdict.NO_ANSWER))

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert bench.why == {"parameter_unread"}


def test_a_parameter_that_decides_is_asked_for_again_where_others_came() -> None:
    bench = Bench.fresh()
    bench.seen, bench.parameters = READY, {"SYSID_MYGCS": 255.0, "FS_OPTIONS": 16.0}
    bench.look()
    bench.answer()
    assert bench.state is FlightState.PRE_FLIGHT
    bench.parameters = {"FS_GCS_ENABLE": 1.0}
    bench.look()
    (first, second) = (step for step in bench.steps if isinstance(step, ReadParameters))

    assert set(first.names) - set(second.names) == {"SYSID_MYGCS", "FS_OPTIONS"}
    bench.airborne()


def test_a_parameter_that_never_comes_is_the_reason_after_three_times() -> None:
    bench = Bench.fresh()
    del bench.parameters["FS_GCS_ENABLE"]
    bench.run(FlightState.FAILED)

    assert (bench.machine.outcome, bench.why) == (FlightOutcome.REFUSED, {"parameter_unread"})
    assert bench.count(ReadParameters) == 3


def test_why_it_does_not_arm_is_quoted_where_it_says_so_after_its_answer() -> None:
    bench = Bench.fresh()
    bench.answers[Arm] = Result(Verdict.REFUSED, "denied")
    bench.run(FlightState.ARMING)
    while not isinstance(bench.steps[-1], Arm):
        bench.look(0.1)
        bench.answer()
    bench.look(0.3, texts=("Arm: Check mag field",))
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert any("denied; Arm: Check mag field" in one.message_en for one in bench.machine.core.why)


def test_what_only_complains_in_words_is_armed_once_it_has_been_quiet_for_longer_than_it_repeats_itself() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, prearm_ok=None, texts=("PreArm: Compass not healthy",))
    for age_s in range(0, 31, 2):
        bench.look(2.0, prearm_text_age_s=float(age_s))
        if bench.pending is not None:
            bench.answer()
    assert bench.state is FlightState.PRE_FLIGHT

    bench.look(prearm_text_age_s=31.5)
    bench.airborne()


def test_what_goes_on_complaining_in_words_is_refused_in_its_words() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, prearm_ok=None, prearm_text_age_s=5.0, texts=("PreArm: Compass not healthy",))
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert any("Compass not healthy" in one.message_en for one in bench.machine.core.why)


@pytest.mark.parametrize(
    ("values", "version"),
    [(RETURNS_3, (3, 5, 7)), (RETURNS_4, (4, 6, 0)), (RETURNS_4_7, (4, 7, 0)), (RETURNS_4, None)],
)
def test_every_firmware_is_asked_by_its_own_names(values: dict[str, float], version: tuple[int, int, int]) -> None:
    assert set(values) <= set(parameter_names(brief()))
    assert parameter_reasons(brief(), values, version) == []


@pytest.mark.parametrize("height", ["RTL_ALT", "RTL_ALT_M"])
@pytest.mark.parametrize("ground_station", ["SYSID_MYGCS", "MAV_GCS_SYSID"])
def test_what_calls_itself_4_7_is_asked_by_both_names(height: str, ground_station: str) -> None:
    asked = parameter_names(brief(), (4, 7, 0))
    assert height in asked
    assert ground_station in asked
    too_high = {"FS_GCS_ENABLE": 1.0, "FS_OPTIONS": 16.0, height: 1e5, ground_station: 255.0}
    assert [one.code for one in parameter_reasons(brief(), too_high, (4, 7, 0))] == ["parameter_differs"]


@pytest.mark.parametrize(
    ("values", "version", "named"),
    [
        (RETURNS_4 | {"SYSID_MYGCS": 254.0}, (4, 6, 0), "SYSID_MYGCS"),
        (RETURNS_4_7 | {"MAV_GCS_SYSID": 1.0}, (4, 7, 0), "MAV_GCS_SYSID"),
        (RETURNS_4 | {"FS_OPTIONS": 18.0}, (4, 6, 0), "FS_OPTIONS"),
        (RETURNS_4 | {"RTL_ALT": 12_100.0}, (4, 6, 0), "RTL_ALT"),
        (RETURNS_4_7 | {"RTL_ALT_M": 121.0}, (4, 7, 0), "RTL_ALT_M"),
        (RETURNS_3, (4, 6, 0), "FS_OPTIONS"),
    ],
)
def test_a_failsafe_that_would_not_do_it_is_named(
    values: dict[str, float], version: tuple[int, int, int], named: str
) -> None:
    (reason,) = parameter_reasons(brief(), values, version)
    assert reason.code == ("parameter_unread" if named not in values else "parameter_differs")
    assert f" {named} " in reason.message_en


def _without_options() -> Bench:
    """Neither its version nor FS_OPTIONS is heard of it."""
    bench = Bench.fresh()
    bench.seen = replace(READY, version=None)
    bench.parameters = {name: value for name, value in bench.parameters.items() if name != "FS_OPTIONS"}
    for _ in range(20):
        bench.look(2.0)
        if bench.pending is not None:
            bench.answer()
    return bench


def test_what_may_have_options_for_its_failsafe_waits_for_its_version() -> None:
    bench = _without_options()
    assert bench.state is FlightState.PRE_FLIGHT
    assert "parameter_unread" in bench.why

    bench.look(version=(3, 6, 0))
    bench.airborne()


def test_what_tells_no_version_and_has_no_place_for_its_checks_is_of_before_4_0() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, version=None, prearm_ok=None, tells_prearm=False)
    bench.parameters = {name: value for name, value in bench.parameters.items() if name != "FS_OPTIONS"}
    bench.airborne()


@pytest.mark.parametrize("version", [None, (4, 6, 0)])
def test_what_may_have_options_for_its_failsafe_is_not_flown_without_them(version: tuple[int, int, int] | None) -> None:
    """Unread while the version was not known either, they passed as those of a firmware that has none."""
    bench = _without_options()
    bench.look(version=version)
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert any("FS_OPTIONS" in one.message_en for one in bench.machine.core.why)


def test_another_ground_stations_id_does_not_matter_where_the_flight_goes_on_anyway() -> None:
    values = RETURNS_4 | {"FS_GCS_ENABLE": 0.0, "SYSID_MYGCS": 254.0}
    assert parameter_reasons(brief(returns_on_loss=False), values, (4, 6, 0)) == []


def test_once_it_is_seen_armed_nobody_waits_for_the_lost_answer() -> None:
    """With 40% loss that took five of the ten seconds after which ArduCopter disarms on the ground."""
    bench = Bench.fresh()
    bench.answers[Arm] = None
    bench.run(FlightState.ARMING)
    while not isinstance(bench.steps[-1], Arm):
        bench.look(0.1)
        bench.answer()
    bench.look(1.0, armed=True)
    bench.look(0.05)

    assert any(isinstance(one, Stop) for one in bench.outputs)
    assert SetMode("AUTO") in bench.steps
    bench.answers[Arm] = DONE
    bench.airborne()
    assert bench.count(Arm) == 1
