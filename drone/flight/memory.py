"""What a flight has to remember over a restart of its controller, as plain JSON values."""

from __future__ import annotations

from typing import Any

from drone.flight.core import Core
from drone.flight.errand import Then, Waypoint
from kernel.drone_events import FlightOutcome, FlightState, ReasonText


def memory_of(core: Core) -> dict[str, Any]:
    """Everything that the vehicle itself cannot tell afterwards."""
    progress = core.progress
    going_to = None if progress.current in progress.told else progress.current
    keeps_way = core.errand is None or core.errand.then is Then.HOLD
    way_back = core.way_back if core.errand is None or keeps_way else core.errand.way_back_now
    return {
        "state": core.state.value,
        "started": core.started,
        "mission_started": core.mission_started,
        "was_airborne": core.was_airborne,
        "stops": core.stops,
        "ours": sorted(core.ours),
        "mode": core.mode,
        "ended_by": core.ended_by.value if core.ended_by is not None else None,
        "outcome": core.outcome.value if core.outcome is not None else None,
        "why": [one.model_dump() for one in core.why],
        "resume_seq": core.resume_seq if core.resume_seq is not None else going_to,
        "way_back": [[point.lat, point.lon, point.alt_home_m] for point in way_back],
        "ordered_by": core.ordered_by,
        "paused_percent": core.paused_percent,
        "launch_place": list(core.launch_place) if core.launch_place is not None else None,
        "told": sorted(progress.told),
        "concluded": sorted(progress.concluded),
        "current": progress.current,
        "seen_s": progress.seen_s,
    }


def recall(core: Core, memory: dict[str, Any]) -> None:
    """Give a fresh flight the memory of an earlier controller.

    Raises:
        KeyError, TypeError, ValueError: that is no memory.
    """
    core.state = FlightState(memory["state"])
    core.started = bool(memory["started"])
    core.mission_started = bool(memory["mission_started"])
    core.was_airborne = bool(memory["was_airborne"])
    core.stops = bool(memory.get("stops", False))
    core.ours = frozenset(str(mode) for mode in memory["ours"])
    core.mode = str(memory["mode"])
    core.ended_by = FlightOutcome(memory["ended_by"]) if memory["ended_by"] is not None else None
    core.outcome = FlightOutcome(memory["outcome"]) if memory["outcome"] is not None else None
    core.why = [ReasonText.model_validate(one) for one in memory["why"]]
    core.resume_seq = memory["resume_seq"]
    core.way_back = tuple(Waypoint(float(lat), float(lon), float(alt_m)) for lat, lon, alt_m in memory["way_back"])
    core.ordered_by = str(memory.get("ordered_by") or "")
    core.paused_percent = memory.get("paused_percent")
    launch = memory["launch_place"]
    core.launch_place = (float(launch[0]), float(launch[1])) if launch is not None else None
    core.progress.told = {int(seq) for seq in memory["told"]}
    core.progress.concluded = {int(seq) for seq in memory["concluded"]}
    core.progress.current, core.progress.seen_s = memory["current"], memory.get("seen_s")
