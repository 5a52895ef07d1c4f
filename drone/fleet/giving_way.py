"""Aircraft that hold because of each other: who goes on, and who makes room so that it can; pure.

Two kinds of move, never more than one of a kind at a time, each judged with everybody else standing where they are:

    go on       its way is clear of all, and of what those before it will do
    make room   nobody of those who hold for each other can go on: one that is in the way of the first in order climbs,
                or descends, by a separation or two, where that brings it nearer to nobody

The order is the same for every controller: who serves an alert first, then the lower battery (by tens, as it was when
it was told to hold), then the earlier flight. Where no room can be made all stand, and a person is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from drone.fleet.apart import NOISE, Aircraft, Leg, Pair, nearest

VERTICAL_M_S = 1.5
_MARGIN_M = 2.0  # over the separation, for barometers
_CLOSER_M = 0.5  # nearer than now by less than this is noise
_LAYERS = (1, -1, 2, -2)


@dataclass(frozen=True, slots=True)
class Held:
    """An aircraft that was told to hold because of another.

    Attributes:
        standing: where it is.
        way_on: where it flies once it goes on.
        low_m, high_m: heights that it may take where it is, of the same level as its place.
        turn: who has the smaller goes first.
        is_still: it stands.
    """

    standing: Aircraft
    way_on: tuple[Leg, ...]
    low_m: float
    high_m: float
    turn: tuple[int, int, str, str]
    is_still: bool

    @property
    def going(self) -> Aircraft:
        """The same, gone on."""
        return replace(self.standing, way=self.way_on)

    def at(self, height_m: float) -> Aircraft:
        """The same, standing at another height."""
        east, north, _ = self.standing.place
        return replace(self.standing, place=(east, north, height_m), velocity_m_s=(0.0, 0.0, 0.0), way=(), age_s=0.0)

    def climbing(self, height_m: float) -> Aircraft:
        """The same, on its way to another height."""
        east, north, _ = self.standing.place
        return replace(self.standing, way=(Leg((east, north, height_m)),), speed_m_s=VERTICAL_M_S)


@dataclass(frozen=True, slots=True)
class Room:
    """A drone is to take another height, so that another can go on."""

    drone_id: str
    height_m: float
    for_id: str


def may_go_on(held: Mapping[str, Held], aircraft: Mapping[str, Aircraft]) -> frozenset[str]:
    """Who of the held could go on now without coming too near to anybody.

    Args:
        held: by id.
        aircraft: everybody in the air, the held among them, standing.
    """
    going: list[str] = []
    for drone_id in sorted(held, key=lambda one: held[one].turn):
        others = [one for one in aircraft.values() if one.drone_id != drone_id]
        before = [held[one].going for one in going]
        if not _too_near(held[drone_id].going, [*others, *before]):
            going.append(drone_id)
    return frozenset(going)


def room_for(held: Mapping[str, Held], aircraft: Mapping[str, Aircraft]) -> Room | None:
    """Who is to make room, where some hold for each other and would for ever; None where nobody has to, or can.

    The first in order whose every obstacle can be moved is helped, one obstacle at a time, the last in order first.
    """
    stuck = stuck_ones(held, aircraft)
    if any(not one.is_still for one in held.values()):
        return None  # somebody is on its way to another height: first see what comes of it
    for helped in sorted(stuck, key=lambda one: held[one].turn):
        waits = sorted(_waits_for(held[helped], aircraft), key=lambda one: held[one].turn, reverse=True)
        rooms = [_room(held[one], held[helped], aircraft) for one in waits]
        if rooms and all(rooms):
            return rooms[0]
    return None


def stuck_ones(held: Mapping[str, Held], aircraft: Mapping[str, Aircraft]) -> frozenset[str]:
    """Those who stand, cannot go on, and wait for nobody but each other."""
    stuck = {drone_id for drone_id, one in held.items() if one.is_still}
    while True:
        kept = {one for one in stuck if (waits := _waits_for(held[one], aircraft)) and waits <= stuck}
        if kept == stuck:
            return frozenset(stuck)
        stuck = kept


def _waits_for(one: Held, aircraft: Mapping[str, Aircraft]) -> set[str]:
    going = one.going
    return {
        other.drone_id
        for other in aircraft.values()
        if other.drone_id != going.drone_id and nearest(going, other).comes_too_near
    }


def _is_free(one: Held, height_m: float, others: Sequence[Aircraft]) -> bool:
    """Whether the way to that height brings it too near to nobody, or no nearer than it is."""
    climbing = one.climbing(height_m)
    return not any(_worsens(nearest(climbing, other)) for other in others)


def _worsens(pair: Pair) -> bool:
    return pair.least_m < min(pair.wanted_m * (1 - NOISE), pair.now_m - _CLOSER_M)


def _room(one: Held, helped: Held, aircraft: Mapping[str, Aircraft]) -> Room | None:
    """The nearest height at which one is not in another's way any more."""
    others = [other for other in aircraft.values() if other.drone_id != one.standing.drone_id]
    step_m = max(other.least_m for other in (one.standing, *others)) + _MARGIN_M
    for layer in _LAYERS:
        height_m = one.standing.place[2] + layer * step_m
        is_allowed = one.low_m <= height_m <= one.high_m and _is_free(one, height_m, others)
        if is_allowed and not nearest(helped.going, one.at(height_m)).comes_too_near:
            return Room(one.standing.drone_id, height_m, helped.standing.drone_id)
    return None


def _too_near(one: Aircraft, others: Sequence[Aircraft]) -> bool:
    return any(nearest(one, other).comes_too_near for other in others)
