"""What a flight is after at the moment, how long that may take, and how long it may stand still over it; pure."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drone.flight.errand import Errand, Leg, Then
from drone.mission.items import POSITIONED, Command
from kernel.drone_events import FlightState
from kernel.geodesy import LatLon

if TYPE_CHECKING:
    from drone.flight.core import Core

_MISSION = frozenset({FlightState.TAKING_OFF, FlightState.PATROLLING})
_NAVIGATION = frozenset(command for command in POSITIONED if command.name.startswith("NAV_"))
_RETURN_SHARE = 3.0  # the autopilot's own speed for it is not ours to know


@dataclass(frozen=True, slots=True)
class Pursuit:
    """One thing at a time.

    Attributes:
        key: another one: it went on.
        name: item, errand, pause, return; what is said of it.
        place, alt_home_m: where that is; None: nowhere in particular, it only has to move.
        stands_s: so long it may stand, or come no nearer.
        late_s: so long all of it may take; None: nobody planned that.
        seq: the mission's item, where it is one.
    """

    key: Hashable
    name: str
    stands_s: float
    place: LatLon | None = None
    alt_home_m: float = 0.0
    late_s: float | None = None
    seq: int | None = None


def pursuit_of(core: Core) -> Pursuit | None:
    """What it is after; None: nothing that is ours to judge (a pilot flies it)."""
    if core.errand is not None and core.state is not FlightState.TAKEN_OVER:
        return _errand(core, core.errand)
    if core.state in _MISSION:
        return _item(core)
    if core.state is FlightState.PAUSED:
        limits = core.brief.limits
        if core.stands:
            return Pursuit("pause", "pause", math.inf, late_s=limits.pause_s)
        return Pursuit("halt", "halt", math.inf, late_s=limits.stall_s)
    return _return(core) if core.state is FlightState.RETURNING else None


def _item(core: Core) -> Pursuit | None:
    """The item that the autopilot flies to, or the next one that is somewhere."""
    seq = core.progress.current if core.progress.current is not None else core.seen.mission_current
    items, limits = core.mission.items, core.brief.limits
    seq = max(1, seq or 0)
    there = next((one for one in range(seq, len(items)) if items[one].command in _NAVIGATION), None)
    if there is None:
        return Pursuit(("item", seq), "item", limits.stall_s, seq=seq)
    item, legs_s = items[there], core.brief.legs_s
    hold_s = item.param1 if item.command == Command.NAV_WAYPOINT else 0.0
    planned_s = legs_s[there] if there < len(legs_s) else None
    return Pursuit(
        ("item", seq),
        "item",
        limits.stall_s + hold_s,
        (item.lat_deg, item.lon_deg),
        item.alt_m,
        None if planned_s is None else limits.late_share * planned_s + limits.late_s,
        seq,
    )


def _errand(core: Core, errand: Errand) -> Pursuit:
    limits, target = core.brief.limits, errand.target
    key = ("errand", errand.leg, errand.next, errand.is_circling, errand.alert_id)
    stands_s = limits.stall_s
    if errand.leg is Leg.HOLDING and errand.then is Then.HOLD:
        return Pursuit(key, "pause", math.inf, late_s=limits.pause_s)
    if errand.leg is Leg.HOLDING:
        stands_s += errand.hold_s
    if target is None:
        return Pursuit(key, "errand", stands_s)
    return Pursuit(key, "errand", stands_s, target.place, target.alt_home_m)


def _return(core: Core) -> Pursuit:
    limits, home, away_m = core.brief.limits, core.brief.way_home, core.home_m
    late_s = None
    if home is not None and away_m is not None:
        late_s = _RETURN_SHARE * home.seconds(away_m, core.seen.alt_home_m or 0.0) + limits.late_s
    on_ground = core.landed_since_s is not None
    return Pursuit(("return", on_ground), "armed" if on_ground else "return", limits.stall_s, late_s=late_s)
