"""Zone intrusion: a ground-contact point enters a zone and stays for a few frames.

    outside --inside for inertia_frames--> staying (fires once) --beyond the edge by a margin, two frames--> outside

A track that is first seen inside goes the same way, unless it carries on a visit that was told of (see
`detect.rules.presence`).
"""

from __future__ import annotations

from detect.rules.presence import Visit
from detect.rules.sighting import Picture, Sighting
from detect.rules.zone_rule import ZoneRule
from kernel.config.rules import ZoneIntrusionRule
from kernel.events import AlertKind


class ZoneIntrusion(ZoneRule[ZoneIntrusionRule]):
    """One zone intrusion rule of one camera."""

    kind = AlertKind.ZONE_INTRUSION

    def is_ripe(self, seen: Sighting, visit: Visit, picture: Picture, now_s: float) -> bool:
        """Inside for as many frames as the rule asks for."""
        return visit.inside_frames >= self._rule.inertia_frames
