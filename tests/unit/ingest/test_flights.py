"""When a drone's camera is in service, by what the drone's telemetry tells."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.flights import is_flying
from kernel.drone_events import DroneTelemetry, FlightState, LinkState

UP, LOST, NEVER = LinkState.UP, LinkState.LOST, LinkState.NEVER


@pytest.mark.parametrize(
    ("link", "state", "armed", "expected"),
    [
        (UP, FlightState.IDLE, False, False),
        (UP, FlightState.PRE_FLIGHT, False, True),
        (UP, FlightState.PATROLLING, True, True),
        (UP, FlightState.TAKEN_OVER, True, True),
        (UP, FlightState.LANDED, False, False),
        (UP, FlightState.FAILED, False, False),
        pytest.param(UP, FlightState.FAILED, True, True, id="a failed flight that is still in the air"),
        pytest.param(UP, FlightState.IDLE, True, True, id="flown by a pilot, without a flight of ours"),
        pytest.param(UP, FlightState.IDLE, None, None, id="a drone service that just started"),
        pytest.param(LOST, FlightState.PATROLLING, True, None, id="silent in the air: as it was"),
        pytest.param(LOST, FlightState.FAILED, False, None, id="silent, whatever was last heard"),
        pytest.param(NEVER, FlightState.PRE_FLIGHT, None, None, id="refused: it never answered"),
    ],
)
def test_in_service_from_pre_flight_to_landed(
    link: LinkState, state: FlightState, armed: bool | None, expected: bool | None
) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    telemetry = DroneTelemetry(drone_id="uav-1", at=at, link=link, heartbeat_age_s=0.3, armed=armed, flight_state=state)
    assert is_flying(telemetry) is expected
