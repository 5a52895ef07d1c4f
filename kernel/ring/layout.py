"""Where everything lies in a ring file.

    header       128 bytes   words of 8 bytes: magic, version, generation, stream count, slot capacity, closed
    directory    128 bytes   per stream: newest sequence, next look (words), stream name (48 bytes), camera id (64)
    slot heads    64 bytes   per stream and slot, words: lock, sequence, pts, captured_at_us, width, height, strides
    slots        SLOT_BYTES  per stream and slot, page-aligned: planes Y, U, V one after the other

Every number is an aligned native 8-byte word, read and written by one machine instruction through a `memoryview` cast
to "q" (`struct` with a byte order goes byte by byte and would tear). Slots have room for 4096x2304 but the file is
sparse: pages exist only where a frame was reserved.

The seqlock: the one writer of a stream makes a slot's lock odd, stores planes and head, makes it even again, then
stores `newest`. A reader notes the lock, and believes what it took only if the lock is the same even number afterwards.
Why plain stores from Python are enough: x86-64 keeps stores in order and loads in order (Intel SDM vol. 3A, 9.2.2), and
glibc's memcpy fences its own non-temporal stores. On ARM order comes from numpy giving up and retaking the GIL around
a plane's copy, whose locks are barriers.
"""

from __future__ import annotations

import mmap
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from kernel.config.camera import StreamName

MAGIC = 0x4C4F_4F4B_4F55_5452  # "LOOKOUTR"
VERSION = 2
SLOTS_PER_STREAM = 4
LARGEST_FRAME_PX = (4096, 2304)
PAGE_BYTES = mmap.PAGESIZE
WORD_BYTES = 8
HEADER_BYTES = 128
ENTRY_BYTES = 128
_NAME_OFFSET, _ID_OFFSET = 16, 64
HEAD_BYTES = 64
LONGEST_CAMERA_ID_BYTES = 63
STRIDE_ALIGN_BYTES = 32

# words of the header
MAGIC_WORD, VERSION_WORD, GENERATION_WORD, STREAM_COUNT_WORD, SLOT_BYTES_WORD, CLOSED_WORD = range(6)
# words of a directory entry; the second is the only one a reader writes
NEWEST, NEXT_LOOK_US = range(2)
# words of a slot's head
LOCK, SEQUENCE, PTS, CAPTURED_AT_US, WIDTH_PX, HEIGHT_PX, LUMA_STRIDE, CHROMA_STRIDE = range(8)

StreamKey = tuple[str, StreamName]


def aligned(size_bytes: int, unit_bytes: int) -> int:
    """The next multiple of `unit_bytes` at or above `size_bytes`."""
    return -(-size_bytes // unit_bytes) * unit_bytes


@dataclass(frozen=True, slots=True)
class FrameLayout:
    """Where the planes of an I420 picture lie within a slot, offsets and strides in bytes."""

    width_px: int
    height_px: int

    @property
    def chroma_width_px(self) -> int:
        """Columns of U and V."""
        return (self.width_px + 1) // 2

    @property
    def chroma_height_px(self) -> int:
        """Rows of U and V."""
        return (self.height_px + 1) // 2

    @property
    def luma_stride(self) -> int:
        """Bytes from one row of Y to the next."""
        return aligned(self.width_px, STRIDE_ALIGN_BYTES)

    @property
    def chroma_stride(self) -> int:
        """Bytes from one row of U or V to the next."""
        return aligned(self.chroma_width_px, STRIDE_ALIGN_BYTES)

    @property
    def plane_offsets(self) -> tuple[int, int, int]:
        """Offsets of Y, U and V."""
        luma_bytes = self.luma_stride * self.height_px
        return 0, luma_bytes, luma_bytes + self.chroma_stride * self.chroma_height_px

    @property
    def size_bytes(self) -> int:
        """All three planes."""
        return self.luma_stride * self.height_px + 2 * self.chroma_stride * self.chroma_height_px


SLOT_BYTES = aligned(FrameLayout(*LARGEST_FRAME_PX).size_bytes, PAGE_BYTES)


@dataclass(frozen=True, slots=True)
class RingLayout:
    """Offsets within a ring file of so many streams."""

    stream_count: int

    def entry_offset(self, stream: int) -> int:
        """Directory entry of a stream."""
        return HEADER_BYTES + stream * ENTRY_BYTES

    def head_offset(self, stream: int, slot: int) -> int:
        """Head of a slot."""
        return self.entry_offset(self.stream_count) + (stream * SLOTS_PER_STREAM + slot) * HEAD_BYTES

    @property
    def preamble_bytes(self) -> int:
        """Header, directory and heads, in whole pages."""
        return aligned(self.head_offset(self.stream_count, 0), PAGE_BYTES)

    def slot_offset(self, stream: int, slot: int) -> int:
        """Pixels of a slot."""
        return self.preamble_bytes + (stream * SLOTS_PER_STREAM + slot) * SLOT_BYTES

    @property
    def file_bytes(self) -> int:
        """Length of the (sparse) file."""
        return self.slot_offset(self.stream_count, 0)


def pack_entry(key: StreamKey) -> bytes:
    """A directory entry without any frame yet.

    Raises:
        ValueError: the camera id is longer than LONGEST_CAMERA_ID_BYTES.
    """
    camera_id = key[0].encode()
    if len(camera_id) > LONGEST_CAMERA_ID_BYTES:
        raise ValueError(f"camera id longer than {LONGEST_CAMERA_ID_BYTES} bytes: {key[0]!r}")
    name = key[1].value.encode().ljust(_ID_OFFSET - _NAME_OFFSET, b"\0")
    return (bytes(_NAME_OFFSET) + name + camera_id).ljust(ENTRY_BYTES, b"\0")


def unpack_entry(raw: bytes) -> StreamKey:
    """Camera id and stream of a directory entry."""
    name, camera_id = raw[_NAME_OFFSET:_ID_OFFSET], raw[_ID_OFFSET:]
    return camera_id.rstrip(b"\0").decode(), StreamName(name.rstrip(b"\0").decode())


def pack_preamble(layout: RingLayout, generation: int, streams: Sequence[StreamKey]) -> bytes:
    """Header and directory of a new file."""
    words = [0] * (HEADER_BYTES // WORD_BYTES)
    words[MAGIC_WORD], words[VERSION_WORD], words[GENERATION_WORD] = MAGIC, VERSION, generation
    words[STREAM_COUNT_WORD], words[SLOT_BYTES_WORD] = layout.stream_count, SLOT_BYTES
    header = b"".join(word.to_bytes(WORD_BYTES, byteorder=sys.byteorder) for word in words)
    return header + b"".join(pack_entry(key) for key in streams)
