"""Access units of one stream: kept in its GOP ring and handed to whoever watches. Thread-safe, no I/O."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ingest.gop_ring import GopRing
from kernel.media import AccessUnit, MediaHello

LARGEST_QUEUE_BYTES = 8 << 20
LARGEST_QUEUE_UNITS = 300


class Subscriber(Protocol):
    """Somebody who watches a stream. Both calls come from the camera's thread and must not block."""

    def offer(self, unit: AccessUnit) -> None:
        """A live access unit."""
        ...

    def end(self) -> None:
        """The stream is another one from now on (codec or size changed): connect anew."""
        ...


class UnitQueue:
    """Bounded queue of one slow client: when it is full everything goes, and it starts again at the next keyframe."""

    def __init__(self, largest_bytes: int = LARGEST_QUEUE_BYTES, largest_units: int = LARGEST_QUEUE_UNITS) -> None:
        self._largest_bytes = largest_bytes
        self._largest_units = largest_units
        self._units: deque[AccessUnit] = deque()
        self._bytes = 0
        self._waits_for_keyframe = False
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._units)

    def put(self, unit: AccessUnit) -> None:
        """Add the newest unit, or drop it while the queue waits for a keyframe."""
        if self._waits_for_keyframe and not unit.keyframe:
            self.dropped += 1
            return
        self._waits_for_keyframe = False
        full = self._bytes + len(unit.payload) > self._largest_bytes or len(self._units) >= self._largest_units
        if full and self._units:
            self.dropped += len(self._units)
            self._units.clear()
            self._bytes = 0
            if not unit.keyframe:
                self.dropped += 1
                self._waits_for_keyframe = True
                return
        self._units.append(unit)
        self._bytes += len(unit.payload)

    def take(self) -> AccessUnit | None:
        """The oldest unit, or None."""
        if not self._units:
            return None
        unit = self._units.popleft()
        self._bytes -= len(unit.payload)
        return unit


class LiveStream:
    """One stream of a camera as it is handed on: what it is, its last GOPs, its subscribers."""

    def __init__(self, ring: GopRing) -> None:
        self.ring = ring
        self._hello: MediaHello | None = None
        self._subscribers: set[Subscriber] = set()
        self._lock = threading.Lock()

    @property
    def hello(self) -> MediaHello | None:
        """What the stream is, None before its first session."""
        return self._hello

    @property
    def subscriber_count(self) -> int:
        """How many watch."""
        return len(self._subscribers)

    def announce(self, hello: MediaHello) -> None:
        """What the stream is from now on. Subscribers of one that is another now are ended.

        Footage of another codec is dropped: a clip is written in one codec, the present one.
        """
        with self._lock:
            if self._hello is not None and self._hello.codec != hello.codec:
                self.ring.clear()
            ended = self._subscribers if self._hello not in (None, hello) else set()
            self._hello = hello
            if ended:
                self._subscribers = set()
        for subscriber in ended:
            subscriber.end()

    def end_session(self) -> None:
        """The session is over: whoever comes before the next one's first keyframe gets nothing that is old."""
        with self._lock:
            self.ring.end_session()

    def publish(self, unit: AccessUnit) -> None:
        """Keep the unit and hand it to the subscribers."""
        with self._lock:
            self.ring.append(unit)
            for subscriber in self._subscribers:
                subscriber.offer(unit)

    def subscribe(self, subscriber: Subscriber, replay: Callable[[tuple[AccessUnit, ...]], None]) -> MediaHello | None:
        """Add a subscriber; `replay` gets the newest GOP first, and nothing is missed or doubled in between.

        Returns:
            What the stream is, or None where there was no session yet (and nothing was subscribed).
        """
        with self._lock:
            if self._hello is None:
                return None
            replay(self.ring.current_gop())
            self._subscribers.add(subscriber)
            return self._hello

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Remove a subscriber; one that was ended is gone already."""
        with self._lock:
            self._subscribers.discard(subscriber)
