"""Aircraft kept apart in flight: from what controllers know to who is told to hold, twice a second.

own drones -> Aloft -+
                     +-> one frame -> pairs (drone.fleet.apart) -> orders to own drones
files of the others -+

Nobody is fought: only who flies in our hands is told to hold, and only a hold of ours is ended. Each controller orders
its own drones alone; all judge alike. Where another's drone is to hold and does not, ours holds too.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from drone.areas.frame import LocalFrame
from drone.fleet.aloft import ACTOR, Aloft, Flier, WayPoint, aloft_of, is_held
from drone.fleet.apart import XYZ, Aircraft, Holds, Leg, Pair, pairs_of
from drone.fleet.giving_way import Held, may_go_on, room_for, stuck_ones
from drone.fleet.presence import Presence
from drone.fleet.reach import ORDER_S
from drone.flight.errand import Errand, Then, Waypoint
from drone.flight.orders import Order
from drone.flight.snapshot import OLD_PLACE_S
from drone.reasons import reason
from kernel.drone_events import DroneAction, ReasonText
from kernel.geodesy import LatLon

LOG = logging.getLogger(__name__)
_STUCK_S = 5.0
_LONG_S = 60.0
_STILL_M_S = 0.5
_EXCHANGED_S = 1.0  # told twice a second, read twice a second
_PATIENCE_S = 3.0  # a controller tells twice a second, looks twice a second, and its aircraft brakes for two


class Traffic:
    """Keeps a controller's aircraft apart from each other and from everybody else's.

    Args:
        fliers: of every drone this controller may have in hand, by id.
        dock_height_m: height of a drone's dock over a level common to all; None: there is none, heights above the
            sea count.
        middle: of the local metres.
    """

    def __init__(self, fliers: Mapping[str, Flier], dock_height_m: Mapping[str, float] | None, middle: LatLon) -> None:
        self._fliers, self._dock_height_m = fliers, dock_height_m
        self._frame = LocalFrame(*middle)
        self._holds = Holds()
        self._told: dict[tuple[str, str], tuple[str, ...]] = {}
        self._waits_since_s: dict[tuple[str, str], float] = {}
        self._told_since_s: dict[str, float] = {}
        self._heard: set[str] = set()
        self._long: set[str] = set()
        self._asked: set[str] = set()
        self._unseen: set[str] = set()
        self._blind: set[str] = set()
        self._adopted: set[str] = set()
        self._unheard = False
        self._stuck: tuple[frozenset[str], float] = frozenset(), 0.0

    def look(
        self,
        now_s: float,
        others: Sequence[Presence] = (),
        boot: str = "",
        open_flights: Collection[str] | None = frozenset(),
    ) -> list[Pair]:
        """Measure, note the least distances, tell who has to hold and who may go on.

        Args:
            others: what other controllers told last; what is about own drones is passed over.
            boot: which start of the machine this is.
            open_flights: drones with a flight that is not over, whoever flies it; None: not known yet.
        """
        aloft = {one.drone_id: one for flier in self._fliers.values() if (one := aloft_of(flier)) is not None}
        own = frozenset(aloft)
        served = {drone_id for drone_id, flier in self._fliers.items() if flier.vehicle_state is not None}
        foreign = [one for one in others if one.drone_id not in served and one.aloft is not None]
        fresh = {one.drone_id for one in foreign if one.is_fresh(boot, now_s)}
        self._note_silence(foreign, fresh)
        self._note_blind({one.drone_id: one for one in self._old_placed(aloft, foreign, fresh, now_s)})
        here = [one for one in foreign if one.boot == boot]  # of before this start nothing is known any more
        aloft |= {one.aloft.drone_id: one.aloft for one in here if one.aloft is not None}
        aircraft = self._placed(aloft, own, fresh, now_s)
        pairs = [pair for pair in pairs_of(tuple(aircraft.values())) if {pair.first, pair.second} & own]
        for pair in pairs:
            for drone_id, other_id in ((pair.first, pair.second), (pair.second, pair.first)):
                if drone_id in own:
                    self._fliers[drone_id].note_nearest(other_id, pair.now_m)
            self._see_to(pair, aloft, own, now_s)
        self._unheard = self._not_heard(aloft, others, boot, open_flights, now_s)
        self._see_to_the_held(aloft, aircraft, own, own | fresh, now_s)
        return pairs

    def _not_heard(
        self,
        aloft: Mapping[str, Aloft],
        others: Sequence[Presence],
        boot: str,
        open_flights: Collection[str] | None,
        now_s: float,
    ) -> bool:
        """Whether somebody may be in the air who has not been heard of, as just after a restart."""
        if open_flights is None:
            return True
        down = {one.drone_id for one in others if one.aloft is None and one.is_fresh(boot, now_s)}
        down |= {drone_id for drone_id, flier in self._fliers.items() if flier.seen.armed is False}
        return not set(open_flights) <= aloft.keys() | down

    def _adopt(self, drone_id: str, aloft: Mapping[str, Aloft], aircraft: Mapping[str, Aircraft], now_s: float) -> None:
        """A hold of this watch that it does not remember: an earlier controller ordered it."""
        others = [one for one in aloft if one != drone_id]
        place = aircraft[drone_id].place
        nearest_id = min(others, key=lambda one: math.dist(place, aircraft[one].place), default=drone_id)
        self._holds.held(drone_id, nearest_id, now_s)
        self._adopted.add(drone_id)
        LOG.info("hold taken up drone_id=%s", drone_id)

    def _placed(
        self, aloft: Mapping[str, Aloft], own: frozenset[str], fresh: set[str], now_s: float
    ) -> dict[str, Aircraft]:
        """All of them in one frame. Another's drone that did not hold when it was to is not counted on to."""
        level = self._dock_height_m
        docks = level if level is not None and aloft.keys() <= level.keys() else None
        self._told_since_s = {
            one.drone_id: self._told_since_s.get(one.drone_id, now_s) for one in aloft.values() if one.is_told
        }
        deaf = {one for pair, since_s in self._waits_since_s.items() for one in pair if now_s - since_s > _PATIENCE_S}
        placed = {}
        for one in aloft.values():
            obeys = one.drone_id in own or (one.drone_id in fresh and one.drone_id not in deaf)
            base_m = docks[one.drone_id] if docks is not None else one.home_amsl_m
            order_s = ORDER_S if one.drone_id in own else ORDER_S + _EXCHANGED_S
            left_s = order_s - (now_s - self._told_since_s[one.drone_id]) if one.is_told else order_s
            found = self._aircraft(one, base_m, now_s, may_hold=one.may_hold and obeys and left_s > 0.0)
            placed[one.drone_id] = replace(
                found, order_s=order_s, stops_in_s=left_s if one.is_told and left_s > 0.0 else None
            )
        return placed

    def _aircraft(self, one: Aloft, base_m: float, now_s: float, *, may_hold: bool) -> Aircraft:
        return Aircraft(
            drone_id=one.drone_id,
            place=self._point(one.lat, one.lon, base_m + one.alt_home_m),
            velocity_m_s=one.velocity_m_s,
            age_s=max(0.0, now_s - one.at_s),
            least_m=one.separation_m,
            rank=_rank(one),
            may_hold=may_hold,
            way=None if one.way is None else tuple(self._leg(point, base_m) for point in one.way),
            speed_m_s=one.speed_m_s,
            braking_m_s2=one.braking_m_s2,
        )

    def _see_to(self, pair: Pair, aloft: Mapping[str, Aloft], own: frozenset[str], now_s: float) -> None:
        key = (pair.first, pair.second)
        if not pair.is_too_near:
            self._waits_since_s.pop(key, None)
            if self._told.pop(key, None) is not None:
                LOG.info("apart again first=%s second=%s distance_m=%.1f", *key, pair.now_m)
                for drone_id in own.intersection(key):
                    self._fliers[drone_id].calm()
            return
        if pair.may_wait:
            return
        if pair.hold and not own.intersection(pair.hold):
            self._waits_since_s.setdefault(key, now_s)
        is_new = self._told.get(key) is None
        if not is_new and not set(pair.hold) - set(self._told[key]):
            return
        self._told[key] = (*self._told.get(key, ()), *pair.hold)
        LOG.warning(
            "too near first=%s second=%s now_m=%.1f least_m=%.1f in_s=%.0f hold=%s",
            *key, pair.now_m, pair.least_m, pair.in_s, ",".join(pair.hold) or "nobody",
        )  # fmt: skip
        for one, other in (key, key[::-1]):
            if one not in own:
                continue
            flier = self._fliers[one]
            flier.warn(too_near(aloft[other].label, pair, holds=one in pair.hold))
            if one in pair.hold and not flier.order(Order(DroneAction.PAUSE, ACTOR)):
                self._holds.held(one, other, now_s)

    def _see_to_the_held(
        self,
        aloft: Mapping[str, Aloft],
        aircraft: Mapping[str, Aircraft],
        own: frozenset[str],
        told: Collection[str],
        now_s: float,
    ) -> None:
        """Let go on whose way is clear; where some hold for each other, have one make room."""
        held = {one: self._held(aloft[one], aircraft[one]) for one in aloft if one in told and aloft[one].holds}
        free = may_go_on(held, aircraft)
        for drone_id in held.keys() & own - self._holds.because.keys():
            self._adopt(drone_id, aloft, aircraft, now_s)
        if self._unheard:
            free -= self._adopted
        free -= {one for one in free if self._blind - {one}}  # where somebody is is not known: no way is clear
        for drone_id in list(self._holds.because):
            if not is_held(self._fliers[drone_id]):
                self._end_hold(drone_id)  # somebody else decides now
            elif self._holds.freed(drone_id, drone_id in free, now_s):
                self._end_hold(drone_id)
                refusal = self._fliers[drone_id].order(Order(DroneAction.RESUME, ACTOR))
                LOG.info("goes on drone_id=%s refused=%s", drone_id, ",".join(one.code for one in refusal) or "no")
            elif self._holds.lasts_s(drone_id, now_s) >= _LONG_S and drone_id not in self._long:
                self._long.add(drone_id)
                self._asked.add(drone_id)
                LOG.warning("holds for long drone_id=%s because=%s", drone_id, self._holds.because[drone_id])
                other_id = self._holds.because[drone_id]
                self._fliers[drone_id].warn(held_long(aloft[other_id].label if other_id in aloft else other_id))
        self._make_room(held, aloft, aircraft, own, now_s)

    def _end_hold(self, drone_id: str) -> None:
        """It holds no more because of us; what a person was told of that is over."""
        self._holds.drop(drone_id)
        self._adopted.discard(drone_id)
        self._long.discard(drone_id)
        if drone_id in self._asked:
            self._asked.discard(drone_id)
            self._fliers[drone_id].calm()

    def _make_room(
        self,
        held: Mapping[str, Held],
        aloft: Mapping[str, Aloft],
        aircraft: Mapping[str, Aircraft],
        own: frozenset[str],
        now_s: float,
    ) -> None:
        """Once the same ones have held for each other for a while, one makes room, if it is ours."""
        stuck = stuck_ones(held, aircraft)
        if stuck != self._stuck[0]:
            self._stuck = stuck, now_s
        if not stuck or now_s - self._stuck[1] < _STUCK_S:
            return
        room = room_for(held, aircraft)
        if room is None or room.drone_id not in own:
            return
        self._stuck = frozenset(), now_s
        one = aloft[room.drone_id]
        alt_home_m = one.alt_home_m + room.height_m - aircraft[room.drone_id].place[2]
        place = Waypoint(one.lat, one.lon, alt_home_m)
        refusal = self._fliers[room.drone_id].order(
            Order(DroneAction.PAUSE, ACTOR, errand=Errand((place,), Then.HOLD, hold_s=1.0))
        )
        LOG.warning(
            "makes room drone_id=%s for=%s alt_home_m=%.0f refused=%s",
            room.drone_id, room.for_id, alt_home_m, ",".join(why.code for why in refusal) or "no",
        )  # fmt: skip
        if not refusal:
            self._asked.add(room.drone_id)
            self._fliers[room.drone_id].warn(makes_room(aloft[room.for_id].label, alt_home_m))

    def _held(self, one: Aloft, standing: Aircraft) -> Held:
        base_m = standing.place[2] - one.alt_home_m
        low_m, high_m = one.levels_m or (one.alt_home_m, one.alt_home_m)
        tens = int((one.battery_percent if one.battery_percent is not None else 100.0) // 10)
        return Held(
            standing=standing,
            way_on=tuple(self._leg(point, base_m) for point in one.way_on or ()),
            low_m=base_m + low_m,
            high_m=base_m + high_m,
            turn=(0 if one.serves_alert else 1, tens, one.flight_id, one.drone_id),
            is_still=one.way == () and math.hypot(*one.velocity_m_s) < _STILL_M_S,
        )

    def _note_silence(self, foreign: Sequence[Presence], fresh: set[str]) -> None:
        """Warn our flights of whom a controller has just ceased to tell of in the air, until it tells again."""
        for one in foreign:
            if one.drone_id in self._heard - fresh and one.aloft is not None:
                LOG.warning("controller silent drone_id=%s pid=%d", one.drone_id, one.pid)
                self._unseen.add(one.drone_id)
                for flier in self._fliers.values():
                    flier.warn(lost_sight(one.aloft.label))
        seen_again = self._unseen - ({one.drone_id for one in foreign} - fresh)
        if seen_again:
            self._unseen -= seen_again
            for flier in self._fliers.values():
                flier.calm()
        self._heard = fresh

    def _old_placed(
        self, own: Mapping[str, Aloft], foreign: Sequence[Presence], fresh: set[str], now_s: float
    ) -> list[Aloft]:
        """Aircraft in the air whose controllers tell of them, and whose own word of where they are is old."""
        others = [one.aloft for one in foreign if one.drone_id in fresh and one.aloft is not None]
        return [one for one in (*own.values(), *others) if now_s - one.at_s > OLD_PLACE_S]

    def _note_blind(self, blind: Mapping[str, Aloft]) -> None:
        """Warn the other flights of whom nobody knows where it is any more, and that it is told again."""
        for drone_id in blind.keys() - self._blind:
            LOG.warning("place not told any more drone_id=%s", drone_id)
        for drone_id, flier in self._fliers.items():
            others = blind.keys() - {drone_id}
            if news := others - self._blind:
                flier.warn(out_of_sight(", ".join(blind[one].label for one in sorted(news))))
            elif not others and self._blind - {drone_id}:
                flier.calm()
        self._blind = set(blind)

    def _leg(self, point: WayPoint, base_m: float) -> Leg:
        return Leg(self._point(point.lat, point.lon, base_m + point.alt_home_m), point.hold_s)

    def _point(self, lat: float, lon: float, high_m: float) -> XYZ:
        return (*self._frame.to_local(lat, lon), high_m)


def _rank(one: Aloft) -> tuple[int, str]:
    """Who has the lower holds first: a patrol before a dispatch, the later flight before the earlier."""
    if not one.flight_id:
        return 2, ""
    later = "".join(chr(0x10FFFF - ord(letter)) for letter in one.flight_id)  # ids rise with time
    return int(one.serves_alert), later


def too_near(other: str, pair: Pair, *, holds: bool) -> ReasonText:
    """Another drone comes too near."""
    does_zh, does_en = ("，令本机悬停", "; it is told to hold") if holds else ("", "")
    return reason(
        "too_near",
        f"与“{other}”相距 {pair.now_m:.0f} 米，{pair.in_s:.0f} 秒后将只有 {pair.least_m:.0f} 米，"
        f"应保持 {pair.wanted_m:g} 米{does_zh}",
        f"'{other}' is {pair.now_m:.0f} m away and will be {pair.least_m:.0f} m away in {pair.in_s:.0f} s; "
        f"{pair.wanted_m:g} m are to be kept{does_en}",
    )


def makes_room(other: str, alt_home_m: float) -> ReasonText:
    """It takes another height, so that another can go on."""
    return reason(
        "makes_room",
        f"与“{other}”互相等待，本机改到距起飞点 {alt_home_m:.0f} 米高度让行",
        f"it and '{other}' hold for each other; it goes to {alt_home_m:.0f} m above home and lets the other by",
    )


def held_long(other: str) -> ReasonText:
    """It holds, and nothing that may be done by itself ends that."""
    return reason(
        "held_long",
        f"因“{other}”已悬停 {_LONG_S:.0f} 秒，无法自动让行；请值班员下令其中一架返航",
        f"it has held because of '{other}' for {_LONG_S:.0f} s and cannot go on by itself; order one of them home",
    )


def out_of_sight(other: str) -> ReasonText:
    """Another aircraft is in the air and its position does not come any more."""
    return reason(
        "other_unplaced",
        f"“{other}”的位置已停止更新，现在何处不明，与它的间隔无法监视；派人目视，或令其中一架返航",
        f"the position of '{other}' does not come any more: the distance from it cannot be watched; have somebody "
        "look, or order one of them home",
    )


def lost_sight(other: str) -> ReasonText:
    """Another controller's drone is in the air and its place is not told any more."""
    return reason(
        "other_unseen",
        f"“{other}”的控制程序不再报告位置，飞机可能仍在空中，间隔无法监视；派人目视",
        f"the controller of '{other}' tells nothing any more; it may be in the air unwatched: have somebody look",
    )
