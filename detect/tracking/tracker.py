"""ByteTrack with seconds instead of frames: strong detections first, then weak ones keep known tracks alive.

    (none) --strong detection--> tentative --seen again, or very sure--> confirmed <--> lost --lost_after_s--> (gone)
                                     '--not seen on the next frame--> (gone)

Source: Zhang et al., ByteTrack: Multi-Object Tracking by Associating Every Detection Box (ECCV 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detect.detections import Detections
from detect.pace import Pace
from detect.tracking import kalman
from detect.tracking.association import Indices, assign, association_cost, iou_matrix

_RECENT_FRAMES = 5
_VOTE_DECAY = 0.95


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
    lost_after_s: float = 1.5
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


class Tracker:
    """Tracks of one camera. Deterministic, and independent of the order of the detections."""

    def __init__(self, class_count: int, settings: TrackerSettings | None = None) -> None:
        """A tracker for a model with `class_count` classes."""
        self._settings = settings or TrackerSettings()
        self._record = np.dtype(
            [
                ("track_id", np.int64),
                ("state", np.float64, (5, 4)),
                ("votes", np.float64, (class_count,)),
                ("class_id", np.int64),
                ("recent", np.float64, (_RECENT_FRAMES,)),
                ("frames_seen", np.int64),
                ("last_seen_s", np.float64),
                ("last_frame", np.int64),
                ("is_confirmed", np.bool_),
                ("box_xyxy", np.float64, (4,)),
                ("confidence", np.float64),
            ]
        )
        self._tracks: npt.NDArray[np.void] = np.zeros(0, self._record)
        self._next_id = 1
        self._pace = Pace()
        self._elapsed_s = 0.0
        self._frame = 0

    def update(self, detections: Detections, now_s: float) -> list[Track]:
        """The tracks seen on this frame, by rising id.

        Args:
            detections: boxes in source pixels, any order.
            now_s: when the frame was taken; frame intervals may vary. A clock set back counts as no time passing.
        """
        self._advance(now_s)
        found = _in_canonical_order(detections, self._settings.low_confidence)
        boxes = found.boxes_xyxy.astype(np.float64)
        strong = np.flatnonzero(found.confidence >= self._settings.high_confidence)
        weak = np.flatnonzero(found.confidence < self._settings.high_confidence)

        pairs = _Pairs(len(self._tracks), len(found))
        confirmed = self._tracks["is_confirmed"].copy()
        fresh = self._tracks["last_frame"] == self._frame - 1
        cost = self._cost(boxes, found)
        rounds = (
            (confirmed, strong, self._settings.cost_max),
            (confirmed & fresh, weak, self._settings.weak_cost_max),
            (~confirmed, strong, self._settings.cost_max),
            (~confirmed, weak, self._settings.weak_cost_max),
        )
        for eligible, candidates, cost_max in rounds:
            pairs.assign(cost, np.flatnonzero(eligible), candidates, cost_max)
        self._correct(pairs, boxes, found)
        self._tracks = self._tracks[confirmed | pairs.track_used]
        self._begin(strong[~pairs.detection_used[strong]], boxes, found, boxes[pairs.detection_used])
        return self._seen_now()

    def _advance(self, now_s: float) -> None:
        lost_after_s = self._pace.at_least(self._settings.lost_after_s)
        dt_s = self._pace.note(now_s) or 0.0
        self._elapsed_s += dt_s
        self._frame += 1
        kept = self._elapsed_s - self._tracks["last_seen_s"] <= lost_after_s
        if not kept.all():
            self._tracks = self._tracks[kept]
        state = self._tracks["state"]
        unseen = self._tracks["last_frame"] < self._frame - 1
        state[unseen, kalman.VELOCITY, 2:] = 0.0  # an unseen box must not grow without end
        kalman.predict(state, dt_s)

    def _cost(self, boxes: kalman.Floats, found: Detections) -> kalman.Floats:
        if not len(self._tracks) or not len(found):
            return np.empty((len(self._tracks), len(found)))
        return association_cost(self._tracks["state"], self._tracks["class_id"], boxes, found.class_id)

    def _correct(self, pairs: _Pairs, boxes: kalman.Floats, found: Detections) -> None:
        if not len(pairs.tracks):
            return
        seen = self._tracks[pairs.tracks]
        confidence = found.confidence[pairs.detections]
        measured = kalman.to_centre_size(boxes[pairs.detections])
        seen["state"] = kalman.corrected(seen["state"], measured, confidence < self._settings.high_confidence)
        self._note_seen(seen, boxes[pairs.detections], confidence, found.class_id[pairs.detections])
        seen["is_confirmed"] |= seen["frames_seen"] >= self._settings.confirm_frames
        self._tracks[pairs.tracks] = seen

    def _begin(self, indices: Indices, boxes: kalman.Floats, found: Detections, used_xyxy: kalman.Floats) -> None:
        if len(indices) and len(used_xyxy):
            overlap = iou_matrix(boxes[indices], used_xyxy).max(axis=1)
            indices = indices[overlap < self._settings.duplicate_iou]
        if not len(indices):
            return
        born = np.zeros(len(indices), self._record)
        born["track_id"] = np.arange(self._next_id, self._next_id + len(indices))
        self._next_id += len(indices)
        born["state"] = kalman.started(kalman.to_centre_size(boxes[indices]))
        confidence = found.confidence[indices]
        self._note_seen(born, boxes[indices], confidence, found.class_id[indices])
        born["is_confirmed"] = (confidence >= self._settings.sure_confidence) | (self._settings.confirm_frames <= 1)
        self._tracks = np.concatenate((self._tracks, born))

    def _note_seen(
        self,
        tracks: npt.NDArray[np.void],
        boxes: kalman.Floats,
        confidence: npt.NDArray[np.float32],
        class_id: npt.NDArray[np.int64],
    ) -> None:
        tracks["votes"] *= _VOTE_DECAY
        tracks["votes"][np.arange(len(tracks)), class_id] += confidence
        tracks["class_id"] = tracks["votes"].argmax(axis=1)
        tracks["recent"][:, 1:] = tracks["recent"][:, :-1].copy()
        tracks["recent"][:, 0] = confidence
        tracks["frames_seen"] += 1
        tracks["last_seen_s"] = self._elapsed_s
        tracks["last_frame"] = self._frame
        tracks["box_xyxy"] = boxes
        tracks["confidence"] = confidence

    def _seen_now(self) -> list[Track]:
        seen = self._tracks[self._tracks["last_frame"] == self._frame]
        columns = (
            seen["track_id"],
            seen["class_id"],
            seen["confidence"],
            seen["recent"].max(axis=1),
            _lead(seen["votes"]),
            seen["box_xyxy"],
            seen["state"][:, kalman.VELOCITY, :2],
            seen["frames_seen"],
            seen["is_confirmed"],
        )
        return [
            Track(track_id, class_id, confidence, recent, lead, tuple(box), tuple(velocity), frames, is_confirmed)
            for track_id, class_id, confidence, recent, lead, box, velocity, frames, is_confirmed in zip(
                *(column.tolist() for column in columns), strict=True
            )
        ]


def _lead(votes: kalman.Floats) -> kalman.Floats:
    """By how much the first of each row's votes leads the second, (n,)."""
    if votes.shape[1] < 2:
        return np.asarray(votes.sum(axis=1))
    second, first = np.partition(votes, votes.shape[1] - 2, axis=1)[:, -2:].T
    return np.asarray(first - second)


class _Pairs:
    """Tracks and detections that found each other on one frame."""

    def __init__(self, track_count: int, detection_count: int) -> None:
        self.track_used = np.zeros(track_count, np.bool_)
        self.detection_used = np.zeros(detection_count, np.bool_)
        self.tracks: Indices = np.empty(0, np.intp)
        self.detections: Indices = np.empty(0, np.intp)

    def assign(self, cost: kalman.Floats, tracks: Indices, detections: Indices, cost_max: float) -> None:
        """Pair what is still free among these tracks and detections."""
        tracks = tracks[~self.track_used[tracks]]
        detections = detections[~self.detection_used[detections]]
        if not len(tracks) or not len(detections):
            return
        rows, columns = assign(cost[tracks[:, None], detections], cost_max)
        self.track_used[tracks[rows]] = True
        self.detection_used[detections[columns]] = True
        self.tracks = np.concatenate((self.tracks, tracks[rows]))
        self.detections = np.concatenate((self.detections, detections[columns]))


def _in_canonical_order(detections: Detections, confidence_min: float) -> Detections:
    kept = detections.select(detections.confidence >= confidence_min)
    keys = (kept.class_id, *kept.boxes_xyxy.T, -kept.confidence)
    return kept.select(np.lexsort(keys))
