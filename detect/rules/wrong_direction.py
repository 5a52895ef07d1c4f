"""Wrong direction: something goes through a zone against the way that is right there.

    in the zone --goes on the right way--> its furthest point moves with it
                '--min_travel_heights back from its furthest point--> told of (fires once a visit)

The way back counts along the right way only, and more of it must lead back than aside, so crossing the zone at an angle
fires nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

from detect.rules.geometry import PointPx, scaled
from detect.rules.presence import ZonePresence
from detect.rules.returning import Stay
from detect.rules.sighting import Picture, Sighting, Trigger
from kernel.config.rules import WrongDirectionRule, ZoneConfig
from kernel.events import AlertKind


class WrongDirection:
    """One wrong direction rule of one camera."""

    def __init__(self, camera_id: str, rule: WrongDirectionRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._presence = ZonePresence(zone)
        self._furthest: dict[int, PointPx] = {}
        self._way = lru_cache(maxsize=4)(self._unit_way)

    @property
    def rule_id(self) -> str:
        """The rule's id within its camera."""
        return self._rule.id

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """Triggers of this frame.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        triggers = []
        for seen, visit in self._presence.note(sightings, picture, now_s):
            if visit.inside_frames == 0:
                self._furthest.pop(seen.track.track_id, None)
            elif self._goes_back(seen, self._way(picture)) and not visit.has_fired and seen.counts_for(self._rule):
                visit.has_fired = True
                triggers.append(
                    Trigger.of(self._camera_id, self._rule, AlertKind.WRONG_DIRECTION, seen, picture, now_s)
                )
        self._furthest = {key: point for key, point in self._furthest.items() if key in self._presence}
        return triggers

    def _goes_back(self, seen: Sighting, way: PointPx) -> bool:
        furthest = self._furthest.setdefault(seen.track.track_id, seen.contact)
        dx, dy = seen.contact[0] - furthest[0], seen.contact[1] - furthest[1]
        back_px = -(dx * way[0] + dy * way[1])
        if back_px < 0:
            self._furthest[seen.track.track_id] = seen.contact
            return False
        aside_px = abs(dx * way[1] - dy * way[0])
        return back_px >= self._rule.min_travel_heights * seen.height_px and back_px > aside_px

    def stays(self) -> list[Stay]:
        """Who went the wrong way and is still in the zone, for `resume` in another run."""
        return self._presence.stays()

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up the stays of another run, before the first frame."""
        self._presence.resume(stays)

    def _unit_way(self, picture: Picture) -> PointPx:
        (ax, ay), (bx, by) = scaled(self._rule.right_way, picture.width_px, picture.height_px)
        length_px = math.hypot(bx - ax, by - ay)
        return (bx - ax) / length_px, (by - ay) / length_px
