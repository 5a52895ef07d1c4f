"""The detector's end of a frame ring."""

from __future__ import annotations

import fcntl
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kernel.config.camera import StreamName
from kernel.ring.layout import (
    CAPTURED_AT_US,
    CHROMA_STRIDE,
    CLOSED_WORD,
    ENTRY_BYTES,
    GENERATION_WORD,
    HEADER_BYTES,
    HEIGHT_PX,
    LOCK,
    LUMA_STRIDE,
    MAGIC,
    MAGIC_WORD,
    NEXT_LOOK_US,
    PTS,
    SEQUENCE,
    SLOT_BYTES,
    SLOT_BYTES_WORD,
    SLOTS_PER_STREAM,
    STREAM_COUNT_WORD,
    VERSION,
    VERSION_WORD,
    WIDTH_PX,
    WORD_BYTES,
    FrameLayout,
    RingLayout,
    StreamKey,
    unpack_entry,
)
from kernel.ring.writer import is_locked, planes_at

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, eq=False)
class FrameView:
    """One frame as it lies in shared memory; it may be overwritten at any time, so ask `is_intact()` after use.

    Attributes:
        camera_id: whose frame.
        stream: which stream.
        generation: the writer's run; sequences start again at 1 with a new one.
        sequence: rises by one with every frame written.
        pts: presentation time, 90 kHz.
        captured_at_us: arrival at ingest, microseconds since the epoch.
        width_px, height_px: size of the picture.
        y: uint8 [height, width], read-only view.
        u, v: uint8 [(height + 1) // 2, (width + 1) // 2], read-only views.
    """

    camera_id: str
    stream: StreamName
    generation: int
    sequence: int
    pts: int
    captured_at_us: int
    width_px: int
    height_px: int
    y: NDArray[np.uint8]
    u: NDArray[np.uint8]
    v: NDArray[np.uint8]
    _words: memoryview[int]
    _lock_word: int
    _lock: int

    def is_intact(self) -> bool:
        """Whether everything read from the planes so far belonged to this frame."""
        return self._words[self._lock_word] == self._lock


class RingReader:
    """Newest frames of the ring at `path`; follows the writer through restarts, and waits while there is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mapping: _Mapping | None = None

    @property
    def streams(self) -> tuple[StreamKey, ...]:
        """Streams of the ring, empty while there is none."""
        mapping = self._current()
        return () if mapping is None else tuple(mapping.index_of)

    @property
    def has_live_writer(self) -> bool:
        """Whether a process still writes this ring (false for one that a crash left behind)."""
        mapping = self._current()
        return mapping is not None and not mapping.is_closed and is_locked(mapping.fd)

    def position(self, camera_id: str, stream: StreamName) -> tuple[int, int] | None:
        """Generation and sequence of the newest frame, without taking it; None where there is none."""
        mapping = self._current()
        index = None if mapping is None else mapping.index_of.get((camera_id, stream))
        if mapping is None or index is None:
            return None
        sequence = mapping.newest_sequence(index)
        return (mapping.generation, sequence) if sequence else None

    def newest(self, camera_id: str, stream: StreamName) -> FrameView | None:
        """The newest complete frame of a stream, or None where there is none (yet)."""
        mapping = self._current()
        index = None if mapping is None else mapping.index_of.get((camera_id, stream))
        if mapping is None or index is None:
            return None
        for _ in range(_ATTEMPTS):
            view = mapping.view(index, (camera_id, stream))
            if view is not None:
                return view
        return None

    def look_from(self, camera_id: str, stream: StreamName, at_us: int) -> None:
        """Say that this stream is not looked at before an instant (microseconds since the epoch), to spare the writer.

        For the one reader that analyses the stream. Where the file may only be read, nothing is said.
        """
        mapping = self._current()
        index = None if mapping is None else mapping.index_of.get((camera_id, stream))
        if mapping is not None and index is not None:
            mapping.look_from(index, at_us)

    def close(self) -> None:
        """Let go of the file; views taken earlier stay valid."""
        if self._mapping is not None:
            self._mapping.close()
            self._mapping = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _current(self) -> _Mapping | None:
        """The mapping of what lies at the path now."""
        try:
            there = self.path.stat()
        except FileNotFoundError:
            self.close()
            return None
        if self._mapping is None or self._mapping.inode != there.st_ino:
            self.close()
            self._mapping = _Mapping.open(self.path)
        return self._mapping


class _Mapping:
    """One ring file, its frames mapped read-only."""

    def __init__(self, fd: int, memory: mmap.mmap, inode: int) -> None:
        self.fd = fd
        self.inode = inode
        self._memory = memory
        header = memoryview(memory)[:HEADER_BYTES].cast("q")
        count = header[STREAM_COUNT_WORD]
        self.generation = header[GENERATION_WORD]
        self._layout = layout = RingLayout(count)
        self._words = memoryview(memory)[: layout.preamble_bytes].cast("q")
        self._said = _writable(fd, layout.preamble_bytes)
        entries = (layout.entry_offset(index) for index in range(count))
        keys = [unpack_entry(memory[offset : offset + ENTRY_BYTES]) for offset in entries]
        self.index_of: dict[StreamKey, int] = {key: index for index, key in enumerate(keys)}

    @classmethod
    def open(cls, path: Path) -> _Mapping | None:
        """Map the file; None where it went away again or is no ring of this version."""
        try:
            fd = os.open(path, (os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY) | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        status = os.fstat(fd)
        if status.st_size >= HEADER_BYTES:
            memory = mmap.mmap(fd, status.st_size, access=mmap.ACCESS_READ)
            header = memoryview(memory)[:HEADER_BYTES].cast("q")
            if (
                header[MAGIC_WORD] == MAGIC
                and header[VERSION_WORD] == VERSION
                and header[SLOT_BYTES_WORD] == SLOT_BYTES
                and status.st_size == RingLayout(header[STREAM_COUNT_WORD]).file_bytes
            ):
                return cls(fd, memory, status.st_ino)
        os.close(fd)
        return None

    @property
    def is_closed(self) -> bool:
        """Whether the writer closed the ring in good order."""
        return self._words[CLOSED_WORD] != 0

    def newest_sequence(self, index: int) -> int:
        """Sequence of the newest complete frame of a stream, 0 before the first."""
        return self._words[self._layout.entry_offset(index) // WORD_BYTES]

    def look_from(self, index: int, at_us: int) -> None:
        """See `RingReader.look_from`."""
        if self._said is not None:
            self._said[self._layout.entry_offset(index) // WORD_BYTES + NEXT_LOOK_US] = at_us

    def view(self, index: int, key: StreamKey) -> FrameView | None:
        """The newest frame of a stream; None where there is none or the writer came by while its head was read."""
        sequence = self.newest_sequence(index)
        if sequence == 0:
            return None
        slot = sequence % SLOTS_PER_STREAM
        head = self._layout.head_offset(index, slot) // WORD_BYTES
        lock = self._words[head + LOCK]
        values = self._words[head : head + CHROMA_STRIDE + 1].tolist()
        if lock & 1 or values[SEQUENCE] != sequence or self._words[head + LOCK] != lock:
            return None
        frame = FrameLayout(values[WIDTH_PX], values[HEIGHT_PX])
        if (frame.luma_stride, frame.chroma_stride) != (values[LUMA_STRIDE], values[CHROMA_STRIDE]):
            return None
        y, u, v = planes_at(self._memory, self._layout.slot_offset(index, slot), frame)
        return FrameView(
            *key,
            self.generation,
            sequence,
            values[PTS],
            values[CAPTURED_AT_US],
            frame.width_px,
            frame.height_px,
            y,
            u,
            v,
            self._words,
            head + LOCK,
            lock,
        )

    def close(self) -> None:
        """Close the file; the mapping itself goes with the last view of it."""
        os.close(self.fd)


def _writable(fd: int, size_bytes: int) -> memoryview[int] | None:
    """The directory's words for writing, None where the file may only be read."""
    if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        return None
    return memoryview(mmap.mmap(fd, size_bytes)).cast("q")
