"""A flight as lines at the terminal: what is waited for is told as such, and nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime

from drone.flight import reasons
from drone.flight.progress_lines import ProgressLines
from kernel.drone_events import FlightCause, FlightChanged, FlightOutcome, FlightState

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def changed(state: FlightState, outcome: FlightOutcome | None = None, reached: int = 0) -> FlightChanged:
    return FlightChanged(
        flight_id="01F",
        change=1,
        drone_id="uav-1",
        patrol_id="north",
        state=state,
        at=NOW,
        started_at=NOW,
        cause=FlightCause.COMMAND_LINE,
        actor="test",
        outcome=outcome,
        reasons=(reasons.NO_GPS,),
        items_total=3,
        items_reached=reached,
        flight_log="",
    )


def test_what_is_waited_for_is_no_refusal_yet() -> None:
    said: list[str] = []
    lines = ProgressLines(said.append)
    for _ in range(2):
        lines.tell(changed(FlightState.PRE_FLIGHT))
    lines.tell(changed(FlightState.FAILED, FlightOutcome.REFUSED))

    assert [line.split("/")[0].strip() for line in said if "GPS" in line] == [
        "waiting: gps: the GPS has no 3-D fix",
        "gps: the GPS has no 3-D fix",
    ]
    assert len(said) == 4
