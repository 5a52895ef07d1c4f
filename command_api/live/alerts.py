"""Stored alerts to pages over data channels: bus -> units a user may see -> one reliable unordered channel each.

One way only: what a page sends is counted and thrown away. A page acknowledges over HTTP, where it is audited.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from aiortc import RTCDataChannel

from command_api.live.peer import Peer
from kernel.clock import Clock

CHANNEL_LABEL = "events"
PING_EVERY_S = 1.0
MOST_BUFFERED_BYTES = 1 << 20
EVERY_UNIT = "*"

_log = logging.getLogger(__name__)


class Subscriber(Peer):
    """One page's data channel."""

    def __init__(self, user: str, units: frozenset[str], on_closed: Callable[[Peer], None], sign_in: str = "") -> None:
        super().__init__(user, on_closed, sign_in)
        self._units = units
        self._channel: RTCDataChannel | None = None
        self.sent = 0
        self.ignored = 0
        self.connection.on("datachannel", self._on_channel)

    def may_see(self, unit: str) -> bool:
        """Whether the user sees cameras of this unit."""
        return EVERY_UNIT in self._units or unit in self._units

    def send(self, text: str) -> None:
        """Send one message; a page that no longer takes them is closed and catches up by `after=`."""
        channel = self._channel
        if channel is None or channel.readyState != "open":
            return
        if channel.bufferedAmount > MOST_BUFFERED_BYTES:
            self.end("page does not keep up")
            return
        channel.send(text)
        self.sent += 1

    def status(self) -> dict[str, Any]:
        """What `/status` shows of it."""
        return {"user": self.user, "state": self.state, "sent": self.sent, "ignored": self.ignored}

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL_LABEL or self._channel is not None:
            channel.close()
            return
        self._channel = channel
        channel.on("message", self._on_message)
        channel.on("close", lambda: self.end("channel closed by the page"))

    def _on_message(self, _message: str | bytes) -> None:
        self.ignored += 1


class AlertPush:
    """Gives every subscriber the alerts it may see, and a ping each second."""

    def __init__(self, units_by_camera: Mapping[str, str], clock: Clock) -> None:
        self._units_by_camera = units_by_camera
        self._clock = clock
        self._subscribers: set[Subscriber] = set()

    def add(self, subscriber: Subscriber) -> None:
        """Begin sending to a page."""
        self._subscribers.add(subscriber)

    def discard(self, subscriber: Subscriber) -> None:
        """Stop sending to a page."""
        self._subscribers.discard(subscriber)

    async def forward(self, messages: AsyncIterator[tuple[str, bytes]]) -> None:
        """Pass on stored alerts as they come from the bus, for ever."""
        async for _channel, raw in messages:
            self.push(raw)

    def push(self, raw: bytes) -> None:
        """Pass on one stored alert (the JSON of the REST contract)."""
        try:
            alert = json.loads(raw)
            unit = self._units_by_camera.get(alert["camera_id"])
        except (ValueError, TypeError, KeyError) as error:
            _log.error("alert change is no alert (%s): %r", type(error).__name__, raw[:120])
            return
        text = json.dumps({"type": "alert", "alert": alert}, ensure_ascii=False, separators=(",", ":"))
        for subscriber in list(self._subscribers):
            if unit is None and not subscriber.may_see(EVERY_UNIT):
                continue
            if unit is None or subscriber.may_see(unit):
                subscriber.send(text)

    async def ping(self) -> None:
        """Tell every page each second that the way is open, for ever."""
        while True:
            now = self._clock.now().isoformat().replace("+00:00", "Z")
            text = json.dumps({"type": "ping", "now": now})
            for subscriber in list(self._subscribers):
                subscriber.send(text)
            await asyncio.sleep(PING_EVERY_S)
