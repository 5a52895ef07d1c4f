"""What a tracker says and is told: its thresholds, and a track as it is seen on a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Thresholds of one camera's tracker.

    Attributes:
        high_confidence: detections from here on take part in the first association and may begin tracks.
        low_confidence: detections below this are ignored altogether.
        sure_confidence: a track that begins with this confidence is confirmed on its first frame.
        confirm_frames: frames a track must be seen in to be confirmed otherwise.
        lost_after_s: a confirmed track not seen for this long is gone, but not before three frames were taken.
        cost_max: dearest pair of the first association.
        weak_cost_max: dearest pair of the association with weak detections.
        duplicate_iou: a detection overlapping an already used one this much begins no track: one object, two boxes.
    """

    high_confidence: float = 0.25
    low_confidence: float = 0.1
    sure_confidence: float = 0.8
    confirm_frames: int = 2
    lost_after_s: float = 1.75
    cost_max: float = 0.85
    weak_cost_max: float = 0.6
    duplicate_iou: float = 0.75


class Track(NamedTuple):
    """One object seen on this frame.

    Attributes:
        track_id: rises from 1 within a tracker, never used twice.
        class_id: the class most of its detections voted for, weighted by confidence, older votes fading.
        confidence: of this frame's detection.
        recent_confidence: the highest of its last five detections; rules compare this one.
        class_lead: by how much its class leads the next one in the votes: two sure detections make 1.7.
        box_xyxy: this frame's box in source pixels.
        velocity_px_s: filtered velocity of the box's centre (x, y).
        frames_seen: frames it was seen in so far.
        is_confirmed: whether rules may act on it.
    """

    track_id: int
    class_id: int
    confidence: float
    recent_confidence: float
    class_lead: float
    box_xyxy: tuple[float, float, float, float]
    velocity_px_s: tuple[float, float]
    frames_seen: int
    is_confirmed: bool


class Step(NamedTuple):
    """The time from a camera's frame to its next one: how long, what counts as lost by now, and the time in all."""

    dt_s: float
    lost_after_s: float
    elapsed_s: float
