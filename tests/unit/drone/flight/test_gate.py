"""The gate names every reason at once, and waits only for what time may heal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drone.flight.gate import look_over
from drone.flight.outputs import Changed
from drone.flight.snapshot import Snapshot
from kernel.drone_events import FlightOutcome, FlightState
from tests.unit.drone.flight.paper_autopilot import HOME, READY, Bench, brief

FAR = (HOME[0] + 0.001, HOME[1])


@pytest.mark.parametrize(
    ("changes", "code", "heals"),
    [
        ({"duplicate_sysid": "two addresses"}, "duplicate_sysid", False),
        ({"autopilot": "px4"}, "wrong_autopilot", False),
        ({"is_copter": False}, "untested_autopilot", False),
        ({"armed": True}, "already_armed", False),
        ({"gps_fix": 2}, "gps", True),
        ({"gps_fix": None}, "gps", True),
        ({"ekf_ok": False}, "ekf", True),
        ({"lat": None}, "position_unknown", True),
        ({"lat": 0.0, "lon": 0.0}, "position_unknown", True),
        ({"position_age_s": 10.5}, "position_unknown", True),
        ({"lat": FAR[0]}, "home_far", False),
        ({"home": FAR}, "home_elsewhere", False),
        ({"battery_percent": None}, "battery_unknown", True),
        ({"battery_percent": 30.0}, "battery_low", False),
        ({"system_status": "emergency"}, "system_status", True),
        ({"prearm_ok": False, "texts": ("PreArm: Compass",)}, "prearm", True),
    ],
)
def test_each_reason(changes: dict[str, Any], code: str, heals: bool) -> None:
    found = look_over(brief(battery_needed_percent=50.0), replace(READY, **changes))

    assert code in {one.code for one in (found.healing if heals else found.final)}


def test_a_ready_vehicle_has_nothing_against_it() -> None:
    assert look_over(brief(), READY).all == ()


def test_all_reasons_are_told_together() -> None:
    bench = Bench.fresh(battery_needed_percent=50.0)
    bench.seen = replace(READY, armed=True, battery_percent=20.0, lat=FAR[0])
    bench.parameters["FS_GCS_ENABLE"] = 0.0
    bench.run(FlightState.FAILED)

    assert bench.machine.outcome is FlightOutcome.REFUSED
    assert {"already_armed", "battery_low", "home_far", "parameter_differs"} <= bench.why


def test_what_heals_is_waited_for() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, gps_fix=1, ekf_ok=False)
    for _ in range(20):
        bench.look()
        if bench.pending is not None:
            bench.answer()
    assert bench.state is FlightState.PRE_FLIGHT
    bench.look(gps_fix=3, ekf_ok=True)

    assert bench.machine.core.state is FlightState.UPLOADING


def test_what_does_not_heal_in_time_is_a_refusal() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, gps_fix=1)
    bench.run(FlightState.FAILED)

    assert bench.why == {"gps"}
    assert bench.now_s - 100.0 >= bench.machine.core.brief.limits.ready_s


def test_a_report_that_some_autopilots_never_send_is_waited_for_only_shortly() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, ekf_ok=None)
    bench.run(FlightState.UPLOADING)

    assert 10.0 <= bench.now_s - 100.0 < 20.0


def test_nothing_heard_is_the_only_reason() -> None:
    assert {one.code for one in look_over(brief(), Snapshot()).all} == {"no_heartbeat"}


def test_another_sysid_on_the_link_is_named() -> None:
    (reason,) = look_over(brief(), Snapshot(other_sysids=(7,))).all

    assert reason.code == "no_heartbeat"
    assert "sysid 7 is heard" in reason.message_en


def test_what_is_waited_for_is_told_and_told_again_only_when_it_changes() -> None:
    bench = Bench.fresh()
    bench.seen = replace(READY, gps_fix=1, ekf_ok=False)
    for second in range(40):
        bench.look(ekf_ok=second > 20)
        if bench.pending is not None:
            bench.answer()
    told = [one for one in bench.outputs if isinstance(one, Changed) and one.reasons]

    assert bench.state is FlightState.PRE_FLIGHT
    assert [[why.code for why in one.reasons] for one in told] == [["gps", "ekf"], ["gps"]]
    bench.look(gps_fix=3)
    assert bench.machine.core.why == []


def test_another_firmware_flies_where_the_config_takes_the_responsibility() -> None:
    seen = replace(READY, autopilot="px4")
    refused = look_over(brief(autopilot="px4"), seen).final
    allowed = look_over(brief(autopilot="px4", allows_untested=True), seen).final

    assert [one.code for one in refused] == ["untested_autopilot"]
    assert allowed == ()


@pytest.mark.parametrize(
    ("version", "code"),
    [((1, 16, 0), ""), ((1, 16, 2), ""), ((1, 13, 3), "untested_autopilot"), ((1, 17, 0), "untested_autopilot")],
)
def test_of_px4_the_versions_that_were_flown_are_taken(version: tuple[int, int, int], code: str) -> None:
    seen = replace(READY, autopilot="px4", mode="AUTO.LOITER", version=version)
    found = look_over(brief(autopilot="px4"), seen).final

    assert [one.code for one in found] == ([code] if code else [])
    assert not found or ".".join(map(str, version)) in found[0].message_en


def test_a_px4_that_has_not_told_its_version_yet_is_waited_for() -> None:
    seen = replace(READY, autopilot="px4", mode="AUTO.LOITER", version=None)
    found = look_over(brief(autopilot="px4"), seen)

    assert (found.final, [one.code for one in found.healing]) == ((), ["version_unknown"])
    assert look_over(brief(autopilot="px4", allows_untested=True), seen).all == ()
    plane = look_over(brief(autopilot="px4"), replace(seen, version=(1, 16, 0), is_copter=False)).final
    assert "not a multicopter" in plane[0].message_en


def test_two_vehicles_on_one_sysid_are_given_time_to_show() -> None:
    """The gate decided within a heartbeat; the second vehicle was only noticed in the air."""
    bench = Bench.fresh()
    bench.seen = replace(READY, heartbeats=2)
    for beats in range(3, 12):
        bench.look(heartbeats=beats)
        if bench.pending is not None:
            bench.answer()
    assert bench.state is FlightState.PRE_FLIGHT
    bench.look(heartbeats=12, duplicate_sysid="it is heard from two addresses")

    assert (bench.machine.outcome, bench.why) == (FlightOutcome.REFUSED, {"duplicate_sysid"})
    assert "heard from two addresses" in bench.machine.core.why[0].message_en
