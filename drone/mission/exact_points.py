"""Missions for autopilots that turn away before they are at a point.

ArduCopter before 4.1 goes on to the next point when the place that it pulls itself along by has got there. Measured at
8 m/s on 3.5 and 3.6: a point is reported as reached 30 m before it, corners are passed 5 to 8 m inside, and what a
photograph is to be taken of is not there yet. A point with a delay is flown to, stopped at, and reported within
WPNAV_RADIUS. So every point that is no mere place on a straight way gets a delay of a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from drone.mission.items import POSITIONED, Command, Mission, MissionItem
from kernel.geodesy import offset_m

STOP_S = 1.0
_STRAIGHT_DEG = 10.0
_EXACT_SINCE = (4, 1, 0)
_NAVIGATION = frozenset(command for command in Command if command.name.startswith("NAV_"))
_ON_THE_WAY = frozenset({Command.DO_CHANGE_SPEED, Command.DO_SET_ROI, Command.DO_SET_ROI_LOCATION})

Way = tuple[float, float, float]


def cuts_corners(autopilot: str, version: tuple[int, int, int] | None) -> bool:
    """Whether this firmware turns away before it is at a point; one that told no version may."""
    return autopilot == "ardupilot" and (version is None or version < _EXACT_SINCE)


def stopping(mission: Mission) -> Mission:
    """The mission with a stop at every point that has to be reached; sequence numbers stay."""
    stops = frozenset(stops_of(mission))
    return Mission(
        tuple(replace(item, param1=STOP_S) if seq in stops else item for seq, item in enumerate(mission.items))
    )


@lru_cache(maxsize=16)
def stops_of(mission: Mission) -> tuple[int, ...]:
    """Sequence numbers of the points where it does not stop and has to."""
    return tuple(
        seq
        for seq, item in enumerate(mission.items)
        if seq > 0 and item.command == Command.NAV_WAYPOINT and item.param1 < STOP_S and _matters(mission.items, seq)
    )


def _matters(items: Sequence[MissionItem], seq: int) -> bool:
    """Whether something is done at the point, or the way turns there, or ends."""
    following = next((one for one in range(seq + 1, len(items)) if items[one].command in _NAVIGATION), None)
    if following is None or items[following].command != Command.NAV_WAYPOINT:
        return True
    if any(one.command not in _ON_THE_WAY for one in items[seq + 1 : following]):
        return True
    before = next(one for one in reversed(items[:seq]) if one.command in POSITIONED & _NAVIGATION)
    came, goes = _way(before, items[seq]), _way(items[seq], items[following])
    product = math.hypot(*came) * math.hypot(*goes)
    along = sum(one * other for one, other in zip(came, goes, strict=True))
    return product == 0 or along < product * math.cos(math.radians(_STRAIGHT_DEG))


def _way(start: MissionItem, end: MissionItem) -> Way:
    """Metres north, east and up; heights are above home but for home itself, which is the ground."""
    return *offset_m(start.lat_deg, start.lon_deg, end.lat_deg, end.lon_deg), end.alt_m - start.alt_m
