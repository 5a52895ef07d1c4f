"""What a flight has to remember over a restart of its controller, as plain JSON values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drone.flight.core import Core
from drone.flight.errand import Errand, Leg, Then, Waypoint
from kernel.drone_events import FlightOutcome, FlightState, ReasonText
from kernel.geodesy import LatLon


def memory_of(core: Core) -> dict[str, Any]:
    """Everything that the vehicle itself cannot tell afterwards."""
    progress = core.progress
    going_to = None if progress.current in progress.told else progress.current
    errand = core.errand or core.left
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
        "way_back": _points(way_back),
        "errand": _errand_memory(errand) if errand is not None else None,
        "sent_to": core.sent_to,
        "has_target": core.has_target,
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
    core.way_back = _way(memory["way_back"])
    core.left = _errand_of(memory["errand"]) if memory.get("errand") is not None else None
    core.sent_to = memory.get("sent_to")
    core.has_target = bool(memory.get("has_target", True))  # in doubt it flies on
    core.ordered_by = str(memory.get("ordered_by") or "")
    core.paused_percent = memory.get("paused_percent")
    core.launch_place = _place(memory["launch_place"])
    core.progress.told = {int(seq) for seq in memory["told"]}
    core.progress.concluded = {int(seq) for seq in memory["concluded"]}
    core.progress.current, core.progress.seen_s = memory["current"], memory.get("seen_s")


def _errand_memory(errand: Errand) -> dict[str, Any]:
    return {
        "points": _points(errand.points),
        "then": errand.then.value,
        "hold_s": errand.hold_s,
        "back": _points(errand.back),
        "alert_id": errand.alert_id,
        "place": list(errand.place) if errand.place is not None else None,
        "speed_m_s": errand.speed_m_s,
        "began": list(errand.began) if errand.began is not None else None,
        "leg": errand.leg.value,
        "next": errand.next,
        "is_circling": errand.is_circling,
    }


def _errand_of(memory: dict[str, Any]) -> Errand:
    """The same errand; where it flies to now is told to the vehicle again, a stay begins anew."""
    return Errand(
        points=_way(memory["points"]),
        then=Then(memory["then"]),
        hold_s=float(memory["hold_s"]),
        back=_way(memory["back"]),
        alert_id=memory["alert_id"],
        place=_place(memory["place"]),
        speed_m_s=memory["speed_m_s"],
        began=_place(memory["began"]),
        leg=Leg(memory["leg"]),
        next=int(memory["next"]),
        is_circling=bool(memory["is_circling"]),
    )


def _points(way: Iterable[Waypoint]) -> list[list[float]]:
    return [[point.lat, point.lon, point.alt_home_m] for point in way]


def _way(points: list[list[float]]) -> tuple[Waypoint, ...]:
    return tuple(Waypoint(float(lat), float(lon), float(alt_m)) for lat, lon, alt_m in points)


def _place(memory: list[float] | None) -> LatLon | None:
    return (float(memory[0]), float(memory[1])) if memory is not None else None
