"""Crowd: so many are in a zone at once, for so long.

    few --min_count inside--> gathering --for hold_s--> crowd (fires once) --fewer for DISPERSED_S--> few

A detector overlooks one of many now and then, so fewer on some frames end neither a gathering nor a crowd: only fewer
on all frames of DISPERSED_S do. A time without pictures, or a restart of the detector, ends none either.
"""

from __future__ import annotations

from collections.abc import Iterable

from detect.rules.presence import ZoneOutline
from detect.rules.returning import GAP_S, LONGEST_GAP_S, Stay
from detect.rules.sighting import Picture, Sighting, Trigger
from detect.tracking.pace import Pace
from kernel.config.rules import CrowdRule, ZoneConfig
from kernel.events import AlertKind

DISPERSED_S = 1.0


class Crowd:
    """One crowd rule of one camera."""

    def __init__(self, camera_id: str, rule: CrowdRule, zone: ZoneConfig) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._outline = ZoneOutline(zone)
        self._since_s: float | None = None
        self._enough_s = 0.0
        self._pace = Pace()
        self._is_resumed = False
        self._has_fired = False

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """At most one trigger; its box is the one around everybody who was counted.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        counted = [seen for seen in sightings if self._counts(seen, picture)]
        if self._has_dispersed(now_s):
            self._since_s, self._has_fired = None, False
        if len(counted) < self._rule.min_count:
            return []
        self._enough_s = now_s
        if self._since_s is None:
            self._since_s = now_s
        if self._has_fired or now_s - self._since_s < self._rule.hold_s:
            return []
        self._has_fired = True
        return [Trigger.around(self._camera_id, self._rule, AlertKind.CROWD, counted, picture, now_s)]

    @property
    def rule_id(self) -> str:
        """The rule's id within its camera."""
        return self._rule.id

    def stays(self) -> list[Stay]:
        """The gathering as one stay without a place, for `resume` in another run."""
        return [] if self._since_s is None else [Stay(0, 0, 0, self._enough_s, self._since_s, self._has_fired)]

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up the gathering of another run, before the first frame."""
        for stay in stays:
            self._since_s, self._has_fired = stay.since_s, stay.has_fired
            self._enough_s, self._is_resumed = stay.seen_s, True

    def _has_dispersed(self, now_s: float) -> bool:
        gap_s = self._pace.at_least(GAP_S)
        interval_s = self._pace.note(now_s)
        is_back = self._is_resumed if interval_s is None else interval_s > gap_s
        if is_back and now_s - self._enough_s <= LONGEST_GAP_S:
            self._enough_s = now_s
        return now_s - self._enough_s > self._pace.at_least(DISPERSED_S)

    def _counts(self, seen: Sighting, picture: Picture) -> bool:
        return seen.contact_is_known and seen.counts_for(self._rule) and self._outline.depth_px(seen, picture) >= 0
