"""The drone events on the wire: read back as they were, apart from each other, and orders only when they are whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from kernel.bus.names import FLIGHTS, STREAM_LENGTHS, telemetry_channel
from kernel.events import (
    COMMAND_EVENTS,
    FLIGHT_EVENTS,
    ClipRequested,
    CommandAnswered,
    DispatchCandidate,
    DispatchChanged,
    DispatchOffered,
    DispatchStage,
    DroneAction,
    DroneCommand,
    DroneTelemetry,
    FlightCause,
    FlightChanged,
    FlightOutcome,
    FlightState,
    GeoPoint,
    LinkState,
    PatrolRunDecided,
    ReasonText,
    RunDecision,
    VehiclePosition,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PLACE = GeoPoint(lat=41.77, lon=109.97)
WIND = ReasonText(code="wind", message_zh="风速 14 m/s 超过 12 m/s", message_en="wind 14 m/s is over 12 m/s")


def order(**changes: Any) -> DroneCommand:
    fields: dict[str, Any] = {
        "id": "01J",
        "action": DroneAction.PAUSE,
        "drone_id": "uav-1",
        "actor": "值班员",
        "issued_at": NOW,
        "expires_at": NOW + timedelta(seconds=30),
    }
    return DroneCommand(**{**fields, **changes})


@pytest.mark.parametrize(
    "event",
    [
        FlightChanged(
            flight_id="01F",
            change=3,
            drone_id="uav-1",
            patrol_id="north",
            state=FlightState.LANDED,
            at=NOW,
            started_at=NOW,
            ended_at=NOW,
            cause=FlightCause.SCHEDULE,
            actor="schedule",
            outcome=FlightOutcome.DONE,
            items_total=12,
            items_reached=12,
        ),
        PatrolRunDecided(
            run_id="north@1", patrol_id="north", due_at=NOW, decided_at=NOW, decision=RunDecision.HELD, reasons=(WIND,)
        ),
        DispatchOffered(
            alert_id="01A",
            place=PLACE,
            at=NOW,
            expires_at=NOW + timedelta(minutes=2),
            candidates=(
                DispatchCandidate(drone_id="uav-1", is_ready=True, arrival_s=41.5, distance_m=310.0),
                DispatchCandidate(drone_id="uav-2", is_ready=False, arrival_s=None, reasons=(WIND,)),
            ),
        ),
        DispatchChanged(
            alert_id="01A",
            drone_id="uav-1",
            flight_id="01F",
            stage=DispatchStage.ON_PLACE,
            at=NOW,
            actor="controller",
            place=PLACE,
            distance_m=1.2,
        ),
        CommandAnswered(
            command_id="01C",
            action=DroneAction.START,
            drone_id="uav-1",
            accepted=False,
            at=NOW,
            actor="a",
            reasons=(WIND,),
        ),
    ],
    ids=lambda event: event.type,
)
def test_what_travels_on_flights_is_read_back_as_it_was(event: FlightChanged) -> None:
    assert FLIGHT_EVENTS.validate_json(event.to_wire()) == event


def test_orders_and_requests_for_clips_share_a_stream_and_are_told_apart() -> None:
    clip = ClipRequested(alert_id="01A", camera_id="cam-01", from_at=NOW, to_at=NOW, clip_path="a.mp4")

    assert COMMAND_EVENTS.validate_json(order().to_wire()) == order()
    assert COMMAND_EVENTS.validate_json(clip.to_wire()) == clip


def test_telemetry_of_a_drone_never_heard_of_is_still_telemetry() -> None:
    silent = DroneTelemetry(drone_id="uav-1", at=NOW, link=LinkState.NEVER, heartbeat_age_s=None)

    assert DroneTelemetry.model_validate_json(silent.to_wire()) == silent
    assert silent.flight_state is FlightState.IDLE
    assert not silent.is_ready


def test_telemetry_carries_the_pose_that_detections_are_placed_with() -> None:
    position = VehiclePosition(
        lat=41.77, lon=109.97, alt_home_m=60.0, alt_ground_m=58.5, heading_deg=270.0, gimbal_pitch_deg=-45.0, at=NOW
    )
    seen = DroneTelemetry(drone_id="uav-1", at=NOW, link=LinkState.UP, heartbeat_age_s=0.4, position=position)

    assert DroneTelemetry.model_validate_json(seen.to_wire()).position == position


@pytest.mark.parametrize(
    ("action", "missing"),
    [
        (DroneAction.PAUSE, "drone_id"),
        (DroneAction.LAND, "drone_id"),
        (DroneAction.START, "patrol_id"),
        (DroneAction.CONFIRM, "run_id"),
        (DroneAction.DISPATCH, "alert_id, place"),
    ],
)
def test_an_order_that_is_not_whole_is_refused(action: DroneAction, missing: str) -> None:
    drone_id = "uav-1" if action is DroneAction.DISPATCH else None

    with pytest.raises(ValidationError, match=f"{action.value} needs {missing}"):
        order(action=action, drone_id=drone_id)


def test_an_order_that_expires_before_it_is_given_is_refused() -> None:
    with pytest.raises(ValidationError, match="expires_at must be after issued_at"):
        order(expires_at=NOW)


@pytest.mark.parametrize("state", list(FlightState))
def test_a_flight_that_is_over_is_not_airborne(state: FlightState) -> None:
    assert not (state.is_over and state.may_be_airborne)


def test_flights_are_kept_longer_than_orders() -> None:
    assert STREAM_LENGTHS[FLIGHTS] >= 100_000
    assert telemetry_channel("uav-1") == "telemetry:uav-1"
