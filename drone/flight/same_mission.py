"""Whether the vehicle still flies our mission: another ground station may put a different one on it in the air.

Its points would be counted as ours. What speaks for that is cheap to see: a point reported where ours is not, or
another number of items. Then the mission is read back; a different one is somebody else's doing, and is only watched.
"""

from __future__ import annotations

from drone.flight import reasons
from drone.flight.core import CONTROLLER, Core
from drone.flight.steps import CompareMission, Verdict
from kernel.drone_events import FlightOutcome, FlightState
from kernel.events import AlertKind

_AWAY_M, _AWAY_S = 60.0, 5.0
"""A point is reported within so much of it, and of what is flown in so long: corners are cut, positions come late."""
_FRESH_S = 2.0
_AGAIN_S = 10.0


def settle(core: Core, now_s: float) -> None:
    """Act on what reading it back showed; before what is heard now is counted."""
    result = core.last_result
    if not isinstance(core.last_step, CompareMission) or result is None or core.doubted_s is None:
        return
    if result.is_done:
        core.doubted, core.trusted_total = frozenset(), core.seen.mission_total
    elif result.verdict is Verdict.FAILED:
        core.progress.disown(core.doubted)
        core.doubted = frozenset()
        core.ended_by = FlightOutcome.TAKEN_OVER
        core.alarm(AlertKind.DRONE_TAKEN_OVER, reasons.MISSION_DIFFERS)
        core.enter(FlightState.TAKEN_OVER, now_s, CONTROLLER, reasons.MISSION_DIFFERS)
    core.last_step = core.last_result = None


def look(core: Core, told: frozenset[int], now_s: float) -> None:
    """Look for doubt, and settle it; called at every look in the air.

    Args:
        told: points reported since the last look, which was a moment ago.
    """
    away = frozenset(seq for seq in told if _is_away(core, seq))
    core.doubted |= away
    if (core.doubted or _has_other_total(core)) and _may_ask(core, now_s):
        core.doubted_s = now_s
        core.do(CompareMission(core.mission), now_s)


def _is_away(core: Core, seq: int) -> bool:
    seen, item = core.seen, core.brief.mission.items[seq]
    away_m = seen.distance_to_m((item.lat_deg, item.lon_deg)) if seen.position_age_s <= _FRESH_S else None
    return away_m is not None and away_m > _AWAY_M + _AWAY_S * (seen.ground_speed_m_s or 0.0)


def _has_other_total(core: Core) -> bool:
    """The vehicle may count home or not; what it was found to count for our mission is no doubt any more."""
    told, items = core.seen.mission_total, len(core.brief.mission.items)
    return told is not None and told not in (items, items - 1, core.trusted_total)


def _may_ask(core: Core, now_s: float) -> bool:
    is_by_mission = core.state is FlightState.PATROLLING or (
        core.state is FlightState.RETURNING and core.ended_by is None and core.errand is None
    )
    is_time = core.doubted_s is None or now_s - core.doubted_s >= _AGAIN_S
    return is_by_mission and core.seen.mode == core.modes.auto and core.is_free and is_time
