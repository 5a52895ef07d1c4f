"""Zone intrusion: a ground-contact point enters a zone and stays for a few frames.

    outside --inside for inertia_frames--> staying (fires once) --beyond the edge by a margin, two frames--> outside

A track that is first seen inside goes the same way, unless it begins where a staying track was just lost: then it is
taken for the same visitor and the stay goes on without firing. Stays also outlast a time without pictures, even a
restart of the detector (see `detect.rules.returning`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from detect.pace import Pace
from detect.rules.geometry import PointPx, scaled, signed_distance_px
from detect.rules.returning import Returning, Stay
from detect.rules.sighting import Picture, Sighting, Trigger
from kernel.config.rules import ZoneConfig, ZoneIntrusionRule
from kernel.events import AlertKind

_MARGIN_OF_HEIGHT, _MARGIN_MIN_PX = 0.05, 2.0
_LEAVE_FRAMES = 2
_FORGET_AFTER_S = 5.0
_INHERIT_WITHIN_HEIGHTS = 1.0


@dataclass(slots=True)
class _Visit:
    """What is remembered of one track."""

    inside_frames: int = 0
    outside_frames: int = 0
    is_staying: bool = False
    seen_s: float = 0.0
    contact: PointPx = (0.0, 0.0)
    height_px: float = 0.0


class ZoneIntrusion:
    """One zone intrusion rule of one camera."""

    def __init__(self, camera_id: str, rule: ZoneIntrusionRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._zone = zone
        self._visits: dict[int, _Visit] = {}
        self._returning = Returning()
        self._pace = Pace()
        self._polygon = lru_cache(maxsize=4)(self._scaled_polygon)

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """Triggers of this frame.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        if self._returning.is_gap(now_s):
            self._returning.expect(self.stays())
            self._visits.clear()
        self._pace.note(now_s)
        self._keep_whose_feet_are_hidden(sightings, now_s)
        self._forget(now_s)
        present = {seen.track.track_id for seen in sightings}
        return [
            Trigger.of(self._camera_id, self._rule, AlertKind.ZONE_INTRUSION, seen, picture, now_s)
            for seen in sightings
            if seen.contact_is_known and self._fires(seen, present, self._polygon(picture), now_s)
        ]

    @property
    def rule_id(self) -> str:
        """The rule's id within its camera."""
        return self._rule.id

    def stays(self) -> list[Stay]:
        """Who stays in the zone, for `resume` in another run: seen staying, or still looked for after a gap."""
        seen = [
            Stay(*visit.contact, visit.height_px, visit.seen_s) for visit in self._visits.values() if visit.is_staying
        ]
        return [*seen, *self._returning.waiting]

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up the stays of another run, before the first frame."""
        self._returning.expect(stays)

    def _fires(self, seen: Sighting, present: set[int], polygon: tuple[PointPx, ...], now_s: float) -> bool:
        distance_px = signed_distance_px(seen.contact, polygon)
        margin_px = max(_MARGIN_MIN_PX, _MARGIN_OF_HEIGHT * seen.height_px)
        visit = self._visits.get(seen.track.track_id)
        if visit is None:
            visit = self._visits[seen.track.track_id] = self._first_visit(seen, present, distance_px >= 0, now_s)
        visit.seen_s, visit.contact, visit.height_px = now_s, seen.contact, seen.height_px
        if distance_px >= 0:
            visit.inside_frames += 1
            visit.outside_frames = 0
        elif distance_px < -margin_px:
            visit.inside_frames = 0
            visit.outside_frames += 1
            if visit.outside_frames >= _LEAVE_FRAMES:
                visit.is_staying = False
        if visit.is_staying or visit.inside_frames < self._rule.inertia_frames or not seen.counts_for(self._rule):
            return False
        visit.is_staying = True
        return True

    def _first_visit(self, seen: Sighting, present: set[int], is_inside: bool, now_s: float) -> _Visit:
        """A blank visit, or the stay of a track that was lost close by."""
        if not is_inside:
            return _Visit()
        for track_id, visit in self._visits.items():
            reach_px = _INHERIT_WITHIN_HEIGHTS * max(visit.height_px, seen.height_px)
            if visit.is_staying and track_id not in present and math.dist(visit.contact, seen.contact) <= reach_px:
                del self._visits[track_id]
                return visit
        return _Visit(is_staying=self._returning.take(*seen.contact, seen.height_px, now_s))

    def _keep_whose_feet_are_hidden(self, sightings: list[Sighting], now_s: float) -> None:
        for seen in sightings:
            visit = self._visits.get(seen.track.track_id)
            if visit is not None and not seen.contact_is_known:
                visit.seen_s = now_s

    def _forget(self, now_s: float) -> None:
        after_s = self._pace.at_least(_FORGET_AFTER_S)
        for track_id in [key for key, visit in self._visits.items() if now_s - visit.seen_s > after_s]:
            del self._visits[track_id]

    def _scaled_polygon(self, picture: Picture) -> tuple[PointPx, ...]:
        return scaled(self._zone.points, picture.width_px, picture.height_px)
