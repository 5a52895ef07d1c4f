"""Vehicle stopped: a vehicle stands still in a zone.

    moving --within STILL_OF_HEIGHT of one place--> standing --for stopped_s--> told of (fires once)
    --MOVED_OF_HEIGHT away, or out of the zone--> moving

Standing is judged by the ground-contact point against the place where it began to stand, in the vehicle's own height:
a box that wavers stands, one that creeps does not. A vehicle that is hidden and seen again at its place still stands,
across a restart too.
"""

from __future__ import annotations

import math

from detect.rules.presence import Visit
from detect.rules.sighting import Picture, Sighting
from detect.rules.zone_rule import ZoneRule
from kernel.config.rules import VehicleStoppedRule
from kernel.events import AlertKind

STILL_OF_HEIGHT, STILL_MIN_PX = 0.12, 3.0
MOVED_OF_HEIGHT = 0.5


class VehicleStopped(ZoneRule[VehicleStoppedRule]):
    """One rule about stopped vehicles of one camera."""

    kind = AlertKind.VEHICLE_STOPPED
    carries_unfired = True

    def is_ripe(self, seen: Sighting, visit: Visit, picture: Picture, now_s: float) -> bool:
        """At one place for as long as the rule asks for; who has moved off begins to stand anew, here and now."""
        slack_of_height = MOVED_OF_HEIGHT if visit.has_fired else STILL_OF_HEIGHT
        if math.dist(visit.anchor, seen.contact) > max(STILL_MIN_PX, slack_of_height * seen.height_px):
            visit.anchor, visit.since_s, visit.has_fired = seen.contact, now_s, False
        return visit.since_s is not None and now_s - visit.since_s >= self._rule.stopped_s
