"""The current GOP of a stream, kept for viewers who join in the middle of it; pure."""

from __future__ import annotations

from kernel.media import AccessUnit

LARGEST_GOP_BYTES = 6 << 20


class GopCache:
    """Access units since the last keyframe, or nothing while there is no whole GOP to show.

    A GOP over `largest_bytes` is given up until the next keyframe: replaying it would flood the network for a picture
    that a keyframe brings anyway.
    """

    def __init__(self, largest_bytes: int = LARGEST_GOP_BYTES) -> None:
        self._largest_bytes = largest_bytes
        self._units: list[AccessUnit] = []
        self._bytes = 0

    @property
    def units(self) -> tuple[AccessUnit, ...]:
        """The GOP so far, keyframe first; empty while there is none."""
        return tuple(self._units)

    @property
    def size_bytes(self) -> int:
        """Payload bytes held."""
        return self._bytes

    def add(self, unit: AccessUnit) -> None:
        """Take the next unit of the stream."""
        if unit.keyframe or unit.discontinuity:
            self.clear()
        if not unit.keyframe and not self._units:
            return
        self._units.append(unit)
        self._bytes += len(unit.payload)
        if self._bytes > self._largest_bytes:
            self.clear()

    def clear(self) -> None:
        """Forget the GOP."""
        self._units.clear()
        self._bytes = 0
