"""Whole flights against the simulated vehicle, over real sockets."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from drone.flight.errand import Errand, Then, Waypoint
from drone.flight.orders import Order
from drone.mavlink.timing import Timing
from kernel.drone_events import DroneAction, FlightOutcome, FlightState
from kernel.events import AlertKind, AlertRaised
from scripts.vehicle.faults import Fault, Kind
from scripts.vehicle.profiles import ARDUCOPTER_3_5
from tests.integration.airfield import CONTINUES, LONG, RETURNS, config, eventually, flight, flying_vehicle, spot


async def test_a_patrol_is_planned_uploaded_flown_and_done(tmp_path: Path) -> None:
    async with flying_vehicle() as (server, link), flight(config(tmp_path, [link])) as flown:
        outcome = await flown.session.run()

    assert (outcome, flown.codes) == (FlightOutcome.DONE, set())
    assert flown.states == [
        FlightState.PRE_FLIGHT,
        FlightState.UPLOADING,
        FlightState.VERIFIED,
        FlightState.ARMING,
        FlightState.TAKING_OFF,
        FlightState.PATROLLING,
        FlightState.RETURNING,
        FlightState.LANDED,
    ]
    last = flown.session.reporter.last
    assert last is not None
    assert last.items_reached == last.items_total == 3
    assert last.distance_from_home_m is not None
    assert last.distance_from_home_m < 2.0
    assert server.vehicle.body.position.up < 0.5
    assert flown.session.record.tlog.stat().st_size > 10_000


async def test_an_old_autopilot_that_tells_little_is_flown_to_the_end(tmp_path: Path) -> None:
    """ArduCopter 3.5.7 as measured, over TCP, that answers for no version, estimator, home or battery message."""
    withheld = frozenset({"AUTOPILOT_VERSION", "EKF_STATUS_REPORT", "HOME_POSITION", "BATTERY_STATUS"})
    async with (
        flying_vehicle(kind="tcpin", profile=ARDUCOPTER_3_5, withheld=withheld, parameters={}) as (_, link),
        flight(
            config(tmp_path, [link]),
            limits={"soft_s": 1.0, "version_s": 0.5},
            timing=Timing(parameter_s=0.2, parameter_tries=2, command_s=0.2),
        ) as flown,
    ):
        outcome = await flown.session.run()

    assert (outcome, flown.codes) == (FlightOutcome.DONE, set())
    assert flown.vehicle.state.version is None


@pytest.mark.alone  # judges a time
async def test_a_pilot_is_not_fought_and_an_alert_says_so_within_two_seconds(tmp_path: Path) -> None:
    fault = Fault(kind=Kind.PILOT, airborne_s=15.0, for_s=60.0, mode="LOITER")
    async with (
        flying_vehicle(speedup=20.0, faults=(fault,)) as (server, link),
        flight(config(tmp_path, [link])) as flown,
    ):
        running = asyncio.create_task(flown.session.run())
        await eventually(lambda: server.vehicle.autopilot.mode.name == "LOITER", 20.0, "the pilot's mode")
        since_s = time.monotonic()
        await flown.until(FlightState.TAKEN_OVER)
        noticed_s = time.monotonic() - since_s
        alert = next(one for one in flown.events if isinstance(one, AlertRaised))
        steps = flown.steps
        await asyncio.sleep(1.0)
        outcome_so_far = (flown.session.machine.state, flown.steps == steps)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert noticed_s < 2.0
    assert alert.kind is AlertKind.DRONE_TAKEN_OVER
    assert outcome_so_far == (FlightState.TAKEN_OVER, True)


async def test_a_failsafe_is_watched_home(tmp_path: Path) -> None:
    fault = Fault(kind=Kind.RETURN, airborne_s=15.0)
    async with flying_vehicle(faults=(fault,)) as (_, link), flight(config(tmp_path, [link])) as flown:
        outcome = await flown.session.run()

    assert outcome is FlightOutcome.RETURNED
    assert {"vehicle_returns", "points_missed"} <= flown.codes
    assert [step for step in flown.steps if step.startswith("SetMode")] == ["SetMode mode=GUIDED", "SetMode mode=AUTO"]


async def test_pause_holds_and_resume_goes_on_at_the_same_item(tmp_path: Path) -> None:
    async with flying_vehicle(speedup=40.0) as (server, link), flight(config(tmp_path, [link], LONG)) as flown:
        running = asyncio.create_task(flown.session.run())
        await flown.until(FlightState.PATROLLING)
        await eventually(lambda: flown.session.machine.core.progress.reached >= 1, 30.0, "the first point")
        assert flown.session.driver.order(Order(DroneAction.PAUSE, "test")) == ()
        await eventually(lambda: server.vehicle.autopilot.mode.name == "BRAKE", 10.0, "BRAKE")
        await eventually(lambda: server.vehicle.body.velocity.length < 0.5, 10.0, "standing still")
        height_m, item = server.vehicle.body.position.up, server.vehicle.autopilot.mission.current_seq
        assert flown.session.driver.order(Order(DroneAction.RESUME, "test")) == ()
        await flown.until(FlightState.PATROLLING)
        resumed = server.vehicle.autopilot.mission.current_seq
        await eventually(lambda: server.vehicle.autopilot.helm.speed_m_s == 8.0, 10.0, "the speed of the plan again")
        outcome = await running

    assert height_m > 25.0
    assert resumed == item
    assert outcome is FlightOutcome.DONE
    assert flown.steps.count("StartMission") == flown.steps.count("Arm") == 1


async def test_an_ordered_return_comes_home(tmp_path: Path) -> None:
    async with flying_vehicle() as (_, link), flight(config(tmp_path, [link], LONG)) as flown:
        running = asyncio.create_task(flown.session.run())
        await flown.until(FlightState.PATROLLING)
        assert flown.session.driver.order(Order(DroneAction.ABORT, "test")) == ()
        outcome = await running

    assert outcome is FlightOutcome.ABORTED
    last = flown.session.reporter.last
    assert last is not None
    assert last.distance_from_home_m is not None
    assert last.distance_from_home_m < 2.0


@pytest.mark.parametrize(
    ("options", "drone", "code"),
    [
        ({"parameters": {"FS_GCS_ENABLE": 0.0}}, {}, "parameter_differs"),
        ({"parameters": {"FS_GCS_ENABLE": 1.0}}, {"link_loss": "continue"}, "parameter_differs"),
        ({}, {"parameters": {"RTL_ALT": 9999}}, "parameter_differs"),
        ({"parameters": {"FENCE_ENABLE": 1.0, "FENCE_RADIUS": 30.0}}, {}, "own_fence"),
        ({"battery_percent": 27.0}, {}, "battery_low"),
        ({"faults": (Fault(kind=Kind.NO_ARM, at_s=0.0, for_s=1e6),)}, {}, "prearm"),
    ],
    ids=["failsafe off", "failsafe on", "parameter", "fence", "battery", "pre-arm"],
)
async def test_what_the_gate_refuses(tmp_path: Path, options: dict[str, Any], drone: dict[str, Any], code: str) -> None:
    limits = {"ready_s": 2.0 if code == "prearm" else 60.0}
    async with (
        flying_vehicle(**options) as (server, link),
        flight(config(tmp_path, [link], drone=drone), limits=limits) as flown,
    ):
        outcome = await flown.session.run()
        is_armed = server.vehicle.autopilot.armed

    assert (outcome, is_armed) == (FlightOutcome.REFUSED, False)
    assert code in flown.codes


@pytest.mark.alone  # judges a time
async def test_flown_towards_a_zone_it_is_ordered_home_before_it_and_an_alert_says_so(tmp_path: Path) -> None:
    """By an order that no check of ours let through: the guard looks at where it is, not at what was planned."""
    corners = [spot(70, -200), spot(70, 300), spot(300, 300), spot(300, -200)]
    zone = {"id": "magazine", "kind": "no_fly", "datum": "wgs84", "points": corners, "clearance_m": 40.0}
    async with flying_vehicle(speedup=4.0) as (server, link):
        way = ((15.0, 0.0), (15.0, 200.0))
        loaded = config(tmp_path, [link], way, patrol={"altitude_m": 10.0}, airspace=[zone])
        async with flight(loaded) as flown:
            running = asyncio.create_task(flown.session.run())
            await flown.until(FlightState.PATROLLING)
            into = Errand((Waypoint(*spot(200, 0), 10.0),), Then.RESUME)
            assert flown.session.driver.order(Order(DroneAction.DISPATCH, "test", errand=into)) == ()
            await eventually(lambda: server.vehicle.body.position.north > 70 - 20, 20.0, "half of the clearance")
            crossed_s, deepest_m = time.monotonic(), 0.0
            while flown.session.machine.state is not FlightState.RETURNING:
                await asyncio.sleep(0.01)
                assert time.monotonic() - crossed_s < 2.0
            told_s = time.monotonic() - crossed_s
            while server.vehicle.body.velocity.north > -1.0:
                deepest_m = max(deepest_m, server.vehicle.body.position.north)
                await asyncio.sleep(0.01)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    alerts = [one for one in flown.events if isinstance(one, AlertRaised)]
    assert told_s < 2.0
    assert 50 < deepest_m < 70
    assert [one.kind for one in alerts] == [AlertKind.DRONE_FAILED]
    assert flown.codes >= {"near_zone"}


async def test_nobody_there_is_a_refusal(tmp_path: Path) -> None:
    loaded = config(tmp_path, ["udp:127.0.0.1:9"])
    async with flight(loaded, limits={"contact_s": 0.5}) as flown:
        assert await flown.session.run() is FlightOutcome.REFUSED

    assert flown.codes == {"no_heartbeat"}


async def fly_through_a_cut(data_dir: Path, policy: str) -> None:
    """Cut on the way to the first point, for longer than the failsafe waits."""
    cut = Fault(kind=Kind.CUT, seq=3, for_s=6.5)
    parameters = CONTINUES if policy == "continue" else RETURNS
    long_way = ((1200.0, 0.0), (1200.0, 50.0))
    async with (
        flying_vehicle(kind="tcpin", speedup=8.0, faults=(cut,), parameters=parameters) as (server, link),
        flight(config(data_dir, [link], long_way, drone={"link_loss": policy}), limits={"loss_s": 4.0}) as flown,
    ):
        running = asyncio.create_task(flown.session.run())
        core = flown.session.machine.core
        await eventually(lambda: core.lost_since_s is not None, 30.0, "the loss")
        await eventually(lambda: core.lost_since_s is None, 20.0, "the reconnect")
        await flown.until(FlightState.PATROLLING if policy == "continue" else FlightState.RETURNING)
        mode, item = server.vehicle.autopilot.mode.name, core.progress.current
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert mode == ("AUTO" if policy == "continue" else "RTL")
    assert item == 3 or policy == "return"
    assert flown.steps.count("StartMission") == flown.steps.count("Arm") == 1
    alerts = [one for one in flown.events if isinstance(one, AlertRaised)]
    assert alerts[0].kind is AlertKind.DRONE_LINK_LOST
    assert any(one.id == alerts[0].id and one.ended_at is not None for one in alerts)


async def test_a_tcp_link_cut_in_flight_goes_on_or_returns_as_configured(tmp_path: Path) -> None:
    await asyncio.gather(fly_through_a_cut(tmp_path / "a", "continue"), fly_through_a_cut(tmp_path / "b", "return"))
