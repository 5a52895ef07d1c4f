"""A way flown by hand, point by point: to an alert's place, around it, back to the patrol, or home around a zone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from drone.flight.snapshot import Snapshot
from kernel.geodesy import LatLon, distance_m, offset_m

DRIFT_WINDOW_S = 20.0
_PASS_BY_M = 5.0
_LONGEST_LEG_S = 600.0


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A point in the air, WGS-84; height above home as the autopilot counts."""

    lat: float
    lon: float
    alt_home_m: float

    @property
    def place(self) -> LatLon:
        """Without its height."""
        return self.lat, self.lon


class Then(StrEnum):
    """What comes after the last point."""

    RESUME = "resume"
    RETURN = "return"
    HOLD = "hold"


class Leg(StrEnum):
    """What an errand does now."""

    GOING = "going"
    HOLDING = "holding"
    BACK = "back"
    OVER = "over"
    LATE = "late"


@dataclass(slots=True)
class Errand:
    """One way, its stay at the end, and its way back.

    Attributes:
        points: to be flown to in order; the last is where it stays.
        hold_s: how long it stays there.
        back: flown to in order after that.
        then: what comes after all of it.
        alert_id, place: of the alert it looks at, if any.
        began: where it was when it set out; with that the way to the first point is known, too.
        asked: number of the point it was told to fly to last, -1 before the first.
    """

    points: tuple[Waypoint, ...]
    then: Then
    hold_s: float = 0.0
    back: tuple[Waypoint, ...] = ()
    alert_id: str | None = None
    place: LatLon | None = None
    speed_m_s: float | None = None
    began: LatLon | None = None
    leg: Leg = Leg.GOING
    asked: int = -1
    next: int = 0
    since_s: float | None = None
    arrival_m: float | None = None
    is_circling: bool = False
    track: list[tuple[float, float, float]] = field(default_factory=list)

    @property
    def target(self) -> Waypoint | None:
        """Where it flies now, or stays."""
        if self.leg is Leg.HOLDING:
            return self.points[-1]
        way = self._way
        return way[self.next] if self.next < len(way) else None

    @property
    def drift_m(self) -> float | None:
        """Furthest from the mean place over the last 20 s of holding."""
        return drift_m([(lat, lon) for at_s, lat, lon in self.track if at_s >= self.track[-1][0] - DRIFT_WINDOW_S])

    @property
    def held_s(self) -> float:
        """How long it has been holding."""
        return self.track[-1][0] - self.track[0][0] if self.track else 0.0

    @property
    def _way(self) -> tuple[Waypoint, ...]:
        return self.back if self.leg is Leg.BACK else self.points

    @property
    def way_back_now(self) -> tuple[Waypoint, ...]:
        """What lies between where it is and the patrol it left."""
        if self.is_circling:
            return (self.points[-1], *self.back)
        passed = tuple(reversed(self.points[: self.next] if self.leg is Leg.GOING else self.points))
        if self.then is not Then.RESUME:
            return passed
        if self.leg is Leg.GOING and not self.back:
            return self.points[self.next :]  # it is flying back already
        if self.leg is Leg.GOING:
            return (*passed, *self.back[-1:])
        return self.back[self.next :] if self.leg is Leg.BACK else self.back

    def look(self, seen: Snapshot, now_s: float, point_m: float) -> Leg:
        """Take in where the aircraft is; says what it does now."""
        if self.leg in (Leg.GOING, Leg.BACK):
            self._go(seen, now_s, point_m)
        elif self.leg is Leg.HOLDING:
            self._hold(seen, now_s)
        return self.leg

    def is_on_way(self, seen: Snapshot, room_m: float) -> bool:
        """Whether the aircraft is where this errand has it, as far as it tells where it is."""
        target = self.target or (self._way[-1] if self._way else None)
        if seen.place is None or seen.is_place_old or target is None:
            return False
        return _off_m(seen.place, self._from or target.place, target.place) <= room_m

    @property
    def _from(self) -> LatLon | None:
        """Where the piece of its way that it flies now begins."""
        if self.leg in (Leg.GOING, Leg.BACK) and 0 < self.next <= len(self._way):
            return self._way[self.next - 1].place
        if self.leg is Leg.BACK or self.is_circling:
            return self.points[-1].place
        return self.began if self.leg is Leg.GOING else None

    def circle(self, points: Sequence[Waypoint]) -> None:
        """Fly these before holding again at the place it holds now."""
        self.points = (*points, self.points[-1])
        self.is_circling = True
        self.leg, self.next, self.asked, self.since_s = Leg.GOING, 0, -1, None
        self.track.clear()

    def end_hold(self) -> None:
        """Leave for the way back now."""
        self.leg, self.next, self.asked, self.since_s = Leg.BACK, 0, -1, None
        if not self.back:
            self.leg = Leg.OVER

    def _go(self, seen: Snapshot, now_s: float, point_m: float) -> None:
        """On along its way; where it is not known where it is, no point is reached."""
        target = self.target
        if self.began is None:
            self.began = seen.place
        if target is None:
            self._arrived(seen, now_s)
            return
        if self.since_s is None:
            self.since_s = now_s
        is_last = self.next == len(self._way) - 1
        away_m = None if seen.is_place_old else seen.range_to_m(target.place, target.alt_home_m)
        if away_m is not None and away_m <= (point_m if is_last else max(point_m, _PASS_BY_M)):
            self.next += 1
            self.since_s = now_s
            if is_last:
                self._arrived(seen, now_s)
        elif now_s - self.since_s > _LONGEST_LEG_S:
            self.leg = Leg.LATE

    def _arrived(self, seen: Snapshot, now_s: float) -> None:
        if self.leg is Leg.BACK:
            self.leg = Leg.OVER
            return
        if self.is_circling:
            self.is_circling, self.points = False, self.points[-1:]
        self.arrival_m = seen.distance_to_m(self.place)
        self.leg = Leg.HOLDING
        self.since_s = now_s
        self.track.clear()
        if self.hold_s <= 0:
            self.end_hold()

    def _hold(self, seen: Snapshot, now_s: float) -> None:
        if seen.place is not None and not seen.is_place_old:
            self.track.append((now_s, *seen.place))
        self.since_s = now_s if self.since_s is None else self.since_s
        if now_s - self.since_s >= self.hold_s and self.then is not Then.HOLD:
            self.end_hold()


def _off_m(here: LatLon, start: LatLon, end: LatLon) -> float:
    """Metres from the straight way between two places."""
    north, east = offset_m(*start, *end)
    up, right = offset_m(*start, *here)
    length2 = north * north + east * east
    share = 0.0 if length2 == 0.0 else min(1.0, max(0.0, (up * north + right * east) / length2))
    return math.hypot(up - share * north, right - share * east)


def drift_m(places: Sequence[LatLon]) -> float | None:
    """The largest distance from the mean of some places, metres."""
    if not places:
        return None
    mean = (math.fsum(lat for lat, _ in places) / len(places), math.fsum(lon for _, lon in places) / len(places))
    return max(distance_m(*mean, *place) for place in places)
