"""Loitering: somebody stays in a zone longer than a person who has business there would.

    outside --inside--> inside --for dwell_s--> told of (fires once) --beyond the edge, two frames--> outside

A person who is lost and found again where they stood goes on with the same stay, across a restart too: otherwise
whoever is hidden for a moment now and then would never be told of.
"""

from __future__ import annotations

from detect.rules.presence import Visit
from detect.rules.sighting import Picture, Sighting
from detect.rules.zone_rule import ZoneRule
from kernel.config.rules import LoiteringRule
from kernel.events import AlertKind


class Loitering(ZoneRule[LoiteringRule]):
    """One loitering rule of one camera."""

    kind = AlertKind.LOITERING
    carries_unfired = True

    def is_ripe(self, seen: Sighting, visit: Visit, picture: Picture, now_s: float) -> bool:
        """Inside for as long as the rule asks for."""
        return visit.since_s is not None and now_s - visit.since_s >= self._rule.dwell_s
