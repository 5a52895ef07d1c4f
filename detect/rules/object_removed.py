"""Object removed: a thing that stood in a zone is gone.

    standing --for stood_s--> known to stand there --not seen, its place open to view, for gone_s--> told of (once)
                                   '--seen again at its place--> known to stand there

Neither a time without pictures nor one in which something is before it counts (see `detect.rules.standing`). A thing
that drives off or is carried away is gone as well as one that vanishes.
"""

from __future__ import annotations

from collections.abc import Iterable

from detect.rules.returning import Stay
from detect.rules.sighting import Picture, Sighting, Trigger
from detect.rules.standing import StandingThings
from kernel.config.rules import ObjectRemovedRule, ZoneConfig
from kernel.events import AlertKind


class ObjectRemoved:
    """One rule about removed objects of one camera."""

    def __init__(self, camera_id: str, rule: ObjectRemovedRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._things = StandingThings(rule, zone, rule.stood_s)

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """Triggers of this frame; each has the box in which the thing stood.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        triggers = []
        gone_s = self._things.pace.at_least(self._rule.gone_s)
        for thing, _ in self._things.note(sightings, picture, now_s):
            if self._things.is_ripe(thing) and thing.missed_s >= gone_s:
                self._things.drop(thing)
                kind, name = AlertKind.OBJECT_REMOVED, thing.class_name
                triggers.append(
                    Trigger.of_place(self._camera_id, self._rule, kind, name, thing.box_xyxy, picture, now_s)
                )
        return triggers

    @property
    def rule_id(self) -> str:
        """The rule's id within its camera."""
        return self._rule.id

    def stays(self) -> list[Stay]:
        """What stands, for `resume` in another run."""
        return self._things.stays()

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up what stood in another run, before the first frame."""
        self._things.resume(stays)
