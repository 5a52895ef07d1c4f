"""Loitering: somebody stays in a zone longer than a person who has business there would.

    outside --inside--> inside --for dwell_s--> told of (fires once) --beyond the edge, two frames--> outside

A person who is lost and found again where they stood goes on with the same stay, across a restart too: otherwise
whoever is hidden for a moment now and then would never be told of.
"""

from __future__ import annotations

from collections.abc import Iterable

from detect.rules.presence import ZonePresence
from detect.rules.returning import Stay
from detect.rules.sighting import Picture, Sighting, Trigger
from kernel.config.rules import LoiteringRule, ZoneConfig
from kernel.events import AlertKind


class Loitering:
    """One loitering rule of one camera."""

    def __init__(self, camera_id: str, rule: LoiteringRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._presence = ZonePresence(zone, carries_unfired=True)

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
            is_ripe = visit.since_s is not None and now_s - visit.since_s >= self._rule.dwell_s
            if is_ripe and visit.inside_frames > 0 and not visit.has_fired and seen.counts_for(self._rule):
                visit.has_fired = True
                triggers.append(Trigger.of(self._camera_id, self._rule, AlertKind.LOITERING, seen, picture, now_s))
        return triggers

    def stays(self) -> list[Stay]:
        """Who is in the zone, told of or not, for `resume` in another run."""
        return self._presence.stays()

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up the stays of another run, before the first frame."""
        self._presence.resume(stays)
