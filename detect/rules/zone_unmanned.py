"""Zone unmanned: nobody is where somebody has to be.

    manned --nobody counted for empty_s--> unmanned (fires once) --somebody counted--> manned

Time without pictures is not emptiness: after a gap, and at the first frame, the time begins anew.
"""

from __future__ import annotations

from functools import lru_cache

from detect.pace import Pace
from detect.rules.geometry import PointPx, scaled, signed_distance_px
from detect.rules.returning import GAP_S
from detect.rules.sighting import Picture, Sighting, Trigger
from kernel.config.rules import ZoneConfig, ZoneUnmannedRule
from kernel.events import AlertKind


class ZoneUnmanned:
    """One rule about an unmanned zone of one camera."""

    def __init__(self, camera_id: str, rule: ZoneUnmannedRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._zone = zone
        self._pace = Pace()
        self._since_s: float | None = None
        self._has_fired = False
        self._polygon = lru_cache(maxsize=4)(self._scaled_polygon)

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """At most one trigger; its box is the one around the zone.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        gap_s = self._pace.at_least(GAP_S)
        interval_s = self._pace.note(now_s)
        polygon = self._polygon(picture)
        if any(self._mans(seen, polygon) for seen in sightings):
            self._since_s, self._has_fired = now_s, False
            return []
        if self._since_s is None or interval_s is None or interval_s > gap_s or now_s < self._since_s:
            self._since_s = now_s
        if self._has_fired or now_s - self._since_s < self._rule.empty_s:
            return []
        self._has_fired = True
        return [Trigger.of_zone(self._camera_id, self._rule, AlertKind.ZONE_UNMANNED, self._zone.points, now_s)]

    def _mans(self, seen: Sighting, polygon: tuple[PointPx, ...]) -> bool:
        """Feet below the picture's edge are in a zone that reaches it: the point at the edge stands for them."""
        return seen.counts_for(self._rule) and signed_distance_px(seen.contact, polygon) >= 0

    def _scaled_polygon(self, picture: Picture) -> tuple[PointPx, ...]:
        return scaled(self._zone.points, picture.width_px, picture.height_px)
