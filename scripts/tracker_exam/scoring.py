"""Tracks against truth by TrackEval: MOTA, IDF1, HOTA and what they are made of, at IoU 0.5, whatever the class.

As in the MOTChallenge, truth that need not be found (too small, too hidden) is left out, and so are tracks that lie on
it.

Source: Bernardin, Stiefelhagen, Evaluating Multiple Object Tracking Performance: The CLEAR MOT Metrics (2008);
Ristani et al., Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking (2016); Luiten et al.,
HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking (2020).
"""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from detect.tracking.association import iou_matrix
from scripts.tracker_exam.footage import Footage, Truth

IOU_MIN = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class FrameTracks:
    """What a tracker says of one frame: track_id (n,), boxes_xyxy (n, 4) px."""

    track_id: NDArray[np.int64]
    boxes_xyxy: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares are 0-1, the others counts; `switches` is how often an object got another track's number."""

    mota: float
    idf1: float
    hota: float
    recall: float
    precision: float
    switches: int
    missed: int
    wrong: int
    objects: int
    boxes: int

    def record(self) -> dict[str, float | int]:
        """As JSON has it."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def score(footage: Sequence[Footage], runs: Sequence[Sequence[FrameTracks]]) -> Figures:
    """The figures of one tracker over all cameras.

    Args:
        footage: of each camera.
        runs: what the tracker said of each shot of each camera.

    Raises:
        ModuleNotFoundError: TrackEval is not installed.
    """
    said = io.StringIO()
    with contextlib.redirect_stdout(said):  # TrackEval prints what else it could do
        metrics: Any = importlib.import_module("trackeval.metrics")
        quiet = {"PRINT_CONFIG": False, "THRESHOLD": IOU_MIN}
        clear, identity, hota = metrics.CLEAR(quiet), metrics.Identity(quiet), metrics.HOTA()
        sequences = {one.camera_id: _sequence(one, run) for one, run in zip(footage, runs, strict=True)}
        by_metric = [
            metric.combine_sequences({name: metric.eval_sequence(sequence) for name, sequence in sequences.items()})
            for metric in (clear, identity, hota)
        ]
    counted, identities, higher = by_metric
    return Figures(
        float(counted["MOTA"]),
        float(identities["IDF1"]),
        float(np.mean(higher["HOTA"])),
        float(counted["CLR_Re"]),
        float(counted["CLR_Pr"]),
        int(counted["IDSW"]),
        int(counted["CLR_FN"]),
        int(counted["CLR_FP"]),
        sum(int(sequence["num_gt_ids"]) for sequence in sequences.values()),
        sum(int(sequence["num_gt_dets"]) for sequence in sequences.values()),
    )


def _sequence(footage: Footage, run: Sequence[FrameTracks]) -> dict[str, Any]:
    """One camera as TrackEval takes it: numbers from 0 and IoU per frame."""
    actors, tracks, overlaps = [], [], []
    for shot, said in zip(footage.shots, run, strict=True):
        kept = ~lies_on_ignored(shot.truth, said.boxes_xyxy)
        actors.append(shot.truth.actor[shot.truth.counts])
        tracks.append(said.track_id[kept])
        overlaps.append(iou_matrix(shot.truth.boxes_xyxy[shot.truth.counts], said.boxes_xyxy[kept]))
    actor_ids, track_ids = _from_zero(actors), _from_zero(tracks)
    return {
        "num_timesteps": len(run),
        "num_gt_ids": len(np.unique(np.concatenate(actors))),
        "num_tracker_ids": len(np.unique(np.concatenate(tracks))),
        "num_gt_dets": sum(map(len, actors)),
        "num_tracker_dets": sum(map(len, tracks)),
        "gt_ids": actor_ids,
        "tracker_ids": track_ids,
        "similarity_scores": overlaps,
    }


def lies_on_ignored(truth: Truth, boxes_xyxy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which boxes (n, 4) fit best to truth that need not be found."""
    ignored = np.zeros(len(boxes_xyxy), np.bool_)
    overlap = iou_matrix(truth.boxes_xyxy, boxes_xyxy)
    rows, columns = linear_sum_assignment(np.where(overlap >= IOU_MIN, -overlap, 0.0))
    fits = overlap[rows, columns] >= IOU_MIN
    ignored[columns[fits]] = ~truth.counts[rows[fits]]
    return ignored


def _from_zero(ids: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    known = np.unique(np.concatenate(ids))
    return [np.searchsorted(known, one).astype(np.int64) for one in ids]
