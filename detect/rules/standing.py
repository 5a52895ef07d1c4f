"""Things that stand in a zone, each kept by its place: what rules about left and removed objects have in common.

    seen in the zone --stays within STILL_IOU of its first boxes--> standing --for ripe_s--> ripe
    not ripe --moves on, or not seen for FORGET_S--> forgotten;  ripe --not seen--> missed_s counts

A thing is kept by its place and not by its track, because a small box is lost and found again under a new track.
`missed_s` is time with pictures on which the place was open to view and the thing was not seen there: time without
pictures does not count, nor does time in which something else stands before it. A box cut short by who stands before
it is the thing still. Times without pictures of up to LONGEST_GAP_S, and a restart of the detector, change nothing;
after a longer one all begins anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detect.rules.geometry import PointPx
from detect.rules.presence import ZoneOutline
from detect.rules.returning import GAP_S, LONGEST_GAP_S, Stay
from detect.rules.sighting import Picture, Sighting
from detect.tracking.pace import Pace
from kernel.config.rules import RuleBase, ZoneConfig
from kernel.events import BoxXyxy

STILL_IOU, RIPE_IOU = 0.6, 0.4
FORGET_S = 5.0
HIDDEN_S = 0.6
"""What stands before a thing may itself be overlooked for as long."""
_CUT_INSIDE, _CUT_LEAST = 0.8, 0.3
_HIDDEN_SHARE = 0.25
_MEAN_OF = 10


@dataclass(slots=True)
class Thing:
    """Something that stands, or stood, at one place.

    Attributes:
        number: tells it from others of the same rule; rises from 1.
        box_xyxy: its place in pixels, the mean of its first boxes.
        since_s: when it began to stand there.
        seen_s: when it was seen last.
        missed_s: how long its place was open to view since, without it.
        hidden_s: when something was seen before it last.
        has_fired: whether the rule has told of it.
    """

    number: int
    box_xyxy: BoxXyxy
    class_name: str
    confidence: float
    track_id: int | None
    since_s: float
    seen_s: float
    sightings: int = 1
    missed_s: float = 0.0
    hidden_s: float = -math.inf
    has_fired: bool = False

    @property
    def contact(self) -> PointPx:
        """Its ground-contact point in pixels."""
        left, _, right, bottom = self.box_xyxy
        return (left + right) / 2, bottom

    @property
    def height_px(self) -> float:
        """How high its box is."""
        return self.box_xyxy[3] - self.box_xyxy[1]


class StandingThings:
    """The things of one rule's classes that stand in its zone.

    Args:
        rule: whose classes and bounds count.
        zone: where.
        ripe_s: from which age on a thing is remembered while it is not seen.
    """

    def __init__(self, rule: RuleBase, zone: ZoneConfig, ripe_s: float) -> None:
        self._rule = rule
        self._outline = ZoneOutline(zone)
        self._ripe_s = ripe_s
        self._things: dict[int, Thing] = {}
        self._last_number = 0
        self._noted_s: float | None = None
        self.pace = Pace()

    def note(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[tuple[Thing, Sighting | None]]:
        """Take in a frame.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.

        Returns:
            Every thing with what was seen of it, None where it was not.
        """
        step_s = self._step(now_s)
        candidates = [seen for seen in sightings if seen.class_name in self._rule.classes]
        pairs = self._pairs(candidates)
        for number, seen in pairs.items():
            _see(self._things[number], seen, now_s)
        known = {seen.track.track_id for seen in pairs.values()}
        for number, thing in self._things.items():
            if number in pairs:
                continue
            if self._is_covered(thing, sightings, pairs):
                thing.hidden_s = now_s
            elif now_s - thing.hidden_s > self.pace.at_least(HIDDEN_S):
                thing.missed_s += step_s
        for seen in candidates:
            if seen.track.track_id not in known and self._may_begin(seen, picture):
                begun = self._begin(seen, now_s)
                pairs[begun.number] = seen
        self._forget()
        return [(thing, pairs.get(thing.number)) for thing in self._things.values()]

    def is_ripe(self, thing: Thing) -> bool:
        """Whether it stood for as long as the rule asks for."""
        return thing.seen_s - thing.since_s >= self._ripe_s

    def drop(self, thing: Thing) -> None:
        """Forget a thing the rule is through with."""
        del self._things[thing.number]

    def stays(self, since_s: Mapping[int, float] | None = None) -> list[Stay]:
        """What stands, for `resume` in another run; `since_s`, by number, where the rule knows better since when."""
        since_s = since_s or {}
        return [
            Stay(
                *thing.contact,
                thing.height_px,
                thing.seen_s,
                since_s.get(thing.number, thing.since_s),
                thing.has_fired,
                thing.box_xyxy[2] - thing.box_xyxy[0],
            )
            for thing in self._things.values()
        ]

    def resume(self, stays: Iterable[Stay]) -> None:
        """Take up what stood in another run, before the first frame."""
        for stay in stays:
            half_px = (stay.width_px or stay.height_px) / 2
            box = (stay.x_px - half_px, stay.y_px - stay.height_px, stay.x_px + half_px, stay.y_px)
            since_s = stay.seen_s if stay.since_s is None else stay.since_s
            thing = self._add(box, self._rule.classes[0], 0.0, None, since_s, stay.seen_s)
            thing.has_fired, thing.sightings = stay.has_fired, _MEAN_OF
            self._noted_s = max(self._noted_s or stay.seen_s, stay.seen_s)

    def _step(self, now_s: float) -> float:
        """Seconds with pictures since the frame before: none over a gap; after a long one nothing is remembered."""
        gap_s = self.pace.at_least(GAP_S)
        interval_s = self.pace.note(now_s)
        away_s = 0.0 if self._noted_s is None else abs(now_s - self._noted_s)
        self._noted_s = now_s
        if away_s > max(gap_s, LONGEST_GAP_S):
            self._things.clear()
        return 0.0 if interval_s is None or interval_s > gap_s else interval_s

    def _pairs(self, candidates: list[Sighting]) -> dict[int, Sighting]:
        """Which thing is seen by which track, the best fits first, each once."""
        fits = [
            (fit, number, index)
            for number, thing in self._things.items()
            for index, seen in enumerate(candidates)
            if (fit := _fit(thing, seen)) >= (RIPE_IOU if self.is_ripe(thing) else STILL_IOU)
        ]
        pairs: dict[int, Sighting] = {}
        used: set[int] = set()
        for _, number, index in sorted(fits, key=lambda fit: (-fit[0], fit[1], fit[2])):
            if number not in pairs and index not in used:
                pairs[number] = candidates[index]
                used.add(index)
        return pairs

    def _is_covered(self, thing: Thing, sightings: list[Sighting], pairs: Mapping[int, Sighting]) -> bool:
        """Whether something is before it that was not there while it was still seen."""
        beside = {
            seen.track.track_id
            for number, seen in pairs.items()
            if self._things[number].since_s < thing.seen_s - self.pace.at_least(GAP_S)
        }
        area = _area(thing.box_xyxy)
        return any(
            _common(thing.box_xyxy, seen.track.box_xyxy) >= _HIDDEN_SHARE * area
            for seen in sightings
            if seen.track.track_id not in beside
        )

    def _may_begin(self, seen: Sighting, picture: Picture) -> bool:
        return seen.contact_is_known and seen.counts_for(self._rule) and self._outline.depth_px(seen, picture) >= 0

    def _begin(self, seen: Sighting, now_s: float) -> Thing:
        """A thing at a new place; the same track, not ripe at its old one, has moved on from there."""
        track_id = seen.track.track_id
        for number in [n for n, t in self._things.items() if t.track_id == track_id and not self.is_ripe(t)]:
            del self._things[number]
        confidence = seen.track.recent_confidence
        return self._add(seen.track.box_xyxy, seen.class_name, confidence, track_id, now_s, now_s)

    def _add(
        self,
        box_xyxy: BoxXyxy,
        class_name: str,
        confidence: float,
        track_id: int | None,
        since_s: float,
        seen_s: float,
    ) -> Thing:
        self._last_number += 1
        thing = Thing(self._last_number, box_xyxy, class_name, confidence, track_id, since_s, seen_s)
        self._things[thing.number] = thing
        return thing

    def _forget(self) -> None:
        limit_s = self.pace.at_least(FORGET_S)
        self._things = {n: t for n, t in self._things.items() if self.is_ripe(t) or t.missed_s <= limit_s}


def _see(thing: Thing, seen: Sighting, now_s: float) -> None:
    thing.seen_s, thing.missed_s = now_s, 0.0
    thing.track_id, thing.class_name = seen.track.track_id, seen.class_name
    thing.confidence = seen.track.recent_confidence
    if thing.sightings < _MEAN_OF:
        thing.sightings += 1
        left, top, right, bottom = (
            old + (new - old) / thing.sightings for old, new in zip(thing.box_xyxy, seen.track.box_xyxy, strict=True)
        )
        thing.box_xyxy = (left, top, right, bottom)


def _fit(thing: Thing, seen: Sighting) -> float:
    """Overlap by IoU; a box that lies within the place, but is cut short, fits as far as it lies within."""
    box, place = seen.track.box_xyxy, thing.box_xyxy
    common, own, whole = _common(box, place), _area(box), _area(place)
    if common <= 0.0:
        return 0.0
    iou = common / (own + whole - common)
    is_cut = common >= _CUT_INSIDE * own and own >= _CUT_LEAST * whole
    return max(iou, STILL_IOU) if is_cut else iou


def _area(box: BoxXyxy) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _common(a: BoxXyxy, b: BoxXyxy) -> float:
    return _area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))
