"""What a rule sees of a track on one frame, and what it says when it fires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detect.rules.geometry import PointPx
from detect.tracking import Track
from kernel.config.rules import Level, RuleBase
from kernel.events import AlertKind, BoxXyxy

EDGE_PX = 2.0
"""A box that ends this close to the picture's bottom edge is cut off by it."""
LEAD_DETECTIONS = 3.5
"""How many detections of the least confidence that counts a track's class has to lead the next one by: about four of
those, or two sure ones. Two people who overlap for a moment look like a bicycle for a frame or two."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Size of the frame that boxes refer to."""

    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A track on this frame, in the terms rules are written in.

    Attributes:
        contact: ground-contact point in pixels, the box's bottom centre.
        contact_is_known: False where the picture's bottom edge cuts the box off: the feet are somewhere below, so
            the point neither enters, leaves nor crosses anything until they are seen again.
    """

    track: Track
    class_name: str
    contact: PointPx
    height_px: float
    contact_is_known: bool

    @classmethod
    def of(cls, track: Track, class_name: str, picture: Picture) -> Sighting:
        """How a track of this class stands in this picture."""
        left, top, right, bottom = track.box_xyxy
        return cls(
            track=track,
            class_name=class_name,
            contact=((left + right) / 2, bottom),
            height_px=bottom - top,
            contact_is_known=bottom < picture.height_px - EDGE_PX,
        )

    def counts_for(self, rule: RuleBase) -> bool:
        """Whether class (and its lead), confidence (the best of the last five), height and age satisfy the rule."""
        return (
            self.track.is_confirmed
            and self.track.class_lead >= LEAD_DETECTIONS * rule.min_confidence
            and self.class_name in rule.classes
            and self.track.recent_confidence >= rule.min_confidence
            and self.height_px >= rule.min_height_px
        )


@dataclass(frozen=True, slots=True)
class Trigger:
    """A rule fired for one track on one frame; incidents are made of these.

    A reminder says that what an open incident is about goes on; it counts as nothing new.
    """

    camera_id: str
    rule_id: str
    kind: AlertKind
    level: Level
    cooldown_s: float
    class_name: str
    track_id: int | None
    confidence: float | None
    box_xyxy: BoxXyxy
    at_s: float
    is_reminder: bool = False

    @classmethod
    def of(
        cls, camera_id: str, rule: RuleBase, kind: AlertKind, seen: Sighting, picture: Picture, at_s: float
    ) -> Trigger:
        """A trigger of `rule` by a sighting; its box becomes fractions 0-1 of the picture."""
        return cls.around(camera_id, rule, kind, [seen], picture, at_s)

    @classmethod
    def around(
        cls,
        camera_id: str,
        rule: RuleBase,
        kind: AlertKind,
        counted: Sequence[Sighting],
        picture: Picture,
        at_s: float,
    ) -> Trigger:
        """A trigger by several sightings together: the box around all, the rest from the surest of them."""
        surest = max(counted, key=lambda seen: seen.track.recent_confidence)
        boxes = [seen.track.box_xyxy for seen in counted]
        width, height = picture.width_px, picture.height_px
        return cls(
            camera_id=camera_id,
            rule_id=rule.id,
            kind=kind,
            level=rule.level,
            cooldown_s=rule.cooldown_s,
            class_name=surest.class_name,
            track_id=surest.track.track_id,
            confidence=surest.track.recent_confidence,
            box_xyxy=(
                _fraction(min(box[0] for box in boxes) / width),
                _fraction(min(box[1] for box in boxes) / height),
                _fraction(max(box[2] for box in boxes) / width),
                _fraction(max(box[3] for box in boxes) / height),
            ),
            at_s=at_s,
        )

    @classmethod
    def of_zone(
        cls, camera_id: str, rule: RuleBase, kind: AlertKind, points: Sequence[tuple[float, float]], at_s: float
    ) -> Trigger:
        """A trigger by nobody: about a zone, its points fractions 0-1 of the picture."""
        columns, rows = zip(*points, strict=True)
        box = (min(columns), min(rows), max(columns), max(rows))
        return cls.of_place(camera_id, rule, kind, rule.classes[0], box, Picture(1, 1), at_s)

    @classmethod
    def of_place(
        cls,
        camera_id: str,
        rule: RuleBase,
        kind: AlertKind,
        class_name: str,
        box_xyxy: BoxXyxy,
        picture: Picture,
        at_s: float,
    ) -> Trigger:
        """A trigger about a place, in pixels of the picture, that no track on the frame stands for."""
        left, top, right, bottom = box_xyxy
        width, height = picture.width_px, picture.height_px
        return cls(
            camera_id=camera_id,
            rule_id=rule.id,
            kind=kind,
            level=rule.level,
            cooldown_s=rule.cooldown_s,
            class_name=class_name,
            track_id=None,
            confidence=None,
            box_xyxy=(
                _fraction(left / width),
                _fraction(top / height),
                _fraction(right / width),
                _fraction(bottom / height),
            ),
            at_s=at_s,
        )


def _fraction(value: float) -> float:
    return max(0.0, min(1.0, value))
