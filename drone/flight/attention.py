"""What a person has to be told of a flight that goes wrong without a loud failure: it stands, is late, its place or its
battery is not what its way home needs. Each is told once, and that it is over; nothing is ordered. No clock, no socket.

    progress  it comes no nearer to where it is to be, or takes longer than its plan by the margin of `Limits`
    position  HEARTBEATs arrive, its position does not
    reserve   what is left does not cover the way home and the reserve, and it is not on its way
    restart   its controller was started anew in the middle of an order, and holds it now
    way_home  what is left does not cover the way home at all
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from drone.flight import attention_words as words
from drone.flight.outputs import Alarm, Calm
from drone.flight.pursuit import Pursuit, pursuit_of
from drone.flight.snapshot import OLD_PLACE_S
from kernel.config.rules import Level
from kernel.drone_events import FlightState, ReasonText
from kernel.events import AlertKind
from kernel.geodesy import LatLon, distance_m

if TYPE_CHECKING:
    from drone.flight.core import Core

_NEARER_M, _MOVED_M, _CLIMBED_M = 5.0, 5.0, 2.0
_LASTS_S = 5.0
_AGAIN_PERCENT = 3.0
_COMES_HOME = frozenset({FlightState.RETURNING, FlightState.LANDED, FlightState.FAILED})


class Topic(StrEnum):
    """What an alert of these is about; each is open once at most."""

    PROGRESS = "progress"
    POSITION = "position"
    RESERVE = "reserve"
    WAY_HOME = "way_home"
    RESTART = "restart"


_LEVELS = {
    Topic.PROGRESS: Level.ORANGE,
    Topic.POSITION: Level.ORANGE,
    Topic.RESERVE: Level.ORANGE,
    Topic.WAY_HOME: Level.RED,
    Topic.RESTART: Level.ORANGE,
}


@dataclass(slots=True)
class Attention:
    """What was seen so far of one flight.

    Attributes:
        pursuit: what it is after; `began_s`: since when; `nearer_s`: when it last came nearer, or moved.
        nearest_m: to that so far.
        anchor: where it stood when it last moved, where what it is after has no place.
        heard_s: since when the link is up.
        low_s: since when the battery has not covered something.
        told: topics that a person was told of.
    """

    pursuit: Pursuit | None = None
    began_s: float = 0.0
    nearer_s: float = 0.0
    nearest_m: float | None = None
    anchor: tuple[LatLon, float] | None = None
    looked_s: float | None = None
    heard_s: float | None = None
    low_s: dict[Topic, float] = field(default_factory=dict)
    told: set[Topic] = field(default_factory=set)


def look(core: Core, now_s: float) -> None:
    """Look at a flight that may be in the air, at every look of its machine."""
    mind = core.attention
    passed_s = now_s - mind.looked_s if mind.looked_s is not None else 0.0
    mind.looked_s = now_s
    if core.state.is_over or not core.state.may_be_airborne or not core.was_airborne or core.seen.armed is False:
        return
    if not core.seen.link_up:  # that is told as what it is; nothing else can be seen meanwhile
        mind.heard_s = None
        mind.began_s += passed_s
        mind.nearer_s += passed_s
        return
    mind.heard_s = now_s if mind.heard_s is None else mind.heard_s
    if core.state is not FlightState.PAUSED:
        _clear(core, Topic.RESTART)
    _position(core, now_s)
    _progress(core, now_s, passed_s)
    _battery(core, now_s)


def _position(core: Core, now_s: float) -> None:
    mind = core.attention
    if core.landed_since_s is not None:
        _clear(core, Topic.POSITION)
        return
    silent_s = min(core.seen.position_age_s, now_s - (mind.heard_s or now_s))
    if silent_s - (core.seen.heartbeat_age_s or 0.0) > OLD_PLACE_S:  # else the link is about to be lost
        tell(core, Topic.POSITION, words.position_old(silent_s))
    elif not core.seen.is_place_old:
        _clear(core, Topic.POSITION)


def _progress(core: Core, now_s: float, passed_s: float) -> None:
    mind, pursuit = core.attention, pursuit_of(core)
    if pursuit is None or mind.pursuit is None or pursuit.key != mind.pursuit.key:
        mind.pursuit, mind.began_s, mind.nearer_s = pursuit, now_s, now_s
        mind.nearest_m = mind.anchor = None
        _clear(core, Topic.PROGRESS)
    if pursuit is None:
        return
    mind.pursuit = replace(pursuit, late_s=mind.pursuit.late_s if mind.pursuit is not None else pursuit.late_s)
    if core.seen.is_place_old:
        mind.nearer_s += passed_s  # whether it moves is not known; how long it takes is
    elif _moves(core, pursuit):
        if now_s - mind.nearer_s > pursuit.stands_s:
            mind.began_s += now_s - mind.nearer_s  # that was told; it is not late because of it, too
        mind.nearer_s = now_s
    stood_s, took_s, late_s = now_s - mind.nearer_s, now_s - mind.began_s, mind.pursuit.late_s
    if stood_s > pursuit.stands_s:
        tell(core, Topic.PROGRESS, words.stands(core, pursuit, stood_s))
    elif late_s is not None and took_s > late_s:
        tell(core, Topic.PROGRESS, words.late(core, pursuit, took_s))
    elif stood_s == 0.0:
        _clear(core, Topic.PROGRESS)


def _moves(core: Core, pursuit: Pursuit) -> bool:
    """Whether it came nearer to what it is after; where that has no place, whether it moved at all."""
    mind, seen = core.attention, core.seen
    if seen.place is None or seen.alt_home_m is None:
        return False
    if pursuit.place is not None:
        away_m = seen.range_to_m(pursuit.place, pursuit.alt_home_m)
        if away_m is None or (mind.nearest_m is not None and away_m > mind.nearest_m - _NEARER_M):
            return False
        mind.nearest_m = away_m
        return True
    if mind.anchor is not None:
        (lat, lon), height_m = mind.anchor
        moved_m = distance_m(lat, lon, *seen.place)
        if moved_m < _MOVED_M and abs(seen.alt_home_m - height_m) < _CLIMBED_M:
            return False
    mind.anchor = seen.place, seen.alt_home_m
    return True


def _battery(core: Core, now_s: float) -> None:
    home, left, away_m = core.brief.way_home, core.seen.battery_percent, core.home_m
    if home is None or left is None or away_m is None or core.landed_since_s is not None:
        return
    needed = home.percent(away_m, core.seen.alt_home_m or 0.0)
    kept = needed + 100.0 * home.reserve
    comes_home = core.state in _COMES_HOME or core.seen.mode in core.modes.returning
    _short(core, Topic.WAY_HOME, left, needed, now_s, words.way_home_short(core, left, needed, away_m))
    if comes_home:
        core.attention.low_s.pop(Topic.RESERVE, None)
        _clear(core, Topic.RESERVE)
    else:
        _short(core, Topic.RESERVE, left, kept, now_s, words.reserve_used(core, left, kept, away_m))


def _short(core: Core, topic: Topic, left: float, needed: float, now_s: float, why: ReasonText) -> None:
    """Told once it lasts: a gust pulls the voltage down for a moment."""
    mind = core.attention
    if left < needed:
        if now_s - mind.low_s.setdefault(topic, now_s) >= _LASTS_S:
            tell(core, topic, why)
        return
    mind.low_s.pop(topic, None)
    if left > needed + _AGAIN_PERCENT:
        _clear(core, topic)


def tell(core: Core, topic: Topic, why: ReasonText) -> None:
    """Raise the alert of a topic, unless it is open."""
    if topic not in core.attention.told:
        core.attention.told.add(topic)
        core.out.append(Alarm(AlertKind.DRONE_ATTENTION, (why,), topic.value, _LEVELS[topic]))


def _clear(core: Core, topic: Topic) -> None:
    if topic in core.attention.told:
        core.attention.told.discard(topic)
        core.out.append(Calm(AlertKind.DRONE_ATTENTION, topic.value))
