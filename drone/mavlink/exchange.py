"""The shape of every protocol core: messages and time in, messages out, no socket and no clock.

    start ──► (receive | tick)* ──► is_done

An exchange never blocks and always ends: each has a time after which `tick` ends it.
"""

from __future__ import annotations

from typing import Protocol

from drone.mavlink.dialect import Message


class Exchange(Protocol):
    """One request to a vehicle and what follows until its end is known."""

    @property
    def is_done(self) -> bool:
        """Whether the end is known; then nothing more is sent."""
        ...

    def start(self, now_s: float) -> list[Message]:
        """The messages that open the exchange."""
        ...

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Take in one message of the vehicle (any: others are ignored); the answers to send."""
        ...

    def tick(self, now_s: float) -> list[Message]:
        """What is to be sent because time passed."""
        ...

    def cancel(self) -> None:
        """End it as cancelled, unless it is done."""
        ...
