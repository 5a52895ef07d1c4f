"""Zone intrusion: a ground-contact point enters a zone and stays for a few frames.

    outside --inside for inertia_frames--> staying (fires once) --beyond the edge by a margin, two frames--> outside

A track that is first seen inside goes the same way, unless it carries on a visit that was told of (see
`detect.rules.presence`).
"""

from __future__ import annotations

from collections.abc import Iterable

from detect.rules.presence import ZonePresence
from detect.rules.returning import Stay
from detect.rules.sighting import Picture, Sighting, Trigger
from kernel.config.rules import ZoneConfig, ZoneIntrusionRule
from kernel.events import AlertKind


class ZoneIntrusion:
    """One zone intrusion rule of one camera."""

    def __init__(self, camera_id: str, rule: ZoneIntrusionRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._presence = ZonePresence(zone)

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
            is_ripe = visit.inside_frames >= self._rule.inertia_frames
            if is_ripe and not visit.has_fired and seen.counts_for(self._rule):
                visit.has_fired = True
                triggers.append(Trigger.of(self._camera_id, self._rule, AlertKind.ZONE_INTRUSION, seen, picture, now_s))
        return triggers

    def stays(self) -> list[Stay]:
        """Who stays in the zone and was told of, for `resume` in another run."""
        return self._presence.stays()

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up the stays of another run, before the first frame."""
        self._presence.resume(stays)
