"""Zone unmanned: nobody is where somebody has to be.

    manned --nobody counted for empty_s--> unmanned (fires once) --somebody counted--> manned

Time without pictures is not emptiness: after a gap, and at the first frame, the time begins anew.
"""

from __future__ import annotations

from detect.rules.presence import ZoneOutline
from detect.rules.returning import GAP_S
from detect.rules.sighting import Picture, Sighting, Trigger
from detect.tracking.pace import Pace
from kernel.config.rules import ZoneConfig, ZoneUnmannedRule
from kernel.events import AlertKind


class ZoneUnmanned:
    """One rule about an unmanned zone of one camera."""

    def __init__(self, camera_id: str, rule: ZoneUnmannedRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._points = zone.points
        self._outline = ZoneOutline(zone)
        self._pace = Pace()
        self._since_s: float | None = None
        self._has_fired = False

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """At most one trigger; its box is the one around the zone.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        gap_s = self._pace.at_least(GAP_S)
        interval_s = self._pace.note(now_s)
        if any(self._mans(seen, picture) for seen in sightings):
            self._since_s, self._has_fired = now_s, False
            return []
        if self._since_s is None or interval_s is None or interval_s > gap_s or now_s < self._since_s:
            self._since_s = now_s
        if self._has_fired or now_s - self._since_s < self._rule.empty_s:
            return []
        self._has_fired = True
        return [Trigger.of_zone(self._camera_id, self._rule, AlertKind.ZONE_UNMANNED, self._points, now_s)]

    def _mans(self, seen: Sighting, picture: Picture) -> bool:
        """Feet below the picture's edge are in a zone that reaches it: the point at the edge stands for them."""
        return seen.counts_for(self._rule) and self._outline.depth_px(seen, picture) >= 0
