"""The thin edge: bytes in and out of a socket or a serial line, and nothing about what they mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

Peer: TypeAlias = tuple[str, int] | None
"""Whom a datagram came from; None on a link that has one other end only."""

OnBytes: TypeAlias = Callable[[bytes, Peer], None]


class Link(Protocol):
    """One way to one vehicle. It reopens itself when it breaks, within two seconds of being possible again."""

    @property
    def is_datagram(self) -> bool:
        """Whether bytes come in datagrams."""
        ...

    @property
    def reconnects(self) -> int:
        """How often it was opened anew."""
        ...

    async def open(self) -> None:
        """Begin; a TCP server that is not there yet is tried again in the background.

        Raises:
            LinkUnusable: it cannot ever be opened so.
        """
        ...

    def send(self, packet: bytes) -> None:
        """Send now, or drop while nobody is there: an old packet is worth less than none."""
        ...

    def answer_to(self, peer: Peer) -> None:
        """From now on send to this peer (a listening link only)."""
        ...

    async def close(self) -> None:
        """End it; no bytes come afterwards."""
        ...
