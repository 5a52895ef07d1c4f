"""Area intrusion: somebody whom a drone's camera sees stands in an area on the earth.

    outside --most of the 95% circle inside, for hold_s--> told of (fires once) --hardly any of it, LEAVE_S--> outside

Where somebody stands is known with an error. The circle that holds the true place with 95% is twice the root mean
square of that error wide (see docs/drone-sight.md); somebody counts as inside where at least half of it is in the area,
and as gone where less than a quarter is. So an area has to be wider than the circle: in a smaller one nobody can be
said to stand. Who has no place changes nothing.

The camera flies: it loses people and finds them again under new tracks. A track that is first seen inside, within reach
of where somebody told of was lost, is taken for the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from detect.aerial.ground import RMS_TO_95
from detect.rules.disc import share_inside
from detect.rules.sighting import Picture, Sighting, Trigger
from detect.tracking.pace import Pace
from kernel.config.rules import AreaIntrusionRule
from kernel.events import AlertKind, GroundSighting, SightsUpdate
from kernel.geodesy import offset_m, to_wgs84

INSIDE, OUTSIDE = 0.5, 0.25
LEAVE_S = 1.0
FORGET_S = 10.0
_ON_FOOT = frozenset({"person"})
_WALKS_M_S, _DRIVES_M_S = 1.6, 10.0
_FURTHEST_M = 15.0
_GAP_S = 1.5
PointM = tuple[float, float]


@dataclass(slots=True)
class _Visit:
    """One track that was seen in the area, or near to it."""

    place_m: PointM
    error_m: float
    seen_s: float
    is_on_foot: bool
    inside_since_s: float | None = None
    outside_since_s: float | None = None
    has_fired: bool = False


class AreaIntrusion:
    """One such rule of one camera."""

    def __init__(self, camera_id: str, rule: AreaIntrusionRule) -> None:
        self._camera_id, self._rule = camera_id, rule
        corners = [to_wgs84(lat, lon, rule.datum) for lat, lon in rule.points]
        self._middle = (sum(lat for lat, _ in corners) / len(corners), sum(lon for _, lon in corners) / len(corners))
        self._area = tuple(self._metres(*corner) for corner in corners)
        self._pace = Pace()
        self._visits: dict[int, _Visit] = {}

    def watch(
        self, sightings: Sequence[Sighting], sights: SightsUpdate, picture: Picture, now_s: float
    ) -> list[Trigger]:
        """Triggers of this frame.

        Args:
            sightings: every track seen on the frame.
            sights: where they stand.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        self._pace.note(now_s)
        places = {one.track_id: one for one in sights.sightings}
        present = {seen.track.track_id for seen in sightings}
        triggers = []
        for seen in sightings:
            where = places.get(seen.track.track_id)
            if where is not None and where.place is not None and self._fires(seen, where, present, now_s):
                triggers.append(Trigger.of(self._camera_id, self._rule, AlertKind.AREA_INTRUSION, seen, picture, now_s))
        forget_s = self._pace.at_least(FORGET_S)
        self._visits = {key: visit for key, visit in self._visits.items() if now_s - visit.seen_s <= forget_s}
        return triggers

    def _fires(self, seen: Sighting, where: GroundSighting, present: set[int], now_s: float) -> bool:
        if where.place is None or where.error_m is None:
            return False
        place_m, error_m = self._metres(where.place.lat, where.place.lon), RMS_TO_95 * where.error_m
        share = share_inside(self._area, place_m, error_m)
        visit = self._visits.get(seen.track.track_id)
        if visit is None:
            arrived = _Visit(place_m, error_m, now_s, seen.class_name in _ON_FOOT)
            visit = self._first_visit(arrived, share, present)
            self._visits[seen.track.track_id] = visit
        elif now_s - visit.seen_s > self._pace.at_least(_GAP_S):
            visit.inside_since_s = None  # nobody knows where it was meanwhile
        visit.place_m, visit.error_m, visit.seen_s = place_m, error_m, now_s
        self._note(visit, share, now_s)
        is_ripe = visit.inside_since_s is not None and now_s - visit.inside_since_s >= self._rule.hold_s
        if visit.has_fired or not is_ripe or not seen.counts_for(self._rule):
            return False
        visit.has_fired = True
        return True

    def _note(self, visit: _Visit, share: float, now_s: float) -> None:
        if share < INSIDE:
            visit.inside_since_s = None
        elif visit.inside_since_s is None:
            visit.inside_since_s = now_s
        if share >= OUTSIDE:
            visit.outside_since_s = None
        elif visit.outside_since_s is None:
            visit.outside_since_s = now_s
        elif now_s - visit.outside_since_s >= LEAVE_S:
            visit.has_fired = False

    def _first_visit(self, arrived: _Visit, share: float, present: set[int]) -> _Visit:
        """The visit of a track first seen: a blank one, or that of a track that was lost within reach, the nearest."""
        if share < OUTSIDE:
            return arrived
        lost = [
            (math.dist(visit.place_m, arrived.place_m), track_id)
            for track_id, visit in self._visits.items()
            if visit.has_fired and track_id not in present and _reaches(visit, arrived)
        ]
        return self._visits.pop(min(lost)[1]) if lost else arrived

    def _metres(self, lat: float, lon: float) -> PointM:
        """East and north of the area's middle; an area is a few kilometres wide at most."""
        north_m, east_m = offset_m(*self._middle, lat, lon)
        return east_m, north_m


def _reaches(lost: _Visit, arrived: _Visit) -> bool:
    """Whether who was lost there may be who is seen here, by what both places may be off and how fast they go."""
    if lost.is_on_foot != arrived.is_on_foot:
        return False
    off_m = math.hypot(lost.error_m, arrived.error_m) / RMS_TO_95
    went_m = (_WALKS_M_S if lost.is_on_foot else _DRIVES_M_S) * (arrived.seen_s - lost.seen_s)
    return math.dist(lost.place_m, arrived.place_m) <= off_m + min(went_m, _FURTHEST_M)
