"""What the ledger keeps: state intervals and watched spans, each one row of the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from kernel.config.camera import StreamName
from kernel.events import CameraState, OfflineCause
from kernel.ledger.spans import Span

IntervalKey = tuple[str, StreamName, float]
SpanKey = tuple["WatchKind", str, StreamName | None, float]


@dataclass(frozen=True, slots=True)
class StateInterval:
    """A stream of a camera was in one state; the row's key is camera, stream and start.

    Attributes:
        camera_id, stream: whose state.
        start_s: for offline states the arrival of the last packet.
        end_s: start of the next state; while open the last instant it is known for: the last packet while online, the
            last heartbeat while not. It grows with each heartbeat, so an interval left open by a kill ends there.
        state, cause: what was the matter.
        run_id: run of the observer that saw it.
        is_open: no later state is known.
        is_probing: the first CONNECTING of an observer's run, or after out of service, as long as nothing tells that
            the camera is to blame. It counts as unobserved; once an attempt failed it counts as offline.
    """

    camera_id: str
    stream: StreamName
    start_s: float
    end_s: float
    state: CameraState
    cause: OfflineCause
    run_id: str = ""
    is_open: bool = False
    is_probing: bool = False

    @property
    def key(self) -> IntervalKey:
        """What a later version of this row has in common with it."""
        return self.camera_id, self.stream, self.start_s

    @property
    def span(self) -> Span:
        """Its time."""
        return Span(self.start_s, self.end_s)


class WatchKind(StrEnum):
    """Who watched."""

    OBSERVED = "observed"
    ANALYSED = "analysed"


@dataclass(frozen=True, slots=True)
class WatchedSpan:
    """Somebody was watching a camera without a gap; the row's key is kind, camera, stream and start.

    Attributes:
        kind: OBSERVED by an ingest worker (per stream), or ANALYSED by the detector (stream is None).
        camera_id, stream: what was watched.
        start_s, end_s: first and last heartbeat.
        run_id: run of the watcher.
    """

    kind: WatchKind
    camera_id: str
    stream: StreamName | None
    start_s: float
    end_s: float
    run_id: str = ""

    @property
    def key(self) -> SpanKey:
        """What a later version of this row has in common with it."""
        return self.kind, self.camera_id, self.stream, self.start_s

    @property
    def span(self) -> Span:
        """Its time."""
        return Span(self.start_s, self.end_s)


def without_overlaps(intervals: Iterable[StateInterval]) -> list[StateInterval]:
    """Intervals of one stream in order, each cut where the next begins; those of no length are left out."""
    ordered = sorted((row for row in intervals if row.end_s > row.start_s), key=lambda row: row.start_s)
    cut = [
        row if row.end_s <= following.start_s else replace(row, end_s=following.start_s)
        for row, following in pairwise(ordered)
    ]
    return cut + ordered[-1:]
