"""What is kept of every track: a row of parallel arrays, of one camera or of several after one another; pure.

Numpy's price is the call and not the number, so rows are gathered and thrown out only where some are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from detect.tracking.association import Indices
from detect.tracking.kalman import Floats

RECENT_FRAMES = 5


@dataclass(slots=True)
class Rows:
    """Arrays of the same length.

    Attributes:
        state: (n, 5, 4), see `kalman`.
        votes: (n, classes).
        recent: (n, 5), confidence of the last five detections, each at its number modulo five.
        is_seen: on the newest frame.
    """

    track_id: npt.NDArray[np.int64]
    state: Floats
    votes: Floats
    class_id: npt.NDArray[np.int64]
    recent: Floats
    frames_seen: npt.NDArray[np.int64]
    last_seen_s: Floats
    is_confirmed: npt.NDArray[np.bool_]
    is_seen: npt.NDArray[np.bool_]

    @classmethod
    def empty(cls, class_count: int) -> Rows:
        """No tracks."""
        numbers, times, flags = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)
        votes, recent = np.zeros((0, class_count)), np.zeros((0, RECENT_FRAMES))
        return cls(numbers, np.zeros((0, 5, 4)), votes, numbers, recent, numbers, times, flags, flags)

    def __len__(self) -> int:
        return len(self.track_id)

    def at(self, kept: npt.NDArray[np.bool_] | Indices | slice) -> Rows:
        """The tracks under a mask, at indices, or of a stretch (then views)."""
        return Rows(*(getattr(self, name)[kept] for name in _NAMES))

    def widen(self, class_count: int) -> None:
        """Have room for the votes of more classes."""
        more = class_count - self.votes.shape[1]
        if more > 0:
            self.votes = np.pad(self.votes, ((0, 0), (0, more)))


_NAMES = tuple(field.name for field in fields(Rows))


def joined(parts: Sequence[Rows]) -> Rows:
    """One after the other; where the classes differ in number, as many as the most."""
    if len(parts) == 1:
        return parts[0]
    width = max(part.votes.shape[1] for part in parts)
    parts = [part for part in parts if len(part)] or parts[:1]
    for part in parts:
        if part.votes.shape[1] < width:
            part.widen(width)
    if len(parts) == 1:
        return parts[0]
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES))
