"""Vehicle stopped: a vehicle stands still in a zone.

    moving --within STILL_OF_HEIGHT of one place--> standing --for stopped_s--> told of (fires once)
    --MOVED_OF_HEIGHT away, or out of the zone--> moving

Standing is judged by the ground-contact point against the place where it began to stand, in the vehicle's own height:
a box that wavers stands, one that creeps does not. A vehicle that is hidden and seen again at its place still stands,
across a restart too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from detect.rules.geometry import PointPx
from detect.rules.presence import Visit, ZonePresence
from detect.rules.returning import Stay
from detect.rules.sighting import Picture, Sighting, Trigger
from kernel.config.rules import VehicleStoppedRule, ZoneConfig
from kernel.events import AlertKind

STILL_OF_HEIGHT, STILL_MIN_PX = 0.12, 3.0
MOVED_OF_HEIGHT = 0.5


class VehicleStopped:
    """One rule about stopped vehicles of one camera."""

    def __init__(self, camera_id: str, rule: VehicleStoppedRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._presence = ZonePresence(zone, carries_unfired=True)
        self._places: dict[int, PointPx] = {}

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
        visits = self._presence.note(sightings, picture, now_s)
        places = {seen.track.track_id: self._place(seen, visit, now_s) for seen, visit in visits}
        self._places = {key: place for key, place in {**self._places, **places}.items() if key in self._presence}
        triggers = []
        for seen, visit in visits:
            is_ripe = visit.since_s is not None and now_s - visit.since_s >= self._rule.stopped_s
            if is_ripe and visit.inside_frames > 0 and not visit.has_fired and seen.counts_for(self._rule):
                visit.has_fired = True
                triggers.append(
                    Trigger.of(self._camera_id, self._rule, AlertKind.VEHICLE_STOPPED, seen, picture, now_s)
                )
        return triggers

    def _place(self, seen: Sighting, visit: Visit, now_s: float) -> PointPx:
        """Where the vehicle stands; one that has moved off begins to stand anew, here and now."""
        place = self._places.get(seen.track.track_id, visit.began_at)
        still_of_height = MOVED_OF_HEIGHT if visit.has_fired else STILL_OF_HEIGHT
        if math.dist(place, seen.contact) <= max(STILL_MIN_PX, still_of_height * seen.height_px):
            return place
        visit.has_fired = False
        visit.since_s = None if visit.since_s is None else now_s
        return seen.contact

    def stays(self) -> list[Stay]:
        """Which vehicles are in the zone, told of or not, for `resume` in another run."""
        return self._presence.stays()

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up the stays of another run, before the first frame."""
        self._presence.resume(stays)
