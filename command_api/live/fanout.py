"""One stream to all its viewers, with the GOP kept for those who join late; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from command_api.live.gop import GopCache
from kernel.media import AccessUnit


class Sink(Protocol):
    """A viewer's end of the stream."""

    def replay(self, units: Sequence[AccessUnit]) -> None:
        """Show this GOP now, then what is offered."""

    def offer(self, unit: AccessUnit) -> None:
        """The next live unit."""


class Fanout:
    """Takes units in order; replayed ones only fill the cache until the first live one lets them all go."""

    def __init__(self) -> None:
        self._gop = GopCache()
        self._sinks: list[Sink] = []
        self._burst_is_pending = False
        self.published = 0

    @property
    def sink_count(self) -> int:
        """Viewers attached."""
        return len(self._sinks)

    @property
    def gop_bytes(self) -> int:
        """Size of the cached GOP."""
        return self._gop.size_bytes

    def attach(self, sink: Sink) -> None:
        """Add a viewer; it gets the cached GOP at once."""
        self._sinks.append(sink)
        self.replay_to(sink)

    def detach(self, sink: Sink) -> None:
        """Remove a viewer; one that is not attached is no error."""
        self._sinks = [other for other in self._sinks if other is not sink]

    def replay_to(self, sink: Sink) -> None:
        """Answer a picture loss: the cached GOP again, if a whole one is there."""
        if not self._burst_is_pending:
            sink.replay(self._gop.units)

    def publish(self, unit: AccessUnit) -> None:
        """The next unit of the stream."""
        self._gop.add(unit)
        self.published += 1
        if unit.replayed:
            self._burst_is_pending = True
            return
        if self._burst_is_pending and self._gop.units:
            self._burst_is_pending = False
            for sink in self._sinks:
                sink.replay(self._gop.units)
            return
        self._burst_is_pending = False
        for sink in self._sinks:
            sink.offer(unit)

    def reset(self) -> None:
        """Forget the GOP: the stream it belongs to has ended."""
        self._gop.clear()
        self._burst_is_pending = False
