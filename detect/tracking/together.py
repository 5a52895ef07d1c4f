"""A frame of each of several cameras, tracked in one go: numpy's price is the call and not the number; pure.

Tracks and detections lie camera by camera. Where each track of a camera meets each detection of it, cameras are layers
(cameras, tracks, detections) of the size of the largest, and what a smaller one lacks takes no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from detect.boxes.detections import Detections
from detect.tracking import kalman
from detect.tracking.association import Indices, assign_layers, association_cost, iou_matrix
from detect.tracking.found import Found, found_by
from detect.tracking.rows import RECENT_FRAMES, Rows, joined
from detect.tracking.track import Step, Track, TrackerSettings

Flags = npt.NDArray[np.bool_]

_VOTE_DECAY = 0.95


class Together:
    """The tracks of several cameras.

    Attributes:
        rows: camera by camera, each one's by rising id.
        of: camera of each row.
        next_ids: of the next track of each camera.
    """

    def __init__(self, settings: TrackerSettings, rows: Rows, counts: Sequence[int], next_ids: Sequence[int]) -> None:
        """Tracks of cameras that have so many each."""
        self._settings = settings
        self.rows = rows
        self.of: Indices = (
            np.zeros(len(rows), np.intp) if len(counts) == 1 else np.repeat(np.arange(len(counts)), counts)
        )
        self.next_ids = list(next_ids)

    def update(self, detections: Sequence[Detections], steps: Sequence[Step]) -> list[list[Track]]:
        """The tracks seen on each camera's frame.

        Args:
            detections: of each camera's frame.
            steps: the time since its frame before.
        """
        found = found_by(detections, self._settings.low_confidence)
        is_strong = found.confidence >= self._settings.high_confidence
        elapsed_s = np.array([step.elapsed_s for step in steps])
        self._advance(steps, elapsed_s)
        by = self._paired(found, is_strong)  # detection of each track, -1 where it is not seen
        used = by >= 0
        self._correct(by, used, found, elapsed_s)
        self.rows.is_seen = used
        if not used.all():
            kept = self.rows.is_confirmed | used
            if not kept.all():
                self.rows, self.of, by = self.rows.at(kept), self.of[kept], by[kept]
        by = self._begin(by, found, is_strong, elapsed_s)
        return self._seen_now(by, found)

    @property
    def _cameras(self) -> int:
        return len(self.next_ids)

    def _advance(self, steps: Sequence[Step], elapsed_s: kalman.Floats) -> None:
        """Let go of who is lost, and move the others to where they should be by now."""
        if not len(self.rows):
            return
        all_seen = self.rows.is_seen.all()
        if not all_seen or any(step.dt_s > step.lost_after_s for step in steps):
            lost_after_s = np.array([step.lost_after_s for step in steps])
            kept = elapsed_s[self.of] - self.rows.last_seen_s <= lost_after_s[self.of]
            if not kept.all():
                self.rows, self.of = self.rows.at(kept), self.of[kept]
        rows = self.rows
        if not all_seen:
            rows.state[~rows.is_seen, kalman.VELOCITY, 2:] = 0.0  # an unseen box must not grow without end
        kalman.predict_each(rows.state, [step.dt_s for step in steps], self.of)

    def _paired(self, found: Found, is_strong: Flags) -> Indices:
        """Detection of each track (n,), -1 for none: strong ones before weak ones, confirmed tracks before others."""
        rows, settings = self.rows, self._settings
        if not len(rows) or not len(found.of):
            return np.full(len(rows), -1, np.intp)
        there, present = _layers(self.of, self._cameras), _layers(found.of, self._cameras)
        cost = association_cost(
            _spread(rows.state, there),
            _spread(rows.class_id, there),
            _spread(found.boxes_xyxy, present),
            _spread(found.class_id, present),
        )
        pairs = _Pairs(cost, there, present)
        confirmed, strong = _spread(rows.is_confirmed, there), _spread(is_strong, present)
        pairs.add(confirmed, strong, settings.cost_max)
        has_weak = not is_strong.all()
        if has_weak:
            weak = present & ~strong
            pairs.add(confirmed & _spread(rows.is_seen, there), weak, settings.weak_cost_max)
        if not rows.is_confirmed.all():
            tentative = there & ~confirmed
            pairs.add(tentative, strong, settings.cost_max)
            if has_weak:
                pairs.add(tentative, weak, settings.weak_cost_max)
        return pairs.flat(found.of)

    def _correct(self, by: Indices, used: Flags, found: Found, elapsed_s: kalman.Floats) -> None:
        """Take in the detections of the tracks that have one."""
        seen: slice | Indices = slice(None)
        of = self.of
        if not used.all():
            seen = used.nonzero()[0]
            by, of = by[seen], of[seen]
        if not len(by):
            return
        rows = self.rows
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
        rows.recent[order if isinstance(seen, slice) else seen, frames_seen % RECENT_FRAMES] = confidence
        rows.last_seen_s[seen] = elapsed_s[of]
        rows.is_confirmed[seen] |= frames_seen >= self._settings.confirm_frames

    def _begin(self, by: Indices, found: Found, is_strong: Flags, elapsed_s: kalman.Floats) -> Indices:
        """Tracks of strong detections that continue none and double none; returns the detection of each track."""
        continuing = by[self.rows.is_seen]
        is_new = is_strong.copy()
        is_new[continuing] = False
        new = is_new.nonzero()[0]
        if len(new) and len(continuing):
            overlap = iou_matrix(found.boxes_xyxy[new], found.boxes_xyxy[continuing])
            if self._cameras > 1:
                overlap *= found.of[new][:, None] == found.of[continuing]
            new = new[overlap.max(axis=1) < self._settings.duplicate_iou]
        if not len(new):
            return by
        of = found.of[new]
        self.rows = joined([self.rows, self._born(found, new, elapsed_s[of])])
        self.of, by = np.concatenate((self.of, of)), np.concatenate((by, new))
        if self._cameras > 1:
            order = np.argsort(self.of, kind="stable")
            self.rows, self.of, by = self.rows.at(order), self.of[order], by[order]
        return by

    def _born(self, found: Found, new: Indices, elapsed_s: kalman.Floats) -> Rows:
        """Rows for detections that begin a track."""
        of, confidence = found.of[new], found.confidence[new]
        votes = np.zeros((len(new), self.rows.votes.shape[1]))
        votes[np.arange(len(new)), found.class_id[new]] += confidence
        recent = np.zeros((len(new), RECENT_FRAMES))
        recent[:, 1 % RECENT_FRAMES] = confidence
        counts = np.bincount(of, minlength=self._cameras)
        first_ids = np.array(self.next_ids) - (np.cumsum(counts) - counts)
        self.next_ids = [next_id + count for next_id, count in zip(self.next_ids, counts.tolist(), strict=True)]
        return Rows(
            track_id=first_ids[of] + np.arange(len(new)),
            state=kalman.started(kalman.to_centre_size(found.boxes_xyxy[new])),
            votes=votes,
            class_id=votes.argmax(axis=1),
            recent=recent,
            frames_seen=np.ones(len(new), np.int64),
            last_seen_s=elapsed_s,
            is_confirmed=(confidence >= self._settings.sure_confidence) | (self._settings.confirm_frames <= 1),
            is_seen=np.ones(len(new), np.bool_),
        )

    def _seen_now(self, by: Indices, found: Found) -> list[list[Track]]:
        rows, of = self.rows, self.of
        seen: slice | Indices = slice(None)
        if not rows.is_seen.all():
            seen = rows.is_seen.nonzero()[0]
            by, of = by[seen], of[seen]
        if not len(by):
            return [[] for _ in self.next_ids]
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
        tracks = list(map(Track._make, zip(*columns, strict=True)))
        if self._cameras == 1:
            return [tracks]
        return [tracks[stretch] for stretch in bounds_of(of, self._cameras)]


class _Pairs:
    """Which detection continues which track, layer by layer, by what was decided so far."""

    def __init__(self, cost: kalman.Floats, there: Flags, present: Flags) -> None:
        self._cost = cost
        self._there = there
        self._by = np.full(there.shape, -1, np.intp)
        self._free = np.ones(present.shape, np.bool_)
        self._is_new = True

    def add(self, tracks: Flags, detections: Flags, cost_max: float) -> None:
        """Pair those of the tracks that have no detection yet with those of the detections that are free."""
        if not self._is_new:
            tracks, detections = tracks & (self._by < 0), detections & self._free
            if not tracks.any() or not detections.any():
                return
        self._is_new = False
        allowed = self._cost <= cost_max
        allowed &= tracks[:, :, None]
        allowed &= detections[:, None]
        layers, rows, columns = assign_layers(self._cost, allowed)
        self._by[layers, rows] = columns
        self._free[layers, columns] = False

    def flat(self, of: Indices) -> Indices:
        """Detection of each track among those of all cameras, -1 for none; `of` is the detections' camera."""
        by = self._by[self._there]
        if len(self._by) == 1:
            return by
        firsts = np.searchsorted(of, np.arange(len(self._by)))
        moved = self._by + firsts[:, None]
        return np.where(by >= 0, moved[self._there], -1)


def bounds_of(of: Indices, cameras: int) -> list[slice]:
    """Where each camera's rows lie, `of` telling the camera of each."""
    if cameras == 1:
        return [slice(0, len(of))]
    ends = np.searchsorted(of, np.arange(cameras + 1)).tolist()
    return [slice(first, end) for first, end in pairwise(ends)]


def _layers(of: Indices, cameras: int) -> Flags:
    """Places (cameras, most of a camera) for rows; which of them are taken."""
    if cameras == 1:
        return np.ones((1, len(of)), np.bool_)
    counts = np.bincount(of, minlength=cameras)
    return np.asarray(np.arange(counts.max()) < counts[:, None], np.bool_)


def _spread(values: npt.NDArray[Any], places: Flags) -> npt.NDArray[Any]:
    """Rows in the places that are taken, zeros in the others."""
    if len(places) == 1:
        return values[None]
    spread = np.zeros((*places.shape, *values.shape[1:]), values.dtype)
    spread[places] = values
    return spread


def _lead(votes: kalman.Floats) -> kalman.Floats:
    """By how much the first of each row's votes leads the second, (n,)."""
    if votes.shape[1] < 2:
        return np.asarray(votes.sum(axis=1))
    second, first = np.partition(votes, votes.shape[1] - 2, axis=1)[:, -2:].T
    return np.asarray(first - second)
