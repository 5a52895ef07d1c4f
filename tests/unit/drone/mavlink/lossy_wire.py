"""A simulated minute on a bad link: two sans-IO ends, a delay, and loss, doubles and reordering by seed."""

from __future__ import annotations

import heapq
import itertools
import random
from dataclasses import dataclass
from typing import Protocol

from drone.mavlink.dialect import Message, mavlink
from drone.mavlink.exchange import Exchange

_STEP_S = 0.05


@dataclass(frozen=True, slots=True)
class Faults:
    """Chances per message and way, and the delay in seconds."""

    loss: float = 0.0
    double: float = 0.0
    jitter_s: float = 0.0
    delay_s: float = 0.02


CLEAN = Faults()


class Peer(Protocol):
    """The vehicle's end."""

    def receive(self, message: Message, now_s: float) -> list[Message]: ...

    def tick(self, now_s: float) -> list[Message]: ...


class LossyWire:
    """Carries messages between an exchange and a vehicle, as bytes, in simulated time."""

    def __init__(self, peer: Peer, faults: Faults = CLEAN, seed: int = 0) -> None:
        self.now_s = 0.0
        self.sent: list[Message] = []
        self._peer = peer
        self._faults = faults
        self._random = random.Random(seed)
        self._order = itertools.count()
        self._in_flight: list[tuple[float, int, bool, Message]] = []

    def run(self, exchange: Exchange, until_s: float = 600.0) -> float:
        """Play until the exchange ends (or `until_s` passed); the time it took."""
        began_s = self.now_s
        self._send(exchange.start(self.now_s), is_up=True)
        while not exchange.is_done and self.now_s - began_s < until_s:
            self.step(exchange)
        return self.now_s - began_s

    def step(self, exchange: Exchange) -> None:
        """One twentieth of a second."""
        self.now_s += _STEP_S
        while self._in_flight and self._in_flight[0][0] <= self.now_s:
            at_s, _, is_up, message = heapq.heappop(self._in_flight)
            end: Peer | Exchange = self._peer if is_up else exchange
            self._send(end.receive(message, at_s), is_up=not is_up, at_s=at_s)
        self._send(self._peer.tick(self.now_s), is_up=False)
        self._send(exchange.tick(self.now_s), is_up=True)

    def _send(self, messages: list[Message], is_up: bool, at_s: float | None = None) -> None:
        for message in messages:
            if is_up:
                self.sent.append(message)
            copies = 0 if self._random.random() < self._faults.loss else 1
            copies += copies and self._random.random() < self._faults.double
            for _ in range(copies):
                delay_s = self._faults.delay_s + self._random.random() * self._faults.jitter_s
                when_s = (self.now_s if at_s is None else at_s) + delay_s
                entry = (when_s, next(self._order), is_up, over_the_wire(message, system=255 if is_up else 1))
                heapq.heappush(self._in_flight, entry)


def over_the_wire(message: Message, system: int = 1) -> Message:
    """The message as it comes out at the other end: packed, then parsed."""
    codec = mavlink.MAVLink(None, srcSystem=system, srcComponent=1)
    return codec.decode(bytearray(message.pack(codec)))
