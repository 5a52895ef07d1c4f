"""Line crossing with direction: the way of a ground-contact point goes from one side of a line to the other.

A side counts once the point is beyond the line by a margin, or stays beyond it for two frames. By the same margin,
which is what a box wavers by, the way may miss the line's ends. After a crossing the same track must get clear of the
line before it can cross again, so jitter on the line counts once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from detect.rules.geometry import PointPx, Segment, scaled
from detect.rules.sighting import Picture, Sighting, Trigger
from detect.tracking.pace import Pace
from kernel.config.rules import Direction, LineCrossingRule
from kernel.events import AlertKind

_MARGIN_OF_HEIGHT, _MARGIN_MIN_PX = 0.05, 2.0
_CLEAR_OF_HEIGHT, _CLEAR_MIN_PX = 0.25, 6.0
_STAY_FRAMES = 2
_FORGET_AFTER_S = 5.0


@dataclass(slots=True)
class _Walk:
    """What is remembered of one track: where it last was for certain, and on which side."""

    anchor: PointPx
    is_right: bool
    beyond_frames: int = 0
    is_armed: bool = True
    seen_s: float = 0.0


class LineCrossing:
    """One line crossing rule of one camera."""

    def __init__(self, camera_id: str, rule: LineCrossingRule) -> None:
        self._camera_id = camera_id
        self._rule = rule
        self._walks: dict[int, _Walk] = {}
        self._pace = Pace()
        self._segment = lru_cache(maxsize=4)(self._scaled_segment)

    def evaluate(self, sightings: list[Sighting], picture: Picture, now_s: float) -> list[Trigger]:
        """Triggers of this frame.

        Args:
            sightings: every track seen on the frame.
            picture: size of the frame.
            now_s: when the frame was taken.
        """
        self._pace.note(now_s)
        self._keep_whose_feet_are_hidden(sightings, now_s)
        self._forget(now_s)
        return [
            Trigger.of(self._camera_id, self._rule, AlertKind.LINE_CROSSING, seen, picture, now_s)
            for seen in sightings
            if seen.contact_is_known and self._fires(seen, self._segment(picture), now_s)
        ]

    def _fires(self, seen: Sighting, line: Segment, now_s: float) -> bool:
        offset_px = line.offset_px(seen.contact)
        is_right = offset_px > 0
        walk = self._walks.get(seen.track.track_id)
        if walk is None:
            self._walks[seen.track.track_id] = _Walk(seen.contact, is_right, seen_s=now_s)
            return False
        walk.seen_s = now_s
        walk.is_armed |= abs(offset_px) >= max(_CLEAR_MIN_PX, _CLEAR_OF_HEIGHT * seen.height_px)
        if is_right == walk.is_right:
            walk.anchor, walk.beyond_frames = seen.contact, 0
            return False
        if not walk.is_armed:
            return False
        walk.beyond_frames += 1
        margin_px = max(_MARGIN_MIN_PX, _MARGIN_OF_HEIGHT * seen.height_px)
        if abs(offset_px) < margin_px and walk.beyond_frames < _STAY_FRAMES:
            return False
        fires = line.is_crossed_by(walk.anchor, seen.contact, margin_px) and self._wanted(is_right)
        fires = fires and seen.counts_for(self._rule)
        walk.anchor, walk.is_right, walk.beyond_frames = seen.contact, is_right, 0
        walk.is_armed = not fires
        return fires

    def _wanted(self, to_right: bool) -> bool:
        wanted = self._rule.direction
        return wanted is Direction.ANY or to_right == (wanted is Direction.LEFT_TO_RIGHT)

    def _keep_whose_feet_are_hidden(self, sightings: list[Sighting], now_s: float) -> None:
        for seen in sightings:
            walk = self._walks.get(seen.track.track_id)
            if walk is not None and not seen.contact_is_known:
                walk.seen_s = now_s

    def _forget(self, now_s: float) -> None:
        after_s = self._pace.at_least(_FORGET_AFTER_S)
        for track_id in [key for key, walk in self._walks.items() if now_s - walk.seen_s > after_s]:
            del self._walks[track_id]

    def _scaled_segment(self, picture: Picture) -> Segment:
        start, end = scaled(self._rule.line, picture.width_px, picture.height_px)
        return Segment(start, end)
