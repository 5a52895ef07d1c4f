"""A rule that tells once of a visit to its zone, as soon as the visit is ripe."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from detect.rules.presence import Visit, ZonePresence
from detect.rules.returning import Stay
from detect.rules.sighting import Picture, Sighting, Trigger
from kernel.config.rules import RuleBase, ZoneConfig
from kernel.events import AlertKind

Settings = TypeVar("Settings", bound=RuleBase)


class ZoneRule(ABC, Generic[Settings]):
    """One such rule of one camera.

    Attributes:
        kind: what its alerts are about.
        carries_unfired: see `ZonePresence`.
    """

    kind: ClassVar[AlertKind]
    carries_unfired: ClassVar[bool] = False

    def __init__(self, camera_id: str, rule: Settings, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._presence = ZonePresence(zone, carries_unfired=self.carries_unfired)

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
            is_ripe = visit.inside_frames > 0 and self.is_ripe(seen, visit, picture, now_s)
            if is_ripe and not visit.has_fired and seen.counts_for(self._rule):
                visit.has_fired = True
                triggers.append(Trigger.of(self._camera_id, self._rule, self.kind, seen, picture, now_s))
        return triggers

    @abstractmethod
    def is_ripe(self, seen: Sighting, visit: Visit, picture: Picture, now_s: float) -> bool:
        """Whether the visit of somebody who is inside is one to tell of; asked on every frame of it."""

    def stays(self) -> list[Stay]:
        """Who stays in the zone, for `resume` in another run."""
        return self._presence.stays()

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up the stays of another run, before the first frame."""
        self._presence.resume(stays)
