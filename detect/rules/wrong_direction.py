"""Wrong direction: something goes through a zone against the way that is right there.

    in the zone --goes on the right way--> its furthest point moves with it
                '--min_travel_heights back from its furthest point--> told of (fires once a visit)

The way back counts along the right way only, and more of it must lead back than aside, so crossing the zone at an angle
fires nothing.
"""

from __future__ import annotations

import math
from functools import lru_cache

from detect.rules.geometry import PointPx, scaled
from detect.rules.presence import Visit
from detect.rules.sighting import Picture, Sighting
from detect.rules.zone_rule import ZoneRule
from kernel.config.rules import WrongDirectionRule, ZoneConfig
from kernel.events import AlertKind


class WrongDirection(ZoneRule[WrongDirectionRule]):
    """One wrong direction rule of one camera."""

    kind = AlertKind.WRONG_DIRECTION

    def __init__(self, camera_id: str, rule: WrongDirectionRule, zone: ZoneConfig) -> None:
        super().__init__(camera_id, rule, zone)
        self._way = lru_cache(maxsize=4)(self._unit_way)

    def is_ripe(self, seen: Sighting, visit: Visit, picture: Picture, now_s: float) -> bool:
        """Back far enough from the furthest point, which goes along while the way is right."""
        way_x, way_y = self._way(picture)
        dx, dy = seen.contact[0] - visit.anchor[0], seen.contact[1] - visit.anchor[1]
        back_px = -(dx * way_x + dy * way_y)
        if back_px < 0:
            visit.anchor = seen.contact
            return False
        aside_px = abs(dx * way_y - dy * way_x)
        return back_px >= self._rule.min_travel_heights * seen.height_px and back_px > aside_px

    def _unit_way(self, picture: Picture) -> PointPx:
        (ax, ay), (bx, by) = scaled(self._rule.right_way, picture.width_px, picture.height_px)
        length_px = math.hypot(bx - ax, by - ay)
        return (bx - ax) / length_px, (by - ay) / length_px
