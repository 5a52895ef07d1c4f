"""ByteTrack with seconds instead of frames: strong detections first, then weak ones keep known tracks alive.

    (none) --strong detection--> tentative --seen again, or very sure--> confirmed <--> lost --lost_after_s--> (gone)
                                     '--not seen on the next frame--> (gone)

Source: Zhang et al., ByteTrack: Multi-Object Tracking by Associating Every Detection Box (ECCV 2022).
"""

from __future__ import annotations

from collections.abc import Sequence

from detect.boxes.detections import Detections
from detect.tracking.pace import Pace
from detect.tracking.rows import Rows, joined
from detect.tracking.together import Together, bounds_of
from detect.tracking.track import Step, Track, TrackerSettings


class Tracker:
    """Tracks of one camera. Deterministic, and independent of the order of the detections.

    Attributes:
        settings: its thresholds.
        rows: its tracks, by rising id.
        next_id: of the next track that begins.
        class_count: classes that are voted for.
    """

    def __init__(self, class_count: int, settings: TrackerSettings | None = None) -> None:
        """A tracker for a model with `class_count` classes."""
        self.settings = settings or TrackerSettings()
        self.rows = Rows.empty(class_count)
        self.next_id = 1
        self.class_count = class_count
        self._pace = Pace()
        self._elapsed_s = 0.0

    def widen(self, class_count: int) -> None:
        """Go on with more classes; those there were keep their ids, and every track its votes."""
        self.class_count = max(self.class_count, class_count)
        self.rows.widen(self.class_count)

    def update(self, detections: Detections, now_s: float) -> list[Track]:
        """The tracks seen on this frame, by rising id.

        Args:
            detections: boxes in source pixels, any order.
            now_s: when the frame was taken; frame intervals may vary. A clock set back counts as no time passing.
        """
        return update_together([self], [detections], [now_s])[0]

    def step(self, now_s: float) -> Step:
        """A frame was taken now."""
        lost_after_s = self._pace.at_least(self.settings.lost_after_s)
        dt_s = self._pace.note(now_s) or 0.0
        self._elapsed_s += dt_s
        return Step(dt_s, lost_after_s, self._elapsed_s)


def update_together(
    trackers: Sequence[Tracker], detections: Sequence[Detections], at_s: Sequence[float]
) -> list[list[Track]]:
    """`Tracker.update` of several cameras, a frame of each, for little more than one of them costs.

    Args:
        trackers: one a camera, each once, with the same settings.
        detections: of each camera's frame.
        at_s: when each frame was taken.

    Raises:
        ValueError: a tracker is there twice, or their settings differ.
    """
    if not trackers:
        return []
    settings = trackers[0].settings
    if len(set(map(id, trackers))) < len(trackers) or any(tracker.settings != settings for tracker in trackers[1:]):
        raise ValueError("trackers of different cameras with the same settings are updated together")
    steps = [tracker.step(now_s) for tracker, now_s in zip(trackers, at_s, strict=True)]
    together = Together(
        settings,
        joined([tracker.rows for tracker in trackers]),
        [len(tracker.rows) for tracker in trackers],
        [tracker.next_id for tracker in trackers],
    )
    tracks = together.update(detections, steps)
    stretches = bounds_of(together.of, len(trackers))
    for tracker, stretch, next_id in zip(trackers, stretches, together.next_ids, strict=True):
        tracker.rows, tracker.next_id = together.rows, next_id
        if len(trackers) > 1:
            tracker.rows = together.rows.at(stretch)
            tracker.rows.votes = tracker.rows.votes[:, : tracker.class_count]
    return tracks
