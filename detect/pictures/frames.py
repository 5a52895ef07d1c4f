"""The newest frames of all cameras, out of the rings of all ingest workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from kernel.clock import Clock
from kernel.config.camera import StreamName, StreamRole
from kernel.config.lookout import LookoutConfig
from kernel.ring import FrameView, RingReader
from kernel.runtime import RuntimePaths, shard_count_for, shard_of

Bytes = npt.NDArray[np.uint8]


@dataclass(slots=True)
class _Place:
    """Where a camera's frames lie, and which of them was analysed last."""

    reader: RingReader
    stream: StreamName
    taken: tuple[int, int] | None = None


OLDEST_S = 5.0
_CACHED_BYTES = 1 << 20


class FrameSource:
    """Reads frames that were not analysed yet; follows ingest workers through restarts.

    A frame that was old when it was first seen here is of a camera, or of a worker, that is gone: what it shows is no
    present, so it is never fresh.

    Args:
        streams: analysed stream of each camera, by camera id.
        readers: ring of each camera, by camera id; cameras of a worker share one.
        clock: tells how old a frame is.
    """

    def __init__(self, streams: Mapping[str, StreamName], readers: Mapping[str, RingReader], clock: Clock) -> None:
        self._clock = clock
        self._places = {camera_id: _Place(readers[camera_id], stream) for camera_id, stream in streams.items()}

    @classmethod
    def of(cls, config: LookoutConfig, clock: Clock) -> FrameSource:
        """The cameras of a config that have a stream to analyse."""
        paths = RuntimePaths.of(config)
        shards = shard_count_for(len(config.cameras))
        rings = [RingReader(paths.ring_file(shard)) for shard in range(shards)]
        streams = analysed_streams(config)
        readers = {camera.id: rings[shard_of(index, shards)] for index, camera in enumerate(config.cameras)}
        return cls(streams, readers, clock)

    def is_fresh(self, camera_id: str) -> bool:
        """Whether a frame lies there that was not taken yet."""
        place = self._places[camera_id]
        position = place.reader.position(camera_id, place.stream)
        return position is not None and position != place.taken

    def has_ring(self, camera_id: str) -> bool:
        """Whether the camera's ingest worker runs and has a ring with its stream."""
        place = self._places[camera_id]
        return (camera_id, place.stream) in place.reader.streams and place.reader.has_live_writer

    def newest(self, camera_id: str) -> FrameView | None:
        """The newest frame if it is fresh; it stays fresh until `mark_taken`."""
        place = self._places[camera_id]
        view = place.reader.newest(camera_id, place.stream)
        if view is None or (view.generation, view.sequence) == place.taken:
            return None
        if self._clock.now().timestamp() - view.captured_at_us / 1e6 > OLDEST_S:
            self.mark_taken(view)
            return None
        return view

    def mark_taken(self, view: FrameView) -> None:
        """This frame is being analysed."""
        self._places[view.camera_id].taken = (view.generation, view.sequence)

    def look_from(self, camera_id: str, in_s: float) -> None:
        """The camera's turn does not come before that many seconds: pictures in between need not be decoded."""
        place = self._places[camera_id]
        place.reader.look_from(camera_id, place.stream, int((self._clock.now().timestamp() + in_s) * 1e6))

    def close(self) -> None:
        """Let go of the rings."""
        for place in self._places.values():
            place.reader.close()


def analysed_streams(config: LookoutConfig) -> dict[str, StreamName]:
    """The stream each enabled camera is analysed by, where it has one."""
    found = {camera.id: camera.streams.name_for(StreamRole.ANALYSE) for camera in config.cameras if camera.enabled}
    return {camera_id: stream for camera_id, stream in found.items() if stream is not None}


@dataclass(frozen=True, slots=True, eq=False)
class FrameCopy:
    """A frame's planes in memory of our own: uint8 [height, width] and twice [(height + 1) // 2, (width + 1) // 2]."""

    y: Bytes
    u: Bytes
    v: Bytes

    @classmethod
    def sized(cls, view: FrameView) -> FrameCopy:
        """Room for a frame of that size."""
        return cls(np.empty(view.y.shape, np.uint8), np.empty(view.u.shape, np.uint8), np.empty(view.v.shape, np.uint8))

    def take(self, view: FrameView) -> None:
        """Copy a frame of the same size; ask it whether it is intact afterwards."""
        for mine, theirs in zip(self._planes(), (view.y, view.u, view.v), strict=True):
            np.copyto(mine, theirs)

    def _planes(self) -> Iterable[Bytes]:
        return self.y, self.u, self.v


def scratch_for(view: FrameView) -> FrameCopy | None:
    """Room to copy a frame into before it is resized, where that pays; overwritten by the next frame of its size.

    A copy brings a frame from far memory into the core's own cache in long strides, which resizing, going through two
    rows at a time, does not: together they take two thirds of the time. A frame larger than that cache gains nothing.
    """
    return None if view.y.nbytes > _CACHED_BYTES else _scratch(view.width_px, view.height_px)


@lru_cache(maxsize=8)
def _scratch(width_px: int, height_px: int) -> FrameCopy:
    half = (height_px + 1) // 2, (width_px + 1) // 2
    return FrameCopy(np.empty((height_px, width_px), np.uint8), np.empty(half, np.uint8), np.empty(half, np.uint8))
