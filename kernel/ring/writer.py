"""The ingest worker's end of a frame ring."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kernel.ring.errors import FrameTooLarge, NoSharedMemory, RingInUse
from kernel.ring.layout import (
    CLOSED_WORD,
    LOCK,
    NEXT_LOOK_US,
    PAGE_BYTES,
    SEQUENCE,
    SLOT_BYTES,
    SLOTS_PER_STREAM,
    WORD_BYTES,
    FrameLayout,
    RingLayout,
    StreamKey,
    aligned,
    pack_preamble,
)

Plane = NDArray[np.uint8]


class RingWriter:
    """A new ring file that replaces whatever lay at `path`, visible to readers only once it is complete.

    The writer keeps an flock on the file as long as it lives; that is how readers and a second writer tell a live ring
    from one a crash left behind.

    Args:
        path: where the ring lies, in /dev/shm.
        streams: camera id and stream name of every stream that may be written.

    Raises:
        RingInUse: another live process writes this ring.
        NoSharedMemory: not even the directory finds room.
    """

    def __init__(self, path: Path, streams: Sequence[StreamKey]) -> None:
        if len(set(streams)) != len(streams):
            raise ValueError(f"a stream is named twice: {streams}")
        if _is_held(path):
            raise RingInUse(path)
        self.path = path
        self.generation = time.time_ns()
        layout = RingLayout(len(streams))
        unborn = path.with_name(f"{path.name}.{os.getpid()}-{self.generation}.new")
        with ExitStack() as undoing:
            self._fd = os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            undoing.callback(unborn.unlink, missing_ok=True)
            undoing.callback(os.close, self._fd)
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._fd, layout.file_bytes)
            reserve(self._fd, path, 0, layout.preamble_bytes, "its directory")
            self._memory = mmap.mmap(self._fd, layout.file_bytes)
            preamble = pack_preamble(layout, self.generation, streams)
            self._memory[: len(preamble)] = preamble
            take_place(unborn, path)
            undoing.pop_all()
        self._inode = os.fstat(self._fd).st_ino
        self._words = memoryview(self._memory)[: layout.preamble_bytes].cast("q")
        self._slots = {
            key: StreamSlots(self, key, layout, index, self._fd, self._memory, self._words)
            for index, key in enumerate(streams)
        }

    def slot_for(self, camera_id: str, stream: str) -> StreamSlots:
        """The slots of one stream; only one thread at a time may write to them.

        Raises:
            KeyError: the ring was made without that stream.
        """
        for key, slots in self._slots.items():
            if key == (camera_id, stream):
                return slots
        raise KeyError((camera_id, stream))

    def close(self) -> None:
        """Mark the ring closed and take its file away; readers that still hold views keep them."""
        if self._fd < 0:
            return
        self._words[CLOSED_WORD] = 1
        if self._is_ours():
            self.path.unlink(missing_ok=True)
        os.close(self._fd)
        self._fd = -1

    def _is_ours(self) -> bool:
        try:
            return self.path.stat().st_ino == self._inode
        except FileNotFoundError:
            return False


class StreamSlots:
    """The slots of one stream, written in turn."""

    def __init__(
        self,
        ring: RingWriter,
        key: StreamKey,
        layout: RingLayout,
        index: int,
        fd: int,
        memory: mmap.mmap,
        words: memoryview[int],
    ) -> None:
        self._ring = ring
        self._key = key
        self._fd = fd
        self._memory = memory
        self._words = words
        self._newest_word = layout.entry_offset(index) // WORD_BYTES
        self._head_words = [layout.head_offset(index, slot) // WORD_BYTES for slot in range(SLOTS_PER_STREAM)]
        self._offsets = [layout.slot_offset(index, slot) for slot in range(SLOTS_PER_STREAM)]
        self._reserved_bytes = 0
        self._frame = FrameLayout(0, 0)
        self._planes: list[tuple[Plane, Plane, Plane]] = []

    @property
    def sequence(self) -> int:
        """Sequence of the newest frame, 0 before the first."""
        return self._words[self._newest_word]

    @property
    def next_look_us(self) -> int:
        """Nobody looks at this stream before that instant, microseconds since the epoch; 0 where nobody said so."""
        return self._words[self._newest_word + NEXT_LOOK_US]

    def write(self, y: Plane, u: Plane, v: Plane, pts: int, captured_at_us: int) -> int:
        """Publish one frame as the newest of its stream and return its sequence.

        Args:
            y: uint8 [height, width], any stride.
            u: uint8 [(height + 1) // 2, (width + 1) // 2], any stride.
            v: like u.
            pts: presentation time, 90 kHz.
            captured_at_us: arrival at ingest, microseconds since the epoch.

        Raises:
            NoSharedMemory: no room for frames of this size; the stream may be tried again later.
            FrameTooLarge: larger than a slot.
            ValueError: planes that are no I420 picture.
        """
        height_px, width_px = y.shape
        if (width_px, height_px) != (self._frame.width_px, self._frame.height_px):
            self._reserve(FrameLayout(width_px, height_px))
        sequence = self.sequence + 1
        slot = sequence % SLOTS_PER_STREAM
        words, head = self._words, self._head_words[slot]
        lock = words[head + LOCK]
        being_written = lock + 1 + (lock & 1)  # odd, and another number also after a write that broke off
        words[head + LOCK] = being_written
        for target, source in zip(self._planes[slot], (y, u, v), strict=True):
            if target.shape != source.shape:
                raise ValueError(f"not an I420 picture: plane {source.shape} where {target.shape} belongs")
            np.copyto(target, source, casting="no")
        frame = self._frame
        values = (sequence, pts, captured_at_us, width_px, height_px, frame.luma_stride, frame.chroma_stride)
        for place, value in enumerate(values, start=head + SEQUENCE):
            words[place] = value
        words[head + LOCK] = being_written + 1
        words[self._newest_word] = sequence
        return sequence

    def _reserve(self, frame: FrameLayout) -> None:
        """Make sure pages exist for frames of a new size, and make views of the planes in every slot."""
        if frame.size_bytes > SLOT_BYTES:
            raise FrameTooLarge(frame.width_px, frame.height_px)
        if frame.width_px < 1 or frame.height_px < 1:
            raise ValueError(f"an empty picture: {frame.width_px}x{frame.height_px}")
        needed_bytes = aligned(frame.size_bytes, PAGE_BYTES)
        if needed_bytes > self._reserved_bytes:
            what = f"{SLOTS_PER_STREAM} frames of {self._key[0]}/{self._key[1].value}"
            for offset in self._offsets:
                reserve(self._fd, self._ring.path, offset, needed_bytes, what)
            self._reserved_bytes = needed_bytes
        self._planes = [planes_at(self._memory, offset, frame) for offset in self._offsets]
        self._frame = frame


def planes_at(memory: mmap.mmap, offset: int, frame: FrameLayout) -> tuple[Plane, Plane, Plane]:
    """Views of Y, U and V of a picture that lies at `offset`: uint8 [rows, columns]."""
    luma, first_chroma, second_chroma = frame.plane_offsets
    chroma = (frame.chroma_height_px, frame.chroma_width_px)
    return (
        _plane(memory, offset + luma, (frame.height_px, frame.width_px), frame.luma_stride),
        _plane(memory, offset + first_chroma, chroma, frame.chroma_stride),
        _plane(memory, offset + second_chroma, chroma, frame.chroma_stride),
    )


def _plane(memory: mmap.mmap, offset: int, shape: tuple[int, int], stride: int) -> Plane:
    return np.ndarray(shape, dtype=np.uint8, buffer=memory, offset=offset, strides=(stride, 1))


def reserve(fd: int, path: Path, offset: int, size_bytes: int, what: str) -> None:
    """Have the kernel set pages aside now: a store into a page that cannot be had later would be a SIGBUS.

    Raises:
        NoSharedMemory: there is no room.
    """
    try:
        os.posix_fallocate(fd, offset, size_bytes)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.ENOMEM, errno.EDQUOT):
            raise
        raise NoSharedMemory(path, what, size_bytes) from error


def take_place(unborn: Path, path: Path) -> None:
    """Put a ring that is locked already in the place of one that nobody holds; of two writers that try, one wins.

    Who replaces a file holds its lock meanwhile, and looks again whether it is still the file of that name.

    Raises:
        RingInUse: another live process writes this ring.
    """
    while True:
        try:
            stale = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            try:
                os.link(unborn, path)
            except FileExistsError:
                continue
            unborn.unlink()
            return
        try:
            if is_locked(stale):
                raise RingInUse(path)
            try:
                fcntl.flock(stale, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_same = os.path.samestat(os.fstat(stale), path.stat())
            except (BlockingIOError, FileNotFoundError):  # somebody looks at it or replaces it just now
                os.sched_yield()
                continue
            if is_same:
                unborn.rename(path)
                return
        finally:
            os.close(stale)


def _is_held(path: Path) -> bool:
    """Whether a live writer holds the ring at `path`."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return is_locked(fd)
    finally:
        os.close(fd)


def is_locked(fd: int) -> bool:
    """Whether another open file description holds the writer's lock on this file."""
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False
