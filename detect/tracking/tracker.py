"""ByteTrack with seconds instead of frames: strong detections first, then weak ones keep known tracks alive.

    (none) --strong detection--> tentative --seen again, or very sure--> confirmed <--> lost --lost_after_s--> (gone)
                                     '--not seen on the next frame--> (gone)

Source: Zhang et al., ByteTrack: Multi-Object Tracking by Associating Every Detection Box (ECCV 2022).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import gt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detect.batching.pace import Pace
from detect.boxes.detections import Detections
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
    """Tracks of one camera. Deterministic, and independent of the order of the detections.

    Every track is a row of the arrays below, by rising id. Numpy's price is the call and not the number, so rows are
    gathered and thrown out only where some are left out.
    """

    def __init__(self, class_count: int, settings: TrackerSettings | None = None) -> None:
        """A tracker for a model with `class_count` classes."""
        self._settings = settings or TrackerSettings()
        self._rows = _Rows.empty(class_count)
        self._next_id = 1
        self._pace = Pace()
        self._elapsed_s = 0.0

    def widen(self, class_count: int) -> None:
        """Go on with more classes; those there were keep their ids, and every track its votes."""
        votes = self._rows.votes
        more = max(0, class_count - votes.shape[1])
        self._rows.votes = np.pad(votes, ((0, 0), (0, more)))

    def update(self, detections: Detections, now_s: float) -> list[Track]:
        """The tracks seen on this frame, by rising id.

        Args:
            detections: boxes in source pixels, any order.
            now_s: when the frame was taken; frame intervals may vary. A clock set back counts as no time passing.
        """
        self._advance(now_s)
        found = _in_canonical_order(detections, self._settings.low_confidence)
        strong_count = int(np.count_nonzero(found.confidence >= self._settings.high_confidence))

        by = self._paired(found, strong_count)  # detection of each track, -1 where it is not seen
        used = by >= 0
        kept = None if used.all() else self._rows.is_confirmed | used
        self._correct(by, None if kept is None else used.nonzero()[0], found)
        self._rows.is_seen = used
        if kept is not None and not kept.all():
            self._rows, by = self._rows.at(kept), by[kept]
        by = self._begin(by, found, strong_count)
        return self._seen_now(by, found)

    def _advance(self, now_s: float) -> None:
        lost_after_s = self._pace.at_least(self._settings.lost_after_s)
        dt_s = self._pace.note(now_s) or 0.0
        self._elapsed_s += dt_s
        if not len(self._rows):
            return
        all_seen = self._rows.is_seen.all()
        if not all_seen or dt_s > lost_after_s:
            kept = self._elapsed_s - self._rows.last_seen_s <= lost_after_s
            if not kept.all():
                self._rows = self._rows.at(kept)
        rows = self._rows
        if not all_seen:
            rows.state[~rows.is_seen, kalman.VELOCITY, 2:] = 0.0  # an unseen box must not grow without end
        kalman.predict(rows.state, dt_s)

    def _paired(self, found: _Found, strong_count: int) -> Indices:
        """Detection of each track (n,), -1 for none: strong ones before weak ones, confirmed tracks before others."""
        rows, settings = self._rows, self._settings
        by = np.full(len(rows), -1, np.intp)
        if not len(rows) or not len(found.class_id):
            return by
        cost = association_cost(rows.state, rows.class_id, found.boxes_xyxy, found.class_id)
        if strong_count == len(found.class_id) and rows.is_confirmed.all():
            tracks, detections = assign(cost, settings.cost_max)
            by[tracks] = detections
            return by
        free = np.ones(len(found.class_id), np.bool_)
        strong, weak = slice(0, strong_count), slice(strong_count, len(found.class_id))
        tentative = ~rows.is_confirmed
        _pair(by, free, cost, rows.is_confirmed, strong, settings.cost_max)
        if strong_count < len(found.class_id):
            _pair(by, free, cost, rows.is_confirmed & rows.is_seen, weak, settings.weak_cost_max)
        if tentative.any():
            _pair(by, free, cost, tentative, strong, settings.cost_max)
            _pair(by, free, cost, tentative, weak, settings.weak_cost_max)
        return by

    def _correct(self, by: Indices, places: Indices | None, found: _Found) -> None:
        """Take in the detections of the tracks at these places; of all, where none are given."""
        seen: slice | Indices = slice(None)
        if places is not None:
            seen, by = places, by[places]
        if not len(by):
            return
        rows = self._rows
        confidence = found.confidence[by]
        measured = kalman.to_centre_size(found.boxes_xyxy[by])
        rows.state[seen] = kalman.corrected(rows.state[seen], measured, confidence < self._settings.high_confidence)
        votes = rows.votes[seen] * _VOTE_DECAY
        order = np.arange(len(by))
        votes[order, found.class_id[by]] += confidence
        rows.votes[seen] = votes
        rows.class_id[seen] = votes.argmax(axis=1)
        frames_seen = rows.frames_seen[seen] + 1
        rows.frames_seen[seen] = frames_seen
        rows.recent[order if places is None else places, frames_seen % _RECENT_FRAMES] = confidence
        rows.last_seen_s[seen] = self._elapsed_s
        rows.is_confirmed[seen] |= frames_seen >= self._settings.confirm_frames

    def _begin(self, by: Indices, found: _Found, strong_count: int) -> Indices:
        """Tracks of strong detections that continue none and double none; returns the detection of each track."""
        continuing = by[self._rows.is_seen]
        is_new = np.ones(len(found.class_id), np.bool_)
        is_new[continuing] = False
        new = is_new[:strong_count].nonzero()[0]
        if len(new) and len(continuing):
            overlap = iou_matrix(found.boxes_xyxy[new], found.boxes_xyxy[continuing]).max(axis=1)
            new = new[overlap < self._settings.duplicate_iou]
        if not len(new):
            return by
        confidence = found.confidence[new]
        votes = np.zeros((len(new), self._rows.votes.shape[1]))
        votes[np.arange(len(new)), found.class_id[new]] += confidence
        recent = np.zeros((len(new), _RECENT_FRAMES))
        recent[:, 1 % _RECENT_FRAMES] = confidence
        born = _Rows(
            track_id=np.arange(self._next_id, self._next_id + len(new)),
            state=kalman.started(kalman.to_centre_size(found.boxes_xyxy[new])),
            votes=votes,
            class_id=votes.argmax(axis=1),
            recent=recent,
            frames_seen=np.ones(len(new), np.int64),
            last_seen_s=np.full(len(new), self._elapsed_s),
            is_confirmed=(confidence >= self._settings.sure_confidence) | (self._settings.confirm_frames <= 1),
            is_seen=np.ones(len(new), np.bool_),
        )
        self._next_id += len(new)
        self._rows = self._rows.followed_by(born)
        return np.concatenate((by, new))

    def _seen_now(self, by: Indices, found: _Found) -> list[Track]:
        rows = self._rows
        seen: slice | Indices = slice(None)
        if not rows.is_seen.all():
            seen = rows.is_seen.nonzero()[0]
            by = by[seen]
        if not len(by):
            return []
        columns = (
            rows.track_id[seen].tolist(),
            rows.class_id[seen].tolist(),
            found.confidence[by].tolist(),
            rows.recent[seen].max(axis=1).tolist(),
            _lead(rows.votes[seen]).tolist(),
            map(tuple, found.boxes_xyxy[by].tolist()),
            map(tuple, rows.state[seen, kalman.VELOCITY, :2].tolist()),
            rows.frames_seen[seen].tolist(),
            rows.is_confirmed[seen].tolist(),
        )
        return list(map(Track._make, zip(*columns, strict=True)))


class _Found(NamedTuple):
    """The detections of a frame that a tracker takes, most confident first; boxes are float64."""

    boxes_xyxy: kalman.Floats
    confidence: npt.NDArray[np.float32]
    class_id: npt.NDArray[np.int64]


@dataclass(slots=True)
class _Rows:
    """What is kept of every track; arrays of the same length.

    Attributes:
        state: (n, 5, 4), see `kalman`.
        votes: (n, classes).
        recent: (n, 5), confidence of the last five detections, each at its number modulo five.
        is_seen: on the newest frame.
    """

    track_id: npt.NDArray[np.int64]
    state: kalman.Floats
    votes: kalman.Floats
    class_id: npt.NDArray[np.int64]
    recent: kalman.Floats
    frames_seen: npt.NDArray[np.int64]
    last_seen_s: kalman.Floats
    is_confirmed: npt.NDArray[np.bool_]
    is_seen: npt.NDArray[np.bool_]

    @classmethod
    def empty(cls, class_count: int) -> _Rows:
        """No tracks."""
        numbers, times, flags = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)
        votes, recent = np.zeros((0, class_count)), np.zeros((0, _RECENT_FRAMES))
        return cls(numbers, np.zeros((0, 5, 4)), votes, numbers, recent, numbers, times, flags, flags)

    def __len__(self) -> int:
        return len(self.track_id)

    def at(self, kept: npt.NDArray[np.bool_]) -> _Rows:
        """The tracks under a mask."""
        return _Rows(*(getattr(self, name)[kept] for name in _ROW_NAMES))

    def followed_by(self, later: _Rows) -> _Rows:
        """These tracks and then those."""
        if not len(self):
            return later
        return _Rows(*(np.concatenate((getattr(self, name), getattr(later, name))) for name in _ROW_NAMES))


_ROW_NAMES = tuple(field.name for field in fields(_Rows))


def _pair(
    by: Indices,
    free: npt.NDArray[np.bool_],
    cost: kalman.Floats,
    eligible: npt.NDArray[np.bool_],
    candidates: slice,
    cost_max: float,
) -> None:
    """Pair the eligible tracks that have no detection yet with the candidates that are free; fills `by` and `free`."""
    tracks = (eligible & (by < 0)).nonzero()[0]
    detections = free[candidates].nonzero()[0]
    if not len(tracks) or not len(detections):
        return
    detections += candidates.start
    part = cost if (len(tracks), len(detections)) == cost.shape else cost[tracks[:, None], detections]
    rows, columns = assign(part, cost_max)
    by[tracks[rows]] = detections[columns]
    free[detections[columns]] = False


def _lead(votes: kalman.Floats) -> kalman.Floats:
    """By how much the first of each row's votes leads the second, (n,)."""
    if votes.shape[1] < 2:
        return np.asarray(votes.sum(axis=1))
    second, first = np.partition(votes, votes.shape[1] - 2, axis=1)[:, -2:].T
    return np.asarray(first - second)


def _in_canonical_order(detections: Detections, confidence_min: float) -> _Found:
    """Most confident first, so that the strong ones are a beginning; ties by place and class, whatever the order in."""
    confidence = detections.confidence.tolist()
    if (
        confidence and confidence[-1] >= confidence_min and all(map(gt, confidence, confidence[1:]))
    ):  # as NMS leaves them
        return _Found(detections.boxes_xyxy.astype(np.float64), detections.confidence, detections.class_id)
    falling = np.negative(detections.confidence)
    order = np.argsort(falling)
    falling = falling[order]
    if (falling[1:] == falling[:-1]).any():
        order = np.lexsort((detections.class_id, *detections.boxes_xyxy.T, -detections.confidence))
        falling = -detections.confidence[order]
    count = int(np.count_nonzero(falling <= -np.float32(confidence_min)))
    order = order[:count]
    return _Found(
        detections.boxes_xyxy[order].astype(np.float64), detections.confidence[order], detections.class_id[order]
    )
