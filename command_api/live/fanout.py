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


FRESH_S = 1.5


class Fanout:
    """Takes units in order and gives them to every viewer.

    A GOP is replayed only while its stream is running: what is replayed counts as new pictures in the browser, and a
    camera that has stopped would look live there. Who asks meanwhile gets the GOP with the next unit that arrives.
    Units that ingest replays only fill the cache; they go out with the first live one.
    """

    def __init__(self) -> None:
        self._gop = GopCache()
        self._sinks: list[Sink] = []
        self._awaiting: list[Sink] = []
        self._published_at_s: float | None = None
        self.published = 0

    @property
    def sink_count(self) -> int:
        """Viewers attached."""
        return len(self._sinks)

    @property
    def gop_bytes(self) -> int:
        """Size of the cached GOP."""
        return self._gop.size_bytes

    def attach(self, sink: Sink, now_s: float) -> None:
        """Add a viewer; it gets the cached GOP at once, or with the next unit."""
        self._sinks.append(sink)
        self.replay_to(sink, now_s)

    def detach(self, sink: Sink) -> None:
        """Remove a viewer; one that is not attached is no error."""
        self._sinks = [other for other in self._sinks if other is not sink]
        self._awaiting = [other for other in self._awaiting if other is not sink]

    def replay_to(self, sink: Sink, now_s: float) -> None:
        """The cached GOP (again) for a viewer who has no picture, as soon as the stream is running."""
        if self._published_at_s is not None and now_s - self._published_at_s <= FRESH_S and self._gop.units:
            sink.replay(self._gop.units)
        elif sink not in self._awaiting:
            self._awaiting.append(sink)

    def publish(self, unit: AccessUnit, now_s: float) -> None:
        """The next unit of the stream."""
        self._gop.add(unit)
        self.published += 1
        if unit.replayed:
            self._awaiting = list(self._sinks)
            return
        self._published_at_s = now_s
        awaiting, self._awaiting = self._awaiting, []
        gop = self._gop.units
        for sink in self._sinks:
            if gop and sink in awaiting:
                sink.replay(gop)
            else:
                sink.offer(unit)

    def reset(self) -> None:
        """Forget the GOP: the stream it belongs to has ended."""
        self._gop.clear()
        self._published_at_s = None
