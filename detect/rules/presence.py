"""Who is in a zone, track by track: what the rules about zones have in common.

    outside --inside--> inside, since when --beyond the edge by a margin, two frames--> outside

A track that begins inside where another was just lost is taken for the same visitor and goes on with its visit. Visits
also outlast a time without pictures, even a restart of the detector (see `detect.rules.returning`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from detect.rules.geometry import PointPx, scaled, signed_distance_px
from detect.rules.returning import Returning, Stay
from detect.rules.sighting import Picture, Sighting
from kernel.config.rules import ZoneConfig

_MARGIN_OF_HEIGHT, _MARGIN_MIN_PX = 0.05, 2.0
_LEAVE_FRAMES = 2
_FORGET_AFTER_S = 5.0
_INHERIT_WITHIN_HEIGHTS = 1.0


@dataclass(slots=True)
class Visit:
    """What is remembered of one track.

    Attributes:
        inside_frames: frames in the zone, without one clearly outside.
        since_s: when it came in, None while it is outside; a single frame outside does not end it.
        has_fired: whether the rule has told of this visit.
        anchor: where it came in, pixels, or where it was seen last when it was carried on; a rule may move it.
    """

    inside_frames: int = 0
    outside_frames: int = 0
    since_s: float | None = None
    has_fired: bool = False
    seen_s: float = 0.0
    contact: PointPx = (0.0, 0.0)
    height_px: float = 0.0
    anchor: PointPx = (0.0, 0.0)


class ZoneOutline:
    """A zone's polygon on pictures of any size."""

    def __init__(self, zone: ZoneConfig) -> None:
        self._zone = zone
        self._polygon = lru_cache(maxsize=4)(self._scaled_polygon)

    def depth_px(self, seen: Sighting, picture: Picture) -> float:
        """How far inside somebody stands, by the ground-contact point: distance to the edge, negative outside."""
        return signed_distance_px(seen.contact, self._polygon(picture))

    def _scaled_polygon(self, picture: Picture) -> tuple[PointPx, ...]:
        return scaled(self._zone.points, picture.width_px, picture.height_px)


class ZonePresence:
    """The visits to one zone.

    Args:
        zone: where.
        carries_unfired: whether a visit that the rule has not told of yet is carried on by a new track and across a
            time without pictures. Rules about how long somebody stays need that.
    """

    def __init__(self, zone: ZoneConfig, *, carries_unfired: bool = False) -> None:
        self._outline = ZoneOutline(zone)
        self._carries_unfired = carries_unfired
        self._visits: dict[int, Visit] = {}
        self._returning = Returning()

    def note(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[tuple[Sighting, Visit]]:
        """Take in a frame.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.

        Returns:
            The tracks whose ground-contact point is known, each with its visit; inside when `since_s` is set and
            `inside_frames` is not 0.
        """
        if self._returning.is_gap(now_s):
            self._returning.expect(self.stays())
            self._visits.clear()
        self._keep_whose_feet_are_hidden(sightings, now_s)
        self._forget(now_s)
        present = {seen.track.track_id for seen in sightings}
        return [(seen, self._visit(seen, present, picture, now_s)) for seen in sightings if seen.contact_is_known]

    def stays(self) -> list[Stay]:
        """The visits to carry on, for `resume` in another run: seen last, or still looked for after a gap."""
        seen = [
            Stay(*visit.contact, visit.height_px, visit.seen_s, visit.since_s, visit.has_fired)
            for visit in self._visits.values()
            if self._carries(visit)
        ]
        return [*seen, *self._returning.waiting]

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up the visits of another run, before the first frame."""
        self._returning.expect(stays)

    def _carries(self, visit: Visit) -> bool:
        return visit.has_fired or (self._carries_unfired and visit.since_s is not None)

    def _visit(self, seen: Sighting, present: set[int], picture: Picture, now_s: float) -> Visit:
        distance_px = self._outline.depth_px(seen, picture)
        margin_px = max(_MARGIN_MIN_PX, _MARGIN_OF_HEIGHT * seen.height_px)
        visit = self._visits.get(seen.track.track_id)
        if visit is None:
            visit = self._visits[seen.track.track_id] = self._first_visit(seen, present, distance_px >= 0, now_s)
        visit.seen_s, visit.contact, visit.height_px = now_s, seen.contact, seen.height_px
        if distance_px >= 0:
            visit.inside_frames += 1
            visit.outside_frames = 0
            if visit.since_s is None:
                visit.since_s, visit.anchor = now_s, seen.contact
        elif distance_px < -margin_px:
            visit.inside_frames = 0
            visit.outside_frames += 1
            if visit.outside_frames >= _LEAVE_FRAMES:
                visit.has_fired, visit.since_s = False, None
        return visit

    def _first_visit(self, seen: Sighting, present: set[int], is_inside: bool, now_s: float) -> Visit:
        """A blank visit, or that of a track that was lost close by."""
        if not is_inside:
            return Visit()
        for track_id, visit in self._visits.items():
            reach_px = _INHERIT_WITHIN_HEIGHTS * max(visit.height_px, seen.height_px)
            if self._carries(visit) and track_id not in present and math.dist(visit.contact, seen.contact) <= reach_px:
                del self._visits[track_id]
                visit.anchor = visit.contact
                return visit
        stay = self._returning.take(*seen.contact, seen.height_px, now_s)
        if stay is None:
            return Visit()
        return Visit(since_s=stay.since_s, has_fired=stay.has_fired, anchor=(stay.x_px, stay.y_px))

    def _keep_whose_feet_are_hidden(self, sightings: list[Sighting], now_s: float) -> None:
        for seen in sightings:
            visit = self._visits.get(seen.track.track_id)
            if visit is not None and not seen.contact_is_known:
                visit.seen_s = now_s

    def _forget(self, now_s: float) -> None:
        after_s = self._returning.pace.at_least(_FORGET_AFTER_S)
        for track_id in [key for key, visit in self._visits.items() if now_s - visit.seen_s > after_s]:
            del self._visits[track_id]
