"""Object left behind: a thing stands in a zone and nobody is with it.

    standing, somebody near --nobody near for COMPANY_GAP_S--> alone --for left_s, counted from the last that was
    near--> told of (once);  alone, or told of --somebody near for PASSING_S--> standing, somebody near

Near is a ground-contact point within `away_heights` heights of the thing's own box. Who only passes by takes nobody's
place: the time alone goes on, but nothing is told of while somebody is near.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from detect.rules.returning import Stay
from detect.rules.sighting import Picture, Sighting, Trigger
from detect.rules.standing import StandingThings, Thing
from kernel.config.rules import ObjectLeftRule, ZoneConfig
from kernel.events import AlertKind

COMPANY_GAP_S = 1.0
PASSING_S = 3.0
KEEP_S = 60.0


@dataclass(slots=True)
class _Company:
    """Who was with a thing; from its first moment on the first one near is its owner, however soon they leave."""

    alone_since_s: float
    near_s: float
    near_since_s: float = -math.inf


class ObjectLeft:
    """One rule about left objects of one camera."""

    def __init__(self, camera_id: str, rule: ObjectLeftRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._things = StandingThings(rule, zone, rule.left_s)
        self._company: dict[int, _Company] = {}

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """Triggers of this frame.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        owners = [s for s in sightings if s.class_name in self._rule.owner_classes and s.track.is_confirmed]
        triggers = []
        standing = self._things.note(sightings, picture, now_s)
        for thing, seen in standing:
            company = self._company.setdefault(thing.number, _Company(thing.since_s, thing.since_s))
            is_near = self._is_accompanied(thing, company, owners, now_s)
            is_ripe = not is_near and now_s - company.alone_since_s >= self._rule.left_s
            if seen is not None and is_ripe and not thing.has_fired and seen.counts_for(self._rule):
                thing.has_fired = True
                triggers.append(Trigger.of(self._camera_id, self._rule, AlertKind.OBJECT_LEFT, seen, picture, now_s))
            if thing.missed_s > self._things.pace.at_least(KEEP_S):
                self._things.drop(thing)
        numbers = {thing.number for thing, _ in standing}
        self._company = {number: company for number, company in self._company.items() if number in numbers}
        return triggers

    @property
    def rule_id(self) -> str:
        """The rule's id within its camera."""
        return self._rule.id

    def stays(self) -> list[Stay]:
        """What stands and since when alone, for `resume` in another run."""
        return self._things.stays({number: company.alone_since_s for number, company in self._company.items()})

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up what stood in another run, before the first frame."""
        self._things.resume(stays)

    def _is_accompanied(self, thing: Thing, company: _Company, owners: list[Sighting], now_s: float) -> bool:
        """Whether somebody is near, or was a moment ago; whoever stays makes the time alone begin anew."""
        near_px = self._rule.away_heights * thing.height_px
        was_accompanied = now_s - company.near_s <= self._things.pace.at_least(COMPANY_GAP_S)
        if not any(math.dist(owner.contact, thing.contact) <= near_px for owner in owners):
            return was_accompanied
        if not was_accompanied:
            company.near_since_s = now_s
        company.near_s = now_s
        if now_s - company.near_since_s >= PASSING_S:
            company.alone_since_s, thing.has_fired = now_s, False
        return True
