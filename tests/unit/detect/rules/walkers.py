"""Tracks for rule tests: a box given by the point where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from detect.rules.sighting import Picture, Sighting, Trigger
from detect.tracking import Track

PICTURE = Picture(1000, 1000)


def standing(
    x: float,
    y: float,
    *,
    track_id: int = 1,
    class_name: str = "person",
    height_px: float = 100.0,
    recent_confidence: float = 0.8,
    is_confirmed: bool = True,
    class_lead: float = 4.0,
) -> Sighting:
    """A sighting whose ground-contact point is (x, y) pixels."""
    track = Track(
        track_id=track_id,
        class_id=0,
        confidence=recent_confidence,
        recent_confidence=recent_confidence,
        class_lead=class_lead,
        box_xyxy=(x - 20, y - height_px, x + 20, y),
        velocity_px_s=(0.0, 0.0),
        frames_seen=3,
        is_confirmed=is_confirmed,
    )
    return Sighting.of(track, class_name, PICTURE)


def fired_frames(
    evaluate: Callable[[list[Sighting], Picture, float], list[Trigger]],
    frames: Sequence[Sequence[Sighting]],
    interval_s: float = 0.2,
) -> list[int]:
    """Numbers of the frames on which a rule fired, once for each trigger."""
    return [
        number
        for number, sightings in enumerate(frames)
        for _ in evaluate(list(sightings), PICTURE, 1000.0 + number * interval_s)
    ]
