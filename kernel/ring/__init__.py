"""Frames between an ingest worker and its detector: one mmap'ed file, newest wins, nothing is copied for the reader.

    writer: planes -> slot (sequence mod 4) -> `newest`        reader: `newest` -> views into the slot -> is_intact()

A reader may say when it will look at a stream next (`RingReader.look_from`): what is newer by then need not be written.

A reader takes what it needs out of a view (it resizes the planes into its batch) and then asks `is_intact()`; where the
writer has come round to that slot in the meantime the answer is no and the result is thrown away.
"""

from kernel.ring.errors import FrameTooLarge, NoSharedMemory, RingInUse
from kernel.ring.reader import FrameView, RingReader
from kernel.ring.writer import RingWriter, StreamSlots

__all__ = ["FrameTooLarge", "FrameView", "NoSharedMemory", "RingInUse", "RingReader", "RingWriter", "StreamSlots"]
